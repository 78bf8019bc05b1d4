import type { Bridge, Device, Netns, Nic, Segment, Veth } from '../datapath/netns.ts';
import type { Neighbour } from '../datapath/peers.ts';
import { selectSource } from '../datapath/select-source.ts';
import type { Failure } from '../hop/failure.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Origin } from '../source/origin.ts';
import { isAnycastOn, isLocalAddress } from './match.ts';
import { inferredOrigin } from './note.ts';
import { proxyBehind } from './proxy-arp.ts';
import type { Learned, Skb } from './skb.ts';
import { validateSource } from './source-check.ts';

/**
 * The answer to ARP, or to IPv6's neighbour discovery, for an address on the link of a device: the device whose MAC is in it, and in
 * the name of which address it was asked; or why there is none.
 */
export type Resolution = { readonly device: Device; readonly sender: IpAddress | null } | { readonly failure: Failure };

/**
 * ARP as a warm neighbour cache would have it. Any device answers for any address of its machine (arp_ignore 0), but only to a sender
 * whose own address it would accept there. Neighbour discovery asks and answers without such looks, but only a device with the address
 * answers. Source: arp_process, net/ipv4/arp.c; ndisc_recv_ns, net/ipv6/ndisc.c.
 */
export function resolve(
  from: Device,
  address: IpAddress,
  isGateway: boolean,
  { packet, learned }: Pick<Skb, 'packet' | 'learned'>,
): Resolution {
  const stated = from.netns.neighbours.find((n) => n.address === address && n.device === from.name);
  if (stated?.state === 'failed')
    return { failure: { code: 'NEIGHBOUR_UNREACHABLE', facts: { why: 'failed', ...place(from), address }, origin: stated.origin } };
  // By a route that outlives it: nothing answers on a device that is down.
  if (from.down !== null) return linkDown(from, from.down);
  if (stated?.state === 'permanent') return written(from, address, stated);
  const asker = askerOf(learned, from.netns, address);
  const found = onLink(from, address, asker, packet.destination);
  if ('failure' in found) return found;
  // arp_solicit: in the name of the packet's own source when it is sent from here, else of the device's address (arp_announce 0).
  const sender = isLocalAddress(from.netns, packet.source) ? packet.source : selectSource(from, address);
  const device = found.device ?? proxyBehind(from, address, sender);
  if (device === null) return unanswered(from, address, isGateway);
  if (device.down !== null) return linkDown(device, device.down);
  if (from.kind === 'nic' && from.segment.fabric !== null) return { device, sender: null };
  if (familyOf(address) === 'IPv6') return { device, sender: sourceOn(from, packet.source) };
  const refused =
    sender === null || asker !== null
      ? null
      : validateSource(device.netns, { source: sender, destination: address, output: null, isArp: true }, device);
  if (refused !== null) return { failure: refused };
  return { device, sender };
}

/** Nobody is asked. */
function written(from: Device, address: IpAddress, { lladdr }: Extract<Neighbour, { readonly state: 'permanent' }>): Resolution {
  const device = machinesOn(from).find((d) => d.mac === lladdr) ?? null;
  if (device === null) return unanswered(from, address, false);
  return device.down === null ? { device, sender: null } : linkDown(device, device.down);
}

/** The devices that a frame can get to. */
function machinesOn(from: Device): readonly Device[] {
  if (from.kind === 'nic') return [...from.segment.known()].flatMap((a) => from.segment.owner(a) ?? []);
  if (from.kind === 'bridge') return from.ports.flatMap((p) => p.peer ?? []);
  if (from.kind !== 'veth' || from.peer === null) return [];
  const { master } = from.peer;
  return master === null ? [from.peer] : [master, ...master.ports.flatMap((p) => p.peer ?? [])];
}

/** Is there nothing on the internet that has this address, as far as the input and this connection so far tell? */
export const isUnknownOutside = (from: Nic, address: IpAddress, { learned }: Pick<Skb, 'learned'>): boolean =>
  from.segment.outside && from.segment.owner(address) === null && askerOf(learned, from.netns, address) === null;

/** Is it sent to the network's own router, which knows nobody with its destination? */
export const isUnknownToFabric = ({ segment: { fabric } }: Nic, address: IpAddress, destination: IpAddress): boolean =>
  fabric?.routers.has(address) === true && fabric.nic(destination) === null;

