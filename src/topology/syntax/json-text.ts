/**
 * Behind the quote that closes the string which begins at `start`; the end of the text when none does. No regular expression: one that
 * looks for `"(?:[^"\\]|\\.)*"` runs out of stack in a string of some megabytes.
 */
export function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
