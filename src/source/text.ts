/** The longest text that V8 has, in characters; a byte is never more than one. Source: v8/include/v8-primitive.h, String::kMaxLength. */
export const MOST_BYTES = 2 ** 29 - 24;

/** The text of a file; or why it has none: it is longer than any text can be, or it is not UTF-8, or it has a NUL in it. */
export function decodeText(bytes: Uint8Array): { readonly text: string } | { readonly fault: 'too-large' | 'not-text' } {
  if (bytes.length > MOST_BYTES) return { fault: 'too-large' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\u0000') ? { fault: 'not-text' } : { text };
  } catch (error) {
    // The only thing that a fatal decoder throws: https://encoding.spec.whatwg.org/#dom-textdecoder-decode
    if (error instanceof TypeError) return { fault: 'not-text' };
    throw error;
  }
}

/** 1,000,000. JavaScript's own toLocaleString loads the tables of all languages first, which takes longer than a trace. */
export const withCommas = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * The text with a line feed for each carriage return that stands alone, which ends a line as well (YAML 1.2.2, 5.4); the `yaml` package
 * knows only those before a line feed. No offset changes.
 */
export const withLineFeeds = (text: string): string => text.replace(/\r(?!\n)/g, '\n');

/** The lines of a text, cut when the first of them is asked for. */
export function lineReader(text: string): (line: number) => string {
  let lines: readonly string[] | null = null;
  return (line) => {
    lines ??= text.split(/\r\n|\r|\n/);
    return lines[line - 1] ?? '';
  };
}
