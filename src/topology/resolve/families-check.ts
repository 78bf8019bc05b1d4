import { FAMILIES, familyOf, formatAddress, type IpAddress, type IpFamily } from '../../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../../net/prefix.ts';
import type { Path } from '../../source/origin.ts';
import type { InternetInput, PodInput, ServiceInput, TopologyInput, UnderlayInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { familyIn, familyOfRoute, familyOfRule, serviceFamilies } from './families.ts';
import { addedRules } from './rules.ts';

/** Reports what no reader could go on with: addresses of families that the cluster or a machine does not have. */
export function checkFamilies(root: Cursor, input: TopologyInput, families: readonly IpFamily[]): void {
  const absent = FAMILIES.find((f) => !families.includes(f));
  if (absent !== undefined) foreign(root, input, absent);
  else if (families.length === 2) {
    bothFamilies(root, input, families);
    checkSegments(root, input);
    for (const [i, pod] of (input.pods ?? []).entries()) lostOfPod(root.at('pods', i), pod);
    if (input.internet !== undefined) lostOfGateway(root.at('internet'), input.internet);
  }
}

/** Fields that hold IPv4 addresses, which are plain numbers: a number elsewhere is a port or a size. */
const ADDRESS_FIELDS = new Set(
  'ip ips via src clusterIP clusterIPs externalIPs private public publicIP publicIPs dst hostIP nameservers clusterDNS'.split(' '),
);

/** Every address and prefix of a family that the cluster does not have. Policies are written for any cluster, and theirs match nothing there. */
function foreign(root: Cursor, input: TopologyInput, absent: IpFamily): void {
  const has = absent === 'IPv4' ? 'IPv6' : 'IPv4';
  visit({ ...input, networkPolicies: undefined }, '', [], (found, path) => {
    if (found === absent)
      root
        .at(...path)
        .error(
          'wrong-ip-family',
          `this is ${absent}, and the cluster has ${has} only`,
          'for both, state cluster.podCIDRs: one range of each family',
        );
  });
}

type Visitor = (family: IpFamily, path: Path) => void;

/** Large clusters have millions of values: the way to one is kept in one list, and copied only when it is reported. `field` is the last key. */
function visit(value: unknown, field: string, path: (string | number)[], found: Visitor): void {
  if (typeof value === 'bigint') found('IPv6', [...path]);
  else if (typeof value === 'number') {
    if (ADDRESS_FIELDS.has(field)) found('IPv4', [...path]);
  } else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) step(value[i], field, i, path, found);
  else if (typeof value !== 'object' || value === null) return;
  else if (isPrefix(value)) found(familyOf(value.address), [...path]);
  else for (const [key, item] of Object.entries(value)) step(item, key, key, path, found);
}

function step(value: unknown, field: string, key: string | number, path: (string | number)[], found: Visitor): void {
  if (typeof value === 'string' || typeof value === 'boolean' || value === undefined) return;
  path.push(key);
  visit(value, field, path, found);
  path.pop();
}

const isPrefix = (value: object): value is Prefix => 'address' in value && 'length' in value && !Array.isArray(value);

/** Nodes, and machines between them, have an address of each family. */
function bothFamilies(root: Cursor, { nodes, underlay }: TopologyInput, families: readonly IpFamily[]): void {
  const need = (here: Cursor, field: string, one: IpAddress | Prefix | undefined, several: readonly (IpAddress | Prefix)[] | undefined) => {
    const all = [...(one === undefined ? [] : [one]), ...(several ?? [])];
    const missing = families.find((f) => !all.some((a) => familyIn(a) === f));
    if (missing !== undefined)
      here
        .at(several === undefined ? field : `${field}s`)
        .error(
          'missing-ip-family',
          `there is no ${missing} here, and the cluster has both families`,
          `state ${field}s: one of each family`,
        );
  };
  for (const [i, { ip, ips, podCIDR, podCIDRs }] of nodes.entries()) {
    need(root.at('nodes', i), 'ip', ip, ips);
    if (podCIDR !== undefined || podCIDRs !== undefined) need(root.at('nodes', i), 'podCIDR', podCIDR, podCIDRs);
  }
  for (const [i, { interfaces }] of (underlay?.routers ?? []).entries())
    for (const [j, { ip, ips }] of interfaces.entries()) need(root.at('underlay', 'routers', i, 'interfaces', j), 'ip', ip, ips);
}

/** Reports services whose fields do not agree about their families, as the API server refuses them. */
export function checkServiceFamilies(root: Cursor, input: TopologyInput, families: readonly IpFamily[]): void {
  for (const [i, service] of (input.services ?? []).entries()) checkService(root.at('services', i), input, service, families);
}

