import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Pod, TransportProtocol } from '../k8s/pod.ts';
import type { Policy, PolicyPeer, PolicyPort, PolicyRule } from '../k8s/policy/policy.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, formatPrefix, hostPrefix, lastAddress, overlaps, type Prefix, prefixOf } from '../net/prefix.ts';
import { addressIn, nodeAddressesOf, podsOf, podsWithNetwork } from './policy-members.ts';

/** The packets of one pod in one direction and family. */
export interface Way {
  readonly cluster: Cluster;
  readonly pod: Pod;
  readonly direction: PolicyDirection;
  readonly family: IpFamily;
}

/** The matches of a rule of iptables for each peer and port of a policy's rule: for each pod, node and range of a peer, and each port. */
export function matchesOf(way: Way, policy: Policy, rule: PolicyRule): readonly string[] {
  const peers = rule.peers === null ? [null] : rule.peers.flatMap((peer) => rangesOf(way, policy, peer));
  return peers.flatMap((peer) =>
    rule.ports === null ? [matches(way, peer, '')] : rule.ports.flatMap((port) => withPort(way, peer, port)),
  );
}

function rangesOf({ cluster, family }: Way, { namespace }: Policy, peer: PolicyPeer): readonly Prefix[] {
  const hosts = (addresses: readonly (IpAddress | null)[]) =>
    addresses.flatMap((a) => (a === null || familyOf(a) !== family ? [] : [hostPrefix(a)]));
  const isOfFamily = ({ address }: Prefix) => familyOf(address) === family;
  switch (peer.kind) {
    case 'pods':
      return hosts(podsOf(cluster, peer, namespace).map((pod) => addressIn(pod, family)));
    case 'networks':
      return peer.cidrs.filter(isOfFamily).flatMap((prefix) => without(prefix, peer.except.filter(isOfFamily)));
    case 'nodes':
      return hosts(nodeAddressesOf(cluster, peer));
    // A lab refuses names; a field that nobody knows is about nobody, and what hangs on a redacted range is undetermined.
    case 'redacted':
    case 'domains':
    case 'unknown':
      return [];
  }
}

/** The ranges that are left of one. iptables knows no hole in a range, and chains around one are deeper than the kernel lets them be. */
function without(prefix: Prefix, holes: readonly Prefix[]): readonly Prefix[] {
  const inside = holes.filter((h) => overlaps(prefix, h));
  if (inside.length === 0) return [prefix];
  if (inside.some((h) => h.length <= prefix.length)) return [];
  const half = prefix.length + 1;
  return [prefixOf(prefix.address, half), prefixOf(lastAddress(prefix), half)].flatMap((part) => without(part, inside));
}

/** Null: any address. */
function matches({ direction }: Way, peer: Prefix | null, port: string): string {
  const to = direction === 'ingress' ? '-s' : '-d';
  return [...(peer === null ? [] : [`${to} ${formatPrefix(peer)}`]), ...(port === '' ? [] : [port])].join(' ');
}

const PROTOCOLS: readonly TransportProtocol[] = ['tcp', 'udp', 'sctp'];

function withPort(way: Way, peer: Prefix | null, { protocol, port }: PolicyPort): readonly string[] {
  const protocols = protocol === null ? PROTOCOLS : [protocol];
  if (port === null) return protocols.map((p) => matches(way, peer, `-p ${p}`));
  if ('first' in port) return protocols.map((p) => matches(way, peer, dport(p, port.first, port.last)));
  const named = (pod: Pod) => pod.containers.flatMap((c) => c.ports.filter((p) => p.name === port.name && protocols.includes(p.protocol)));
  if (way.direction === 'ingress') return named(way.pod).map((p) => matches(way, peer, dport(p.protocol, p.port, p.port)));
  // A name is that of the pod which gets the packet: a rule for each that the peer has in it.
  return podsIn(way, peer).flatMap(({ pod, range }) => named(pod).map((p) => matches(way, range, dport(p.protocol, p.port, p.port))));
}

const dport = (protocol: TransportProtocol, first: number, last: number): string =>
  `-p ${protocol} -m ${protocol} --dport ${first === last ? first : `${first}:${last}`}`;

function podsIn({ cluster, family }: Way, peer: Prefix | null): readonly { readonly pod: Pod; readonly range: Prefix }[] {
  return podsWithNetwork(cluster).flatMap((pod) => {
    const address = addressIn(pod, family);
    return address === null || (peer !== null && !contains(peer, address)) ? [] : [{ pod, range: hostPrefix(address) }];
  });
}
