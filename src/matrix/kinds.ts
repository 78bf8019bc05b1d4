import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Node } from '../k8s/node.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { formatAddress } from '../net/address.ts';
import { Numbers } from './numbers.ts';
import { pathClasses } from './path-classes.ts';
import { policyClasses } from './policy-classes.ts';
import type { End } from './question.ts';

/** Ends that nothing tells apart, but whether they are on one node: a number for all that are alike as callers, and one for all that are alike when they are called. */
export interface Kinds {
  calling(end: End): number;
  called(end: End): number;
}

export function kindsOf(network: Network): Kinds {
  const { cluster } = network;
  const numbers = new Numbers();
  const paths = pathClasses(network);
  const policies = policyClasses(cluster);
  const known = { calling: new Map<object, number>(), called: new Map<object, number>() };
  const traits = (end: End): string => {
    switch (end.kind) {
      case 'pod':
        return `${paths.pod(end.pod)} ${policies.pod(end.pod)}`;
      case 'node':
        return `${paths.node(end.node)} ${policies.node(end.node)}`;
      case 'service':
        return key(end.service);
      case 'outside':
        return formatAddress(end.address);
    }
  };
  const sockets = socketTraits(cluster, traits);
  const numbered = (part: 'calling' | 'called', end: End, more: (end: End) => string): number => {
    const of = end.kind === 'pod' ? end.pod : end.kind === 'node' ? end.node : end;
    const number = known[part].get(of) ?? numbers.of(`${end.kind} ${traits(end)} ${more(end)}`);
    known[part].set(of, number);
    return number;
  };
  return {
    calling: (end) => numbered('calling', end, () => ''),
    called: (end) => numbered('called', end, sockets),
  };
}

/** What listens at an end, on whatever address, and which pods of its node ports of the node lead to. */
function socketTraits(cluster: Cluster, traits: (end: End) => string): (end: End) => string {
  const numbers = new Numbers();
  const ofNodes = new Map<Node, number>();
  const ofNode = (node: Node): number => {
    const sharing = (cluster.hostPodsByNode.get(node.name) ?? []).map(listening);
    const own = cluster.podsByNode.get(node.name) ?? [];
    const leading = own.flatMap((pod) => (hostPorts(pod).length === 0 ? [] : [[traits({ kind: 'pod', pod }), listening(pod)]]));
    const number = ofNodes.get(node) ?? numbers.of(`node ${JSON.stringify([sharing, leading, areDistinct(own) ? '' : node.name])}`);
    ofNodes.set(node, number);
    return number;
  };
  return (end) => {
    if (end.kind === 'node') return `${ofNode(end.node)}`;
    if (end.kind !== 'pod') return '';
    const node = end.pod.hostNetwork && end.pod.node !== null ? cluster.nodes.get(end.pod.node) : undefined;
    return `${numbers.of(listening(end.pod))} ${node === undefined ? '' : ofNode(node)}`;
  };
}

const hostPorts = ({ containers }: Pod): readonly string[] =>
  containers.flatMap((c) => c.ports.flatMap(({ host, protocol }) => (host === null ? [] : [`${host.port}/${protocol}`])));

/** Does each port of the node lead to one pod? */
function areDistinct(pods: readonly Pod[]): boolean {
  const all = pods.flatMap(hostPorts);
  return new Set(all).size === all.length;
}

const listening = ({ containers, ips, socketsUnknown }: Pod): string =>
  JSON.stringify([
    socketsUnknown,
    containers.map(({ ports, listen }) => [
      ports.map((p) => [p.port, p.protocol]),
      listen.map(({ address, family, port, protocol }) => {
        const own = address === null ? '' : `${ips.findIndex((i) => i.address === address)}`;
        return [own === '-1' && address !== null ? formatAddress(address) : own, family, port, protocol];
      }),
    ]),
  ]);
