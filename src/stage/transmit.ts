import { mayBeBridge } from '../datapath/found/pair-names.ts';
import type { Bridge, Device, Dummy, Nic, Opaque, Veth } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import type { IpAddress } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import { askedForNeighbour, atDevice, onBridge, onUnseenBridge } from './below-ip.ts';
import { throughIpip, throughVxlan } from './encap.ts';
import { gone, isForClientBeyond, leave } from './leave.ts';
import { linkDown } from './link-owner.ts';
import { fits, mtuTowards, tooLargeFor, wireSize } from './mtu.ts';
import { isUnknownOutside, isUnknownToFabric, resolve } from './neighbour.ts';
import type { End, Next } from './next.ts';
import { note, noteCrossing } from './note.ts';
import { icmpError, unresolved } from './refusal.ts';
import type { Skb } from './skb.ts';
import { lostAt } from './undecided-way.ts';

/** A frame may be larger than the MTU by a VLAN tag before a bridge or a veth drops it. Source: is_skb_forwardable, net/core/dev.c. */
const VLAN_TAG = 4;

/** A device with machines at its other end. */
type Link = Nic | Veth | Bridge;

/** The packet leaves by its output device: find the neighbour's MAC, then put the frame on the link. */
export function transmit(skb: Skb): Next {
  const { output, destination, packet } = skb;
  if (output === null || destination === null) throw new Error('a packet is transmitted after it was routed');
  if (output.kind === 'loopback') return overLoopback(skb, output);
  if (output.noCarrier !== undefined) return unresolved(skb, withoutCarrier(output, output.noCarrier));
  const stop = atDevice(skb, 'egress', output);
  if (stop !== null) return { end: stop };
  if (!fits(skb, output)) return fragmentationNeeded(skb, output);
  const via = destination.nextHop?.via ?? null;
  const address = via ?? packet.destination;
  if (output.kind === 'nic' && isUnknownOutside(output, address, skb)) return leave(skb, output);
  switch (output.kind) {
    case 'vxlan':
      return throughVxlan(skb, output, address);
    case 'ipip':
      return throughIpip(skb, output, address);
    case 'dummy':
      return intoNothing(skb, output);
    case 'opaque':
      return outOfSight(skb, output);
    default:
      return overLink(skb, output, address);
  }
}

/**
 * The failure of a device without carrier: requests are not received, and known neighbours were forgotten (neigh_carrier_down,
 * net/core/neighbour.c).
 */
const withoutCarrier = ({ netns, name }: Device, origin: Origin): Failure<'LINK_DOWN'> => ({
  code: 'LINK_DOWN',
  facts: { netns: netns.name, device: name, isOverride: false, route: 'no-carrier' },
  origin,
});

/** A dummy device takes all packets, and passes none on; it asks for no neighbour. */
function intoNothing(skb: Skb, output: Dummy): Next {
  noteCrossing(skb, 'out', output);
  const facts = { why: 'dummy', netns: skb.netns.name, device: output.name, address: skb.packet.destination } as const;
  return lost({ code: 'NEIGHBOUR_UNREACHABLE', facts, origin: output.origin });
}

/** Sent by a device whose other end is not known. */
function outOfSight(skb: Skb, output: Opaque): Next {
  const { netns, name, type, down, origin } = output;
  if (down !== null) return lost(linkDown(output, down).failure);
  const isBack = goesBack(skb, output);
  const kept = onUnseenBridge(skb, output, 'out');
  if (kept !== null) return { end: kept };
  if (netns.strangers === true && !isBack) return leave(skb, output);
  noteCrossing(skb, 'out', output);
  const facts = { why: 'device', netns: netns.name, device: name, type, destination: skb.packet.destination, isBack } as const;
  return { end: { kind: 'undetermined', failure: { code: 'FACT_MISSING', facts, origin } } };
}

/** Does the packet go back to its own sender behind a bridge port? Whether that port lets it out again (hairpin) is not known. */
const goesBack = ({ input, tracked, packet }: Skb, output: Opaque): boolean =>
  mayBeBridge(output) && input?.name === output.name && tracked?.connection?.original.source === packet.destination;

