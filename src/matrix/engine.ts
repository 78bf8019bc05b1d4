import type { Network } from '../k8s/compiled-network.ts';
import type { IpFamily } from '../net/address.ts';
import type { Target } from '../query/target.ts';
import { trace } from '../trace/trace.ts';
import { callsTo } from './asked.ts';
import { questionOf, sourceOf } from './asked-by-trace.ts';
import { isAssumed } from './assumed.ts';
import { type Kinds, kindsOf } from './kinds.ts';
import { type Localities, localitiesOf } from './localities.ts';
import type { Connection, Matrix } from './matrix.ts';
import { notAsked } from './not-asked.ts';
import { Numbers } from './numbers.ts';
import type { End, MatrixQuestion, Progress } from './question.ts';
import { type Ended, rowsOf, type Tally } from './rows.ts';
import { type Part, pairsOf, partsNear, partsOf, thingOf } from './sides.ts';

/** Who reaches whom: members that nothing tells apart are asked once. */
export function matrixOf(network: Network, question: MatrixQuestion, progress: Progress = () => {}): Matrix {
  return { groups: question.groups, connections: connections(network, question, progress), notAsked: notAsked(network.cluster, question) };
}

interface Asking {
  readonly network: Network;
  readonly question: MatrixQuestion;
  readonly kinds: Kinds;
  readonly localities: Localities;
  readonly calls: (end: End, family: IpFamily, fromOutside: boolean) => readonly Target[];
  readonly callsNumber: (end: End) => number;
  readonly answers: Map<string, readonly Ended[]>;
}

function* connections(network: Network, question: MatrixQuestion, progress: Progress): Iterable<Connection> {
  const asking = askingOf(network, question);
  const all = question.from.length * question.to.length;
  const callers = question.from.map((side) => partsOf(side, asking.kinds.calling));
  const called = question.to.map((side) => partsOf(side, (end) => asking.callsNumber(end)));
  let done = 0;
  for (const [i, from] of question.from.entries())
    for (const [j, to] of question.to.entries()) {
      const overlap = from.group.id === to.group.id;
      for (const family of question.families) {
        const tallies = talliesOf(asking, callers[i] ?? [], called[j] ?? [], family, overlap);
        yield* rowsOf(from.group.id, to.group.id, family, tallies, question.blocked);
      }
      progress(++done, all);
    }
}

function askingOf(network: Network, question: MatrixQuestion): Asking {
  const { cluster } = network;
  const kinds = kindsOf(network);
  const numbers = new Numbers();
  const calls = (end: End, family: IpFamily, fromOutside: boolean) => callsTo(cluster, question, end, family, fromOutside);
  return {
    network,
    question,
    kinds,
    localities: localitiesOf(cluster, kinds),
    calls,
    callsNumber: (end) => {
      const asked = question.families.map((family) => calls(end, family, false).map(({ protocol, port }) => `${protocol} ${port}`));
      return numbers.of(`${kinds.called(end)} ${JSON.stringify(asked)}`);
    },
    answers: new Map(),
  };
}

function talliesOf(
  asking: Asking,
  callers: readonly Part[],
  called: readonly Part[],
  family: IpFamily,
  overlap: boolean,
): readonly Tally[] {
  const found = new Map<string, Tally & { pairs: number; ended: Ended[] }>();
  const add = ({ protocol, port }: Target, pairs: number, answer: readonly Ended[]) => {
    if (pairs === 0) return;
    const name = `${protocol} ${port}`;
    const known = found.get(name) ?? { protocol, ports: port === null ? null : { first: port, last: port }, pairs: 0, ended: [] };
    found.set(name, known);
    known.pairs += pairs;
    for (const one of answer) known.ended.push({ ...one, weight: one.weight * pairs });
  };
  for (const from of callers)
    for (const to of called) {
      const [caller] = from.ends;
      const [callee] = to.ends;
      if (caller === undefined || callee === undefined || (caller.kind === 'outside' && callee.kind === 'outside')) continue;
      if (sourceOf(asking.network.cluster, caller, family) === null) continue;
      for (const target of asking.calls(callee, family, caller.kind === 'outside')) {
        const service = asking.localities.serviceOf(callee, target);
        const [froms, tos] =
          service === null
            ? [[{ ...from, near: '' }], [{ ...to, near: '' }]]
            : [partsNear(from, service, asking.localities), partsNear(to, service, asking.localities)];
        for (const some of froms)
          for (const others of tos) {
            const { all, onOneNode } = pairsOf(some, others, overlap);
            const key = [some.kind, some.near, others.kind, others.near, family, target.protocol, target.port].join(' ');
            for (const [isSame, pairs] of [
              [true, onOneNode],
              [false, all - onOneNode],
            ] as const)
              if (pairs > 0) add(target, pairs, answered(asking, `${key} ${isSame}`, some, others, isSame, target, family));
          }
      }
    }
  return [...found.values()];
}

function answered(
  asking: Asking,
  key: string,
  from: Part,
  to: Part,
  onOneNode: boolean,
  { protocol, port }: Target,
  family: IpFamily,
): readonly Ended[] {
  const known = asking.answers.get(key) ?? ask(asking, pick(from, to, onOneNode), protocol, port, family);
  asking.answers.set(key, known);
  return known;
}

/** Two members that are on one node, or are not. */
function pick(from: Part, to: Part, onOneNode: boolean): readonly [End, End] {
  for (const caller of from.ends)
    for (const callee of to.ends)
      if (thingOf(caller) !== thingOf(callee) && areOnOneNode(caller, callee) === onOneNode) return [caller, callee];
  throw new Error('pairs that are counted are there');
}

function areOnOneNode(a: End, b: End): boolean {
  const [one, other] = [a, b].map((end) => (end.kind === 'pod' ? end.pod.node : end.kind === 'node' ? end.node.name : null));
  return one !== null && one === other;
}

function ask(
  { network, calls }: Asking,
  [caller, callee]: readonly [End, End],
  protocol: Target['protocol'],
  port: number | null,
  family: IpFamily,
): readonly Ended[] {
  const source = sourceOf(network.cluster, caller, family);
  const target = calls(callee, family, caller.kind === 'outside').find((t) => t.protocol === protocol && t.port === port);
  if (source === null || target === undefined) throw new Error('what is counted can be asked');
  return trace(network, questionOf(network.cluster, source, callee, target, family)).paths.map((path) => ({
    outcome: path.outcome,
    code: path.reason?.code ?? null,
    assumed: isAssumed(path),
    weight: path.probability,
  }));
}
