/** Text that every shell takes literally. Commands are made of text from files, as a rule's comment, and may be pasted into a shell. */
const PLAIN = /^(?:[\w .,:/="%@+-]|! )*$/;
export const isPlain = (command: string): boolean => PLAIN.test(command);

/** Characters that a terminal does not show, so that the text cannot be copied from there. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A command for a shell: `begin` and the rule, whose words iptables is to receive as `words`. Null: it could not be copied. */
export function iptablesLine(begin: string, rule: string, words: readonly string[] | null): string | null {
  const line = `${begin} ${rule}`.trimEnd();
  if (isPlain(line)) return line;
  return words === null || words.some((word) => UNSEEN.test(word)) ? null : [begin, ...words.map(quoted)].join(' ');
}

/** Within single quotes a shell reads nothing but their end. */
const quoted = (word: string): string => (/^[\w.,:/=%@+-]+$|^!$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