function overLink(skb: Skb, output: Link, address: IpAddress): Next {
  if (output.kind === 'nic' && isUnknownToFabric(output, address, skb.packet.destination)) return intoFabric(skb, output);
  const via = skb.destination?.nextHop?.via ?? null;
  const found = resolve(output, address, via !== null, skb);
  if ('failure' in found && (skb.netns.strangers === true || isForClientBeyond(skb, output)) && isStranger(found.failure))
    return leave(skb, output);
  if ('failure' in found && output.kind === 'veth' && isBesideStrangers(output, found.failure)) return overBridge(skb, output);
  if ('failure' in found && found.failure.code === 'FACT_MISSING') return { end: lostAt(found.failure) };
  if ('failure' in found) return found.unasked === true ? lost(found.failure) : unresolved(skb, found.failure);
  if ('astray' in found) return astray(skb, output, found.astray);
  const { device, sender } = found;
  const unheard = askedForNeighbour(skb, device, { address, sender });
  if (unheard !== null) return { end: unheard };
  if (sender !== null) skb.learned = { netns: device.netns.name, address: sender, device: output, on: device, older: skb.learned };
  note(skb, {
    kind: 'neighbour',
    address,
    answeredBy: { netns: device.netns.name, device: device.name },
    origin: device.origin,
    device: output.name,
  });
  skb.frameTo = device;
  noteCrossing(skb, 'out', output);
  switch (output.kind) {
    case 'nic':
      return (
        notTaken(skb, output) ?? (isForClientBeyond(skb, output) ? gone(skb, output) : acrossSegment(skb, device, output.segment.name))
      );
    case 'veth':
      return toPeer(skb, output);
    case 'bridge':
      return fromBridge(skb, output, device);
  }
}

/** On a bridge, where the machine does not stand for the address, either. */
function isBesideStrangers({ peer }: Veth, failure: Failure): boolean {
  if (peer?.master?.netns.strangers !== true) return false;
  const silent = failure.code === 'NEIGHBOUR_UNREACHABLE' && failure.facts.why === 'unknown' ? failure.facts.silent?.why : undefined;
  return isStranger(failure) || silent === 'proxy_arp' || silent === 'forwarding' || silent === 'no-way';
}

/** From behind a port to one that may be behind another: the bridge floods the question. */
function overBridge(skb: Skb, output: Veth): Next {
  skb.frameTo = null;
  noteCrossing(skb, 'out', output);
  return toPeer(skb, output);
}

/** Is the failure that no known machine has the address? */
export function isStranger(failure: Failure): boolean {
  if (failure.code === 'FACT_MISSING') return 'why' in failure.facts && failure.facts.why === 'device';
  if (failure.code === 'NEXT_HOP_UNKNOWN') return failure.facts.silent === null;
  return failure.code === 'NEIGHBOUR_UNREACHABLE' && failure.facts.why === 'unknown' && failure.facts.silent === null;
}

/**
 * Sends a frame with a MAC address that no device takes: it is seen at the other end of a pair. A bridge floods it, and none of the copies
 * is taken.
 */
function astray(skb: Skb, output: Link, failure: Failure): Next {
  noteCrossing(skb, 'out', output);
  const peer = output.kind === 'veth' ? output.peer : null;
  if (peer !== null && peer.down === null) {
    arrive(skb, peer);
    noteCrossing(skb, 'in', peer);
  }
  return lost(failure);
}

/**
 * ip_finish_output: only a packet that netfilter sent to another device than the one it was made for is too large here. The program's
 * call fails, and the error is sent to it as well. Source: ip_fragment, net/ipv4/ip_output.c.
 */
function fragmentationNeeded(skb: Skb, output: Device): Next {
  return { end: { ...tooBig(skb, output), atSource: 'message-too-long' } };
}

function tooBig(skb: Skb, output: Device): Extract<End, { kind: 'refused' }> {
  const mtu = mtuTowards(skb, output);
  const failure = tooLargeFor(output, 'sender', skb.packet.size, mtu);
  return { kind: 'refused', failure, refusal: icmpError(skb, 'fragmentation-needed', mtu.bytes) };
}

