import type { Fields } from './entry.ts';

/**
 * The words of a line as fields of the JSON. A word of `values` has the word behind it as its value, under the name in `values`; `special`
 * gives the fields of a word that has no name; any other word is a flag.
 */
export function wordFields(
  words: readonly string[],
  values: Readonly<Record<string, string>>,
  special: (word: string) => Fields | null,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const own = special(word);
    const key = Object.hasOwn(values, word) ? values[word] : undefined;
    if (own !== null) Object.assign(fields, own);
    else if (key !== undefined) fields[key] = words[++i];
    else fields[word] = null;
  }
  return fields;
}
