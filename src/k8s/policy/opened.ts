import type { PolicyDirection, PolicyPacket } from '../../datapath/policy-point.ts';
import { familyOf, type IpAddress } from '../../net/address.ts';
import type { Protocol } from '../../net/packet.ts';
import type { Cluster } from '../cluster.ts';
import { isControllerLabel } from '../controller-labels.ts';
import { key, type Pod } from '../pod.ts';
import type { PolicyIndex } from './index.ts';

/** A way that is open after a change of policies, and was not before. */
export interface OpenedWay {
  /** The pod that the policy is about. */
  readonly pod: string;
  /** Who is at the other end: a pod, a node, a client outside. */
  readonly peer: string;
  readonly port: number | null;
  readonly protocol: Protocol;
}

export interface Opened {
  readonly ways: readonly OpenedWay[];
  /** Were only some of the ways looked at? */
  readonly isMore: boolean;
}

interface Asked {
  readonly direction: PolicyDirection;
  /** Those whose policies are changed. */
  readonly subjects: readonly Pod[];
  readonly ports: readonly { readonly protocol: Protocol; readonly port: number | null }[];
}

/** So many ways are looked at: more of them take longer than anybody waits for an answer. */
const MOST = 6000;
/** Up to so many pods each is looked at; of more those with the same labels are one. */
const EACH = 60;

/** What a change lets through, of all that the input names. */
export function opened(cluster: Cluster, before: PolicyIndex, after: PolicyIndex, { direction, subjects, ports }: Asked): Opened {
  const peers = [...alike([...cluster.pods.values()]), ...nodesOf(cluster), ...clientsOf(cluster)];
  const ways: OpenedWay[] = [];
  let looked = 0;
  for (const { pod, stands } of podParties(subjects))
    for (const peer of peers)
      for (const port of ports) {
        if (peer.pod === pod) continue;
        if (looked >= MOST) return { ways, isMore: true };
        looked += 1;
        const packet = packetOf(direction, pod, peer.addresses, port);
        if (packet === null || !isLet(after, pod, direction, packet) || isLet(before, pod, direction, packet)) continue;
        for (const one of stands) for (const other of peer.names) if (one !== other) ways.push({ pod: one, peer: other, ...port });
      }
  return { ways, isMore: false };
}

const isLet = (index: PolicyIndex, pod: Pod, direction: PolicyDirection, packet: PolicyPacket): boolean =>
  ['allow', 'none'].includes(index.decide(pod, direction, packet).verdict);

function packetOf(
  direction: PolicyDirection,
  pod: Pod,
  addresses: readonly IpAddress[],
  { protocol, port }: Asked['ports'][number],
): PolicyPacket | null {
  for (const { address } of pod.ips) {
    const other = addresses.find((a) => familyOf(a) === familyOf(address));
    if (other === undefined) continue;
    const [source, destination] = direction === 'ingress' ? [other, address] : [address, other];
    return { protocol, source, destination, destinationPort: port, calledPort: null, fromWorld: false };
  }
  return null;
}

interface Peer {
  readonly pod: Pod | null;
  readonly names: readonly string[];
  readonly addresses: readonly IpAddress[];
}

const podParties = (pods: readonly Pod[]) => alike(pods).flatMap(({ pod, names }) => (pod === null ? [] : [{ pod, stands: names }]));

/** Pods that live, on a network of their own; in large clusters one for all that have its labels. */
function alike(pods: readonly Pod[]): readonly Peer[] {
  const live = pods.filter((p) => !p.hostNetwork && p.ips.length > 0 && p.phase !== 'Succeeded' && p.phase !== 'Failed');
  const groups = new Map<string, Pod[]>();
  for (const pod of live) {
    const kind = live.length <= EACH ? key(pod) : `${pod.namespace} ${labelsText(pod)}`;
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [pod]);
    else group.push(pod);
  }
  return [...groups.values()].map((group): Peer => {
    const [pod = null] = group;
    return { pod, names: group.map(key), addresses: (pod?.ips ?? []).map((ip) => ip.address) };
  });
}

const labelsText = ({ labels }: Pod): string =>
  [...labels]
    .filter(([name]) => !isControllerLabel(name))
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');

/** Nodes have much in common: the first ones speak for all. */
const FEW = 20;

const nodesOf = ({ nodes }: Cluster): readonly Peer[] =>
  [...nodes.values()].slice(0, FEW).map(({ name, addresses }) => ({
    pod: null,
    names: [`node/${name}`],
    addresses: addresses.flatMap((a) => (a.type === 'Hostname' ? [] : [a.address])),
  }));

const clientsOf = ({ outside }: Cluster): readonly Peer[] =>
  outside.slice(0, FEW).map(({ name, ips }) => ({ pod: null, names: [name], addresses: ips }));