/** A capture on `lo` shows a packet once, as it comes in. */
function overLoopback(skb: Skb, lo: Device): Next {
  if (lo.down !== null) return lost(linkDown(lo, lo.down).failure);
  skb.input = lo;
  skb.output = null;
  noteCrossing(skb, 'in', lo);
  const stop = atDevice(skb, 'egress', lo) ?? atDevice(skb, 'ingress', lo);
  if (stop !== null) return { end: stop };
  return { go: 'prerouting' };
}

/** The network's router discards what it has no way for, in silence. */
function intoFabric(skb: Skb, output: Nic): Next {
  noteCrossing(skb, 'out', output);
  const facts = { why: 'fabric', segment: output.segment.name, destination: skb.packet.destination } as const;
  return lost({ code: 'NO_ROUTE', facts, origin: output.segment.origin });
}

/** The network knows the addresses of each NIC, and takes no others for a source. */
function notTaken({ netns, packet: { source } }: Skb, output: Nic): Next | null {
  const origin = output.segment.refuses(output, source);
  return origin === null ? null : lost({ code: 'SOURCE_CHECK', facts: { netns: netns.name, device: output.name, source }, origin });
}

function acrossSegment(skb: Skb, to: Device, segment: string): Next {
  note(skb, { kind: 'underlay', segment, device: null, origin: to.kind === 'nic' ? to.segment.origin : to.origin });
  if (to.down !== null) return lost(linkDown(to, to.down).failure);
  return wireSize(skb) > to.mtu + VLAN_TAG ? tooLarge(skb, to) : arrive(skb, to);
}

/** The frame goes down from the bridge device and leaves by the port that the destination's MAC was learned on. */
function fromBridge(skb: Skb, bridge: Bridge, to: Device): Next {
  const port = to.kind === 'veth' ? to.peer : null;
  if (port === null || port.master !== bridge) throw new Error('a neighbour on a bridge is behind one of its ports');
  note(skb, { kind: 'bridge', bridge: bridge.name, port: port.name, verdict: 'forwarded', device: bridge.name, origin: port.origin });
  const stop = onBridge({ ...skb, outputPort: port }, 'output', 'postrouting');
  if (stop !== null) return { end: stop };
  return outOfPort(skb, port, false);
}

/**
 * Puts a frame out of a bridge port; an oversize one vanishes here, without any ICMP error. Bridge netfilter is stricter than the bridge:
 * it would have to fragment a packet over the MTU, and may not (br_nf_dev_queue_xmit). For IPv6 that says so to the sender, if the bridge
 * itself has a smaller MTU too (ip6_fragment, net/ipv6/ip6_output.c).
 */
export function outOfPort(skb: Skb, port: Veth, netfilter: boolean): Next {
  const { master } = port;
  const stop = atDevice(skb, 'egress', port);
  if (stop !== null) return { end: stop };
  if (wireSize(skb) > port.mtu + (netfilter ? 0 : VLAN_TAG)) {
    const says = netfilter && packetFamily(skb.packet) === 'IPv6' && master !== null && wireSize(skb) > master.mtu;
    return says ? { end: tooBig(skb, master) } : tooLarge(skb, port);
  }
  noteCrossing(skb, 'out', port);
  return toPeer(skb, port);
}

function toPeer(skb: Skb, veth: Veth): Next {
  const { peer } = veth;
  if (peer === null) throw new Error('a veth has a peer');
  if (peer.down !== null) return lost(linkDown(peer, peer.down).failure);
  if (wireSize(skb) > peer.mtu + VLAN_TAG) return tooLarge(skb, peer);
  return arrive(skb, peer);
}

const tooLarge = (skb: Skb, device: Device): Next => lost(tooLargeFor(device, 'link', wireSize(skb)));

const lost = (failure: Failure): Next => ({ end: { kind: 'lost', failure } });

/** Into another namespace: the mark and conntrack's notes stay behind (skb_scrub_packet, net/core/skbuff.c). */
function arrive(skb: Skb, at: Device): Next {
  skb.netns = at.netns;
  skb.mark = 0;
  skb.tracked = null;
  skb.input = at;
  skb.output = null;
  skb.inputPort = null;
  skb.seenAt = null;
  skb.outputPort = null;
  skb.bridged = null;
  skb.destination = null;
  return { go: 'receive' };
}
