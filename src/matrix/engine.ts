import { compile } from '../compile/index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Service } from '../k8s/service.ts';
import type { IpFamily } from '../net/address.ts';
import { type Answer, Answers } from './answers.ts';
import { type Asked, callsOf } from './calls.ts';
import { nodeOf, thingOf } from './end.ts';
import { type PolicyEnds, policyEnds } from './ends.ts';
import { type Kinds, kindsOf } from './kinds.ts';
import { localitiesOf } from './localities.ts';
import type { Connection, Matrix } from './matrix.ts';
import { notAsked } from './not-asked.ts';
import { pathClasses } from './path-classes.ts';
import type { End, MatrixQuestion, Progress } from './question.ts';
import { rowsOf, type Tally } from './rows.ts';
import { type Said, sayingsOf } from './sayings.ts';
import { scripted } from './script.ts';
import { cut, type Part, pairsOf, partsOf } from './sides.ts';
import { type Leaf, Leaves, leafOf, Stands, type Table, type Tabling, tableOf } from './tables.ts';
import { questionOfCall } from './way.ts';
import { together } from './weighed.ts';

/** Who reaches whom: members that nothing tells apart are asked about once, and what policies say of any two is looked up. */
export function matrixOf(network: Network, question: MatrixQuestion, progress: Progress = () => {}): Matrix {
  return { groups: question.groups, connections: connections(network, question, progress), notAsked: notAsked(network.cluster, question) };
}

interface Engine extends Tabling {
  readonly kinds: Kinds;
  readonly policies: PolicyEnds;
  readonly stands: Stands;
  /** By the sorts of the two ends, and whether these are on one node or on two. */
  readonly tables: Readonly<Record<IpFamily, Readonly<Record<'one' | 'two', (Table | null | undefined)[][]>>>>;
  /** Of ends that had to be asked about by themselves. */
  readonly asked: Map<string, Answer>;
  near(part: Part, service: Service): readonly (readonly [string, Part])[];
}

function* connections(network: Network, question: MatrixQuestion, progress: Progress): Iterable<Connection> {
  const engine = engineOf(network, question);
  const callers = question.from.map((side) => partsOf(side, engine.kinds.calling));
  const callees = question.to.map((side) => partsOf(side, engine.kinds.called));
  for (const part of [...callers, ...callees].flat()) for (const end of part.ends) engine.stands.add(part.path, end);
  const all = question.from.length * question.to.length;
  let done = 0;
  for (const [i, from] of question.from.entries())
    for (const [j, to] of question.to.entries()) {
      const overlap = from.group.id === to.group.id;
      for (const family of question.families)
        for (const row of rowsBetween(engine, { callers: callers[i] ?? [], callees: callees[j] ?? [], family, overlap }, question.blocked))
          yield { ...row, from: from.group.id, to: to.group.id };
      progress(++done, all);
    }
}

function engineOf(given: Network, question: MatrixQuestion): Engine {
  const network = question.anyPort ? listeningAnywhere(given) : given;
  const { cluster } = network;
  const paths = pathClasses(network);
  const calls = callsOf(cluster, question, paths.ports);
  const kinds = kindsOf(cluster, paths, calls.text);
  const localities = localitiesOf(cluster, kinds);
  const cuts = new Map<Part, Map<Service, readonly (readonly [string, Part])[]>>();
  return {
    network,
    script: scripted(network),
    answers: new Answers(),
    calls,
    localities,
    leaves: new Leaves(),
    ways: new Map(),
    wayKey: kinds.way,
    kinds,
    policies: policyEnds(sayingsOf(cluster), calls.address),
    stands: new Stands(),
    tables: { IPv4: { one: [], two: [] }, IPv6: { one: [], two: [] } },
    asked: new Map(),
    near(part, service) {
      const ofPart = cuts.get(part) ?? new Map();
      cuts.set(part, ofPart);
      const known = ofPart.get(service) ?? cut(part, (end) => localities.of(service, end));
      ofPart.set(service, known);
      return known;
    },
  };
}

/** The same network, as if a socket were there for every call to a pod. */
export function listeningAnywhere(network: Network): Network {
  const cluster: Cluster = { ...network.cluster, listensAnywhere: true };
  return { ...network, cluster, datapath: compile(cluster) };
}

/** What is said of the pairs of two parts that are on one node, or are not. */
interface Found {
  readonly leaf: Leaf;
  readonly from: Part;
  readonly to: Part;
  readonly onOneNode: boolean;
}

