import type { Bridge, Device, Nic, Veth } from '../datapath/netns.ts';
import type { Neighbour } from '../datapath/peers.ts';
import type { Failure } from '../hop/failure.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Origin } from '../source/origin.ts';
import { isLocalAddress } from './address-type.ts';
import { answerOf, arpSender, ignores, type Question, whySilent } from './arp.ts';
import { discoveryFiltered } from './discovery.ts';
import { inferredOrigin } from './note.ts';
import type { Learned, Skb } from './skb.ts';
import { validateSource } from './source-check.ts';

/**
 * The answer to ARP, or to IPv6's neighbour discovery, for an address on the link of a device: the device whose MAC is in it, and in
 * the name of which address it was asked; or why there is none.
 */
export type Resolution =
  | { readonly device: Device; readonly sender: IpAddress | null }
  /** An entry that is written down names a MAC address that nobody there takes frames for. */
  | { readonly astray: Failure }
  /** `unasked`: nobody was asked, so that nobody is told either. */
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
  // By a route that outlives it: nothing answers on a device that is down.
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
  const refused =
    sender === null || asker !== null
      ? null
      : validateSource(device.netns, { source: sender, destination: address, output, mark: 0, isArp: true }, device);
  if (refused !== null) return { failure: refused };
  return { device, sender };
}

/**
 * Nobody is asked: the frame goes to the one that has the MAC address on the link, or to nobody. An entry that was found is right about a device of
 * which nothing else tells the MAC address.
 */
function knownByMac(from: Device, { address, lladdr, origin, found }: Permanent): Resolution {
  const peer = from.kind === 'veth' ? from.peer : null;
  // Without a carrier the device drops what it is given, before a capture sees it (noop_qdisc, net/sched/sch_generic.c).
  if (peer !== null && peer.down !== null) return { ...linkDown(peer, peer.down), unasked: true };
  const reachable = reachableFrom(from);
  const isOwner = (d: Device) => found === true && d.mac === null && d.addresses.some((a) => a.address === address);
  const device = reachable.find((d) => d.mac === lladdr) ?? reachable.find(isOwner);
  if (device === undefined) return { astray: stray(from, address, lladdr, origin) };
  // A bridge forgets what is behind a port without a carrier, and a switch does not: the frame is sent, and nobody hears of its end.
  return device.down === null || from.kind === 'nic' ? { device, sender: null } : { astray: linkDown(device, device.down).failure };
}

/** Nothing tells the MAC address of the network's own router. */
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

/** The end of a frame that nobody takes for its own. */
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

/** Is it sent to the network's own router, which knows nobody with its destination? */
export const isUnknownToFabric = ({ segment: { fabric } }: Nic, address: IpAddress, destination: IpAddress): boolean =>
  fabric?.routers.has(address) === true && fabric.nic(destination) === null;

/** The device that has asked this machine for a neighbour in the name of this address; null: none has. */
function askerOf(learned: Learned | null, from: Device, address: IpAddress): Device | null {
  for (let l = learned; l !== null; l = l.older)
    if (l.netns === from.netns.name && l.address === address && areOnLink(l.on, from)) return l.device;
  return null;
}

/** Of several NICs on a segment each hears what is asked there. */
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

/** A device that the input sets down. */
export const linkDown = (device: Device, origin: Origin): { failure: Failure<'LINK_DOWN'> } => ({
  failure: { code: 'LINK_DOWN', facts: { ...place(device), isOverride: true, route: null }, origin },
});

/** `output`: it answers for what it sends on by that device. */
type Owner = { readonly device: Device | null; readonly output: Device | null } | { readonly failure: Failure };

const NOBODY: Owner = { device: null, output: null };

/** A machine on the internet that the input does not name is known to those that it has asked, and to no other. */
function onLink(from: Device, question: Question, asker: Device | null, destination: IpAddress): Owner {
  switch (from.kind) {
    case 'loopback':
      return { device: from, output: null };
    case 'nic':
      return onSegment(from, question, asker, destination);
    case 'bridge':
      return acrossPorts(from, question, null);
    case 'veth':
      return beyondPeer(from, question);
    case 'dummy':
    case 'opaque':
    case 'vxlan':
    case 'ipip':
      return NOBODY;
  }
}

/** The network's own router has no NIC: the frame comes out at the one that the packet is for. */
function onSegment(from: Nic, question: Question, asker: Device | null, destination: IpAddress): Owner {
  const { segment } = from;
  const { address } = question;
  if (segment.fabric?.routers.has(address) === true) return { device: segment.fabric.nic(destination), output: null };
  const owner = segment.owner(address);
  // Nobody hears his own question.
  if (owner === from) return NOBODY;
  if (owner !== null) return ignores(owner, question) ? NOBODY : { device: owner, output: null };
  if (segment.outside) return { device: asker, output: null };
  for (const nic of segment.proxies()) {
    const answer = answerOf(nic, question);
    if (answer !== null) return { device: nic, output: answer.output };
  }
  return NOBODY;
}

function beyondPeer(from: Veth, question: Question): Owner {
  const { peer } = from;
  if (peer === null) return NOBODY;
  if (peer.down !== null) return linkDown(peer, peer.down);
  const { master } = peer;
  // A gateway that nothing tells is link-local with IPv6, as all devices have one: an address of the machine stands for it.
  const isGateway = peer.netns.strangers === true && isLocalAddress(peer.netns, question.address);
  if (master === null)
    return answered(peer, question) ?? (isGateway && familyOf(question.address) === 'IPv6' ? { device: peer, output: null } : NOBODY);
  if (master.down !== null) return linkDown(master, master.down);
  return answered(master, question) ?? acrossPorts(master, question, peer);
}

function answered(device: Device, question: Question): Owner | null {
  const answer = answerOf(device, question);
  return answer === null ? null : { device, output: answer.output };
}

function acrossPorts(bridge: Bridge, question: Question, except: Veth | null): Owner {
  const owner = byPort(bridge, question, except);
  const { strangers } = bridge;
  if ('failure' in owner || owner.device !== null || strangers === undefined) return owner;
  const [device = bridge.name] = strangers;
  const facts = { why: 'device', netns: bridge.netns.name, device, type: 'veth', destination: question.address, isBack: false } as const;
  return { failure: { code: 'FACT_MISSING', facts, origin: bridge.netns.devices.get(device)?.origin ?? bridge.origin } };
}

function byPort(bridge: Bridge, question: Question, except: Veth | null): Owner {
  const known = (portsByAddress.get(bridge) ?? indexPorts(bridge)).get(question.address);
  const port = known ?? bridge.ports.find(({ peer }) => peer !== null && peer.down === null && answerOf(peer, question) !== null);
  const device = port?.peer ?? null;
  if (port === undefined || device === null || port === except) return NOBODY;
  if (port.down !== null) return linkDown(port, port.down);
  if (known === undefined) return answered(device, question) ?? NOBODY;
  return ignores(device, question) ? NOBODY : { device, output: null };
}

/** The port behind which a namespace has each address on its device there, found once a bridge: a compiled network does not change. */
const portsByAddress = new WeakMap<Bridge, ReadonlyMap<IpAddress, Veth>>();

function indexPorts(bridge: Bridge): ReadonlyMap<IpAddress, Veth> {
  const index = new Map<IpAddress, Veth>();
  for (const port of bridge.ports) for (const { address } of port.peer?.addresses ?? []) if (!index.has(address)) index.set(address, port);
  portsByAddress.set(bridge, index);
  return index;
}
