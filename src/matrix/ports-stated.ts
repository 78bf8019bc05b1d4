import type { Cluster } from '../k8s/cluster.ts';
import { targetPortOf } from '../k8s/endpoints.ts';
import { indexLabels } from '../k8s/label-index.ts';
import { isThere, key, type Pod, type TransportProtocol } from '../k8s/pod.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import type { IpFamily } from '../net/address.ts';
import { PROTOCOLS, type Protocol } from '../net/packet.ts';
import type { End } from './question.ts';

export interface StatedPort {
  readonly protocol: TransportProtocol;
  readonly port: number;
}

export interface Numbered {
  readonly protocol: Protocol;
  /** Null: ICMP. */
  readonly port: number | null;
}

/** By protocol and port, each once. */
export function inOrder<T extends Numbered>(ports: readonly T[]): readonly T[] {
  const each = new Map(ports.map((p) => [`${p.protocol} ${p.port}`, p]));
  return [...each.values()].sort((a, b) => PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) || (a.port ?? 0) - (b.port ?? 0));
}

/** What is called at pods and at nodes, as far as the input says; made once a cluster. */
interface Stated {
  /** By namespace/name: a pod's own ports, and those to which services translate. */
  readonly pods: ReadonlyMap<string, readonly StatedPort[]>;
  /** Of every node, of services of a family. */
  readonly nodePorts: Readonly<Record<IpFamily, readonly StatedPort[]>>;
  /** By node: ports of it that lead to its pods, and those of pods on its network. */
  readonly nodes: ReadonlyMap<string, readonly StatedPort[]>;
}

const STATED = new WeakMap<Cluster, Stated>();

export function statedPorts(cluster: Cluster, end: Extract<End, { kind: 'pod' | 'node' }>, family: IpFamily): readonly StatedPort[] {
  const known = STATED.get(cluster) ?? stated(cluster);
  STATED.set(cluster, known);
  if (end.kind === 'pod') return known.pods.get(key(end.pod)) ?? [];
  return inOrder([...known.nodePorts[family], ...(known.nodes.get(end.node.name) ?? [])]);
}

function stated(cluster: Cluster): Stated {
  const there = [...cluster.pods.values()].filter(isThere);
  const own = new Map(there.map((pod) => [key(pod), [...ownPorts(pod)]]));
  for (const [pod, port] of targets(cluster, there)) own.get(key(pod))?.push(port);
  const nodes = new Map<string, StatedPort[]>();
  for (const pod of there) for (const port of portsOnNode(pod)) nodes.set(pod.node ?? '', [...(nodes.get(pod.node ?? '') ?? []), port]);
  return {
    pods: new Map([...own].map(([name, ports]) => [name, inOrder(ports)])),
    nodePorts: { IPv4: nodePorts(cluster, 'IPv4'), IPv6: nodePorts(cluster, 'IPv6') },
    nodes: new Map([...nodes].map(([name, ports]) => [name, inOrder(ports)])),
  };
}

const ownPorts = ({ containers }: Pod): readonly StatedPort[] =>
  containers.flatMap(({ ports, listen }) => [...ports, ...listen].map(({ port, protocol }) => ({ port, protocol })));

/** On its node: what leads to its containers, and what they listen on where they share the node's network. */
const portsOnNode = (pod: Pod): readonly StatedPort[] =>
  pod.hostNetwork
    ? ownPorts(pod)
    : pod.containers.flatMap((c) => c.ports.flatMap(({ host, protocol }) => (host === null ? [] : [{ port: host.port, protocol }])));

/** The ports of pods that services lead to: as their endpoints say, and as they select. */
function* targets({ services }: Cluster, there: readonly Pod[]): Iterable<readonly [Pod, StatedPort]> {
  const labels = indexLabels(there);
  for (const service of services.values()) {
    const selected = service.selector.size === 0 ? [] : labels.selected(service.namespace, service.selector);
    for (const { endpoints, protocol, targetPort } of service.ports) {
      for (const { pod, port } of endpoints) if (pod !== null) yield [pod, { port, protocol }];
      for (const pod of selected) {
        const port = targetPortOf(pod, targetPort, protocol);
        if (port !== null) yield [pod, { port, protocol }];
      }
    }
  }
}

const nodePorts = ({ services }: Cluster, family: IpFamily): readonly StatedPort[] =>
  inOrder(
    [...services.values()].flatMap((s) =>
      s.ipFamilies.includes(family)
        ? s.ports.flatMap(({ nodePort, protocol }) => (nodePort === null ? [] : [{ port: nodePort, protocol }]))
        : [],
    ),
  );

const OUTSIDE = new WeakMap<Cluster, readonly StatedPort[]>();

/** Of the internet: what egress rules name that may be about it, ranges by their ends; and HTTPS. */
export function portsOutside(cluster: Cluster): readonly StatedPort[] {
  const known = OUTSIDE.get(cluster) ?? inOrder([...cluster.policies.flatMap(namedOutside), { protocol: 'tcp', port: 443 }]);
  OUTSIDE.set(cluster, known);
  return known;
}

const namedOutside = ({ egress }: Policy): readonly StatedPort[] =>
  (egress ?? [])
    .filter(({ peers }) => peers === null || peers.some((p) => p.kind !== 'pods' && p.kind !== 'nodes'))
    .flatMap(({ ports }) => ports ?? [])
    .flatMap(({ protocol, port }) => {
      if (port === null || 'name' in port) return [];
      return [port.first, port.last].map((one) => ({ protocol: protocol ?? 'tcp', port: one }));
    });
