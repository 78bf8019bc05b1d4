import { podRangeAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, isPrivate } from '../net/address.ts';
import { cidr, contains, formatPrefix, lastAddress, overlaps, type Prefix } from '../net/prefix.ts';
import { at, itemAt, type Locus } from '../source/origin.ts';
import type { Lint, ReportFinding } from './lint.ts';

/** The address plan, as far as it is no error. */
export const addresses: Lint = (cluster, _datapath, report) => {
  for (const [i, range] of cluster.podCidrs.entries())
    publicRange(range, () => itemAt(cluster.locus, 'podCIDR', i), 'the pod range', report);
  for (const [i, range] of cluster.serviceCidrs.entries())
    publicRange(range, () => itemAt(cluster.locus, 'serviceCIDR', i), 'the service range', report);
  for (const { address, locus, own, what } of claims(cluster)) {
    const owner = ownerOf(cluster, address, own);
    if (owner !== null)
      report(locus, 'address-in-cluster-range', `${formatAddress(address)}, ${what}, is in ${owner}`, 'an address outside of that range');
  }
};

/** Ranges of no host on the internet beside the private ones. Source: IANA's special-purpose address registry, RFC 6890. */
const SPECIAL: readonly Prefix[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
].map(cidr);

/** A private range never has both ends in two different private ones. With IPv6 a cluster may well have public addresses of its own. */
function publicRange(range: Prefix, locus: () => Locus, what: string, report: ReportFinding): void {
  if (familyOf(range.address) === 'IPv6') return;
  const last = lastAddress(range);
  const isOurs = (isPrivate(range.address) && isPrivate(last)) || SPECIAL.some((s) => s.length <= range.length && overlaps(s, range));
  if (isOurs) return;
  report(
    locus(),
    'public-range',
    `${formatPrefix(range)} (${formatAddress(range.address)} to ${formatAddress(last)}), ${what}, has public addresses: those hosts on the internet are out of reach`,
    'a range within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10',
  );
}

interface Claim {
  readonly address: IpAddress;
  readonly locus: Locus;
  /** The pod ranges that such an address may well be in. */
  readonly own: readonly Prefix[];
  readonly what: string;
}

function claims(cluster: Cluster): readonly Claim[] {
  const nodes = [...cluster.nodes.values()];
  const further = (machine: Pick<Node, 'overrides'>, own: readonly Prefix[], name: string) =>
    machine.overrides.addresses.map(({ address, locus }) => ({ address, locus: at(locus, 'ip'), own, what: `an address of ${name}` }));
  const services = [...cluster.services.values()].flatMap((s) => [
    ...s.externalIps.map((address, i) => ({
      address,
      locus: at(s.locus, 'externalIPs', i),
      own: [],
      what: `an external address of service ${key(s)}`,
    })),
    ...s.loadBalancerIngress.map(({ ip, locus }) => ({
      address: ip,
      locus: at(locus, 'ip'),
      own: [],
      what: `the load balancer of service ${key(s)}`,
    })),
  ]);
  return [
    ...nodes.flatMap((n) => further(n, n.podCidrs, n.name)),
    ...[...cluster.pods.values()].flatMap((p) => further(p, cluster.nodes.get(p.node ?? '')?.podCidrs ?? [], p.name)),
    ...services,
  ];
}

function ownerOf(cluster: Cluster, address: IpAddress, own: readonly Prefix[]): string | null {
  const holds = (range: Prefix) => contains(range, address);
  const services = cluster.serviceCidrs.find(holds);
  if (services !== undefined) return `the service range ${formatPrefix(services)}`;
  if (own.some(holds)) return null;
  const ofNode = podRangeAt(cluster, address);
  if (ofNode !== null) return `the pod range ${formatPrefix(ofNode.podCidr)} of ${ofNode.node.name}`;
  const pods = cluster.podCidrs.find(holds);
  return pods === undefined ? null : `the pod range ${formatPrefix(pods)}`;
}
