import { familyOf, type IpAddress, isLinkLocal, isLoopback } from '../net/address.ts';
import { cidr, commonBits, contains, type Prefix } from '../net/prefix.ts';
import type { AddressScope, Device, InterfaceAddress, Netns } from './netns.ts';

/**
 * The source address of a packet that leaves by `device` for `towards`, when nothing else says it; null: there is none. `upTo`: of which
 * scope it may be besides those that others may know.
 */
export function selectSource(device: Device, towards: IpAddress, upTo: AddressScope | null = null): IpAddress | null {
  return (familyOf(towards) === 'IPv4' ? selectIpv4(device, towards, upTo) : selectIpv6(device.netns, device, towards))?.address ?? null;
}

/**
 * IPv6 has a source also for a destination that it has no way to: then no device is asked for (ip6_dst_lookup_tail, net/ipv6/ip6_output.c).
 */
export const selectAnySource = (netns: Netns, towards: IpAddress): IpAddress | null => selectIpv6(netns, null, towards)?.address ?? null;

/**
 * inet_select_addr: the device's address in the subnet of `towards`, else its first one, else (a device without addresses) the first
 * one of the namespace that is not for a link alone. Source: net/ipv4/devinet.c.
 */
function selectIpv4(device: Device, towards: IpAddress, upTo: AddressScope | null): InterfaceAddress | null {
  const fit = device.addresses.filter((a) => isIpv4Source(a, upTo));
  const own = fit.find((a) => contains(a.prefix, towards)) ?? fit[0];
  if (own !== undefined) return own;
  for (const other of device.netns.devices.values()) {
    const first = other.addresses.find((a) => a.scope !== 'link' && isIpv4Source(a, upTo));
    if (first !== undefined) return first;
  }
  return null;
}

function isIpv4Source({ address, scope }: InterfaceAddress, upTo: AddressScope | null): boolean {
  if (familyOf(address) !== 'IPv4') return false;
  const own = isLoopback(address) ? 'host' : scope;
  return own === undefined || own === upTo || (own === 'link' && upTo === 'host');
}

/**
 * ipv6_dev_get_saddr: the best address of all devices that are up, ::1 aside. In this order: the destination itself; one of its scope; one of the device that
 * the packet leaves by; one of the destination's label; the one that shares most bits with it, but not more than its prefix has. Of equals
 * the first one counts: devices in their order, a device's addresses with the newest first. Source: net/ipv6/addrconf.c, RFC 6724.
 */
function selectIpv6(netns: Netns, device: Device | null, towards: IpAddress): InterfaceAddress | null {
  let best: InterfaceAddress | null = null;
  let score: readonly number[] = [];
  for (const candidate of netns.devices.values()) {
    if (candidate.down !== null) continue;
    for (const address of [...candidate.addresses].reverse()) {
      if (familyOf(address.address) !== 'IPv6' || (isLoopback(address.address) && address.address !== towards)) continue;
      const so = scoreOf(address, candidate === device, towards);
      if (best !== null && !isHigher(so, score)) continue;
      best = address;
      score = so;
    }
  }
  return best;
}

function scoreOf({ address, prefix }: InterfaceAddress, isOut: boolean, towards: IpAddress): readonly number[] {
  return [
    Number(address === towards),
    Number(isLinkLocal(address) === isLinkLocal(towards)),
    Number(isOut),
    Number(labelOf(address) === labelOf(towards)),
    Math.min(commonBits(address, towards), prefix.length),
  ];
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i !== -1 && (a[i] ?? 0) > (b[i] ?? 0);
}

/** The kernel's own table, which `ip addrlabel` shows. Source: ip6addrlbl_init_table, net/ipv6/addrlabel.c. */
const LABELS: readonly { readonly prefix: Prefix; readonly label: number }[] = [
  { prefix: cidr('::1/128'), label: 0 },
  { prefix: cidr('::ffff:0.0.0.0/96'), label: 4 },
  { prefix: cidr('::/96'), label: 3 },
  { prefix: cidr('2001::/32'), label: 6 },
  { prefix: cidr('2001:10::/28'), label: 7 },
  { prefix: cidr('3ffe::/16'), label: 12 },
  { prefix: cidr('2002::/16'), label: 2 },
  { prefix: cidr('fec0::/10'), label: 11 },
  { prefix: cidr('fc00::/7'), label: 5 },
];

const labelOf = (a: IpAddress): number => LABELS.find(({ prefix }) => contains(prefix, a))?.label ?? 1;
