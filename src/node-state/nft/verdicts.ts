import type { Verdict } from './syntax.ts';

const PLAIN = {
  accept: { kind: 'ACCEPT' },
  drop: { kind: 'DROP' },
  return: { kind: 'RETURN' },
  continue: { kind: 'CONTINUE' },
} as const;
const isPlain = (word: string): word is keyof typeof PLAIN => Object.hasOwn(PLAIN, word);

/** The verdict that is one word; null: it is none. */
export const plainVerdict = (word: string): Verdict | null => (isPlain(word) ? PLAIN[word] : null);
