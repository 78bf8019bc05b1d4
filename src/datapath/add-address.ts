import { familyOf, type IpAddress, UNSPECIFIED } from '../net/address.ts';
import { hostPrefix, isHostPrefix, lastAddress, type Prefix, samePrefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import { addRoute, type NetnsBuilder, onLink } from './builder.ts';
import { LOCAL_TABLE, MAIN_TABLE } from './fib.ts';
import type { Device, InterfaceAddress } from './netns.ts';
import type { RouteType } from './route.ts';
import { forwarding6 } from './sysctl.ts';

/** An address that a device is given. */
interface Added extends InterfaceAddress {
  readonly builder: NetnsBuilder;
  readonly device: Device;
  /** Is there a route to its link? Not with `noprefixroute`. */
  readonly hasLink: boolean;
}

/** Like `ip address add`: with the address come its routes in the local table and, if the prefix holds more than it, the link's route. */
export function addAddress(builder: NetnsBuilder, device: Device, address: IpAddress, prefix: Prefix, origin: Origin): void {
  add({ builder, device, address, prefix, origin, hasLink: true });
}

/** Like `ip address add … noprefixroute`. */
export function addAddressWithoutLink(builder: NetnsBuilder, device: Device, address: IpAddress, prefix: Prefix, origin: Origin): void {
  add({ builder, device, address, prefix, origin, hasLink: false });
}

function add(added: Added): void {
  const { device, address, prefix, origin } = added;
  if (familyOf(address) === 'IPv4') addIpv4(added);
  else addIpv6(added);
  device.addresses.push({ address, prefix, origin });
}

/**
 * fib_add_ifaddr: the prefix's first address on the device is its primary one, and all later ones leave the machine in its name. Only the
 * primary one brings the link, which on `lo` is the machine itself, and the link's broadcast address; the network address has been an
 * address like any other since Linux 5.14. Source: net/ipv4/fib_frontend.c.
 */
function addIpv4(added: Added): void {
  const { device, address, prefix, hasLink } = added;
  const primary = device.addresses.find((a) => samePrefix(a.prefix, prefix));
  const source = primary?.address ?? address;
  inLocalTable(added, 'local', hostPrefix(address), source);
  if (primary !== undefined || isHostPrefix(prefix)) return;
  if (hasLink && device.kind === 'loopback') inLocalTable(added, 'local', prefix, source);
  else if (hasLink) addLink(added, 0, source);
  if (prefix.length < POINT_TO_POINT) inLocalTable(added, 'broadcast', hostPrefix(lastAddress(prefix)), source);
}

/** Of two addresses, both are a machine's: RFC 3021. */
const POINT_TO_POINT = 31;

/**
 * addrconf_prefix_route: a device has its link once, whichever of its addresses brought it, and `lo` has one like any other device, though
 * no packet gets there (see `isRejected`).
 */
function addIpv6(added: Added): void {
  const { builder, device, prefix, hasLink } = added;
  inLocalTable(added, 'local', hostPrefix(added.address), added.address);
  if (!hasLink || isHostPrefix(prefix)) return;
  const links = (builder.routes.get(MAIN_TABLE) ?? []).filter((r) => r.metric === IPV6_LINK_METRIC && samePrefix(r.prefix, prefix));
  if (!links.some((r) => r.nextHops[0]?.device === device.name)) addLink(added, IPV6_LINK_METRIC, null);
}

/** IP6_RT_PRIO_ADDRCONF: an address's own link comes before a route that is added. Source: include/net/ip6_fib.h. */
const IPV6_LINK_METRIC = 256;

function addLink({ builder, device, prefix, origin }: Added, metric: number, source: IpAddress | null): void {
  addRoute(builder, MAIN_TABLE, { prefix, type: 'unicast', metric, nextHops: [onLink(device.name)], source, origin });
}

function inLocalTable(
  { builder, device, origin }: Pick<Added, 'builder' | 'device' | 'origin'>,
  type: RouteType,
  prefix: Prefix,
  source: IpAddress | null,
): void {
  addRoute(builder, LOCAL_TABLE, { prefix, type, metric: 0, nextHops: [onLink(device.name)], source, origin });
}

/**
 * addrconf_join_anycast: a machine that forwards IPv6 answers for the first address of each prefix that it has an address of, as any router
 * there does (RFC 4291, 2.6.1; not of two addresses, RFC 6164). Source: net/ipv6/addrconf.c.
 */
export function addAnycast(builder: NetnsBuilder): void {
  if (forwarding6(builder.sysctls).value === 0) return;
  for (const device of builder.netns.devices.values()) {
    const done = new Set(device.addresses.map((a) => a.address));
    for (const { prefix, origin } of device.addresses) {
      const first = prefix.address;
      if (familyOf(first) === 'IPv4' || prefix.length >= IPV6_POINT_TO_POINT || first === UNSPECIFIED.IPv6 || done.has(first)) continue;
      done.add(first);
      inLocalTable({ builder, device, origin }, 'anycast', hostPrefix(first), null);
    }
  }
}

const IPV6_POINT_TO_POINT = 127;
