import type { Bridge, Device, Netns, Veth } from '../datapath/netns.ts';
import { selectSource } from '../datapath/select-source.ts';
import { familyOf, formatAddress, type IpAddress } from '../net/address.ts';
import type { Origin } from '../source/origin.ts';
import { isLocalAddress } from './match.ts';
import { inferredOrigin } from './note.ts';
import type { Failure, Learned, Skb } from './skb.ts';
import { validateSource } from './source-check.ts';

/** Who answers ARP, or IPv6's neighbour discovery, for an address on the link of a device: the device whose MAC is in the answer, or why nobody is. */
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
  if (stated !== undefined)
    return fail(
      'NEIGHBOUR_UNREACHABLE',
      `the neighbour entry for ${formatAddress(address)} on ${from.netns.name} ${from.name} is stated as failed`,
      stated.origin,
    );
  const found = onLink(from, address);
  if ('failure' in found) return found;
  const { device } = found;
  if (device === null) return nobody(from, address, isGateway);
  if (device.down !== null) return linkDown(device, device.down);
  if (familyOf(address) === 'IPv6') return { device, sender: null };
  // arp_solicit: in the name of the packet's own source when it is sent from here, else of the device's address (arp_announce 0).
  const sender = isLocalAddress(from.netns, packet.source) ? packet.source : selectSource(from, address);
  const refused = sender === null || knows(learned, from.netns, address) ? null : validateSource(device.netns, sender, address, device);
  if (refused !== null) return fail(refused.code, `${device.netns.name} does not answer ARP: ${refused.text}`, refused.origin);
  return { device, sender };
}

function knows(learned: Learned | null, netns: Netns, address: IpAddress): boolean {
  for (let l = learned; l !== null; l = l.older) if (l.netns === netns.name && l.address === address) return true;
  return false;
}

const fail = (code: Failure['code'], text: string, origin: Origin): { failure: Failure } => ({ failure: { code, text, origin } });

function nobody(from: Device, address: IpAddress, isGateway: boolean): Resolution {
  const where = `on the link of ${from.netns.name} ${from.name}`;
  return isGateway
    ? fail('NEXT_HOP_UNKNOWN', `nobody ${where} has the next hop's address ${formatAddress(address)}`, inferredOrigin)
    : fail('NEIGHBOUR_UNREACHABLE', `nobody ${where} has the address ${formatAddress(address)}`, inferredOrigin);
}

function linkDown(device: { netns: Netns; name: string }, origin: Origin): { failure: Failure } {
  return fail('LINK_DOWN', `${device.name} of ${device.netns.name} is down`, origin);
}

type Owner = { readonly device: Device | null } | { readonly failure: Failure };

function onLink(from: Device, address: IpAddress): Owner {
  switch (from.kind) {
    case 'loopback':
      return { device: from };
    case 'nic':
      return { device: from.segment.owner(address) };
    case 'bridge':
      return acrossPorts(from, address, null);
    case 'veth':
      return beyondPeer(from, address);
  }
}

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

/** What is behind each port, found once a bridge: a compiled network does not change. */
const portsByAddress = new WeakMap<Bridge, ReadonlyMap<IpAddress, Veth>>();

function indexPorts(bridge: Bridge): ReadonlyMap<IpAddress, Veth> {
  const index = new Map<IpAddress, Veth>();
  for (const port of bridge.ports) for (const { address } of port.peer?.addresses ?? []) if (!index.has(address)) index.set(address, port);
  portsByAddress.set(bridge, index);
  return index;
}

/** The port behind which somebody has this address, on the device there or, answering all the same, on another one. */
function portOf(bridge: Bridge, address: IpAddress): Veth | null {
  const known = (portsByAddress.get(bridge) ?? indexPorts(bridge)).get(address);
  if (known !== undefined) return known;
  return bridge.ports.find(({ peer }) => peer !== null && peer.down === null && answers(peer, address)) ?? null;
}

/** Is the device asked on its link to answer for this address? */
function answers(device: Device, address: IpAddress): boolean {
  if (familyOf(address) === 'IPv4') return isLocalAddress(device.netns, address);
  return device.addresses.some((a) => a.address === address);
}
