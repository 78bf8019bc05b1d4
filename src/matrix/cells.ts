import type { Service } from '../k8s/service.ts';
import type { IpFamily } from '../net/address.ts';
import { alone } from './alone.ts';
import type { Answer } from './answers.ts';
import type { Asked } from './calls.ts';
import type { Callee, Caller, PolicyEnds } from './ends.ts';
import type { Connection } from './matrix.ts';
import { rowsOf } from './rows.ts';
import { type Part, pairsOf } from './sides.ts';
import { type Tables, tableauOf } from './tableau.ts';
import { type Leaf, leafOf, type Stands, type Table, type Tabling } from './tables.ts';
import { together } from './weighed.ts';

export interface Engine extends Tabling {
  readonly policies: PolicyEnds;
  readonly stands: Stands;
  readonly tables: Tables;
  /** Of ends that had to be asked about by themselves. */
  readonly asked: Map<string, Answer>;
  near(part: Part, service: Service): readonly (readonly [string, Part])[];
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
  const said = saidAt(from, to, family, tableau);
  if (said === null) return 'several';
  const { egress, ingress } = said;
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
  const said = saidAt(from, to, family, table);
  if (said === null) return singly(table);
  const { egress, ingress } = said;
  let leaves = table.leaves[egress];
  if (leaves === undefined) {
    leaves = [];
    table.leaves[egress] = leaves;
  }
  let leaf = leaves[ingress];
  if (leaf === undefined) {
    const { policies } = engine;
    const [out, into] = [egress, ingress].map((n) => (n === 0 ? null : policies.said(n - 1)));
    leaf = leafOf(engine.leaves, table, out ?? null, into ?? null);
    leaves[ingress] = leaf;
  }
  return leaf;
}

/** Which policies have a say in a table, or in several at once, where `fromWorld` may be undefined: they are not alike. */
interface Heard {
  readonly egress: boolean;
  readonly ingress: boolean;
  readonly fromWorld: boolean | null | undefined;
}

/** What policies say at the two ends, by number; 0: nothing that matters. Null: an end is no peer that they know, or is one in several ways. */
function saidAt(from: Caller, to: Callee, family: IpFamily, heard: Heard): { readonly egress: number; readonly ingress: number } | null {
  const calling = from.calling[family];
  const called = from.first.kind === 'outside' ? to.outside[family] : to.inside[family];
  let egress = 0;
  let ingress = 0;
  if (heard.egress) {
    if (calling.egress === null || called.peer === null) return null;
    egress = (calling.egress[called.peer] ?? 0) + 1;
  }
  if (heard.ingress) {
    const peer = heard.fromWorld === null ? calling.doubtful : calling.peer;
    if (called.ingress === null || peer === null || heard.fromWorld === undefined) return null;
    ingress = (called.ingress[peer] ?? 0) + 1;
  }
  return { egress, ingress };
}

/** Each two ends are asked about by themselves: one of them is no peer that policies know. */
const singly = ({ ways, near, single }: Table): Leaf => ({
  tallies: [],
  near,
  single: [...ways.map((w) => w.asked), ...single],
  rows: null,
});
