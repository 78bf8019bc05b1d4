import type { Verdict } from './syntax.ts';

const PLAIN = {
  accept: { kind: 'ACCEPT' },
  drop: { kind: 'DROP' },
  return: { kind: 'RETURN' },
  continue: { kind: 'CONTINUE' },
} as const;
const isPlain = (word: string): word is keyof typeof PLAIN => Object.hasOwn(PLAIN, word);

/** The verdict of one word; null: the word is none. */
export const plainVerdict = (word: string): Verdict | null => (isPlain(word) ? PLAIN[word] : null);
