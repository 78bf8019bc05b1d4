import type { IpFamily } from '../net/address.ts';
import { LOOPBACK } from '../net/address.ts';
import { cidr, hostPrefix, samePrefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { declared, inferred, type Origin } from '../source/origin.ts';
import { addAddress, addAnycast } from './add-address.ts';
import { addRoute, type NetnsBuilder } from './builder.ts';
import { type Fib, MAIN_TABLE } from './fib.ts';
import { EMPTY_RULESET, type Ruleset } from './netfilter/ruleset.ts';
import type { Bridge, Device, Dummy, Ipip, Loopback, Netns, Nic, Opaque, Segment, Socket, Veth, Vxlan } from './netns.ts';
import type { DeviceOverrides, Overrides } from './overrides.ts';
import { type Neighbour, NO_PEERS } from './peers.ts';
import type { Route } from './route.ts';
import { withRules } from './rules.ts';
import { FORWARDING, type Sysctl } from './sysctl.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const builtIn = inferred(null);
const LOOPBACK_NET = cidr('127.0.0.0/8');
const NO_RULES: Readonly<Record<IpFamily, Ruleset>> = { IPv4: EMPTY_RULESET, IPv6: EMPTY_RULESET };

/** A new namespace, with `lo`, which has ::1 only where IPv6 is on (net.ipv6.conf.all.disable_ipv6 is 0). */
export function newNetns(
  { name, node, role }: Pick<Netns, 'name' | 'node' | 'role'>,
  origin: Origin,
  sockets: readonly Socket[],
  families: readonly IpFamily[] = ['IPv4'],
): NetnsBuilder {
  const sysctls = new Map<string, Sysctl>();
  const netns: Netns = {
    name,
    node,
    role,
    origin,
    devices: new Map(),
    rules: [],
    tables: new Map(),
    neighbours: [],
    rulesets: NO_RULES,
    sysctls,
    sockets: [...sockets],
    socketBalancer: null,
  };
  const builder: NetnsBuilder = {
    netns,
    origin,
    routes: new Map(),
    shared: null,
    hidesShared: () => false,
    rules: [],
    sysctls,
    rulesets: { ...NO_RULES },
  };
  const lo: Loopback = { kind: 'loopback', name: 'lo', netns, addresses: [], mtu: 65536, down: null, mac: null, origin: builtIn };
  netns.devices.set('lo', lo);
  addAddress(builder, lo, LOOPBACK.IPv4, LOOPBACK_NET, builtIn);
  if (families.includes('IPv6')) addAddress(builder, lo, LOOPBACK.IPv6, hostPrefix(LOOPBACK.IPv6), builtIn);
  return builder;
}

export function addBridge(builder: NetnsBuilder, name: string, mtu: number, origin: Origin): Bridge {
  const bridge: Bridge = { kind: 'bridge', name, netns: builder.netns, addresses: [], mtu, down: null, mac: null, origin, ports: [] };
  builder.netns.devices.set(name, bridge);
  return bridge;
}

export function addNic(builder: NetnsBuilder, name: string, segment: Segment, mtu: number, origin: Origin): Nic {
  const nic: Nic = { kind: 'nic', name, netns: builder.netns, addresses: [], mtu, down: null, mac: null, origin, segment };
  builder.netns.devices.set(name, nic);
  return nic;
}

export function addDummy(builder: NetnsBuilder, name: string, mtu: number, origin: Origin): Dummy {
  const dummy: Dummy = { kind: 'dummy', name, netns: builder.netns, addresses: [], mtu, down: null, mac: null, origin };
  builder.netns.devices.set(name, dummy);
  return dummy;
}

export function addOpaque(builder: NetnsBuilder, name: string, stated: Pick<Opaque, 'mtu' | 'type' | 'master'>, origin: Origin): Opaque {
  const opaque: Opaque = { kind: 'opaque', name, netns: builder.netns, addresses: [], down: null, mac: null, origin, ...stated };
  builder.netns.devices.set(name, opaque);
  return opaque;
}

type VxlanOptions = Pick<Vxlan, 'vni' | 'port' | 'local' | 'underlying' | 'mac' | 'mtu'> &
  Partial<Pick<Vxlan, 'carrier' | 'peers' | 'hides' | 'numbered'>>;

/** Like `ip link add … type vxlan … nolearning`, with the MAC address that the other machines send its frames to. */
export function addVxlan(builder: NetnsBuilder, name: string, options: VxlanOptions, origin: Origin): Vxlan {
  const { carrier = 'vxlan', peers = NO_PEERS, hides = () => false, numbered = null } = options;
  const base = { name, netns: builder.netns, addresses: [], down: null, origin };
  const vxlan: Vxlan = { kind: 'vxlan', ...base, ...options, carrier, numbered, fdb: new Map(), peers, hides };
  builder.netns.devices.set(name, vxlan);
  return vxlan;
}

/** Like `ip tunnel add … mode ipip local …`, or, without a local address, the `tunl0` that comes with the module. */
export function addIpip(builder: NetnsBuilder, name: string, { local, mtu }: Pick<Ipip, 'local' | 'mtu'>, origin: Origin): Ipip {
  const ipip: Ipip = { kind: 'ipip', name, netns: builder.netns, addresses: [], mtu, down: null, mac: null, origin, local };
  builder.netns.devices.set(name, ipip);
  return ipip;
}

interface VethEnd {
  readonly builder: NetnsBuilder;
  readonly name: string;
  /** Left out: the pair's. */
  readonly origin?: Origin;
}

/** A veth pair between two namespaces, its ends in the order given. */
export function addVethPair(a: VethEnd, b: VethEnd, mtu: number, ofPair: Origin): readonly [Veth, Veth] {
  const end = ({ builder, name, origin = ofPair }: VethEnd): Veth => {
    const veth: Veth = {
      kind: 'veth',
      name,
      netns: builder.netns,
      addresses: [],
      mtu,
      down: null,
      mac: null,
      origin,
      peer: null,
      master: null,
      hairpin: false,
      hairpinOrigin: null,
    };
    builder.netns.devices.set(name, veth);
    return veth;
  };
  const [left, right] = [end(a), end(b)];
  left.peer = right;
  right.peer = left;
  return [left, right];
}

export function enslave(bridge: Bridge, port: Veth, hairpin: boolean, hairpinOrigin: Origin): void {
  port.master = bridge;
  port.hairpin = hairpin;
  port.hairpinOrigin = hairpinOrigin;
  bridge.ports.push(port);
}

/** Puts the stated settings in place of the derived ones, and closes the namespace. */
export function finish(builder: NetnsBuilder, stated: Overrides | null): Netns {
  const netns: Mutable<Netns> = builder.netns;
  netns.rulesets = builder.rulesets;
  if (stated !== null) applyOverrides(builder, stated);
  addAnycast(builder);
  for (const device of netns.devices.values()) if (device.kind === 'bridge') adjustMtu(device, stated);
  netns.rules = withRules(builder.rules, stated?.rules ?? [], stated?.removedRules ?? []);
  for (const [id, routes] of builder.routes) netns.tables.set(id, fib(builder, id, routes, stated));
  if (!netns.tables.has(MAIN_TABLE)) netns.tables.set(MAIN_TABLE, fib(builder, MAIN_TABLE, [], stated));
  return netns;
}

function applyOverrides(builder: NetnsBuilder, stated: Overrides): void {
  const { netns } = builder;
  if (stated.sysctls.has(FORWARDING.IPv4)) forgetForwarding(builder);
  for (const [name, sysctl] of stated.sysctls) builder.sysctls.set(name, sysctl);
  for (const { address, prefix, device, locus } of stated.addresses) {
    const found = netns.devices.get(device);
    if (found !== undefined) addAddress(builder, found, address, prefix, declared(locus));
  }
  for (const { table, route } of stated.routes) addRoute(builder, table, route);
  for (const neighbour of stated.neighbours) addNeighbour(builder, neighbour);
  for (const { device, ...entry } of stated.fdb) {
    const found = netns.devices.get(device);
    if (found?.kind === 'vxlan') found.fdb.set(entry.lladdr, entry);
  }
  for (const [name, overrides] of stated.devices) {
    const device = netns.devices.get(name);
    if (device !== undefined) overrideDevice(device, overrides);
  }
}

function overrideDevice(device: Device, { mtu, up, hairpin, vni, port, locus }: DeviceOverrides): void {
  if (mtu !== undefined) device.mtu = mtu;
  if (up === false) device.down = declared(locus);
  if (hairpin !== undefined && device.kind === 'veth') {
    device.hairpin = hairpin;
    device.hairpinOrigin = declared(locus);
  }
  if (device.kind !== 'vxlan') return;
  const [first, ...more] = [...(vni === undefined ? [] : ['vni']), ...(port === undefined ? [] : ['port'])];
  if (first !== undefined) device.numbered = { locus, fields: [first, ...more] };
  if (vni !== undefined) device.vni = vni;
  if (port !== undefined) device.port = port;
}

/** Like `ip neighbour replace`: of an address on a device there is one entry. */
export function addNeighbour({ netns }: NetnsBuilder, neighbour: Neighbour): void {
  const { neighbours } = netns;
  const known = neighbours.findIndex((n) => n.address === neighbour.address && n.device === neighbour.device);
  if (known === -1) neighbours.push(neighbour);
  else neighbours[known] = neighbour;
}

/** Writing ip_forward sets it for all devices (inet_forward_change, net/ipv4/devinet.c), whatever was set for one before. */
function forgetForwarding({ sysctls }: NetnsBuilder): void {
  for (const name of [...sysctls.keys()]) if (/^net\.ipv4\.conf\..+\.forwarding$/.test(name)) sysctls.delete(name);
}

/** A bridge's MTU follows its smallest port, unless it was set (br_mtu_auto_adjust, net/bridge/br_if.c). */
function adjustMtu(bridge: Bridge, stated: Overrides | null): void {
  if (stated?.devices.get(bridge.name)?.mtu !== undefined || bridge.ports.length === 0) return;
  bridge.mtu = Math.min(...bridge.ports.map((p) => p.mtu));
}

/** A stated route replaces a derived one to the same prefix with the same metric, as the kernel holds only one of them. */
function fib(builder: NetnsBuilder, id: number, routes: readonly Route[], stated: Overrides | null): Fib {
  const isMain = id === MAIN_TABLE;
  const removed = isMain ? (stated?.removedRoutes ?? []) : [];
  const own = (stated?.routes ?? []).filter((s) => s.table === id).map((s) => s.route);
  const isStated = (r: Route) => own.includes(r);
  const gone = (r: Route) =>
    !isStated(r) &&
    (removed.some((x) => samePrefix(x.prefix, r.prefix)) || own.some((s) => samePrefix(s.prefix, r.prefix) && s.metric === r.metric));
  const table = new PrefixTable<Route>();
  for (const route of routes) if (!gone(route)) table.add(route.prefix, route);
  const { hidesShared } = builder;
  const clean = removed.length === 0 && own.length === 0;
  const hides = clean ? hidesShared : (r: Route) => hidesShared(r) || gone(r);
  return { id, routes: table, shared: isMain ? builder.shared : null, hides, removed };
}
