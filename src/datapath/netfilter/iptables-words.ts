/** The words of a line as iptables-restore reads them: quotes hold words together, and a backslash within them takes the next letter as it is. */
export function wordsOf(line: string): readonly string[] | null {
  if (!line.includes('"')) return line.split(' ').filter((word) => word !== '');
  const words: string[] = [];
  const unquoted = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;
  const end = line.trimEnd().length;
  while (unquoted.lastIndex < end) {
    const found = unquoted.exec(line);
    if (found === null) return null;
    words.push(found[2] ?? (found[1] ?? '').replace(/\\(.)/g, '$1'));
  }
  return words;
}

/** A word as it would stand in a line again. */
export const asWord = (word: string): string => (/^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`);
