import { prefixesIn, prefixIn } from '../../k8s/families.ts';
import { ETHERNET_MTU, type OutsideHost, type Router, type RouterInterface, type UnderlaySegment } from '../../k8s/network.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, ip, isPrivate } from '../../net/address.ts';
import { contains, formatPrefix, type Prefix, prefixOf } from '../../net/prefix.ts';
import { assumed, declared, inferred } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { InternetInput, TopologyInput, UnderlayInput } from '../schema/topology.ts';
import { type Cursor, uniqueNames } from './cursor.ts';
import { NO_ENTRIES } from './derived-machine.ts';
import { oneOrSeveral } from './families.ts';
import { readFirewall } from './firewall.ts';
import { readGateway } from './internet-gateway.ts';
import type { NodePlan } from './node-plan.ts';
import { NO_OVERRIDES } from './overrides.ts';
import { readRoutes } from './routes.ts';
import type { UnderlayPlan } from './underlay-plan.ts';

const DEFAULT_SEGMENT = 'underlay';
/** Without an underlay in the file, all machines hang on one switch and have addresses with this prefix length. */
export const LINK_LENGTH: Readonly<Record<IpFamily, number>> = { IPv4: 24, IPv6: 64 };

const linkOf = (address: IpAddress): Prefix => prefixOf(address, LINK_LENGTH[familyOf(address)]);

export function readUnderlay(root: Cursor, input: TopologyInput, families: readonly IpFamily[], nodes: readonly NodePlan[]): UnderlayPlan {
  const { underlay, internet } = input;
  const here = root.at('underlay');
  const hasSegments = underlay?.segments !== undefined;
  const segments = hasSegments ? declaredSegments(here, underlay, families) : oneSwitch(root, nodes, families);
  const prefixOn = (name: string, address: IpAddress) => {
    const prefix = hasSegments ? prefixIn(segments.get(name)?.prefixes ?? [], familyOf(address)) : null;
    return prefix ?? linkOf(address);
  };
  const segmentOf = (address: IpAddress) => {
    if (!hasSegments) return DEFAULT_SEGMENT;
    for (const { name, prefixes } of segments.values()) if (prefixes.some((p) => contains(p, address))) return name;
    return null;
  };
  const gateway = internet === undefined ? null : readGateway(root, internet, families, { segments, segmentOf });
  const routers = readRouters(here.at('routers'), underlay?.routers ?? [], families, segments);
  const firewall = readFirewall(root, underlay?.firewall, 'underlay', families);
  if (firewall !== null && routers.length === 0 && gateway === null)
    here
      .at('firewall')
      .of('Firewall/underlay')
      .warn(
        'firewall-without-a-place',
        'no router and no gateway is there to ask this firewall: machines on one switch reach each other without it',
        'add routers or internet.gateway, or leave it out',
      );
  const furtherFrom = (name: string | null) =>
    routers.length === 0 ? [] : [...segments.values()].flatMap((s) => (s.name === name ? [] : s.prefixes));
  const outside = internet === undefined ? [] : readOutside(root.at('internet'), internet, families);
  const { mtu = ETHERNET_MTU } = underlay ?? {};
  const sourceCheck = underlay?.sourceCheck === true ? here.at('sourceCheck').locus : null;
  return { mtu, sourceCheck, segments, routers, firewall, gateway, outside, segmentOf, prefixOn, furtherFrom };
}

/** All machines on one link; a node whose address is not in the first one's prefix is reported. */
function oneSwitch(root: Cursor, nodes: readonly NodePlan[], families: readonly IpFamily[]): ReadonlyMap<string, UnderlaySegment> {
  const first = nodes[0];
  const prefixes = (first?.ips ?? []).map((i) => linkOf(i.value));
  for (const { ips } of nodes)
    for (const { value, cursor } of ips) {
      const prefix = prefixIn(prefixes, familyOf(value));
      if (prefix === null || contains(prefix, value)) continue;
      cursor.warn(
        'no-common-prefix',
        `${formatAddress(value)} is not in ${formatPrefix(prefix)}, where ${first?.name} is: without a router the two cannot reach each other`,
        'state underlay.segments (and routers, if there are any)',
      );
    }
  const origin = inferred(root.at('nodes').locus);
  return new Map([[DEFAULT_SEGMENT, { name: DEFAULT_SEGMENT, prefixes: families.flatMap((f) => prefixesIn(prefixes, f)), origin }]]);
}

