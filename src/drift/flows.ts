import { destinationText } from '../check/document.ts';
import { pairsOf } from '../check/pairs.ts';
import type { Ends } from '../diff/change.ts';
import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { key } from '../k8s/pod.ts';
import { callsTo } from '../matrix/asked.ts';
import { questionOf, sourceOf } from '../matrix/asked-by-trace.ts';
import type { End, MatrixQuestion, Side } from '../matrix/question.ts';
import type { IpFamily } from '../net/address.ts';
import type { Question } from '../query/question.ts';
import type { Target } from '../query/target.ts';
import { resolveQuestion } from '../trace/resolve-question.ts';

/** A connection that is asked about in several networks of one cluster. */
export interface Flow {
  readonly ends: Ends;
  /** Null: ICMP has none. */
  readonly port: number | null;
  /** The two sides of the flow, a node for each pod: flows with the same sides have most of their way in common. */
  readonly between: string;
  /** Null: it cannot be asked of this network. */
  question(network: Network): Question | null;
}

/** The same, with a data packet of so many bytes. */
export const ofSize = (flow: Flow, size: number): Flow => ({
  ...flow,
  question: (network) => {
    const question = flow.question(network);
    return question === null ? null : { ...question, size };
  },
});

/** The flows of the input's expectations. `left`: the number of expectations that cannot be asked. */
export function expectedFlows(network: Network, namespace: string): { readonly flows: readonly Flow[]; readonly left: number } {
  const found = new Map<string, Flow>();
  let left = 0;
  for (const pair of pairsOf(network, network.cluster.expectations, namespace)) {
    if (!('question' in pair)) {
      left++;
      continue;
    }
    const { request, question } = pair;
    const { port, protocol } = question.target;
    const ends = { from: request.source, to: destinationText(request), family: question.family, protocol };
    found.set(JSON.stringify([ends, port]), {
      ends,
      port,
      between: `${ends.from} ${ends.to}`,
      question: (other) => {
        const resolved = resolveQuestion(other, request);
        return resolved.ok ? (resolved.value.find((q) => q.family === question.family) ?? null) : null;
      },
    });
  }
  return { flows: [...found.values()], left };
}

/**
 * The flows of every pair of ends of which one is on a node that counts, or is a service with an endpoint there; from outside, of every
 * service. A pod without a stated port is pinged, which asks for the way and not for a listener.
 */
export function* pairedFlows({ cluster }: Network, question: MatrixQuestion, isOn: (node: string) => boolean): Iterable<Flow> {
  const touches = new Map<End, boolean>();
  const touched = (end: End): boolean => {
    const known = touches.get(end) ?? isTouched(cluster, end, isOn);
    touches.set(end, known);
    return known;
  };
  for (const from of question.from.flatMap(endsOf))
    for (const to of question.to.flatMap(endsOf)) {
      if (isOne(from.end, to.end)) continue;
      const isFromOutside = from.end.kind === 'outside' && to.end.kind === 'service';
      if (!isFromOutside && !touched(from.end) && !touched(to.end)) continue;
      for (const family of question.families) yield* flowsBetween(cluster, question, from, to, family);
    }
}

/** An end by its own name. */
interface Named {
  readonly end: End;
  readonly name: string;
}

const endsOf = ({ group, ends }: Side): readonly Named[] => ends.map((end) => ({ end, name: nameOf(end, group.id) }));

function nameOf(end: End, group: string): string {
  switch (end.kind) {
    case 'pod':
      return `Pod/${key(end.pod)}`;
    case 'service':
      return `Service/${key(end.service)}`;
    case 'node':
      return `Node/${end.node.name}`;
    case 'outside':
      return group;
  }
}

function isTouched(cluster: Cluster, end: End, isOn: (node: string) => boolean): boolean {
  switch (end.kind) {
    case 'pod':
      return end.pod.node !== null && isOn(end.pod.node);
    case 'node':
      return isOn(end.node.name);
    case 'outside':
      return false;
    case 'service':
      return end.service.ports.some((port) =>
        port.endpoints.some(({ ip }) => {
          const node = podAt(cluster, ip)?.node;
          return node == null || isOn(node);
        }),
      );
  }
}

function isOne(from: End, to: End): boolean {
  if (from.kind === 'outside') return to.kind === 'outside';
  if (from.kind === 'pod') return to.kind === 'pod' && from.pod === to.pod;
  return from.kind === 'node' && to.kind === 'node' && from.node === to.node;
}

/** The node of a pod; the name of any other end. */
const sideOf = ({ end, name }: Named): string => (end.kind === 'pod' ? (end.pod.node ?? name) : name);

const PING = { ports: [{ protocol: 'icmp', port: null }], protocol: null } as const;

function* flowsBetween(cluster: Cluster, asked: MatrixQuestion, from: Named, to: Named, family: IpFamily): Iterable<Flow> {
  if (sourceOf(cluster, from.end, family) === null) return;
  const calls = (asking: Parameters<typeof callsTo>[1]) => callsTo(cluster, asking, to.end, family, from.end.kind === 'outside');
  const stated = calls(asked);
  const isPinged = stated.length === 0 && asked.ports === null && asked.protocol === null && to.end.kind !== 'service';
  for (const target of isPinged ? calls(PING) : stated)
    yield {
      ends: { from: from.name, to: to.name, family, protocol: target.protocol },
      port: target.port,
      between: `${sideOf(from)} ${sideOf(to)}`,
      question: ({ cluster: own }) => asQuestion(own, from.end, to.end, target, family),
    };
}

/** The question with the nodes of the network that is asked. */
function asQuestion(cluster: Cluster, from: End, to: End, target: Target, family: IpFamily): Question | null {
  const source = sourceOf(cluster, from, family);
  const called = to.kind === 'node' ? cluster.nodes.get(to.node.name) : null;
  if (source === null || called === undefined) return null;
  return questionOf(cluster, source, called === null ? to : { kind: 'node', node: called }, target, family);
}
