import { networkWith } from '../compile/with-found.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { type Cell, compare, keyOf, type Rows, toldOf } from '../diff/compare.ts';
import { causesOf } from '../diff/leave-out.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { trace } from '../trace/trace.ts';
import { detailOf, untoldIn } from './detail.ts';
import type { Flow } from './flows.ts';
import { hopsOn } from './met.ts';
import type { Part, Piece } from './parts.ts';
import { largerPiecesOf, piecesOf } from './pieces.ts';
import { cellOf, rowsOf } from './rows.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

export interface Sides {
  readonly has: Network;
  readonly should: Network;
  readonly shouldRows: Rows;
}

/** The pieces that make a flow end otherwise. */
export interface Finding {
  readonly pieces: readonly Piece[];
  /** True: each piece alone can be put back for the flow to end as it should; false: all of them have to be. */
  readonly isAny: boolean;
}

/** The most variants of the found state that are tried for one flow. */
const MOST_VARIANTS = 120;

/** Which part of what was found makes this flow end otherwise, and what within it? Null: none that could be confirmed. */
export function findingOf(flow: Flow, parts: readonly Part[], sides: Sides): Finding | null {
  const traces = tracesOf(flow, sides);
  if (traces === null) return null;
  const search = searchFor(flow, sides);
  const near = parts.filter(({ node }) => hopsOn(traces.should, node).length > 0 || hopsOn(traces.has, node).length > 0);
  const found = partsIn(search, near) ?? (near.length === parts.length ? null : partsIn(search, parts));
  if (found === null) return null;
  const each = <T>(so: Sides, of: (part: Part, nodes: TwoNodes) => readonly T[]): readonly T[] =>
    found.parts.flatMap((part) => {
      const nodes = twoNodes(part.node, so);
      return nodes === null ? [] : of(part, nodes);
    });
  const piecesIn = (so: Sides, met: TwoTraces) => each(so, (part, nodes) => piecesOf(part, met, nodes));
  const whole = () => ({ pieces: each(sides, (part, nodes) => [{ ...part, detail: detailOf(part, traces, nodes) }]), isAny: found.isAny });
  if (found.parts.some(({ node }) => untoldIn(node, traces) !== null)) return whole();
  const kinds = piecesIn(sides, traces);
  const alone = eachAlone(search, kinds);
  if (alone !== null) return alone;
  const larger = eachAlone(search, [each(sides, (part, nodes) => largerPiecesOf(part, traces, nodes))]);
  const joint = allOf(
    search,
    further(search, kinds.flat(), (pieces) => met(flow, pieces, sides, piecesIn)),
  );
  // An emptied chain is reported as such, and not by each of its rules.
  return larger !== null && (joint === null || joint.pieces.length > FEW) ? larger : (joint ?? whole());
}

/** The most obstacles one behind the other. */
const MOST_LAYERS = 5;

/** Adds the pieces that the flow meets only once the first ones are put back. */
function further(search: Search, first: readonly Piece[], next: (pieces: readonly Piece[]) => readonly Piece[]): readonly Piece[] {
  let all = first;
  for (let i = 0; i < MOST_LAYERS && all.length > 0 && !search.restores(all); i++) {
    const known = new Set(all.map(nameOf));
    const more = next(all).filter((piece) => !known.has(nameOf(piece)));
    if (more.length === 0) return all;
    all = [...all, ...more];
  }
  return all;
}

const nameOf = ({ node, what, detail: { text, place } }: Piece): string => JSON.stringify([node, what, text, place?.path]);

/** The pieces that a flow meets once these are put back. */
function met(flow: Flow, pieces: readonly Piece[], sides: Sides, piecesIn: PiecesIn): readonly Piece[] {
  const so = { ...sides, has: withBack(sides.has, pieces) };
  const traces = tracesOf(flow, so);
  return traces === null ? [] : piecesIn(so, traces).flat();
}

type PiecesIn = (so: Sides, met: TwoTraces) => readonly (readonly Piece[])[];

interface Search {
  /** Does the flow end as it should with these put back? */
  restores(parts: readonly Part[]): boolean;
  among(parts: readonly Part[]): { readonly parts: readonly Part[]; readonly isAny: boolean } | null;
}

function searchFor(flow: Flow, { has, shouldRows }: Sides): Search {
  const cell = cellOf(flow);
  const without = (left: readonly Part[]) => rowsOf(withBack(has, left), [flow], shouldRows);
  const budget = { left: MOST_VARIANTS };
  return {
    restores: (parts) => budget.left-- > 0 && isRestored(flow, without(parts), shouldRows),
    among(parts) {
      const [caused] = causesOf({ without, before: shouldRows, touches: () => true, budget }, parts, [cell]);
      return caused === undefined || caused.causes.length === 0 ? null : { parts: caused.causes, isAny: !caused.isJoint };
    },
  };
}

const partsIn = (search: Search, parts: readonly Part[]) => (parts.length === 0 ? null : search.among(parts));

/** Of each kind the first piece that is enough alone. */
function eachAlone(search: Search, kinds: readonly (readonly Piece[])[]): Finding | null {
  const pieces = kinds.flatMap((kind): readonly Piece[] => {
    const first = firstOf(search, kind);
    return first === null ? [] : [first];
  });
  return pieces.length === 0 ? null : { pieces, isAny: true };
}

/** Many are halved first: those that together do not mend it have none that does. */
const FEW = 4;

function firstOf(search: Search, pieces: readonly Piece[]): Piece | null {
  if (pieces.length <= FEW) return pieces.find((piece) => search.restores([piece])) ?? null;
  if (!search.restores(pieces)) return null;
  const half = Math.ceil(pieces.length / 2);
  return firstOf(search, pieces.slice(0, half)) ?? firstOf(search, pieces.slice(half));
}

/** The fewest that have to be put back together. */
function allOf(search: Search, pieces: readonly Piece[]): Finding | null {
  if (pieces.length < 2) return null;
  const parts = search.among(pieces)?.parts ?? [];
  const found = pieces.filter((piece) => parts.includes(piece)).toSorted((a, b) => RANK.indexOf(a.what.kind) - RANK.indexOf(b.what.kind));
  return found.length === 0 ? null : { pieces: found, isAny: false };
}

/** The order of reported pieces: a device comes before the routes and entries that depend on it. */
const RANK: readonly Part['what']['kind'][] = ['devices', 'routes', 'rules', 'fdb', 'neighbours', 'sysctl', 'nft', 'iptables'];

export function isRestored(flow: Flow, rows: Rows, shouldRows: Rows): boolean {
  const cell: Cell = cellOf(flow);
  const told = (of: Rows) => toldOf(cell, of.get(keyOf(flow.ends)) ?? []);
  return compare(told(shouldRows), told(rows)) === null;
}

function tracesOf(flow: Flow, { should, has }: Sides): TwoTraces | null {
  const [wanted, own] = [flow.question(should), flow.question(has)];
  return wanted === null || own === null ? null : { should: trace(should, wanted), has: trace(has, own) };
}

function twoNodes(node: string, { should, has }: Sides): TwoNodes | null {
  const [compiled, is] = [should.datapath.netns(node), has.datapath.netns(node)];
  const found = has.cluster.nodes.get(node)?.found ?? null;
  return compiled === undefined || is === undefined || found === null ? null : { compiled, is, found };
}

/** The network with some parts as compiled. */
export function withBack(has: Network, parts: readonly Part[]): Network {
  return networkWith(has, ({ name, found }) =>
    found === null ? null : parts.filter((p) => p.node === name).reduce((state: FoundState, p) => p.putBack(state), found),
  );
}
