import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { formatAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { nodeOf, thingOf } from './end.ts';
import { Numbers } from './numbers.ts';
import type { PathClasses } from './path-classes.ts';
import { policyClasses } from './policy-classes.ts';
import type { End } from './question.ts';
import type { Call } from './way.ts';

/** Of which sort an end is: what is said of one of a number is said of all, but for who is on one node. */
export interface Sort {
  /** As far as the way of a packet goes. */
  readonly path: number;
  /** With what policies tell apart. */
  readonly kind: number;
}

export interface Kinds {
  calling(end: End): Sort;
  /** With what listens there, and what is called there. */
  called(end: End): Sort;
  /** All that the way of a call hangs on, where it is not what listens elsewhere on the called end; null: it may hang on more. */
  way(call: Call): string | null;
}

/** `calls`: what is called at an end, as a text. */
export function kindsOf(cluster: Cluster, paths: PathClasses, calls: (end: End) => string): Kinds {
  const policies = policyClasses(cluster);
  const pathOf = (end: End): string => {
    switch (end.kind) {
      case 'pod':
        return `pod ${paths.pod(end.pod)}`;
      case 'node':
        return `node ${paths.node(end.node)}`;
      case 'service':
        return `service ${key(end.service)}`;
      case 'outside':
        return `outside ${paths.outside(end.address)}`;
    }
  };
  const policyOf = (end: End): string => {
    switch (end.kind) {
      case 'pod':
        return `${policies.pod(end.pod)}`;
      case 'node':
        return `${policies.node(end.node)}`;
      case 'service':
        return '';
      case 'outside':
        return formatAddress(end.address);
    }
  };
  // One end calls, is called, and is near others that are.
  const traitsOf = kept((end) => ({ path: pathOf(end), policy: policyOf(end) }));
  const sockets = socketTraits(cluster, (end) => {
    const { path, policy } = traitsOf(end);
    return `${path} ${policy}`;
  });
  const sorts = (more: (end: End) => string) => {
    // Small numbers, for tables.
    const [byPath, byKind] = [new Numbers(), new Numbers()];
    return kept((end): Sort => {
      const { path, policy } = traitsOf(end);
      const text = `${path} ${more(end)}`;
      return { path: byPath.of(text), kind: byKind.of(`${text} / ${policy}`) };
    });
  };
  return {
    calling: sorts(() => ''),
    called: sorts((end) => `${sockets(end)} ${calls(end)}`),
    way({ caller, callee, target: { protocol, port }, family }) {
      if (callee.kind !== 'pod' || callee.pod.hostNetwork) return null;
      const node = nodeOf(caller) === callee.pod.node;
      const interval = port === null ? '' : paths.ports.findLastIndex((p) => p <= port);
      return `${pathOf(caller)} ${pathOf(callee)} ${node} ${family} ${protocol} ${interval} ${listeningAt(callee.pod, protocol, port)}`;
    },
  };
}

/** The sockets of a pod that a packet to a port may come to, in their order. */
function listeningAt({ containers, ips, socketsUnknown }: Pod, protocol: Protocol, port: number | null): string {
  const sockets = containers.flatMap((c) => [
    ...c.ports.flatMap((p) => (p.port === port && p.protocol === protocol ? ['any'] : [])),
    ...c.listen.flatMap((l) => {
      if (l.port !== port || l.protocol !== protocol) return [];
      if (l.address === null) return [l.family ?? 'any'];
      const own = ips.findIndex((i) => i.address === l.address);
      return [own < 0 ? formatAddress(l.address) : `${own}`];
    }),
  ]);
  return `${socketsUnknown} ${sockets.join()}`;
}

/** Each is asked about again and again. */
function kept<T>(of: (end: End) => T): (end: End) => T {
  const known = new Map<object, T>();
  return (end) => {
    const thing = thingOf(end);
    const found = known.get(thing) ?? of(end);
    known.set(thing, found);
    return found;
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

/** Which of its own addresses a socket is bound to matters; another one's is itself. */
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
