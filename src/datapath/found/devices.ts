import { contains, isHostPrefix } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import { addBridge, addDummy, addIpip, addNic, addOpaque, addVxlan, enslave } from '../build.ts';
import type { NetnsBuilder } from '../builder.ts';
import type { FoundLink } from '../found-state.ts';
import type { Bridge, Device, Netns, Nic, Veth } from '../netns.ts';
import { NO_PEERS } from '../peers.ts';
import type { FoundNames } from './names.ts';
import type { Seen } from './seen.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Makes the devices as they were found: under their names, with devices that were not compiled, and without those that are missing. */
export function foundDevices(builder: NetnsBuilder, names: FoundNames, seen: Seen, origin: Origin): void {
  const { netns } = builder;
  rename(netns, names, seen);
  addOthers(builder, seen, origin);
  if (seen.links === null) return;
  for (const link of seen.links.values()) {
    const device = netns.devices.get(link.name);
    if (device === undefined) continue;
    set(device, link);
    // Without this setting the kernel takes routes by a device without carrier.
    const isPassedOver = builder.sysctls.get(`net.ipv4.conf.${link.name}.ignore_routes_with_linkdown`)?.value === 1;
    if (isPassedOver && device.noCarrier !== undefined) device.down = device.noCarrier;
  }
  for (const device of netns.devices.values()) if (device.kind === 'veth') plug(builder, device, seen.links.get(device.name));
  order(netns, seen.links);
}

/** Orders devices by index, which is the order in which the kernel searches them for a source address. */
function order({ devices }: Netns, links: ReadonlyMap<string, FoundLink>): void {
  const indexOf = (name: string) => links.get(name)?.index ?? Number.POSITIVE_INFINITY;
  const all = [...devices].map(([name, device]) => ({ name, device, index: indexOf(name) }));
  devices.clear();
  for (const { name, device } of all.sort((a, b) => (a.index === b.index ? 0 : a.index - b.index))) devices.set(name, device);
}

/** A pod's own device is there, under whatever name; a tunnel or a bridge that no list of devices has is not. */
function rename(netns: Netns, names: FoundNames, { links, names: found }: Seen): void {
  const devices = [...netns.devices.values()];
  netns.devices.clear();
  for (const device of devices) {
    const own: Mutable<Device> = device;
    const name = names.get(device.name);
    if (name !== undefined) own.name = name;
    else if (found.has(device.name)) own.name = `${device.name} (compiled)`;
    const isGone = name === undefined && links !== null && !STAYING.has(device.kind);
    if (isGone && device.kind === 'bridge') for (const port of device.ports) port.master = null;
    if (!isGone) netns.devices.set(device.name, device);
  }
  netns.foundNames = names;
}

const STAYING: ReadonlySet<Device['kind']> = new Set<Device['kind']>(['loopback', 'nic', 'veth']);

function addOthers(builder: NetnsBuilder, { names, links, holders }: Seen, origin: Origin): void {
  for (const name of names) {
    if (builder.netns.devices.has(name)) continue;
    const link = links?.get(name);
    if (link === undefined) addOpaque(builder, name, { mtu: UNKNOWN_MTU, type: null }, origin);
    else addFound(builder, link, { master: bridgeOf(link, links), nic: besideNic(builder.netns, link, holders) });
  }
}

/** The MTU of Ethernet. */
const UNKNOWN_MTU = 1500;

function addFound(
  builder: NetnsBuilder,
  link: FoundLink,
  { master, nic }: { readonly master: string | null; readonly nic: Nic | null },
): void {
  const { name, kind, mtu: stated, mac, vxlan, tunnel, origin } = link;
  const mtu = stated ?? UNKNOWN_MTU;
  const ends = vxlan !== null && vxlan.port !== null && vxlan.local !== null ? { port: vxlan.port, local: vxlan.local } : null;
  if (nic !== null) addNic(builder, name, nic.segment, mtu, origin);
  else if (kind === 'dummy') addDummy(builder, name, mtu, origin);
  else if (kind === 'ipip') addIpip(builder, name, { local: tunnel?.local ?? null, mtu }, origin);
  else if ((kind === 'vxlan' || kind === 'geneve') && ends !== null && mac !== null)
    addVxlan(builder, name, { carrier: kind, vni: vxlan?.vni ?? null, ...ends, underlying: null, mac, mtu, peers: NO_PEERS }, origin);
  else {
    const type = kind ?? (isEndOfPair(link) ? 'veth' : null);
    addOpaque(builder, name, { mtu, type, ...(master === null ? {} : { master }) }, origin);
  }
}

/** A second NIC whose address is of a first one's subnet is on the same segment, as those that a cloud gives a node for its pods. */
function besideNic({ devices }: Netns, link: FoundLink, holders: Seen['holders']): Nic | null {
  if (link.kind !== null || link.master !== null || isEndOfPair(link)) return null;
  const own = [...holders].flatMap(([address, device]) => (device === link.name ? [address] : []));
  const isOf = (nic: Nic) => nic.addresses.some(({ prefix }) => !isHostPrefix(prefix) && own.some((a) => contains(prefix, a)));
  return [...devices.values()].find((d): d is Nic => d.kind === 'nic' && isOf(d)) ?? null;
}

/** The bridge of a port; the master may as well be a bond or a VRF. Null: it is no port of a bridge. */
function bridgeOf({ master }: FoundLink, links: Seen['links']): string | null {
  const kind = master === null ? null : (links?.get(master)?.kind ?? 'bridge');
  return kind === 'bridge' ? master : null;
}

/** `veth1@if2`: what is listed without its kind and has its other end in another namespace. */
const isEndOfPair = ({ link }: FoundLink): boolean => link !== null && link.index !== null && link.name === null;

/** A tunnel's end keeps the MAC address that the other machines send to, which were compiled as well. */
function set(device: Device, { up, carrier, mtu, mac, hairpin, isolated, vxlan, origin }: FoundLink): void {
  const own: Mutable<Device> = device;
  own.origin = origin;
  if (up !== null) device.down = up ? null : origin;
  // For other compiled devices the other end is known, and is itself up or down.
  if (up !== false && carrier === false && (device.kind === 'nic' || device.kind === 'opaque')) device.noCarrier = origin;
  if (mtu !== null) device.mtu = mtu;
  if (device.kind !== 'veth' && device.kind !== 'vxlan') device.mac = mac ?? device.mac;
  if (device.kind === 'veth' && hairpin !== null && device.hairpin !== hairpin) {
    device.hairpin = hairpin;
    device.hairpinOrigin = origin;
  }
  if (isolated === true && (device.kind === 'veth' || device.kind === 'opaque')) device.isolated = origin;
  if (device.kind !== 'vxlan' || vxlan === null) return;
  device.vni = vxlan.vni ?? device.vni;
  device.port = vxlan.port ?? device.port;
}

/** A port is on the bridge that it was found on. */
function plug(builder: NetnsBuilder, port: Veth, link: FoundLink | undefined): void {
  if (link === undefined || (port.master?.name ?? null) === link.master) return;
  if (port.master !== null) unplug(port, port.master);
  if (link.master === null) return;
  const { netns } = builder;
  const there = netns.devices.get(link.master);
  const bridge =
    there?.kind === 'bridge' ? there : addBridge(builder, link.master, there?.mtu ?? UNKNOWN_MTU, there?.origin ?? link.origin);
  enslave(bridge, port, link.hairpin ?? false, link.origin);
}

function unplug(port: Veth, bridge: Bridge): void {
  bridge.ports.splice(bridge.ports.indexOf(port), 1);
  port.master = null;
}