/** The device that has asked this machine for a neighbour in the name of this address; null: none has. */
function askerOf(learned: Learned | null, netns: Netns, address: IpAddress): Device | null {
  for (let l = learned; l !== null; l = l.older) if (l.netns === netns.name && l.address === address) return l.device;
  return null;
}

/**
 * ndisc_solicit: in the name of the packet's own source when the device has it; else of the device's link-local address, which is null
 * here.
 */
const sourceOn = (from: Device, source: IpAddress): IpAddress | null => (from.addresses.some((a) => a.address === source) ? source : null);

const place = ({ netns, name }: Device) => ({ netns: netns.name, device: name });

function unanswered(from: Device, address: IpAddress, isGateway: boolean): { failure: Failure } {
  const facts = { ...place(from), address };
  return isGateway
    ? { failure: { code: 'NEXT_HOP_UNKNOWN', facts, origin: inferredOrigin } }
    : { failure: { code: 'NEIGHBOUR_UNREACHABLE', facts: { why: 'unknown', ...facts }, origin: inferredOrigin } };
}

/** A device that the input sets down. */
export const linkDown = (device: Device, origin: Origin): { failure: Failure<'LINK_DOWN'> } => ({
  failure: { code: 'LINK_DOWN', facts: { ...place(device), isOverride: true, route: null }, origin },
});

type Owner = { readonly device: Device | null } | { readonly failure: Failure };

/** A machine on the internet that the input does not name is known to those that it has asked, and to no other. */
function onLink(from: Device, address: IpAddress, asker: Device | null, destination: IpAddress): Owner {
  switch (from.kind) {
    case 'loopback':
      return { device: from };
    case 'nic':
      return { device: acrossSegment(from.segment, address, destination) ?? (from.segment.outside ? asker : null) };
    case 'bridge':
      return acrossPorts(from, address, null);
    case 'veth':
      return beyondPeer(from, address);
    case 'dummy':
    case 'vxlan':
    case 'ipip':
      return { device: null };
  }
}

/** The network's own router has no NIC: the frame comes out at the one that the packet is for. */
const acrossSegment = (segment: Segment, address: IpAddress, destination: IpAddress): Nic | null =>
  segment.fabric?.routers.has(address) === true ? segment.fabric.nic(destination) : segment.owner(address);

function beyondPeer(from: Veth, address: IpAddress): Owner {
  const { peer } = from;
  if (peer === null) return { device: null };
  if (peer.down !== null) return linkDown(peer, peer.down);
  const { master } = peer;
  if (master === null) return { device: answers(peer, address) ? peer : null };
  if (master.down !== null) return linkDown(master, master.down);
  return answers(master, address) ? { device: master } : acrossPorts(master, address, peer);
}

function acrossPorts(bridge: Bridge, address: IpAddress, except: Veth | null): Owner {
  const port = portOf(bridge, address);
  const device = port?.peer ?? null;
  if (port === null || device === null || port === except) return { device: null };
  return port.down === null ? { device } : linkDown(port, port.down);
}

/** The port of each address behind it, found once a bridge: a compiled network does not change. */
const portsByAddress = new WeakMap<Bridge, ReadonlyMap<IpAddress, Veth>>();

function indexPorts(bridge: Bridge): ReadonlyMap<IpAddress, Veth> {
  const index = new Map<IpAddress, Veth>();
  for (const port of bridge.ports) for (const { address } of port.peer?.addresses ?? []) if (!index.has(address)) index.set(address, port);
  portsByAddress.set(bridge, index);
  return index;
}

/** The port behind which a namespace has this address, on the device there or, answering all the same, on another one. */
function portOf(bridge: Bridge, address: IpAddress): Veth | null {
  const known = (portsByAddress.get(bridge) ?? indexPorts(bridge)).get(address);
  if (known !== undefined) return known;
  return bridge.ports.find(({ peer }) => peer !== null && peer.down === null && answers(peer, address)) ?? null;
}

/** Is the device asked on its link to answer for this address? */
function answers(device: Device, address: IpAddress): boolean {
  if (familyOf(address) === 'IPv4') return isLocalAddress(device.netns, address);
  return device.addresses.some((a) => a.address === address) || isAnycastOn(device, address);
}
