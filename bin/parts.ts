import { closeSync, fstatSync, openSync, readFileSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Parts } from '../src/index.ts';

/** What has more is read in parts: a large dump would take twice its size in memory. */
const MOST_AT_ONCE = 32 * 1024 * 1024;

/** What a file has: unpacked when it is compressed, in parts when it is large. */
export async function readOrOpen(path: string): Promise<Uint8Array | Parts> {
  const fd = openSync(path, 'r');
  const found = fstatSync(fd);
  const content = found.isFile() && found.size > MOST_AT_ONCE ? partsOf(fd, found.size) : readFileSync(fd);
  if (content instanceof Uint8Array) closeSync(fd);
  return unpacked(content);
}

/** What comes on a stream, which cannot be read twice. */
export async function readOrKeep(chunks: AsyncIterable<unknown>): Promise<Uint8Array | Parts> {
  return unpacked(await collect(chunks));
}

const GZIP = [0x1f, 0x8b];

async function unpacked(content: Uint8Array | Parts): Promise<Uint8Array | Parts> {
  const [chunk = new Uint8Array()] = inChunks(content);
  if (!GZIP.every((byte, i) => chunk[i] === byte)) return content;
  const gunzip = createGunzip();
  const [unpackedContent] = await Promise.all([collect(gunzip), writeInto(gunzip, inChunks(content))]);
  return unpackedContent;
}

async function writeInto(stream: NodeJS.WritableStream, chunks: Iterable<Uint8Array>): Promise<void> {
  for (const chunk of chunks) if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
  stream.end();
}

const CHUNK = 1024 * 1024;

function* inChunks(content: Uint8Array | Parts): Generator<Uint8Array> {
  if (content instanceof Uint8Array) {
    yield content;
    return;
  }
  for (let offset = 0; offset < content.size; ) {
    const chunk = new Uint8Array(CHUNK);
    const read = content.read(chunk, offset);
    if (read === 0) return;
    yield chunk.subarray(0, read);
    offset += read;
  }
}

const partsOf = (fd: number, size: number): Parts => ({ size, read: (into, offset) => readSync(fd, into, 0, into.length, offset) });

/** All that comes: in memory, or in a file without a name where it is too much for that. */
async function collect(chunks: AsyncIterable<unknown>): Promise<Uint8Array | Parts> {
  const kept: Uint8Array[] = [];
  let size = 0;
  let fd: number | null = null;
  for await (const chunk of chunks) {
    const bytes = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    kept.push(bytes);
    if (size <= MOST_AT_ONCE) continue;
    fd ??= namelessFile();
    for (const part of kept.splice(0)) writeAll(fd, part);
  }
  return fd === null ? Buffer.concat(kept) : partsOf(fd, size);
}

/** It is gone when the process ends, however that ends. */
function namelessFile(): number {
  const path = join(tmpdir(), `k8s-trace-${process.pid}-${performance.now()}.tmp`);
  const fd = openSync(path, 'wx+', 0o600);
  try {
    unlinkSync(path);
  } catch {
    // Windows keeps what is open.
    process.once('exit', () => unlinkSync(path));
  }
  return fd;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
