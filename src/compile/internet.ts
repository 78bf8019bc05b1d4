import { addAddress } from '../datapath/add-address.ts';
import { addNic, finish, newNetns } from '../datapath/build.ts';
import { addRoute } from '../datapath/builder.ts';
import { lookUp, MAIN_TABLE } from '../datapath/fib.ts';
import type { Netns, Segment, Socket } from '../datapath/netns.ts';
import { type Route, usualMetric } from '../datapath/route.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nodeIps } from '../k8s/families.ts';
import { ETHERNET_MTU, GATEWAY, type InternetGateway, type OutsideHost } from '../k8s/network.ts';
import { familyOf, formatAddress, type IpAddress, inFamily, isPrivate, parseAddress } from '../net/address.ts';
import { cidr, hostPrefix, type Prefix } from '../net/prefix.ts';
import { assumed, inferred } from '../source/origin.ts';
import { everywhere, publicAddresses } from './gateway.ts';
import { nicOf, type OwnerName } from './owners.ts';
import { sharePods } from './ways-in.ts';

/**
 * The world beyond the gateway: one link, with the machines on it that the input names, and with the gateway for the public addresses of
 * itself and of the nodes, for load balancers, and for all that it routes inward, as proxy ARP answers (arp_fwd_proxy, net/ipv4/arp.c). Any
 * other address there is not described.
 */
export function internetSegment(cluster: Cluster, gateway: InternetGateway, find: (netns: string) => Netns | undefined): Segment {
  const owners = new Map<IpAddress, OwnerName>();
  const families = gateway.ips.map(familyOf);
  const edge: OwnerName = { netns: GATEWAY, device: 'wan0' };
  for (const { name, ips } of cluster.outside)
    for (const ip of ips) if (families.includes(familyOf(ip))) owners.set(ip, { netns: name, device: 'eth0' });
  const balanced = [...cluster.services.values()].flatMap((s) => s.loadBalancerIngress.map((i) => i.ip));
  const routed = [...cluster.nodes.values()].flatMap(nodeIps).filter((a) => !isPrivate(a));
  for (const address of [...publicAddresses(gateway), ...balanced, ...routed])
    if (families.includes(familyOf(address))) owners.set(address, edge);
  const leads = (address: IpAddress) => leadsInward(find(GATEWAY), address);
  const ownerOf = (address: IpAddress) => owners.get(address) ?? (leads(address) ? edge : undefined);
  return {
    name: 'the internet',
    origin: inferred(gateway.locus),
    outside: true,
    known: () => new Set([...owners.keys(), ...statedAddresses(cluster).filter((a) => !isPrivate(a) && leads(a))]),
    owner: (address) => nicOf(ownerOf(address), find),
    fabric: null,
    refuses: () => null,
    proxies: () => [],
  };
}

/** Does the gateway hand on by another link than the internet's what is for this address? */
function leadsInward(netns: Netns | undefined, destination: IpAddress): boolean {
  if (netns === undefined) return false;
  const { route } = lookUp(netns, { destination, source: null, iif: 'wan0', mark: 0 });
  return route?.type === 'unicast' && route.nextHops.every((n) => n.device !== 'wan0');
}

/** The addresses of things in the input that may be public. */
const statedAddresses = ({ services, nodes, pods }: Cluster): readonly IpAddress[] => [
  ...[...services.values()].flatMap((s) => s.externalIps),
  ...[...nodes.values()].flatMap((n) => n.overrides.addresses.map((a) => a.address)),
  ...[...pods.values()].flatMap((p) => p.ips.map((i) => i.address)),
];

/**
 * A machine on the internet that the input does not name, by its address; null: the text is none, or the gateway has none of its family.
 */
export function unnamedHost(gateway: InternetGateway, name: string): OutsideHost | null {
  const address = parseAddress(name);
  if (address === null || formatAddress(address) !== name) return null;
  if (inFamily(gateway.ips, familyOf(address)) === null) return null;
  return { name, ips: [address], origin: assumed(gateway.locus) };
}

/** A machine on the internet, in the families that the gateway joins. */
export function outsideNetns(
  cluster: Cluster,
  { name, ips: stated, origin }: OutsideHost,
  gateway: InternetGateway,
  internet: Segment,
): Netns {
  const ips = stated.filter((ip) => inFamily(gateway.ips, familyOf(ip)) !== null);
  const socket: Socket = { protocol: null, address: null, port: null, process: `a process on ${name}`, origin: assumed(origin.locus) };
  const families = ips.map(familyOf);
  const builder = newNetns({ name, node: name, role: 'outside' }, origin, [socket], families);
  const eth0 = addNic(builder, 'eth0', internet, ETHERNET_MTU, origin);
  for (const ip of ips) {
    addAddress(builder, eth0, ip, hostPrefix(ip), origin);
    addRoute(builder, MAIN_TABLE, everywhere('eth0', familyOf(ip), inferred(origin.locus)));
  }
  for (const prefix of PRIVATE) if (families.includes(familyOf(prefix.address))) addRoute(builder, MAIN_TABLE, unreachable(prefix));
  sharePods(builder, cluster, 'eth0');
  return finish(builder, null);
}

/** Private ranges are not routed there: the sender is told so by the network next to it. */
const PRIVATE: readonly Prefix[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(cidr);

const unreachable = (prefix: Prefix): Route => ({
  prefix,
  type: 'unreachable',
  metric: usualMetric(familyOf(prefix.address)),
  nextHops: [],
  source: null,
  origin: inferred(null),
});
