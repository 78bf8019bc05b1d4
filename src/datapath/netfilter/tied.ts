import { isJudging } from './judging.ts';
import { type BaseChain, HOOKS, type Hook, type HookEntry, type Hooks, type Table, type Tied } from './ruleset.ts';

/** So many orders of a hook's chains are walked, and no more. */
const MOST_ORDERS = 24;

/**
 * The hooks where base chains have one priority, and where no listing shows which of them came first. Chains of one table are listed in the
 * order in which they came; what comes between them is not. `first`: tables whose chains are known to be asked before all others.
 */
export function tiesOf(usual: Hooks, first: readonly Table[]): Readonly<Partial<Record<Hook, Tied>>> {
  const ties: Partial<Record<Hook, Tied>> = {};
  for (const hook of HOOKS) {
    const tied = tiedAt(usual[hook], first);
    if (tied !== null) ties[hook] = tied;
  }
  return ties;
}

/** The known order, and the chains whose order is not known. */
interface Known {
  readonly first: readonly Table[];
  readonly open: Set<BaseChain>;
}

function tiedAt(entries: readonly HookEntry[], first: readonly Table[]): Tied | null {
  const known: Known = { first, open: new Set() };
  const orders = ordersOf(
    entries.map((e) => (e.kind === 'nat' ? { ...e, inner: natOrders(e, known) } : e)),
    known,
  );
  if (orders.length < 2) return null;
  const chains = [...known.open].map((b) => `${b.chain.name} (table ${b.table.name})`);
  return { orders: orders.slice(0, MOST_ORDERS), isCut: orders.length > MOST_ORDERS, chains };
}

/** All of nat is one entry: its chains are ordered within it, the first of them that translates being the only one. */
type Inner = HookEntry & { readonly inner?: readonly (readonly BaseChain[])[] };

function natOrders({ chains }: Extract<HookEntry, { kind: 'nat' }>, { first, open }: Known): readonly (readonly BaseChain[])[] {
  const groups = byPriority(chains).map((group) => {
    const [pinned, rest] = parted(group, (base) => first.some((t) => t === base.table));
    const [inert, others] = parted(rest, isInert);
    if (others.length > 1) for (const base of others) open.add(base);
    return interleaved(others, (a, b) => a.table === b.table).map((order) => [...pinned, ...order, ...inert]);
  });
  return combined(groups);
}

function ordersOf(entries: readonly Inner[], known: Known): readonly (readonly HookEntry[])[] {
  const groups = byPriority(entries).map((group) => {
    const orders = orderedIn(group, known);
    return orders.flatMap((order) => withInner(order)).slice(0, MOST_ORDERS + 1);
  });
  return combined(groups);
}

/** Policy points are none of the node's: they stay before what has their priority. Chains that only judge have the last word together. */
function orderedIn(group: readonly Inner[], { first, open }: Known): readonly (readonly Inner[])[] {
  const isFirst = (e: Inner) => e.kind === 'policy' || (e.kind === 'chain' && first.some((t) => t === e.base.table));
  const [pinned, rest] = parted(group, isFirst);
  const [inert, others] = parted(rest, (e) => e.kind === 'chain' && isInert(e.base));
  if (others.length < 2 || others.every((e) => e.kind === 'chain' && isJudging(e.base))) return [group];
  for (const e of others) if (e.kind === 'chain') open.add(e.base);
  return interleaved(others, isOfOneTable).map((order) => [...pinned, ...order, ...inert]);
}

function withInner(order: readonly Inner[]): readonly (readonly HookEntry[])[] {
  const options = order.map((e): readonly (readonly HookEntry[])[] =>
    e.kind === 'nat' && e.inner !== undefined ? e.inner.map((chains) => [{ kind: e.kind, priority: e.priority, chains }]) : [[e]],
  );
  return combined(options);
}

const isOfOneTable = (a: Inner, b: Inner) => a.kind === 'chain' && b.kind === 'chain' && a.base.table === b.base.table;

/** Does the chain let every packet pass unchanged? */
const isInert = ({ chain, policy }: BaseChain): boolean =>
  policy === 'ACCEPT' && chain.rules().every(({ target }) => target === null || target.kind === 'ACCEPT' || target.kind === 'RETURN');

function byPriority<E extends { readonly priority: number }>(inOrder: readonly E[]): readonly (readonly E[])[] {
  const groups = new Map<number, E[]>();
  for (const e of inOrder) groups.set(e.priority, [...(groups.get(e.priority) ?? []), e]);
  return [...groups.values()];
}

function parted<E>(all: readonly E[], isFirst: (e: E) => boolean): readonly [readonly E[], readonly E[]] {
  return [all.filter(isFirst), all.filter((e) => !isFirst(e))];
}

/** All orders in which those stay in turn that are `fixed` to each other, the given one first; one more than are walked, at most. */
function interleaved<E>(members: readonly E[], fixed: (a: E, b: E) => boolean): readonly (readonly E[])[] {
  if (members.length === 0) return [[]];
  const orders: (readonly E[])[] = [];
  for (const [i, next] of members.entries()) {
    if (members.slice(0, i).some((earlier) => fixed(earlier, next))) continue;
    for (const rest of interleaved(members.toSpliced(i, 1), fixed)) {
      orders.push([next, ...rest]);
      if (orders.length > MOST_ORDERS) return orders;
    }
  }
  return orders;
}

/** One order of each group after the other's, in all combinations; one more than are walked, at most. */
function combined<E>(groups: readonly (readonly (readonly E[])[])[]): readonly (readonly E[])[] {
  let all: readonly (readonly E[])[] = [[]];
  for (const orders of groups) all = all.flatMap((before) => orders.map((order) => [...before, ...order])).slice(0, MOST_ORDERS + 1);
  return all;
}