function declaredSegments(here: Cursor, underlay: UnderlayInput, families: readonly IpFamily[]): ReadonlyMap<string, UnderlaySegment> {
  const { segments = [], routers = [] } = underlay;
  uniqueNames(
    segments,
    'segment',
    (s) => s.name,
    (i) => here.at('segments', i, 'name'),
  );
  uniqueNames(
    routers,
    'router',
    (r) => r.name,
    (i) => here.at('routers', i, 'name'),
  );
  return new Map(
    segments.map(({ name, cidr, cidrs }, i) => {
      const at = here.at('segments', i).of(`Segment/${name}`);
      const prefixes = oneOrSeveral(at, 'cidr', cidr, cidrs, families).map((p) => p.value);
      return [name, { name, prefixes, origin: declared(at.locus) }];
    }),
  );
}

/** Addresses for documentation (RFC 5737, RFC 3849), for a machine somewhere on the internet. */
const DOCUMENTATION_ADDRESS = { IPv4: ip('198.51.100.1'), IPv6: ip('2001:db8::1') } as const;

function readOutside(here: Cursor, { clients = [], gateway }: InternetInput, families: readonly IpFamily[]): readonly OutsideHost[] {
  const reachable = [gateway.ip, ...(gateway.ips ?? [])].flatMap((a) => (a === undefined ? [] : [familyOf(a)]));
  const known = families.filter((f) => reachable.includes(f));
  const list = here.at('clients');
  uniqueNames(
    clients,
    'client',
    (c) => c.name,
    (i) => list.at(i, 'name'),
  );
  const hosts = clients.map((client, i): OutsideHost => {
    const at = list.at(i).of(`Client/${client.name}`);
    const ips = oneOrSeveral(at, 'ip', client.ip, client.ips, families);
    for (const { value, cursor } of ips)
      if (isPrivate(value)) cursor.error('bad-value', `${formatAddress(value)} is a private address, which nobody has on the internet`);
    return { name: client.name, ips: ips.map((p) => p.value).filter((a) => known.includes(familyOf(a))), origin: declared(at.locus) };
  });
  if (hosts.length > 0) return hosts;
  return [{ name: 'internet', ips: known.map((f) => DOCUMENTATION_ADDRESS[f]), origin: assumed(here.of('Gateway').locus) }];
}

function readRouters(
  list: Cursor,
  routers: NonNullable<UnderlayInput['routers']>,
  families: readonly IpFamily[],
  segments: UnderlayPlan['segments'],
): readonly Router[] {
  return routers.map((router, i) => {
    const here = list.at(i).of(`Router/${router.name}`);
    const interfaces = router.interfaces.map((input, j) => readInterface(here.at('interfaces', j), input, families, segments));
    const devices = interfaces.map(({ segment }, j) => [`eth${j}`, segments.get(segment)?.prefixes ?? []] as const);
    const own = interfaces.flatMap((n) => n.ips);
    const machine = {
      cursor: here,
      devices: new Map<string, readonly Prefix[]>(devices),
      derived: [],
      rules: [],
      own: families.flatMap((f) => own.filter((a) => familyOf(a) === f)),
      ports: new Set<string>(),
      ...NO_ENTRIES,
    };
    return {
      name: router.name,
      interfaces: interfaces.filter((n) => segments.has(n.segment)),
      overrides: { ...NO_OVERRIDES, routes: readRoutes(router.routes ?? [], machine, here.at('routes')) },
      locus: here.locus,
    };
  });
}

type InterfaceInput = NonNullable<UnderlayInput['routers']>[number]['interfaces'][number];

function readInterface(
  here: Cursor,
  { segment, ip, ips }: InterfaceInput,
  families: readonly IpFamily[],
  segments: UnderlayPlan['segments'],
): RouterInterface {
  const known = segments.get(segment);
  const own = oneOrSeveral(here, 'ip', ip, ips, families);
  if (known === undefined)
    here
      .at('segment')
      .error(
        'unknown-segment',
        `there is no segment ${segment}`,
        didYouMean(segment, segments.keys()) ?? `segments: ${[...segments.keys()].join(', ')}`,
      );
  else
    for (const { value, cursor } of own) {
      const prefix = prefixIn(known.prefixes, familyOf(value));
      if (prefix === null || !contains(prefix, value))
        cursor.error(
          'address-outside',
          `${formatAddress(value)} is not in ${known.prefixes.map(formatPrefix).join(' or ')}, the range of ${segment}`,
        );
    }
  return { segment, ips: own.map((p) => p.value), locus: here.locus };
}
