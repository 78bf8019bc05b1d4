import { addressIndex } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Pod, TransportProtocol } from '../k8s/pod.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { PROTOCOLS, type Protocol } from '../net/packet.ts';
import type { Target } from '../query/target.ts';
import { callsTo } from './asked.ts';
import type { End, MatrixQuestion } from './question.ts';

/** Ports that are asked about together, by the first of them; of ICMP, which has none, `first` is null. */
export interface Asked {
  readonly protocol: Protocol;
  readonly first: number | null;
  readonly last: number | null;
}

export interface Calls {
  /** What is asked of ends where the same listens, told apart. */
  text(end: End): string;
  /** What is asked of an end. */
  of(end: End, family: IpFamily): readonly Asked[];
  /** The call that stands for it. */
  target(end: End, family: IpFamily, fromOutside: boolean, asked: Asked): Target | null;
  /** The address of it, where all have one. */
  address(end: End, family: IpFamily, fromOutside: boolean): IpAddress | null;
}

/** `borders`: the ports at which a rule may begin to be otherwise. */
export function callsOf(cluster: Cluster, question: MatrixQuestion, borders: readonly number[]): Calls {
  const target: Calls['target'] = (end, family, fromOutside, { protocol, first }) =>
    callsTo(cluster, { ports: [{ protocol, port: first }], protocol: null }, end, family, fromOutside)[0] ?? null;
  const everything = PROTOCOLS.filter((p) => question.protocol === null || question.protocol === p);
  const stated = (end: End, family: IpFamily): readonly Asked[] =>
    callsTo(cluster, question, end, family, false).map(({ protocol, port }) => ({ protocol, first: port, last: port }));
  const all = (end: End): readonly Asked[] =>
    everything.flatMap((protocol) =>
      protocol === 'icmp' ? [PING] : intervals([...borders, ...portsAt(cluster, end, protocol).flatMap((p) => [p, p + 1])], protocol),
    );
  return {
    // All ports are all ports.
    text: (end) =>
      question.anyPort
        ? ''
        : question.families.map((family) => stated(end, family).map(({ protocol, first }) => `${protocol} ${first}`)).join(' / '),
    of: (end, family) => (question.anyPort ? all(end) : stated(end, family)),
    target,
    address: (end, family, fromOutside) => (end.kind === 'service' ? null : (target(end, family, fromOutside, PING)?.addresses[0] ?? null)),
  };
}

const PING: Asked = { protocol: 'icmp', first: null, last: null };

const FIRST = 1;
const LAST = 65535;

function intervals(borders: readonly number[], protocol: TransportProtocol): readonly Asked[] {
  const starts = [...new Set([FIRST, ...borders.filter((b) => b > FIRST && b <= LAST)])].sort((a, b) => a - b);
  return starts.map((first, i) => ({ protocol, first, last: (starts[i + 1] ?? LAST + 1) - 1 }));
}

/** The ports of an end that something is stated of. */
function portsAt(cluster: Cluster, end: End, protocol: TransportProtocol): readonly number[] {
  switch (end.kind) {
    case 'outside':
      return [];
    case 'service':
      return end.service.ports.flatMap((p) => (p.protocol === protocol ? [p.port] : []));
    case 'pod':
      return end.pod.hostNetwork && end.pod.node !== null ? portsOnNode(cluster, end.pod.node, protocol) : socketsOf(end.pod, protocol);
    case 'node':
      return portsOnNode(cluster, end.node.name, protocol);
  }
}

function portsOnNode(cluster: Cluster, node: string, protocol: TransportProtocol): readonly number[] {
  const leading = (cluster.podsByNode.get(node) ?? []).flatMap((p) => p.containers).flatMap((c) => c.ports);
  const hostPorts = leading.flatMap((p) => (p.protocol === protocol && p.host !== null ? [p.host.port] : []));
  const sharing = (cluster.hostPodsByNode.get(node) ?? []).flatMap((pod) => socketsOf(pod, protocol));
  return [...nodePortsOf(cluster, protocol), ...hostPorts, ...sharing];
}

function nodePortsOf(cluster: Cluster, protocol: TransportProtocol): readonly number[] {
  return [...addressIndex(cluster).nodePorts.values()].flatMap(({ port }) =>
    port.protocol === protocol && port.nodePort !== null ? [port.nodePort] : [],
  );
}

const socketsOf = ({ containers }: Pod, protocol: TransportProtocol): readonly number[] =>
  containers.flatMap((c) => [...c.ports, ...c.listen]).flatMap((s) => (s.protocol === protocol ? [s.port] : []));
