import type { Device, Netns, Nic, Segment, Veth } from '../datapath/netns.ts';
import type { IpAddress } from '../net/address.ts';
import { fabricTable } from './fabric.ts';
import { spokenFamilies } from './families.ts';
import { fileOf, UNDERLAY } from './names.ts';

/** The largest that a veth pair takes: no packet is too large for a switch between machines. */
const SWITCH_MTU = 65535;
/** A neighbour cache that stays warm for an hour, and gives up on an address after three times 0.1 s instead of 1 s. */
const NEIGHBOURS = 'base_reachable 3600000 retrans 100 proxy_delay 0';
const CACHES = { IPv4: 'arp_cache', IPv6: 'ndisc_cache' } as const;

/**
 * `ip -batch` lines that make all devices. NICs come before bridges: MASQUERADE of packets that leave by `lo` takes the address of the
 * device with the lowest index.
 */
export function linkLines(all: readonly Netns[], macs: ReadonlyMap<Device, string>): readonly string[] {
  const devices = all.flatMap((n) => [...n.devices.values()]);
  const bridges = devices.filter((d) => d.kind === 'bridge');
  return [
    ...[...new Set(switchesOf(all).values())].map((name) => `link add ${name} mtu ${SWITCH_MTU} netns ${UNDERLAY} type bridge`),
    ...nicsOf(all).map((nic, i) => `link add ${end(nic, macs)} type veth peer name ${portName(i)} mtu ${SWITCH_MTU} netns ${UNDERLAY}`),
    ...bridges.map((b) => `link add ${b.name}${address(b, macs)} netns ${fileOf(b.netns.name)} type bridge`),
    ...devices.flatMap((d) => (d.kind === 'veth' ? vethLine(d, all, macs) : [])),
  ];
}

const nicsOf = (all: readonly Netns[]): readonly Nic[] => all.flatMap((n) => [...n.devices.values()].filter((d) => d.kind === 'nic'));

/** One switch a segment; those of a network that delivers by itself have one. */
function switchesOf(all: readonly Netns[]): ReadonlyMap<Segment, string> {
  const segments = [...new Set(nicsOf(all).map((n) => n.segment))];
  const first = segments.findIndex((s) => s.fabric !== null);
  return new Map(segments.map((s, i) => [s, `switch${s.fabric === null ? i : first}`]));
}

const portName = (i: number) => `port${i}`;

/** `ip -batch` lines for the namespace of the switches: which NIC is plugged into which. */
export function underlayLines(all: readonly Netns[]): readonly string[] {
  const switches = switchesOf(all);
  const plugs = nicsOf(all).flatMap(({ segment }, i) => {
    const plug = switches.get(segment);
    return [...(plug === undefined ? [] : [`link set ${portName(i)} master ${plug}`]), `link set ${portName(i)} up`];
  });
  return [...[...new Set(switches.values())].map((name) => `link set ${name} up`), ...plugs];
}

/** What nft is told of the switches; null: nothing. */
export const underlayTable = (all: readonly Netns[], macs: ReadonlyMap<Device, string>, called: readonly IpAddress[]): string | null =>
  fabricTable({ nics: nicsOf(all), portName, macs, called });

/** `bridge -batch` lines: a network's own router may send a packet back to the NIC that it came from. */
export const underlayHairpins = (all: readonly Netns[]): readonly string[] =>
  nicsOf(all).flatMap(({ segment }, i) => ((segment.fabric?.routers.size ?? 0) > 0 ? [`link set dev ${portName(i)} hairpin on`] : []));

/** A bridge needs a MAC of its own: without one it takes its lowest port's, and loses it with the port. */
const address = (d: Device, macs: ReadonlyMap<Device, string>) => ` address ${macs.get(d)}`;

const end = (d: Device, macs: ReadonlyMap<Device, string>) => `${d.name}${address(d, macs)} mtu ${d.mtu} netns ${fileOf(d.netns.name)}`;

/** A pair has two ends, and is made at the one that comes first. */
function vethLine(veth: Veth, all: readonly Netns[], macs: ReadonlyMap<Device, string>): readonly string[] {
  const { peer } = veth;
  if (peer === null || all.indexOf(veth.netns) > all.indexOf(peer.netns)) return [];
  return [`link add ${end(veth, macs)} type veth peer name ${end(peer, macs)}`];
}

/** `ip -batch` lines for one namespace: ports into bridges, everything up, addresses. */
export function addressLines(netns: Netns, address: (d: Device) => readonly string[]): readonly string[] {
  const devices = [...netns.devices.values()];
  const ports = devices.flatMap((d) => (d.kind === 'veth' && d.master !== null ? [`link set ${d.name} master ${d.master.name}`] : []));
  const up = devices.map((d) => `link set ${d.name} up`);
  // After its ports, whose smallest MTU a bridge follows by itself.
  const mtus = devices.flatMap((d) => (d.kind === 'bridge' || d.kind === 'loopback' ? [`link set ${d.name} mtu ${d.mtu}`] : []));
  const neighbours = devices.flatMap((d) =>
    d.kind === 'loopback' ? [] : spokenFamilies(netns).map((f) => `ntable change name ${CACHES[f]} dev ${d.name} ${NEIGHBOURS}`),
  );
  // Into the world outside frames are sent without asking for the address (those that are known there have entries for good): which
  // machine has any other is not described.
  const unasked = devices.flatMap((d) => (d.kind === 'nic' && d.segment.outside ? [`link set ${d.name} arp off`] : []));
  return [...ports, ...neighbours, ...unasked, ...up, ...mtus, ...devices.flatMap(address)];
}

/** `bridge -batch` lines for the ports of one namespace. */
export function portLines(netns: Netns): readonly string[] {
  return [...netns.devices.values()].flatMap((d) => {
    if (d.kind !== 'veth' || d.master === null) return [];
    const isolated = d.isolated === undefined ? [] : [`link set dev ${d.name} isolated on`];
    return [...(d.hairpin ? [`link set dev ${d.name} hairpin on`] : []), ...isolated];
  });
}

/** `ip -batch` lines for one namespace. Last of all, so that the kernel takes away the routes that go with a device. */
export function downLines(netns: Netns): readonly string[] {
  return [...netns.devices.values()].flatMap((d) => (d.down === null ? [] : [`link set ${d.name} down`]));
}
