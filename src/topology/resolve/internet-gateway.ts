import { prefixesIn } from '../../k8s/families.ts';
import type { InternetGateway } from '../../k8s/network.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, isPrivate } from '../../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../../net/prefix.ts';
import type { InternetInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { NO_ENTRIES } from './derived-machine.ts';
import { oneOrSeveral, type Placed } from './families.ts';
import { readFirewall } from './firewall.ts';
import { NO_OVERRIDES } from './overrides.ts';
import { readRoutes } from './routes.ts';
import type { Places } from './underlay-plan.ts';

/** The way out to the internet, and in. */
export function readGateway(root: Cursor, input: InternetInput, families: readonly IpFamily[], places: Places): InternetGateway {
  const here = root.at('internet', 'gateway').of('Gateway');
  const { ip, ips, publicIP, publicIPs, nat = [], routes = [] } = input.gateway;
  const own = oneOrSeveral(here, 'ip', ip, ips, families);
  const segment = segmentOf(own, places);
  for (const [i, entry] of nat.entries())
    for (const field of ['private', 'public'] as const)
      if (isPrivate(entry[field]) !== (field === 'private'))
        here
          .at('nat', i, field)
          .error(
            'bad-value',
            `${formatAddress(entry[field])} is a ${field === 'private' ? 'public' : 'private'} address, and ${field} wants the other kind`,
          );
  const outer = oneOrSeveral(here, 'publicIP', publicIP, publicIPs, families);
  const inside = segment === null ? [] : (places.segments.get(segment)?.prefixes ?? []);
  const machine = {
    cursor: here,
    devices: new Map<string, readonly Prefix[]>([
      ['eth0', inside],
      ['wan0', []],
    ]),
    derived: [],
    rules: [],
    own: [...own.map((p) => p.value), ...outer.map((p) => p.value), ...nat.map((entry) => entry.public)],
    ports: new Set<string>(),
    ...NO_ENTRIES,
  };
  return {
    ips: own.map((p) => p.value),
    segment: segment ?? '',
    publicIps: outer.map(({ value, cursor }) => ({ ip: value, locus: cursor.locus })),
    nat: nat.map((entry, i) => ({ ...entry, locus: here.at('nat', i).locus })),
    firewall: readFirewall(root, input.firewall, 'edge', families),
    overrides: { ...NO_OVERRIDES, routes: readRoutes(routes, machine, here.at('routes')) },
    locus: own[0]?.cursor.locus ?? here.locus,
  };
}

/** Null, and reported: an address of the gateway is on no segment. */
function segmentOf(own: readonly Placed<IpAddress>[], { segments, segmentOf: find }: Places): string | null {
  let found: string | null = null;
  for (const { value, cursor } of own) {
    const segment = find(value);
    const prefixes = segment === null ? [] : (segments.get(segment)?.prefixes ?? []);
    if (prefixes.some((p) => contains(p, value))) found ??= segment;
    else {
      const all = [...segments.values()].flatMap((s) => prefixesIn(s.prefixes, familyOf(value)));
      cursor.error(
        'address-outside',
        `the gateway ${formatAddress(value)} is on no segment with a node`,
        `segments: ${all.map(formatPrefix).join(', ')}`,
      );
    }
  }
  return found;
}
