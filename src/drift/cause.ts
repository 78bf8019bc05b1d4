import { isPlain } from '../datapath/netfilter/command-line.ts';
import type { DriftCauseDocument } from '../document/drift-schema.ts';
import type { Locus } from '../source/origin.ts';

/** The part of the found state that makes a flow end otherwise than it should. */
export interface Cause extends Detail {
  readonly node: string;
  /** In the words of the command that shows it: `iptables nat`. */
  readonly part: string;
  /** Pieces that have to be put back as well before the flow ends as it should: `node-2: ip route`, or the difference in words. */
  readonly together: readonly string[];
  /** Pieces each of which could be put back in place of this one. */
  readonly instead: readonly string[];
  /** The details of the pieces in `together` and `instead`. */
  readonly others: readonly Other[];
}

export interface Other extends Detail {
  readonly node: string;
  readonly part: string;
}

export interface Detail {
  readonly kind: DriftCauseDocument['kind'];
  /** The difference in words. */
  readonly text: string;
  /** The place of the piece; of a missing one, the text that does not have it. Null: no text is known. */
  readonly place: Locus | null;
  /** The words are about the line at `place`; false: only about the file. */
  readonly isThere: boolean;
  /** The rules do otherwise than the policies say that they are to enforce. */
  readonly isPolicyDrift?: boolean;
  readonly restore: Restore;
}

/** The remedy. */
export interface Restore {
  /** The program that writes such pieces; null: none is known. */
  readonly by: string | null;
  /** The occasion on which the program writes it again: `when it starts`. Null: no program is known. */
  readonly when: string | null;
  /** Commands for a shell on the node. */
  readonly commands: readonly string[];
  /** Instructions for a reader; null: the commands are enough, or no remedy is known. */
  readonly words: string | null;
}

export const NO_REMEDY: Restore = { by: null, when: null, commands: [], words: null };
export const byProgram = (by: string, when = 'when it starts'): Restore => ({ ...NO_REMEDY, by, when });
export const inWords = (words: string): Restore => ({ ...NO_REMEDY, words });

/** A remedy of commands; without any, if one of them is not plain. */
export const byCommands = (...commands: readonly string[]): Restore => ({
  ...NO_REMEDY,
  commands: commands.every(isPlain) ? commands : [],
});
