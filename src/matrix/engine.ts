import type { Network } from '../k8s/compiled-network.ts';
import type { Service } from '../k8s/service.ts';
import type { IpFamily } from '../net/address.ts';
import { type Answer, Answers } from './answers.ts';
import { type Asked, callsOf } from './calls.ts';
import { type PolicyEnds, policyEnds } from './ends.ts';
import { type Kinds, kindsOf, thingOf } from './kinds.ts';
import { localitiesOf } from './localities.ts';
import type { Connection, Matrix } from './matrix.ts';
import { notAsked } from './not-asked.ts';
import type { End, MatrixQuestion, Progress } from './question.ts';
import { rowsOf, type Tally } from './rows.ts';
import { type Said, sayingsOf } from './sayings.ts';
import { scripted } from './script.ts';
import { cut, nodeOf, type Part, pairsOf, partsOf } from './sides.ts';
import { type Leaf, leafOf, Stands, type Table, type Tabling, tableOf } from './tables.ts';
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
  readonly tables: Map<string, Table | null>;
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
        for (const row of rowsBetween(engine, callers[i] ?? [], callees[j] ?? [], family, overlap, question.blocked))
          yield { ...row, from: from.group.id, to: to.group.id };
      progress(++done, all);
    }
}

function engineOf(network: Network, question: MatrixQuestion): Engine {
  const { cluster } = network;
  const calls = callsOf(cluster, question);
  const kinds = kindsOf(network, (end) => JSON.stringify(question.families.map((family) => calls.of(end, family))));
  const localities = localitiesOf(cluster, kinds);
  const cuts = new Map<Part, Map<Service, readonly (readonly [string, Part])[]>>();
  return {
    network,
    script: scripted(network),
    answers: new Answers(),
    calls,
    localities,
    kinds,
    policies: policyEnds(sayingsOf(cluster)),
    stands: new Stands(),
    tables: new Map(),
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

function rowsBetween(
  engine: Engine,
  callers: readonly Part[],
  callees: readonly Part[],
  family: IpFamily,
  overlap: boolean,
  blocked: boolean,
): readonly Connection[] {
  const tallies: { readonly tally: Tally; readonly pairs: number }[] = [];
  for (const from of callers)
    for (const to of callees) {
      if (from.first.kind === 'outside' && to.first.kind === 'outside') continue;
      for (const isNear of [true, false]) {
        const pairs = () => pairsOf(from, to, overlap)[isNear ? 'onOneNode' : 'onTwo'];
        const found = leafBetween(engine, from, to, family, isNear);
        if (found === null) continue;
        const count = pairs();
        if (count === 0) continue;
        for (const tally of found.tallies) tallies.push({ tally, pairs: count });
        for (const asked of found.single) tallies.push(alone(engine, from, to, family, isNear, asked, count));
      }
      const table = tableBetween(engine, from, to, family, true) ?? tableBetween(engine, from, to, family, false);
      for (const { asked, service } of table?.near ?? [])
        for (const [near, some] of engine.near(from, service))
          for (const [nearby, others] of engine.near(to, service)) {
            const { onOneNode, onTwo } = pairsOf(some, others, overlap);
            for (const [isNear, count] of [
              [true, onOneNode],
              [false, onTwo],
            ] as const)
              if (count > 0) tallies.push(alone(engine, some, others, family, isNear, asked, count, `${near} / ${nearby}`));
          }
    }
  return rowsOf('', '', family, together(tallies), blocked);
}

function tableBetween(engine: Engine, from: Part, to: Part, family: IpFamily, onOneNode: boolean): Table | null {
  const key = `${from.path} ${to.path} ${family} ${onOneNode}`;
  const known = engine.tables.get(key);
  if (known !== undefined) return known;
  const pair = engine.stands.pair(from.path, to.path, onOneNode);
  const made = pair === null ? null : tableOf(engine, pair[0], pair[1], family);
  engine.tables.set(key, made);
  return made;
}

/** Null: no two such ends are so. */
function leafBetween(engine: Engine, from: Part, to: Part, family: IpFamily, onOneNode: boolean): Leaf | null {
  const table = tableBetween(engine, from, to, family, onOneNode);
  if (table === null) return null;
  const calling = engine.policies.calling(from, family);
  const called = engine.policies.called(to);
  let egress: Said | null = null;
  let ingress: Said | null = null;
  if (table.egress) {
    const address = table.addressOf(to.first);
    const peer = address === null ? null : called.peer(address);
    egress = peer === null ? null : (calling.egress?.[peer] ?? null);
    if (egress === null) return singly(table);
  }
  if (table.ingress) {
    const peer = calling.peer(table.fromWorld);
    ingress = peer === null ? null : (called.ingress?.[peer] ?? null);
    if (ingress === null) return singly(table);
  }
  const key = (egress?.id ?? -1) * 2 ** 24 + (ingress?.id ?? -1);
  const leaf = table.leaves.get(key) ?? leafOf(table, egress, ingress);
  table.leaves.set(key, leaf);
  return leaf;
}

/** A peer that is in no class. */
const singly = ({ ways, near, single }: Table): Leaf => ({ tallies: [], near, single: [...ways.map((w) => w.asked), ...single] });

function alone(
  engine: Engine,
  from: Part,
  to: Part,
  family: IpFamily,
  onOneNode: boolean,
  asked: Asked,
  pairs: number,
  near = '',
): { readonly tally: Tally; readonly pairs: number } {
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
  return { tally: { protocol, ports, pairs: 1, ended: answer.ended }, pairs };
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
