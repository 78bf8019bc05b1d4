import { nodeAt, podAt, serviceAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, isUnicast } from '../net/address.ts';
import { addressBits, formatPrefix, lastAddress, type Prefix } from '../net/prefix.ts';
import type { Found } from './found.ts';
import { fail, type Parsed } from './result.ts';

/** A unicast address, with the thing that has it; one that is no machine's own is refused. */
export function findAddress(cluster: Cluster, address: IpAddress): Parsed<Found> {
  if (!isUnicast(address)) return fail(`${formatAddress(address)} is no unicast address, and only those are traced`, null);
  const owner = ownerOf(cluster, address);
  if (owner !== null) return { ok: true, value: { kind: 'address', address, owner } };
  const links = [
    ...[...cluster.nodes.values()].flatMap((n) => n.podCidrs),
    ...[...cluster.underlay.segments.values()].flatMap((s) => s.prefixes),
  ];
  for (const prefix of links) {
    const special = reservedIn(prefix, address);
    if (special !== null)
      return fail(`${formatAddress(address)} is the ${special} address of ${formatPrefix(prefix)}, and only unicast is traced`, null);
  }
  return { ok: true, value: { kind: 'address', address, owner: null } };
}

/** Addresses of a link that are no machine's own. IPv6 has no broadcast; its first address is any router's (RFC 4291, 2.6.1; RFC 6164). */
function reservedIn(prefix: Prefix, address: IpAddress): string | null {
  if (prefix.length >= addressBits(address) - 1) return null;
  if (address === prefix.address) return familyOf(address) === 'IPv4' ? 'network' : 'subnet-router anycast';
  return familyOf(address) === 'IPv4' && address === lastAddress(prefix) ? 'broadcast' : null;
}

function ownerOf(cluster: Cluster, address: IpAddress): Found | null {
  const pod = podAt(cluster, address);
  if (pod !== null) return { kind: 'pod', pod };
  const service = serviceAt(cluster, address);
  if (service !== null) return { kind: 'service', service };
  const node = nodeAt(cluster, address);
  if (node !== null) return { kind: 'node', node };
  const host = cluster.outside.find((h) => h.ips.includes(address));
  return host === undefined ? null : { kind: 'host', host };
}

/** All addresses by which a service is called. */
export const serviceIps = ({ clusterIps, externalIps, loadBalancerIngress }: Service): readonly IpAddress[] => [
  ...clusterIps,
  ...externalIps,
  ...loadBalancerIngress.map((i) => i.ip),
];
