import { familyOf, formatAddress, type IpAddress, isLoopback, nextAddress } from '../../net/address.ts';
import { addressBits, contains, formatPrefix, overlaps, type Prefix, prefixOf, samePrefix } from '../../net/prefix.ts';
import type { Path } from '../../source/origin.ts';
import type { TopologyForm } from '../schema/topology.ts';
import type { Report } from './report.ts';
import { LINK_LENGTH } from './underlay.ts';

interface Range {
  readonly what: string;
  readonly prefix: Prefix;
  readonly path: Path;
}

/** Addresses that two things claim, ranges that overlap, and what lies outside the range that it should be in. */
export function checkAddressPlan(report: Report, form: TopologyForm): void {
  checkDuplicates(report, form);
  checkRanges(report, form);
  const { podCIDR, serviceCIDR } = form.cluster;
  for (const [i, node] of form.nodes.entries()) {
    const inside = node.podCIDR.length >= podCIDR.length && contains(podCIDR, node.podCIDR.address);
    if (!inside)
      report.error(
        ['nodes', i, 'podCIDR'],
        'address-outside',
        `${formatPrefix(node.podCIDR)} is not within the cluster's pod range ${formatPrefix(podCIDR)}`,
      );
    if (node.podCIDR.length > addressBits(node.podCIDR.address) - 2)
      report.error(['nodes', i, 'podCIDR'], 'bad-value', `${formatPrefix(node.podCIDR)} has no room for a bridge and a pod`);
  }
  if (serviceCIDR === undefined) return;
  for (const [i, { clusterIP }] of form.services.entries())
    if (clusterIP !== undefined && clusterIP !== 'None' && !contains(serviceCIDR, clusterIP))
      report.error(
        ['services', i, 'clusterIP'],
        'address-outside',
        `${formatAddress(clusterIP)} is outside the service range ${formatPrefix(serviceCIDR)}`,
      );
}

interface Claim {
  readonly address: IpAddress;
  readonly who: string;
  readonly path: Path;
}

function checkDuplicates(report: Report, form: TopologyForm): void {
  const claims: Claim[] = [];
  const claim = (address: IpAddress, who: string, ...path: Path) => {
    // Every machine has those to itself.
    if (!isLoopback(address)) claims.push({ address, who, path });
  };
  for (const [i, node] of form.nodes.entries()) {
    claim(node.ip, `node ${node.name}`, 'nodes', i, 'ip');
    for (const [j, { ip }] of (node.addresses ?? []).entries()) claim(ip, `node ${node.name}`, 'nodes', i, 'addresses', j, 'ip');
  }
  for (const [i, pod] of form.pods.entries()) {
    if (pod.ip !== undefined && !pod.hostNetwork) claim(pod.ip, `pod ${pod.namespace}/${pod.name}`, 'pods', i, 'ip');
    for (const [j, { ip }] of (pod.addresses ?? []).entries())
      claim(ip, `pod ${pod.namespace}/${pod.name}`, 'pods', i, 'addresses', j, 'ip');
  }
  for (const [i, service] of form.services.entries())
    if (service.clusterIP !== undefined && service.clusterIP !== 'None')
      claim(service.clusterIP, `service ${service.namespace}/${service.name}`, 'services', i, 'clusterIP');
  for (const [i, router] of (form.underlay?.routers ?? []).entries())
    for (const [j, { ip }] of router.interfaces.entries())
      claim(ip, `router ${router.name}`, 'underlay', 'routers', i, 'interfaces', j, 'ip');
  if (form.internet !== undefined) {
    const { gateway, clients } = form.internet;
    claim(gateway.ip, 'the gateway', 'internet', 'gateway', 'ip');
    if (gateway.publicIP !== undefined) claim(gateway.publicIP, 'the gateway', 'internet', 'gateway', 'publicIP');
    for (const [i, entry] of gateway.nat.entries())
      if (entry.public !== gateway.publicIP) claim(entry.public, 'the gateway', 'internet', 'gateway', 'nat', i, 'public');
    for (const [i, client] of clients.entries()) claim(client.ip, `client ${client.name}`, 'internet', 'clients', i, 'ip');
  }
  const first = new Map<IpAddress, Claim>();
  for (const here of claims) {
    const earlier = first.get(here.address);
    if (earlier === undefined) first.set(here.address, here);
    else
      report.error(
        here.path,
        'duplicate-address',
        `${formatAddress(here.address)} belongs to ${earlier.who} already (${report.place(earlier.path)})`,
      );
  }
  for (const [i, node] of form.nodes.entries()) {
    const taken = first.get(nextAddress(node.podCIDR.address));
    const reported = taken?.path[0] === 'pods' && taken.path.length === 3;
    if (taken !== undefined && !reported)
      report.error(
        taken.path,
        'duplicate-address',
        `${formatAddress(taken.address)} is the address of ${node.name}'s bridge (nodes[${i}].podCIDR)`,
      );
  }
}

function checkRanges(report: Report, form: TopologyForm): void {
  const { podCIDR, serviceCIDR } = form.cluster;
  const nodes = form.nodes.map((n, i): Range => ({ what: `the pod range of ${n.name}`, prefix: n.podCIDR, path: ['nodes', i, 'podCIDR'] }));
  overlapsAmong(report, nodes);
  const pods: Range = { what: "the cluster's pod range", prefix: podCIDR, path: ['cluster', 'podCIDR'] };
  const segments =
    form.underlay?.segments?.map(
      (s, i): Range => ({ what: `segment ${s.name}`, prefix: s.cidr, path: ['underlay', 'segments', i, 'cidr'] }),
    ) ?? [];
  const whole = [
    pods,
    ...(serviceCIDR === undefined ? [] : [{ what: 'the service range', prefix: serviceCIDR, path: ['cluster', 'serviceCIDR'] }]),
    ...segments,
    ...(form.underlay?.segments === undefined ? derivedLinks(form) : []),
  ];
  overlapsAmong(report, whole);
}

/** Without an underlay in the file each node's address has a /24 around it, or a /64. */
function derivedLinks(form: TopologyForm): readonly Range[] {
  const links = new Map<string, Range>();
  for (const [i, node] of form.nodes.entries()) {
    const prefix = prefixOf(node.ip, LINK_LENGTH[familyOf(node.ip)]);
    const key = formatPrefix(prefix);
    if (!links.has(key)) links.set(key, { what: `the network of ${node.name}`, prefix, path: ['nodes', i, 'ip'] });
  }
  return [...links.values()];
}

const byAddress = (a: IpAddress, b: IpAddress) => Number(a > b) - Number(a < b);

/** In order of their first address, a range that overlaps any earlier one overlaps the one that reaches furthest. */
function overlapsAmong(report: Report, ranges: readonly Range[]): void {
  const sorted = ranges
    .map((range, i) => ({ range, i }))
    .sort(
      (a, b) => byAddress(a.range.prefix.address, b.range.prefix.address) || a.range.prefix.length - b.range.prefix.length || a.i - b.i,
    );
  let widest: (typeof sorted)[number] | undefined;
  for (const here of sorted) {
    if (widest !== undefined && overlaps(widest.range.prefix, here.range.prefix)) {
      const [earlier, later] = widest.i < here.i ? [widest.range, here.range] : [here.range, widest.range];
      const verb = samePrefix(earlier.prefix, later.prefix) ? 'is also' : `overlaps ${formatPrefix(earlier.prefix)},`;
      report.error(later.path, 'ranges-overlap', `${formatPrefix(later.prefix)} ${verb} ${earlier.what} (${report.place(earlier.path)})`);
      continue;
    }
    widest = here;
  }
}
