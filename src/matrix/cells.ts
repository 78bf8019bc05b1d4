import type { Service } from '../k8s/service.ts';
import type { IpFamily } from '../net/address.ts';
import type { Answer } from './answers.ts';
import type { Asked } from './calls.ts';
import { nodeOf, thingOf } from './end.ts';
import type { Callee, Caller, PolicyEnds } from './ends.ts';
import type { Connection } from './matrix.ts';
import type { End } from './question.ts';
import { rowsOf, type Tally } from './rows.ts';
import { type Part, pairsOf } from './sides.ts';
import { type Leaf, leafOf, type Stands, type Table, type Tabling, tableOf } from './tables.ts';
import { questionOfCall } from './way.ts';
import { together } from './weighed.ts';

export interface Engine extends Tabling {
  readonly policies: PolicyEnds;
  readonly stands: Stands;
  readonly tables: Tables;
  /** Of ends that had to be asked about by themselves. */
  readonly asked: Map<string, Answer>;
  near(part: Part, service: Service): readonly (readonly [string, Part])[];
}

/** By family, and the sorts of the two ends. */
type Tables = Readonly<Record<IpFamily, (Tableau | undefined)[][]>>;

export const noTables = (): Tables => ({ IPv4: [], IPv6: [] });

/** What is asked between ends of two sorts, on one node and on two; null: no two are so. */
interface Tableau {
  readonly one: Table | null;
  readonly two: Table | null;
  /** Do policies at either end matter to any? */
  readonly egress: boolean;
  readonly ingress: boolean;
  /** As policies at the called end see the caller; undefined: not alike. */
  readonly fromWorld: boolean | null | undefined;
  /** By what policies say at the two ends: what is then said of all pairs alike; null: nothing is; `several` things are. */
  readonly only: (Leaf | null | 'several' | undefined)[][];
}

interface Asking {
  readonly family: IpFamily;
  /** Some may be members of both. */
  readonly overlap: boolean;
  readonly blocked: boolean;
}

/** Without their ends. */
export function rowsBetween(
  engine: Engine,
  callers: readonly Caller[],
  callees: readonly Callee[],
  { family, overlap, blocked }: Asking,
): readonly Connection[] {
  const leaf = overlap ? 'several' : onlyLeaf(engine, callers, callees, family);
  if (leaf === null) return [];
  if (leaf === 'several') return rowsOf('', '', family, together(weighed(engine, callers, callees, overlap, family)), blocked);
  leaf.rows ??= rowsOf('', '', family, leaf.tallies, blocked);
  return leaf.rows;
}

/** What is said of all pairs alike, so that nobody has to count them; null: nothing is said. */
function onlyLeaf(engine: Engine, callers: readonly Caller[], callees: readonly Callee[], family: IpFamily): Leaf | null | 'several' {
  let only: Leaf | null = null;
  for (const from of callers)
    for (const to of callees) {
      const leaf = onlyLeafBetween(engine, from, to, family);
      if (leaf === null) continue;
      if (leaf === 'several' || (only !== null && leaf !== only)) return 'several';
      only = leaf;
    }
  return only;
}

function onlyLeafBetween(engine: Engine, from: Caller, to: Callee, family: IpFamily): Leaf | null | 'several' {
  const tableau = tableauOf(engine, from, to, family);
  const calling = from.calling[family];
  const called = from.first.kind === 'outside' ? to.outside[family] : to.inside[family];
  let egress = 0;
  let ingress = 0;
  if (tableau.egress) {
    if (calling.egress === null || called.peer === null) return 'several';
    egress = (calling.egress[called.peer] ?? 0) + 1;
  }
  if (tableau.ingress) {
    const peer = tableau.fromWorld === null ? calling.doubtful : calling.peer;
    if (called.ingress === null || peer === null || tableau.fromWorld === undefined) return 'several';
    ingress = (called.ingress[peer] ?? 0) + 1;
  }
  let only = tableau.only[egress];
  if (only === undefined) {
    only = [];
    tableau.only[egress] = only;
  }
  let leaf = only[ingress];
  if (leaf === undefined) {
    leaf = onlyOne(leafBetween(engine, from, to, family, true), leafBetween(engine, from, to, family, false));
    only[ingress] = leaf;
  }
  return leaf;
}

function onlyOne(one: Leaf | null, two: Leaf | null): Leaf | null | 'several' {
  if (one !== null && two !== null && one !== two) return 'several';
  const leaf = one ?? two;
  return leaf !== null && (leaf.near.length > 0 || leaf.single.length > 0) ? 'several' : leaf;
}

const BOTH = [true, false] as const;

type Weighed = Parameters<typeof together>[0][number];

function weighed(
  engine: Engine,
  callers: readonly Caller[],
  callees: readonly Callee[],
  overlap: boolean,
  family: IpFamily,
): readonly Weighed[] {
  const all: Weighed[] = [];
  for (const from of callers)
    for (const to of callees) {
      const pairs = pairsOf(from, to, overlap);
      let near: Leaf['near'] = [];
      for (const onOneNode of BOTH) {
        const leaf = leafBetween(engine, from, to, family, onOneNode);
        if (leaf === null) continue;
        near = leaf.near;
        const count = pairs[onOneNode ? 'onOneNode' : 'onTwo'];
        if (count === 0) continue;
        for (const tally of leaf.tallies) all.push({ tally, pairs: count });
        for (const asked of leaf.single) all.push({ tally: alone(engine, from, to, { family, onOneNode, near: '' }, asked), pairs: count });
      }
      for (const { asked, service } of near) all.push(...nearby(engine, from, to, overlap, family, asked, service));
    }
  return all;
}

