/** What commands printed on nodes, into what was found there. */

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
export { withoutDevices } from './without-devices.ts';

/** What one node's files say. */
export interface NodeState {
  /** Null: none of them says anything. */
  readonly state: FoundState | null;
  /** Does any of them tell something, or is it only known that some of them do not? */
  readonly isTold: boolean;
  readonly unread: readonly Unread[];
  readonly faults: readonly StateFault[];
  readonly conflicts: readonly Conflict[];
  /** Files that no command of ours printed, and why that is said. */
  readonly unknown: readonly { readonly file: string; readonly why: string }[];
  /** Commands that could not be run there. */
  readonly missing: readonly string[];
}

/** Reads all that was collected on a node. Never throws: what is not understood is told. */
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

/** Rules of iptables ask sets, so these come first; iptables-save has more than iptables -S. */
const inOrder = (texts: readonly Text[]): readonly Text[] => [...texts].sort((a, b) => rank(a) - rank(b));

const rank = ({ format, text }: Text): number => (format === 'ipset' ? 0 : /-save\b/.test(text.command ?? '') ? 1 : 2);