function checkService(here: Cursor, { cluster }: TopologyInput, service: ServiceInput, families: readonly IpFamily[]): void {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy: policy } = service;
  const own = serviceFamilies(service, families);
  if (policy === 'SingleStack' && own.length === 2)
    here
      .at(ipFamilies === undefined ? 'ipFamilyPolicy' : 'ipFamilies')
      .error('bad-value', 'SingleStack means one IP family, and there are two');
  if (policy === 'RequireDualStack' && own.length < 2)
    here
      .at('ipFamilyPolicy')
      .error(
        'bad-value',
        `RequireDualStack means two IP families, and there is ${own.join('')} only`,
        families.length === 1 ? 'the cluster has one family; for both, state cluster.podCIDRs' : 'state clusterIPs: one of each family',
      );
  for (const [i, family] of (ipFamilies ?? []).entries()) {
    const at = here.at('ipFamilies', i);
    if (!families.includes(family)) at.error('wrong-ip-family', `the cluster has no ${family}`, `its pod range is ${ranges(cluster)}`);
    else if (clusterIP !== 'None' && service.type !== 'ExternalName' && !hasAddress([clusterIP, ...(clusterIPs ?? [])], family))
      at.error('missing-ip-family', `the service has no ${family} clusterIP`, 'state clusterIPs: one of each family');
  }
  for (const [i, address] of (clusterIPs ?? []).entries()) {
    const wanted = ipFamilies?.[i];
    if (ipFamilies === undefined || wanted === familyOf(address)) continue;
    const why = wanted === undefined ? 'which ipFamilies leaves out' : `and ipFamilies has ${wanted} at this place: both are in one order`;
    here.at('clusterIPs', i).error('wrong-ip-family', `this is ${familyOf(address)}, ${why}`);
  }
}

const hasAddress = (addresses: readonly (IpAddress | undefined)[], family: IpFamily) =>
  addresses.some((a) => a !== undefined && familyOf(a) === family);

const ranges = ({ podCIDR, podCIDRs }: TopologyInput['cluster']) =>
  [podCIDR, ...(podCIDRs ?? [])].flatMap((p) => (p === undefined ? [] : [formatPrefix(p)])).join(' and ');

/** eth0 is on one segment, so both addresses of a node, and of the gateway, are. An address on none is reported elsewhere. */
function checkSegments(root: Cursor, { nodes, underlay, internet }: TopologyInput): void {
  const segments = underlay?.segments;
  if (segments === undefined) return;
  for (const [i, { name, ips }] of nodes.entries()) checkMachine(root.at('nodes', i), name, ips ?? [], segments);
  checkMachine(root.at('internet', 'gateway'), 'the gateway', internet?.gateway.ips ?? [], segments);
}

type Segments = NonNullable<UnderlayInput['segments']>;

function checkMachine(here: Cursor, name: string, ips: readonly IpAddress[], segments: Segments): void {
  const [first, second] = ips.map((ip) => ({ ip: formatAddress(ip), segment: segmentOf(ip, segments) }));
  if (first?.segment === undefined || second?.segment === undefined || first.segment === second.segment) return;
  here
    .at('ips', 1)
    .error(
      'address-outside',
      `${second.ip} is on segment ${second.segment}, and ${first.ip} on ${first.segment}: eth0 of ${name} is on one segment`,
      'state two addresses of one segment; cidrs gives a segment a range of each family',
    );
}

const segmentOf = (ip: IpAddress, segments: Segments) =>
  segments.find(({ cidr, cidrs }) => [cidr, ...(cidrs ?? [])].some((p) => p !== undefined && contains(p, ip)))?.name;

/** Reports an address when the machine that it is stated of has none of its family: nothing would ever read it. */
const lost = (owner: string, has: readonly IpFamily[], hint: (family: IpFamily) => string) => (family: IpFamily | null, here: Cursor) => {
  if (family !== null && !has.includes(family))
    here.error('missing-ip-family', `this is ${family}, and ${owner} has no ${family} address`, hint(family));
};

function lostOfPod(here: Cursor, { ips, addresses, neighbours, routes, rules }: PodInput): void {
  if (ips === undefined) return;
  const check = lost('the pod', ips.map(familyOf), (family) => `add its ${family} address to ips, or leave this out`);
  for (const [i, { ip }] of (addresses ?? []).entries()) check(familyOf(ip), here.at('addresses', i, 'ip'));
  for (const [i, { ip }] of (neighbours ?? []).entries()) check(familyOf(ip), here.at('neighbours', i, 'ip'));
  for (const [i, route] of (routes?.add ?? []).entries()) check(familyOfRoute(route), here.at('routes', 'add', i));
  for (const [i, to] of (routes?.remove ?? []).entries())
    check(to === 'default' ? null : familyOf(to.address), here.at('routes', 'remove', i));
  const { rules: added, list } = addedRules(rules ?? [], here.at('rules'));
  for (const [i, rule] of added.entries()) check(familyOfRule(rule), list.at(i));
}

function lostOfGateway(here: Cursor, { gateway, clients }: InternetInput): void {
  const at = here.at('gateway');
  const has = [gateway.ip, ...(gateway.ips ?? [])].flatMap((a) => (a === undefined ? [] : [familyOf(a)]));
  const check = lost('the gateway', has, () => 'state internet.gateway.ips: one of each family, or leave this out');
  if (gateway.publicIP !== undefined) check(familyOf(gateway.publicIP), at.at('publicIP'));
  for (const [i, ip] of (gateway.publicIPs ?? []).entries()) check(familyOf(ip), at.at('publicIPs', i));
  for (const [i, entry] of (gateway.nat ?? []).entries()) check(familyOf(entry.private), at.at('nat', i));
  for (const [i, route] of (gateway.routes ?? []).entries()) check(familyOfRoute(route), at.at('routes', i));
  for (const [i, { ip, ips }] of (clients ?? []).entries()) {
    if (ip !== undefined) check(familyOf(ip), here.at('clients', i, 'ip'));
    for (const [j, other] of (ips ?? []).entries()) check(familyOf(other), here.at('clients', i, 'ips', j));
  }
}
