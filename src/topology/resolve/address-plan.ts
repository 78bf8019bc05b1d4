import type { Cni } from '../../k8s/cni.ts';
import { FAMILIES, familyOf, formatAddress, type IpAddress, type IpFamily, isLoopback } from '../../net/address.ts';
import { addressBits, contains, formatPrefix, type Prefix, prefixOf } from '../../net/prefix.ts';
import type { InternetInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { familyIn, oneOrSeveral, type Placed } from './families.ts';
import type { NodePlan } from './node-plan.ts';
import { type Range, reportOverlaps } from './ranges-overlap.ts';
import { LINK_LENGTH } from './underlay.ts';

/** All that has addresses and ranges. */
interface PlanInput {
  readonly root: Cursor;
  readonly input: TopologyInput;
  readonly families: readonly IpFamily[];
  readonly nodes: readonly NodePlan[];
  readonly cni: Cni;
}

/** Addresses that two things claim, ranges that overlap, and what lies outside the range that it should be in. */
export function checkAddressPlan(plan: PlanInput): void {
  const { root, input, families, nodes, cni } = plan;
  checkDuplicates(plan);
  const here = root.at('cluster');
  const pods = oneOrSeveral(here, 'podCIDR', input.cluster.podCIDR, input.cluster.podCIDRs, families);
  const services = oneOrSeveral(here, 'serviceCIDR', input.cluster.serviceCIDR, input.cluster.serviceCIDRs, families);
  checkRanges(plan, pods, services);
  for (const { ranges } of nodes) for (const range of ranges) checkNodeRange(range, pods, cni);
  for (const [i, service] of (input.services ?? []).entries())
    for (const { value, cursor } of clusterIpsOf(root.at('services', i), service, families)) {
      const range = services.find((s) => familyIn(s.value) === familyOf(value))?.value;
      if (range !== undefined && !contains(range, value))
        cursor.error('address-outside', `${formatAddress(value)} is outside the service range ${formatPrefix(range)}`);
    }
}

function checkNodeRange({ value: range, cursor }: Placed<Prefix>, pods: readonly Placed<Prefix>[], cni: Cni): void {
  const wholes = (cni.blocks?.pools ?? pods.map((p) => p.value)).filter((p) => familyIn(p) === familyIn(range));
  const isWithin = (whole: Prefix) => range.length >= whole.length && contains(whole, range.address);
  if (cni.ranges && wholes.length > 0 && !wholes.some(isWithin))
    cursor.error(
      'address-outside',
      `${formatPrefix(range)} is not within ${cni.blocks === undefined ? "the cluster's pod range" : wholes.length === 1 ? 'the pool' : 'any of the pools'} ${wholes.map(formatPrefix).join(', ')}`,
    );
  const [reserved] = cni.reserved(range);
  if (reserved !== undefined && range.length > addressBits(range.address) - 2)
    cursor.error('bad-value', `${formatPrefix(range)} has no room for a ${reserved.by} and a pod`);
}

type ServiceInput = NonNullable<TopologyInput['services']>[number];

const clusterIpsOf = (here: Cursor, { clusterIP, clusterIPs }: ServiceInput, families: readonly IpFamily[]) =>
  oneOrSeveral(here, 'clusterIP', clusterIP === 'None' ? undefined : clusterIP, clusterIPs, families);

interface Claim {
  readonly address: IpAddress;
  readonly owner: string;
  readonly cursor: Cursor;
  readonly ofPod: boolean;
}

function checkDuplicates(plan: PlanInput): void {
  const first = new Map<IpAddress, Claim>();
  for (const claim of claimsOf(plan)) {
    // Every machine has loopback addresses to itself.
    if (isLoopback(claim.address)) continue;
    const earlier = first.get(claim.address);
    if (earlier === undefined) first.set(claim.address, claim);
    else
      claim.cursor.error(
        'duplicate-address',
        `${formatAddress(claim.address)} belongs to ${earlier.owner} already (${earlier.cursor.place})`,
      );
  }
  for (const [i, { name, input, podCidrs }] of plan.nodes.entries())
    for (const [j, { address, by }] of podCidrs.flatMap((range, j) => plan.cni.reserved(range, podCidrs).map((r) => [j, r] as const))) {
      const taken = first.get(address);
      const field = input.podCIDRs === undefined ? 'podCIDR' : `podCIDRs[${j}]`;
      // A pod's own address in place of the plugin's is reported beside the pod's range.
      if (taken !== undefined && !taken.ofPod)
        taken.cursor.error('duplicate-address', `${formatAddress(address)} is the address of ${name}'s ${by} (nodes[${i}].${field})`);
    }
}

function* claimsOf({ root, input, families, nodes }: PlanInput): Iterable<Claim> {
  const claim = (owner: string, { value, cursor }: Placed<IpAddress>, ofPod = false): Claim => ({ address: value, owner, cursor, ofPod });
  for (const { name, ips, input: node, cursor } of nodes) {
    for (const ip of ips) yield claim(`node ${name}`, ip);
    for (const [i, { ip }] of (node.nics ?? []).entries()) yield claim(`node ${name}`, { value: ip, cursor: cursor.at('nics', i, 'ip') });
    for (const further of furtherOf(cursor, node.addresses)) yield claim(`node ${name}`, further);
  }
  for (const [i, pod] of (input.pods ?? []).entries()) {
    const here = root.at('pods', i);
    const owner = `pod ${pod.namespace ?? 'default'}/${pod.name}`;
    if (pod.hostNetwork !== true) for (const ip of oneOrSeveral(here, 'ip', pod.ip, pod.ips, families)) yield claim(owner, ip, true);
    for (const further of furtherOf(here, pod.addresses)) yield claim(owner, further);
  }
  for (const [i, service] of (input.services ?? []).entries())
    for (const ip of clusterIpsOf(root.at('services', i), service, families))
      yield claim(`service ${service.namespace ?? 'default'}/${service.name}`, ip);
  for (const [i, router] of (input.underlay?.routers ?? []).entries())
    for (const [j, { ip, ips }] of router.interfaces.entries())
      for (const own of oneOrSeveral(root.at('underlay', 'routers', i, 'interfaces', j), 'ip', ip, ips, families))
        yield claim(`router ${router.name}`, own);
  if (input.internet === undefined) return;
  const here = root.at('internet');
  for (const address of gatewayAddresses(here.at('gateway'), input.internet.gateway, families)) yield claim('the gateway', address);
  for (const [i, { name, ip, ips }] of (input.internet.clients ?? []).entries())
    for (const own of oneOrSeveral(here.at('clients', i), 'ip', ip, ips, families)) yield claim(`client ${name}`, own);
}

const furtherOf = (here: Cursor, addresses: readonly { readonly ip: IpAddress }[] | undefined): readonly Placed<IpAddress>[] =>
  (addresses ?? []).map(({ ip }, i) => ({ value: ip, cursor: here.at('addresses', i, 'ip') }));

function gatewayAddresses(here: Cursor, gateway: InternetInput['gateway'], families: readonly IpFamily[]): readonly Placed<IpAddress>[] {
  const outer = oneOrSeveral(here, 'publicIP', gateway.publicIP, gateway.publicIPs, families);
  const nat = (gateway.nat ?? []).map((entry, i) => ({ value: entry.public, cursor: here.at('nat', i, 'public') }));
  return [
    ...oneOrSeveral(here, 'ip', gateway.ip, gateway.ips, families),
    ...outer,
    ...nat.filter((n) => !outer.some((o) => o.value === n.value)),
  ];
}

/**
 * The pod range is given out to the nodes in parts: what no node has yet may overlap with the service range, as it does in clusters that work.
 * Where pods' addresses come from no range, the pod ranges may overlap with anything.
 */
function checkRanges(
  { root, input, families, nodes, cni }: PlanInput,
  pods: readonly Placed<Prefix>[],
  services: readonly Placed<Prefix>[],
): void {
  const segments = input.underlay?.segments;
  const ranges = (what: string, placed: readonly Placed<Prefix>[], parts: Range['parts'] = null): readonly Range[] =>
    placed.map(({ value, cursor }) => ({ what, prefix: value, parts, cursor }));
  const links =
    segments === undefined
      ? derivedLinks(nodes)
      : segments.flatMap(({ name, cidr, cidrs }, i) =>
          ranges(`segment ${name}`, oneOrSeveral(root.at('underlay', 'segments', i), 'cidr', cidr, cidrs, families)),
        );
  const ofNodes = nodes.flatMap((n) => ranges(`the pod range of ${n.name}`, n.ranges));
  const given = nodes.flatMap((n) => n.podCidrs);
  const [all, inParts] = [ranges("the cluster's pod range", pods), ranges("the cluster's pod range", pods, given)];
  const ofServices = ranges('the service range', services);
  for (const family of FAMILIES)
    for (const list of [
      ...(cni.ranges ? [ofNodes, [...inParts, ...ofServices], [...all, ...links]] : []),
      ...links.map((link) => [...ofServices, link]),
    ])
      reportOverlaps(list.filter((r) => familyIn(r.prefix) === family));
}

/** Without an underlay in the file each node's address has a /24 around it, or a /64. */
function derivedLinks(nodes: readonly NodePlan[]): readonly Range[] {
  const links = new Map<string, Range>();
  for (const { name, ips } of nodes)
    for (const { value, cursor } of ips) {
      const prefix = prefixOf(value, LINK_LENGTH[familyOf(value)]);
      const key = formatPrefix(prefix);
      if (!links.has(key)) links.set(key, { what: `the network of ${name}`, prefix, parts: null, cursor });
    }
  return [...links.values()];
}
