import type { DriftCauseDocument } from '../document/drift-schema.ts';
import type { Locus } from '../source/origin.ts';

/** What of the found state makes a flow end otherwise than it should. */
export interface Cause extends Detail {
  readonly node: string;
  /** As the command that shows it: `iptables nat`. */
  readonly part: string;
  /** What else has to be put back before the flow ends as it should: `node-2: ip route`, or what is odd about it. */
  readonly together: readonly string[];
  /** What could be put back in its place: each of these alone is enough. */
  readonly instead: readonly string[];
  /** Each of those. */
  readonly others: readonly Other[];
}

export interface Other extends Detail {
  readonly node: string;
  readonly part: string;
}

export interface Detail {
  readonly kind: DriftCauseDocument['kind'];
  /** What is odd about it, in words. */
  readonly text: string;
  /** Where it stands; of what is missing, the text that does not have it. Null: no text is known. */
  readonly place: Locus | null;
  /** The line at the place is what the words are about. */
  readonly isThere: boolean;
  /** The rules do otherwise than the policies say that they are to enforce. */
  readonly isPolicyDrift?: boolean;
  readonly restore: Restore;
}

/** How it becomes as it should be. */
export interface Restore {
  /** The program whose work it is; null: none is known. */
  readonly by: string | null;
  /** When it does that again: `when it starts`. Null: beside no program. */
  readonly when: string | null;
  /** To be run on the node. */
  readonly commands: readonly string[];
  /** For people; null: the commands do it, or nothing that is known. */
  readonly words: string | null;
}

export const NO_REMEDY: Restore = { by: null, when: null, commands: [], words: null };
export const byProgram = (by: string, when = 'when it starts'): Restore => ({ ...NO_REMEDY, by, when });
export const inWords = (words: string): Restore => ({ ...NO_REMEDY, words });

/** In no shell anything but itself. What files say is pasted into one: a comment of a rule may hold whatever its writer liked. */
const PLAIN = /^(?:[\w .,:/="%@+-]|! )*$/;
const isPlain = (command: string): boolean => PLAIN.test(command);

/** None of them where one is not plain. */
export const byCommands = (...commands: readonly string[]): Restore => ({
  ...NO_REMEDY,
  commands: commands.every(isPlain) ? commands : [],
});

/** What a terminal does not show as it is cannot be copied from there. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The line of a rule behind `begin`, for a shell: `words` are those that iptables is to have. Null: there is none that could be copied. */
export function iptablesLine(begin: string, rule: string, words: readonly string[] | null): string | null {
  const line = `${begin} ${rule}`.trimEnd();
  if (isPlain(line)) return line;
  return words === null || words.some((word) => UNSEEN.test(word)) ? null : [begin, ...words.map(quoted)].join(' ');
}

/** Within single quotes a shell reads nothing but their end. */
const quoted = (word: string): string => (/^[\w.,:/=%@+-]+$|^!$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
