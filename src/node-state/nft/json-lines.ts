/**
 * The line, counted from 0, in which each object of the list begins. `nft -j` prints all on one line, which other programs lay out anew.
 */
export function positionsIn(text: string): (item: number) => number {
  if (!text.includes('\n')) return () => 0;
  const begins: number[] = [];
  let line = 0;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') line++;
    else if (isInString) {
      if (c === '\\') i++;
      else if (c === '"') isInString = false;
    } else if (c === '"') isInString = true;
    else if (c === '{' || c === '[') {
      if (depth === 2 && c === '{') begins.push(line);
      depth++;
    } else if (c === '}' || c === ']') depth--;
  }
  return (item) => begins[item] ?? 0;
}
