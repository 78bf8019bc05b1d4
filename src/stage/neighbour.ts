import type { Device, Nic } from '../datapath/netns.ts';
import type { Neighbour } from '../datapath/peers.ts';
import type { Failure } from '../hop/failure.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Origin } from '../source/origin.ts';
import { arpSender, type Question, whySilent } from './arp.ts';
import { discoveryFiltered } from './discovery.ts';
import { linkDown, onLink, refusedBy } from './link-owner.ts';
import { inferredOrigin } from './note.ts';
import type { Learned, Skb } from './skb.ts';

/**
 * The answer to ARP, or to IPv6's neighbour discovery, for an address on the link of a device: the device whose MAC is in it, and in
 * the name of which address it was asked; or why there is none.
 */
export type Resolution =
  | { readonly device: Device; readonly sender: IpAddress | null }
  /** A permanent entry with a MAC address that no device on the link takes frames for. */
  | { readonly astray: Failure }
  /** `unasked`: no request was sent, so that no sender waits for its result. */
  | { readonly failure: Failure; readonly unasked?: true };

/**
 * ARP as a warm neighbour cache would have it. Any device answers for any address of its machine, unless arp_ignore is set, but only to a sender
 * whose own address it would accept there. Neighbour discovery asks and answers without such looks, but only a device with the address
 * answers, and the machines' rules see it. Source: arp_process, net/ipv4/arp.c; ndisc_recv_ns, net/ipv6/ndisc.c.
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
  // A route may outlive its device: nothing answers on a device that is down.
  if (from.down !== null) return linkDown(from, from.down);
  if (stated?.state === 'permanent' && !(stated.found === true && isRouterOfFabric(from, address))) return knownByMac(from, stated);
  const asker = askerOf(learned, from, address);
  const isIpv6 = familyOf(address) === 'IPv6';
  const question = { address, sender: isIpv6 ? sourceOn(from, packet.source) : arpSender(from, address, packet.source) };
  const found = onLink(from, question, asker, packet.destination);
  if ('failure' in found) return found;
  const { device, output } = found;
  const { sender } = question;
  if (device === null) return unanswered(from, question, isGateway);
  // It answers for a NIC whether that is up or not.
  if (from.kind === 'nic' && from.segment.fabric !== null) return { device, sender: null };
  if (device.down !== null) return linkDown(device, device.down);
  if (isIpv6) {
    const filtered = asker === null ? discoveryFiltered(from, device, question) : null;
    return filtered === null ? { device, sender } : { failure: filtered };
  }
  const refused = asker === null ? refusedBy(device, output, question) : null;
  if (refused !== null) return { failure: refused };
  return { device, sender };
}

/**
 * Resolves by a permanent entry, without a request: the frame goes to the device with the MAC address, if there is one on the link. A found
 * entry is right about a device whose MAC address is not stated.
 */
function knownByMac(from: Device, { address, lladdr, origin, found }: Permanent): Resolution {
  const peer = from.kind === 'veth' ? from.peer : null;
  // Without a carrier the device drops what it is given, before a capture sees it (noop_qdisc, net/sched/sch_generic.c).
  if (peer !== null && peer.down !== null) return { ...linkDown(peer, peer.down), unasked: true };
  const reachable = reachableFrom(from);
  const isOwner = (d: Device) => found === true && d.mac === null && d.addresses.some((a) => a.address === address);
  const device = reachable.find((d) => d.mac === lladdr) ?? reachable.find(isOwner);
  if (device === undefined) return { astray: stray(from, address, lladdr, origin) };
  // A bridge forgets the addresses behind a port without carrier; a switch does not, and sends the frame to a device that does not receive
  // it.
  return device.down === null || from.kind === 'nic' ? { device, sender: null } : { astray: linkDown(device, device.down).failure };
}

/** The MAC address of the network's own router is not known. */
const isRouterOfFabric = (from: Device, address: IpAddress): boolean =>
  from.kind === 'nic' && from.segment.fabric?.routers.has(address) === true;

type Permanent = Extract<Neighbour, { state: 'permanent' }>;

/** The devices that a frame gets to by its MAC address. */
function reachableFrom(from: Device): readonly Device[] {
  switch (from.kind) {
    case 'nic':
      return [...from.segment.known()].flatMap((a) => from.segment.owner(a) ?? []);
    case 'bridge':
      return from.ports.flatMap((p) => (p.down === null ? (p.peer ?? []) : []));
    case 'veth': {
      const { peer } = from;
      if (peer === null || peer.down !== null) return [];
      return peer.master === null ? [peer] : [peer.master, ...reachableFrom(peer.master)];
    }
    default:
      return [];
  }
}

/** The end of a frame that no device takes. */
const stray = (from: Device, address: IpAddress, lladdr: Mac, origin: Origin): Failure => ({
  code: 'NEIGHBOUR_UNREACHABLE',
  facts: { why: 'stray', ...place(from), address, lladdr },
  origin,
});

/** Is there nothing on the internet that has this address, as far as the input and this connection so far tell? Nobody hears his own question. */
export function isUnknownOutside(from: Nic, address: IpAddress, { learned }: Pick<Skb, 'learned'>): boolean {
  if (!from.segment.outside || askerOf(learned, from, address) !== null) return false;
  const owner = from.segment.owner(address);
  return owner === null || owner === from;
}

/** Is the packet sent to the network's own router, without a machine there that has its destination? */
export const isUnknownToFabric = ({ segment: { fabric } }: Nic, address: IpAddress, destination: IpAddress): boolean =>
  fabric?.routers.has(address) === true && fabric.nic(destination) === null;

/** The device that has asked this machine for a neighbour in the name of this address; null: none has. */
function askerOf(learned: Learned | null, from: Device, address: IpAddress): Device | null {
  for (let l = learned; l !== null; l = l.older)
    if (l.netns === from.netns.name && l.address === address && areOnLink(l.on, from)) return l.device;
  return null;
}

/** Are both on one link? Every NIC of a segment receives the requests there. */
const areOnLink = (a: Device, b: Device): boolean => (a.kind === 'nic' && b.kind === 'nic' ? a.segment === b.segment : a === b);

/**
 * ndisc_solicit: in the name of the packet's own source when the device has it; else of the device's link-local address, which is null
 * here.
 */
const sourceOn = (from: Device, source: IpAddress): IpAddress | null => (from.addresses.some((a) => a.address === source) ? source : null);

const place = ({ netns, name }: Device) => ({ netns: netns.name, device: name });

function unanswered(from: Device, question: Question, isGateway: boolean): { failure: Failure } {
  const asked = askedFirst(from, question);
  const why = asked === null ? null : whySilent(asked, question);
  const facts = { ...place(from), address: question.address, silent: why?.silent ?? null };
  const origin = why?.origin ?? inferredOrigin;
  return isGateway
    ? { failure: { code: 'NEXT_HOP_UNKNOWN', facts, origin } }
    : { failure: { code: 'NEIGHBOUR_UNREACHABLE', facts: { why: 'unknown', ...facts }, origin } };
}

/** The one that hears the question and might have answered, where there is only one. */
function askedFirst(from: Device, { address }: Question): Device | null {
  if (from.kind === 'nic') {
    const owner = from.segment.owner(address);
    return owner === from ? null : owner;
  }
  return from.kind === 'veth' ? (from.peer?.master ?? from.peer) : null;
}
