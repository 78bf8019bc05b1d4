import { FAMILIES, familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import { formatPrefix, type Prefix } from '../../net/prefix.ts';
import type { Path } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { serviceFamilies, statedFamilies } from './families.ts';
import { checkLost } from './families-lost.ts';
import { checkSegments } from './families-segments.ts';
import type { Report } from './report.ts';

/** What has to fit together before a topology is read family by family: an address of a family that the cluster has not would get lost. */
export function checkFamilies(report: Report, stated: TopologyInput): void {
  const families = statedFamilies(stated.cluster);
  const absent = FAMILIES.find((f) => !families.includes(f));
  if (absent !== undefined) foreign(report, stated, absent);
  else if (families.length === 2) {
    bothFamilies(report, stated, families);
    checkSegments(report, stated);
    checkLost(report, stated);
  }
  for (const [i, service] of stated.services.entries()) checkService(report, stated, ['services', i], service, families);
}

/** Fields that hold IPv4 addresses, which are plain numbers: a number elsewhere is a port or a size. */
const ADDRESS_FIELDS = new Set(
  'ip ips via src clusterIP clusterIPs externalIPs private public publicIP publicIPs hostIP nameservers clusterDNS'.split(' '),
);

/** Every address and prefix of a family that the cluster does not have. */
function foreign(report: Report, stated: TopologyInput, absent: IpFamily): void {
  const has = absent === 'IPv4' ? 'IPv6' : 'IPv4';
  visit(stated, '', [], (found, path) => {
    if (found === absent)
      report.error(
        path,
        'wrong-ip-family',
        `this is ${absent}, and the cluster has ${has} only`,
        'for both, state cluster.podCIDRs: one range of each family',
      );
  });
}

type Told = (family: IpFamily, path: Path) => void;

/** Large clusters have millions of values: the way to one is kept in one list, and copied only for who is told. `field` is the last key. */
function visit(value: unknown, field: string, path: (string | number)[], tell: Told): void {
  if (typeof value === 'bigint') tell('IPv6', [...path]);
  else if (typeof value === 'number') {
    if (ADDRESS_FIELDS.has(field)) tell('IPv4', [...path]);
  } else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) step(value[i], field, i, path, tell);
  else if (typeof value !== 'object' || value === null) return;
  else if (isPrefix(value)) tell(familyOf(value.address), [...path]);
  else for (const [key, item] of Object.entries(value)) step(item, key, key, path, tell);
}

function step(value: unknown, field: string, key: string | number, path: (string | number)[], tell: Told): void {
  if (typeof value === 'string' || typeof value === 'boolean' || value === undefined) return;
  path.push(key);
  visit(value, field, path, tell);
  path.pop();
}

const isPrefix = (value: object): value is Prefix => 'address' in value && 'length' in value && !Array.isArray(value);

/** Nodes, and machines between them, have an address of each family. */
function bothFamilies(report: Report, { nodes, underlay }: TopologyInput, families: readonly IpFamily[]): void {
  const need = (addresses: readonly (IpAddress | undefined)[], path: Path, field: string) => {
    const missing = families.find((f) => !addresses.some((a) => a !== undefined && familyOf(a) === f));
    if (missing !== undefined)
      report.error(
        path,
        'missing-ip-family',
        `there is no ${missing} here, and the cluster has both families`,
        `state ${field}: one of each family`,
      );
  };
  for (const [i, { ip, ips, podCIDR, podCIDRs }] of nodes.entries()) {
    need([ip, ...(ips ?? [])], ['nodes', i, ips === undefined ? 'ip' : 'ips'], 'ips');
    need(
      [podCIDR?.address, ...(podCIDRs ?? []).map((p) => p.address)],
      ['nodes', i, podCIDRs === undefined ? 'podCIDR' : 'podCIDRs'],
      'podCIDRs',
    );
  }
  for (const [i, { interfaces }] of (underlay?.routers ?? []).entries())
    for (const [j, { ip, ips }] of interfaces.entries())
      need([ip, ...(ips ?? [])], ['underlay', 'routers', i, 'interfaces', j, ips === undefined ? 'ip' : 'ips'], 'ips');
}

type StatedService = TopologyInput['services'][number];

/** As the API server refuses them. */
function checkService(report: Report, { cluster }: TopologyInput, path: Path, service: StatedService, families: readonly IpFamily[]): void {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy: policy } = service;
  const own = serviceFamilies(service, families);
  const field = ipFamilies === undefined ? 'ipFamilyPolicy' : 'ipFamilies';
  if (policy === 'SingleStack' && own.length === 2)
    report.error([...path, field], 'bad-value', 'SingleStack means one IP family, and there are two');
  if (policy === 'RequireDualStack' && own.length < 2)
    report.error(
      [...path, 'ipFamilyPolicy'],
      'bad-value',
      `RequireDualStack means two IP families, and there is ${own.join('')} only`,
      families.length === 1 ? 'the cluster has one family; for both, state cluster.podCIDRs' : 'state clusterIPs: one of each family',
    );
  for (const [i, family] of (ipFamilies ?? []).entries()) {
    if (!families.includes(family))
      report.error([...path, 'ipFamilies', i], 'wrong-ip-family', `the cluster has no ${family}`, `its pod range is ${ranges(cluster)}`);
    else if (clusterIP !== 'None' && service.type !== 'ExternalName' && !hasAddress([clusterIP, ...(clusterIPs ?? [])], family))
      report.error(
        [...path, 'ipFamilies', i],
        'missing-ip-family',
        `the service has no ${family} clusterIP`,
        'state clusterIPs: one of each family',
      );
  }
  for (const [i, address] of (clusterIPs ?? []).entries()) {
    const wanted = ipFamilies?.[i];
    if (ipFamilies === undefined || wanted === familyOf(address)) continue;
    const why = wanted === undefined ? 'which ipFamilies leaves out' : `and ipFamilies has ${wanted} at this place: both are in one order`;
    report.error([...path, 'clusterIPs', i], 'wrong-ip-family', `this is ${familyOf(address)}, ${why}`);
  }
}

const hasAddress = (addresses: readonly (IpAddress | undefined)[], family: IpFamily) =>
  addresses.some((a) => a !== undefined && familyOf(a) === family);

const ranges = ({ podCIDR, podCIDRs }: TopologyInput['cluster']) =>
  [podCIDR, ...(podCIDRs ?? [])].flatMap((p) => (p === undefined ? [] : [formatPrefix(p)])).join(' and ');
