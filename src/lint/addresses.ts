import type { Cluster, Node } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, isPrivate } from '../net/address.ts';
import { cidr, contains, formatPrefix, lastAddress, overlaps, type Prefix } from '../net/prefix.ts';
import { at, type Locus } from '../source/origin.ts';
import type { Lint, ReportFinding } from './lint.ts';

/** The address plan, as far as it is no error. */
export const addresses: Lint = (cluster, _datapath, tell) => {
  publicRange(cluster.podCidr, at(cluster.locus, 'podCIDR'), 'the pod range', tell);
  if (cluster.serviceCidr !== null) publicRange(cluster.serviceCidr, at(cluster.locus, 'serviceCIDR'), 'the service range', tell);
  for (const { address, locus, own, what } of claims(cluster)) {
    const owner = ownerOf(cluster, address, own);
    if (owner !== null)
      tell(locus, 'address-in-cluster-range', `${formatAddress(address)}, ${what}, is in ${owner}`, 'an address outside of that range');
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
function publicRange(range: Prefix, locus: Locus, what: string, tell: ReportFinding): void {
  if (familyOf(range.address) === 'IPv6') return;
  const last = lastAddress(range);
  const isOurs = (isPrivate(range.address) && isPrivate(last)) || SPECIAL.some((s) => s.length <= range.length && overlaps(s, range));
  if (isOurs) return;
  tell(
    locus,
    'public-range',
    `${formatPrefix(range)} (${formatAddress(range.address)} to ${formatAddress(last)}), ${what}, has public addresses: those hosts on the internet are out of reach`,
    'a range within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10',
  );
}

interface Claim {
  readonly address: IpAddress;
  readonly locus: Locus;
  /** The pod range that such an address may well be in. */
  readonly own: Prefix | null;
  readonly what: string;
}

function claims(cluster: Cluster): readonly Claim[] {
  const nodes = [...cluster.nodes.values()];
  const range = new Map(nodes.map((n) => [n.name, n.podCidr]));
  const further = (machine: Pick<Node, 'overrides'>, own: Prefix | null, name: string) =>
    machine.overrides.addresses.map(({ address, locus }) => ({ address, locus: at(locus, 'ip'), own, what: `an address of ${name}` }));
  const services = [...cluster.services.values()].flatMap((s) => [
    ...s.externalIps.map((address, i) => ({
      address,
      locus: at(s.locus, 'externalIPs', i),
      own: null,
      what: `an external address of service ${key(s)}`,
    })),
    ...s.loadBalancerIngress.map(({ ip, locus }) => ({
      address: ip,
      locus: at(locus, 'ip'),
      own: null,
      what: `the load balancer of service ${key(s)}`,
    })),
  ]);
  return [
    ...nodes.flatMap((n) => further(n, n.podCidr, n.name)),
    ...[...cluster.pods.values()].flatMap((p) => further(p, range.get(p.node) ?? null, p.name)),
    ...services,
  ];
}

function ownerOf({ podCidr, serviceCidr, nodes }: Cluster, address: IpAddress, own: Prefix | null): string | null {
  if (serviceCidr !== null && contains(serviceCidr, address)) return `the service range ${formatPrefix(serviceCidr)}`;
  if (!contains(podCidr, address) || (own !== null && contains(own, address))) return null;
  const node = [...nodes.values()].find((n) => contains(n.podCidr, address));
  return node === undefined ? `the pod range ${formatPrefix(podCidr)}` : `the pod range ${formatPrefix(node.podCidr)} of ${node.name}`;
}
