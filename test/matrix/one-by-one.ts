import type { Network } from '../../src/k8s/compiled-network.ts';
import { callsTo } from '../../src/matrix/asked.ts';
import { questionOf, sourceOf } from '../../src/matrix/asked-by-trace.ts';
import { isAssumed } from '../../src/matrix/assumed.ts';
import type { Connection, Matrix } from '../../src/matrix/matrix.ts';
import { notAsked } from '../../src/matrix/not-asked.ts';
import type { End, MatrixQuestion, Side } from '../../src/matrix/question.ts';
import { rowsOf, type Tally } from '../../src/matrix/rows.ts';
import type { IpFamily } from '../../src/net/address.ts';
import { trace } from '../../src/trace/trace.ts';

/** Every connection by a trace of its own: slow, and the meaning of all other ways to make a matrix. */
export function oneByOne(network: Network, question: MatrixQuestion): Matrix {
  return { groups: question.groups, connections: connections(network, question), notAsked: notAsked(network.cluster, question) };
}

function* connections(network: Network, question: MatrixQuestion): Iterable<Connection> {
  for (const from of question.from)
    for (const to of question.to)
      for (const family of question.families)
        yield* rowsOf(from.group.id, to.group.id, family, talliesOf(network, question, from, to, family), question.blocked);
}

function talliesOf(network: Network, question: MatrixQuestion, from: Side, to: Side, family: IpFamily): readonly Tally[] {
  const found = new Map<string, Tally>();
  for (const caller of from.ends)
    for (const called of to.ends) {
      const source = sourceOf(network.cluster, caller, family);
      if (source === null || isOne(caller, called)) continue;
      for (const target of callsTo(network.cluster, question, called, family, caller.kind === 'outside')) {
        const { protocol, port } = target;
        const name = `${protocol} ${port}`;
        const known = found.get(name) ?? { protocol, ports: port === null ? null : { first: port, last: port }, pairs: 0, ended: [] };
        const question = questionOf(network.cluster, source, called, target, family);
        const answer = trace(network, question);
        const ended = answer.paths.map((path) => ({
          outcome: path.outcome,
          code: path.reason?.code ?? null,
          assumed: isAssumed({ ...network, question }, path),
          weight: path.probability,
        }));
        found.set(name, { ...known, pairs: known.pairs + 1, ended: [...known.ended, ...ended] });
      }
    }
  return [...found.values()];
}

/** Nobody is asked for itself, nor the internet for what is outside. */
function isOne(from: End, to: End): boolean {
  if (from.kind === 'outside') return to.kind === 'outside';
  if (from.kind === 'pod') return to.kind === 'pod' && from.pod === to.pod;
  return from.kind === 'node' && to.kind === 'node' && from.node === to.node;
}