/** Those of which it matters what of a service is near. */
function nearby(
  engine: Engine,
  from: Part,
  to: Part,
  overlap: boolean,
  family: IpFamily,
  asked: Asked,
  service: Service,
): readonly Weighed[] {
  return engine.near(from, service).flatMap(([here, some]) =>
    engine.near(to, service).flatMap(([there, others]) => {
      const pairs = pairsOf(some, others, overlap);
      return BOTH.flatMap((onOneNode) => {
        const count = pairs[onOneNode ? 'onOneNode' : 'onTwo'];
        if (count === 0) return [];
        return [{ tally: alone(engine, some, others, { family, onOneNode, near: `${here} / ${there}` }, asked), pairs: count }];
      });
    }),
  );
}

/** Null: no two such ends are so. */
function leafBetween(engine: Engine, from: Caller, to: Callee, family: IpFamily, onOneNode: boolean): Leaf | null {
  const tableau = tableauOf(engine, from, to, family);
  const table = onOneNode ? tableau.one : tableau.two;
  if (table === null) return null;
  const calling = from.calling[family];
  const called = from.first.kind === 'outside' ? to.outside[family] : to.inside[family];
  let egress = 0;
  let ingress = 0;
  if (table.egress) {
    if (calling.egress === null || called.peer === null) return singly(table);
    egress = (calling.egress[called.peer] ?? 0) + 1;
  }
  if (table.ingress) {
    const peer = table.fromWorld === null ? calling.doubtful : calling.peer;
    if (called.ingress === null || peer === null) return singly(table);
    ingress = (called.ingress[peer] ?? 0) + 1;
  }
  let leaves = table.leaves[egress];
  if (leaves === undefined) {
    leaves = [];
    table.leaves[egress] = leaves;
  }
  let leaf = leaves[ingress];
  if (leaf === undefined) {
    const { said } = engine.policies;
    leaf = leafOf(engine.leaves, table, egress === 0 ? null : said(egress - 1), ingress === 0 ? null : said(ingress - 1));
    leaves[ingress] = leaf;
  }
  return leaf;
}

function tableauOf(engine: Engine, from: Part, to: Part, family: IpFamily): Tableau {
  const all = engine.tables[family];
  let known = all[from.path];
  if (known === undefined) {
    known = [];
    all[from.path] = known;
  }
  let tableau = known[to.path];
  if (tableau === undefined) {
    const areOutside = from.first.kind === 'outside' && to.first.kind === 'outside';
    const [one, two] = BOTH.map((onOneNode) => {
      const pair = areOutside ? null : engine.stands.pair(from.path, to.path, onOneNode);
      return pair === null ? null : tableOf(engine, pair[0], pair[1], family);
    });
    tableau = tableauWith(one ?? null, two ?? null);
    known[to.path] = tableau;
  }
  return tableau;
}

function tableauWith(one: Table | null, two: Table | null): Tableau {
  const asking = [one, two].filter((t) => t !== null);
  const worlds = new Set(asking.flatMap((t) => (t.ingress ? [t.fromWorld] : [])));
  const [fromWorld] = worlds;
  return {
    one,
    two,
    egress: asking.some((t) => t.egress),
    ingress: asking.some((t) => t.ingress),
    fromWorld: worlds.size > 1 ? undefined : fromWorld,
    only: [],
  };
}

/** Each two ends are asked about by themselves: one of them is no peer that policies know. */
const singly = ({ ways, near, single }: Table): Leaf => ({
  tallies: [],
  near,
  single: [...ways.map((w) => w.asked), ...single],
  rows: null,
});

interface Where {
  readonly family: IpFamily;
  readonly onOneNode: boolean;
  /** What of a service is near the one, and the other. */
  readonly near: string;
}

function alone(engine: Engine, from: Part, to: Part, { family, onOneNode, near }: Where, asked: Asked): Tally {
  const { protocol, first, last } = asked;
  const key = [from.kind, to.kind, near, family, onOneNode, protocol, first].join(' ');
  let answer = engine.asked.get(key);
  if (answer === undefined) {
    const [caller, callee] = pick(from, to, onOneNode);
    const target = engine.calls.target(callee, family, caller.kind === 'outside', asked);
    if (target === null) throw new Error('what is counted can be called');
    answer = engine.answers.ask(engine.network, questionOfCall(engine.network, { caller, callee, target, family }));
    engine.asked.set(key, answer);
  }
  const ports = first === null || last === null ? null : { first, last };
  return { protocol, ports, pairs: 1, ended: answer.ended };
}

/** Two members that are on one node, or are not. */
function pick(from: Part, to: Part, onOneNode: boolean): readonly [End, End] {
  for (const caller of from.ends)
    for (const callee of to.ends)
      if (thingOf(caller) !== thingOf(callee) && areOnOneNode(caller, callee) === onOneNode) return [caller, callee];
  throw new Error('pairs that are counted are there');
}

function areOnOneNode(a: End, b: End): boolean {
  const node = nodeOf(a);
  return node !== null && node === nodeOf(b);
}