/** `overlap`: some may be members of both. */
interface Cell {
  readonly callers: readonly Part[];
  readonly callees: readonly Part[];
  readonly family: IpFamily;
  readonly overlap: boolean;
}

/** Without their ends. */
function rowsBetween(engine: Engine, cell: Cell, blocked: boolean): readonly Connection[] {
  const found = foundIn(engine, cell);
  const [first] = found;
  if (first === undefined) return [];
  const { leaf } = first;
  const isAll = leaf.near.length === 0 && leaf.single.length === 0 && !cell.overlap && found.every((f) => f.leaf === leaf);
  if (!isAll) return rowsOf('', '', cell.family, together(weighed(engine, cell, found)), blocked);
  leaf.rows ??= rowsOf('', '', cell.family, leaf.tallies, blocked);
  return leaf.rows;
}

function foundIn(engine: Engine, { callers, callees, family }: Cell): readonly Found[] {
  const found: Found[] = [];
  for (const from of callers)
    for (const to of callees) {
      if (from.first.kind === 'outside' && to.first.kind === 'outside') continue;
      for (const onOneNode of BOTH) {
        const leaf = leafBetween(engine, from, to, family, onOneNode);
        if (leaf !== null) found.push({ leaf, from, to, onOneNode });
      }
    }
  return found;
}

const BOTH = [true, false] as const;

type Weighed = Parameters<typeof together>[0][number];

function weighed(engine: Engine, { family, overlap }: Cell, found: readonly Found[]): readonly Weighed[] {
  const all: Weighed[] = [];
  const seen = new Set<string>();
  for (const { leaf, from, to, onOneNode } of found) {
    const pairs = pairsOf(from, to, overlap)[onOneNode ? 'onOneNode' : 'onTwo'];
    if (pairs > 0) for (const tally of leaf.tallies) all.push({ tally, pairs });
    if (pairs > 0)
      for (const asked of leaf.single) all.push({ tally: alone(engine, from, to, { family, onOneNode, near: '' }, asked), pairs });
    const key = `${from.kind} ${to.kind}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const { asked, service } of leaf.near)
      for (const [here, some] of engine.near(from, service))
        for (const [there, others] of engine.near(to, service)) {
          const near = `${here} / ${there}`;
          const counted = pairsOf(some, others, overlap);
          for (const isSame of BOTH) {
            const count = counted[isSame ? 'onOneNode' : 'onTwo'];
            if (count > 0) all.push({ tally: alone(engine, some, others, { family, onOneNode: isSame, near }, asked), pairs: count });
          }
        }
  }
  return all;
}

function tableBetween(engine: Engine, from: Part, to: Part, family: IpFamily, onOneNode: boolean): Table | null {
  const known = tablesFrom(engine, from, family, onOneNode);
  const table = known[to.path];
  if (table !== undefined) return table;
  const pair = engine.stands.pair(from.path, to.path, onOneNode);
  const made = pair === null ? null : tableOf(engine, pair[0], pair[1], family);
  known[to.path] = made;
  return made;
}

function tablesFrom({ tables }: Engine, { path }: Part, family: IpFamily, onOneNode: boolean): (Table | null | undefined)[] {
  const all = tables[family][onOneNode ? 'one' : 'two'];
  const known = all[path] ?? [];
  all[path] = known;
  return known;
}

/** Null: no two such ends are so. */
function leafBetween(engine: Engine, from: Part, to: Part, family: IpFamily, onOneNode: boolean): Leaf | null {
  const table = tableBetween(engine, from, to, family, onOneNode);
  if (table === null) return null;
  const calling = engine.policies.calling(from, family);
  const called = engine.policies.called(to, family, from.first.kind === 'outside');
  const egress = table.egress ? saidTo(calling.egress, called.peer) : null;
  const ingress = table.ingress ? saidTo(called.ingress, calling.peer(table.fromWorld)) : null;
  if ((table.egress && egress === null) || (table.ingress && ingress === null)) return singly(table);
  const byIngress = table.leaves[egress === null ? 0 : egress.id + 1] ?? [];
  table.leaves[egress === null ? 0 : egress.id + 1] = byIngress;
  const leaf = byIngress[ingress === null ? 0 : ingress.id + 1] ?? leafOf(engine.leaves, table, egress, ingress);
  byIngress[ingress === null ? 0 : ingress.id + 1] = leaf;
  return leaf;
}

/** Null: the peer is in no class. */
const saidTo = (said: readonly Said[] | null, peer: number | null): Said | null =>
  said === null || peer === null ? null : (said[peer] ?? null);

/** Each two ends are asked about by themselves. */
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
