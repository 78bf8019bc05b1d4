/** Of bytes that come in pieces. Loaded when it is asked for: node:crypto takes longer to load than most traces to make. */
export async function sha256(pieces: Iterable<Uint8Array>): Promise<string> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
