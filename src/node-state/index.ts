/** Reads the outputs of commands on a node into the state that was found there. */

import type { FoundState } from '../datapath/found-state.ts';
import type { Ipset } from '../datapath/netfilter/ipset.ts';
import type { Conflict } from './conflict.ts';
import type { Format } from './format.ts';
import { merge } from './merge.ts';
import { legacyOf } from './merge-iptables.ts';
import { nothingThere } from './nothing.ts';
import { READERS } from './readers.ts';
import { recognise, type StateFile } from './recognise.ts';
import { withRefusalsAsOne } from './refusals.ts';
import type { FoundPiece, StateFault, StateText, Unread } from './text.ts';

export type { Conflict } from './conflict.ts';
export { type Placed, place, type StateFiles } from './layout.ts';
export { withFamilyUnknown } from './one-family.ts';
export type { StateFile } from './recognise.ts';
export type { StateFault, Unread } from './text.ts';
export { withWaysUnknown } from './without-routes.ts';

/** The state of one node, and the remarks on its files. */
export interface NodeState {
  /** Null: no file has any state. */
  readonly state: FoundState | null;
  /** False: all that is known of the state is which parts of it are missing. */
  readonly isTold: boolean;
  readonly unread: readonly Unread[];
  readonly faults: readonly StateFault[];
  readonly conflicts: readonly Conflict[];
  /** Files that are not the output of a known command, and why they are taken for none. */
  readonly unknown: readonly { readonly file: string; readonly why: string }[];
  /** Commands that were not installed there. */
  readonly missing: readonly string[];
}

/** Reads all files of a node. Never throws: a text that is not understood is in `unread` or `faults`. */
export function readNodeState(node: string, files: readonly StateFile[]): NodeState {
  const recognised = files.map((file) => ({ file, found: recognise(node, file) }));
  const texts = recognised.flatMap(({ found }) => found.texts);
  const unread = recognised.flatMap(({ found }) => found.unread);
  const faults = recognised.flatMap(({ found }) => found.faults);
  const pieces: FoundPiece[] = [];
  const sets = new Map<string, Ipset>();
  for (const { format, text } of inOrder(texts)) {
    const reading = text.lines.length === 0 ? nothingThere(format, text) : READERS[format](text, (name) => sets.get(name));
    for (const piece of reading.pieces) {
      if (piece.kind === 'ipset') for (const [name, set] of piece.sets) if (!sets.has(name)) sets.set(name, set);
      pieces.push({ piece, text });
    }
    unread.push(...reading.unread);
    faults.push(...reading.faults);
  }
  const { state, conflicts } = merge(pieces, faults);
  const legacy = legacyOf(pieces);
  const isUntold = faults.some((f) => f.untold !== undefined);
  return {
    state: pieces.length === 0 && !isUntold ? null : state,
    isTold: pieces.length > 0,
    unread,
    faults: withRefusalsAsOne(faults.filter(({ untold }) => untold?.area !== 'legacy' || !legacy.has(untold.family))),
    conflicts,
    unknown: recognised.flatMap(({ file, found }) => (found.unknown === null ? [] : [{ file: file.name, why: found.unknown }])),
    missing: recognised.flatMap(({ found }) => found.missing),
  };
}

interface Text {
  readonly format: Format;
  readonly text: StateText;
}

/** ipsets come first, because rules of iptables ask them; iptables-save comes before iptables -S, which has less. */
const inOrder = (texts: readonly Text[]): readonly Text[] => [...texts].sort((a, b) => rank(a) - rank(b));

const rank = ({ format, text }: Text): number => (format === 'ipset' ? 0 : /-save\b/.test(text.command ?? '') ? 1 : 2);
