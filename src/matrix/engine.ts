import { compile } from '../compile/index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Service } from '../k8s/service.ts';
import { Answers } from './answers.ts';
import { callsOf } from './calls.ts';
import { type Engine, rowsBetween } from './cells.ts';
import { policyEnds } from './ends.ts';
import { type Kinds, kindsOf } from './kinds.ts';
import { localitiesOf } from './localities.ts';
import type { Connection, Matrix } from './matrix.ts';
import { notAsked } from './not-asked.ts';
import { pathClasses } from './path-classes.ts';
import type { MatrixQuestion, Progress } from './question.ts';
import { sayingsOf } from './sayings.ts';
import { scripted } from './script.ts';
import { cut, type Part, partsOf } from './sides.ts';
import { noTables } from './tableau.ts';
import { Leaves, Stands } from './tables.ts';

/** Who reaches whom: members that nothing tells apart are asked about once, and what policies say of any two is looked up. */
export function matrixOf(network: Network, question: MatrixQuestion, progress: Progress = () => {}): Matrix {
  return { groups: question.groups, connections: connections(network, question, progress), notAsked: notAsked(network.cluster, question) };
}

function* connections(network: Network, question: MatrixQuestion, progress: Progress): Iterable<Connection> {
  const engine = engineOf(network, question);
  const callers = question.from.map((side) => partsOf(side, engine.kinds.calling).map(engine.policies.caller));
  const callees = question.to.map((side) => partsOf(side, engine.kinds.called).map(engine.policies.callee));
  for (const { path, ends } of callers.flat()) for (const end of ends) engine.stands.add('caller', path, end);
  for (const { path, ends } of callees.flat()) for (const end of ends) engine.stands.add('callee', path, end);
  const all = question.from.length * question.to.length;
  let done = 0;
  for (const [i, from] of question.from.entries()) {
    const calling = callers[i] ?? [];
    let j = 0;
    for (const to of question.to) {
      const called = callees[j++] ?? [];
      const overlap = from.group.id === to.group.id;
      for (const family of question.families)
        for (const row of rowsBetween(engine, calling, called, { family, overlap, blocked: question.blocked })) {
          const { protocol, ports, outcome, code, share, assumed } = row;
          yield { from: from.group.id, to: to.group.id, family, protocol, ports, outcome, code, share, assumed };
        }
      progress(++done, all);
    }
  }
}

function engineOf(given: Network, question: MatrixQuestion): Engine & { readonly kinds: Kinds } {
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
    tables: noTables(),
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
