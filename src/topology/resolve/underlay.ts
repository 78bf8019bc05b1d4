import type { Overrides } from '../../datapath/overrides.ts';
import type { Firewall, InternetGateway, OutsideHost, Router, UnderlaySegment } from '../../k8s/network.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, ip, isPrivate } from '../../net/address.ts';
import { contains, formatPrefix, type Prefix, prefixOf } from '../../net/prefix.ts';
import { assumed, declared, inferred, type Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { TopologyForm } from '../schema/topology.ts';
import { readFirewall } from './firewall.ts';
import { readRoutes } from './overrides.ts';
import { type Report, uniqueNames } from './report.ts';

/** The network between the nodes, and how to find one's place on it. */
export interface UnderlayPlan {
  readonly segments: ReadonlyMap<string, UnderlaySegment>;
  readonly routers: readonly Router[];
  readonly firewall: Firewall | null;
  readonly gateway: InternetGateway | null;
  readonly outside: readonly OutsideHost[];
  segmentOf(address: IpAddress): string | null;
  /** The prefixes of the other segments, when there are routers. */
  furtherFrom(segment: string | null): readonly Prefix[];
  /** The prefix of an address on its segment. */
  prefixOn(segment: string, address: IpAddress): Prefix;
}

const DEFAULT_SEGMENT = 'underlay';
/** Without an underlay in the file, all machines hang on one switch and have addresses with this prefix length. */
export const LINK_LENGTH: Readonly<Record<IpFamily, number>> = { IPv4: 24, IPv6: 64 };

const linkOf = (address: IpAddress): Prefix => prefixOf(address, LINK_LENGTH[familyOf(address)]);

export function readUnderlay(report: Report, form: TopologyForm): UnderlayPlan {
  const stated = withSegments(form.underlay);
  const segments = stated === null ? oneSwitch(report, form) : declaredSegments(report, stated);
  const segmentOf = (address: IpAddress) => {
    if (stated === null) return DEFAULT_SEGMENT;
    for (const segment of segments.values()) if (contains(segment.prefix, address)) return segment.name;
    return null;
  };
  const prefixOn = (name: string, address: IpAddress) =>
    stated === null ? linkOf(address) : (segments.get(name)?.prefix ?? linkOf(address));
  const gateway = readGateway(report, form, segmentOf, segments);
  const routers = form.underlay === undefined ? [] : readRouters(report, form.underlay.routers, segments);
  const firewall = readFirewall(report, form.underlay?.firewall, 'underlay');
  if (firewall !== null && routers.length === 0 && gateway === null)
    report.warn(
      ['underlay', 'firewall'],
      'firewall-without-a-place',
      'no router and no gateway is there to ask this firewall: machines on one switch reach each other without it',
      'add routers or internet.gateway, or leave it out',
    );
  const furtherFrom = (name: string | null) =>
    routers.length === 0 ? [] : [...segments.values()].filter((s) => s.name !== name).map((s) => s.prefix);
  return { segments, routers, firewall, gateway, outside: readOutside(report, form), segmentOf, prefixOn, furtherFrom };
}

function oneSwitch(report: Report, form: TopologyForm): ReadonlyMap<string, UnderlaySegment> {
  const first = form.nodes[0];
  const prefix = linkOf(first === undefined ? form.cluster.podCIDR.address : first.ip);
  for (const [i, node] of form.nodes.entries()) {
    if (contains(prefix, node.ip)) continue;
    const message = `${formatAddress(node.ip)} is not in ${formatPrefix(prefix)}, where ${first?.name} is: without a router the two cannot reach each other`;
    report.warn(['nodes', i, 'ip'], 'no-common-prefix', message, 'state underlay.segments (and routers, if there are any)');
  }
  const origin = inferred(report.locus(['nodes'], 'Topology'));
  return new Map([[DEFAULT_SEGMENT, { name: DEFAULT_SEGMENT, prefix, origin }]]);
}

type UnderlayForm = NonNullable<TopologyForm['underlay']>;
type WithSegments = UnderlayForm & { readonly segments: NonNullable<UnderlayForm['segments']> };

function withSegments(underlay: UnderlayForm | undefined): WithSegments | null {
  return underlay?.segments === undefined ? null : { ...underlay, segments: underlay.segments };
}

function declaredSegments(report: Report, underlay: WithSegments): ReadonlyMap<string, UnderlaySegment> {
  uniqueNames(
    report,
    underlay.segments,
    'segment',
    (s) => s.name,
    (i) => ['underlay', 'segments', i, 'name'],
  );
  uniqueNames(
    report,
    underlay.routers,
    'router',
    (r) => r.name,
    (i) => ['underlay', 'routers', i, 'name'],
  );
  return new Map(
    underlay.segments.map(({ name, cidr }, i) => {
      const origin = declared(report.locus(['underlay', 'segments', i], `Segment/${name}`));
      return [name, { name, prefix: cidr, origin }];
    }),
  );
}

function readGateway(
  report: Report,
  form: TopologyForm,
  segmentOf: UnderlayPlan['segmentOf'],
  segments: UnderlayPlan['segments'],
): InternetGateway | null {
  if (form.internet === undefined) return null;
  const { ip, publicIP, nat, routes } = form.internet.gateway;
  const path = ['internet', 'gateway', 'ip'];
  const segment = segmentOf(ip);
  const prefix = segment === null ? null : (segments.get(segment)?.prefix ?? null);
  if (segment === null || prefix === null || !contains(prefix, ip))
    report.error(
      path,
      'address-outside',
      `the gateway ${formatAddress(ip)} is on no segment with a node`,
      `segments: ${[...segments.values()].map((s) => formatPrefix(s.prefix)).join(', ')}`,
    );
  const here = (...rest: Path) => report.locus(['internet', 'gateway', ...rest], 'Gateway');
  for (const [i, entry] of nat.entries())
    for (const field of ['private', 'public'] as const)
      if (isPrivate(entry[field]) !== (field === 'private'))
        report.error(
          ['internet', 'gateway', 'nat', i, field],
          'bad-value',
          `${formatAddress(entry[field])} is a ${field === 'private' ? 'public' : 'private'} address, and ${field} wants the other kind`,
        );
  return {
    ip,
    segment: segment ?? '',
    publicIp: publicIP === undefined ? null : { ip: publicIP, locus: here('publicIP') },
    nat: nat.map((entry, i) => ({ ...entry, locus: here('nat', i) })),
    firewall: readFirewall(report, form.internet.firewall, 'edge'),
    overrides: onlyRoutes(
      readRoutes(
        report,
        routes,
        {
          object: 'Gateway',
          path: ['internet', 'gateway'],
          devices: new Map([
            ['eth0', prefix === null ? [] : [prefix]],
            ['wan0', []],
          ]),
          derived: [],
          own: [ip, ...(publicIP === undefined ? [] : [publicIP]), ...nat.map((entry) => entry.public)],
          ports: new Set<string>(),
        },
        ['internet', 'gateway', 'routes'],
      ),
    ),
    locus: report.locus(path, 'Gateway'),
  };
}

/** An address for documentation (RFC 5737, RFC 3849): somebody, somewhere. */
const DOCUMENTATION_ADDRESS = { IPv4: ip('198.51.100.1'), IPv6: ip('2001:db8::1') } as const;

function readOutside(report: Report, form: TopologyForm): readonly OutsideHost[] {
  if (form.internet === undefined) return [];
  const { clients } = form.internet;
  const list = ['internet', 'clients'];
  uniqueNames(
    report,
    clients,
    'client',
    (c) => c.name,
    (i) => [...list, i, 'name'],
  );
  for (const [i, client] of clients.entries())
    if (isPrivate(client.ip))
      report.error([...list, i, 'ip'], 'bad-value', `${formatAddress(client.ip)} is a private address, which nobody has on the internet`);
  if (clients.length === 0)
    return [
      {
        name: 'internet',
        ip: DOCUMENTATION_ADDRESS[familyOf(form.internet.gateway.ip)],
        origin: assumed(report.locus(['internet'], 'Gateway')),
      },
    ];
  return clients.map(({ name, ip: own }, i) => ({ name, ip: own, origin: declared(report.locus([...list, i], `Client/${name}`)) }));
}

function readRouters(report: Report, routers: UnderlayForm['routers'], segments: UnderlayPlan['segments']): readonly Router[] {
  return routers.map((router, i) => {
    const path = ['underlay', 'routers', i];
    const object = `Router/${router.name}`;
    const interfaces = router.interfaces.map(({ segment, ip }, j) => {
      const here = [...path, 'interfaces', j];
      const known = segments.get(segment);
      if (known === undefined)
        report.error(
          [...here, 'segment'],
          'unknown-segment',
          `there is no segment ${segment}`,
          didYouMean(segment, segments.keys()) ?? `segments: ${[...segments.keys()].join(', ')}`,
        );
      else if (!contains(known.prefix, ip))
        report.error(
          [...here, 'ip'],
          'address-outside',
          `${formatAddress(ip)} is not in ${formatPrefix(known.prefix)}, the range of ${segment}`,
        );
      return { segment, ip, locus: report.locus(here, object) };
    });
    const devices = new Map(
      interfaces.map(({ segment }, j): [string, readonly Prefix[]] => {
        const known = segments.get(segment);
        return [`eth${j}`, known === undefined ? [] : [known.prefix]];
      }),
    );
    const machine = { object, path, devices, derived: [], own: interfaces.map((n) => n.ip), ports: new Set<string>() };
    const routes = readRoutes(report, router.routes, machine, [...path, 'routes']);
    return {
      name: router.name,
      interfaces: interfaces.filter((n) => segments.has(n.segment)),
      overrides: onlyRoutes(routes),
      locus: report.locus(path, object),
    };
  });
}

/** Of a machine that is no node nothing else is stated. */
function onlyRoutes(routes: Overrides['routes']): Overrides {
  return { sysctls: new Map(), routes, removedRoutes: [], rules: [], devices: new Map(), addresses: [], neighbours: [] };
}
