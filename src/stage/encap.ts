import { lookUp } from '../datapath/fib.ts';
import type { Device, Ipip, Netns, Tunnel, Vxlan } from '../datapath/netns.ts';
import { isForHere, type Route } from '../datapath/route.ts';
import type { Failure } from '../hop/failure.ts';
import type { EncapHop, FdbHit, NeighbourEntry } from '../hop/tunnel-hop.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { mayBeFragmented, type WirePacket } from '../net/packet.ts';
import { tooLargeFor } from './mtu.ts';
import type { Next } from './next.ts';
import { inferredOrigin, note, noteCrossing } from './note.ts';
import { INITIAL_TTL, icmpError, unresolved } from './refusal.ts';
import { sourceTowards } from './routing.ts';
import { type Inner, payload, type Skb } from './skb.ts';

/**
 * A tunnel device puts what it is to send into a packet of the machine's own, which begins its way as any other: by a route, OUTPUT and
 * POSTROUTING. It keeps the mark, and conntrack sees it as another connection. Source: iptunnel_xmit, net/ipv4/ip_tunnel_core.c.
 */

const IP_HEADER: Readonly<Record<IpFamily, number>> = { IPv4: 20, IPv6: 40 };
/** The headers of UDP, of VXLAN or Geneve, and of the frame inside. */
const VXLAN_HEADERS = 8 + 8 + 14;
/** A hash of the flow, which is another one each way: 0 stands for it. */
const ANY_PORT = 0;

/**
 * vxlan_xmit: the next hop's neighbour entry has the MAC address, and the forwarding table the machine for it. Nobody can be asked for
 * either: such a question is a broadcast, for which the table has no entry. Source: drivers/net/vxlan/vxlan_core.c.
 */
export function throughVxlan(skb: Skb, device: Vxlan, address: IpAddress): Next {
  const neighbour = neighbourOn(device, address);
  if (neighbour === null) return unresolved(skb, unknownNeighbour(device, address));
  noteCrossing(skb, 'out', device);
  const fdb = forwardingOf(device, neighbour.lladdr);
  if (fdb === null) return lost(withoutEntry(device, neighbour));
  return encapsulate(skb, device, { source: device.local, destination: fdb.dst, neighbour, fdb });
}

/**
 * ip_tunnel_xmit: to the next hop itself. Such a packet may be cut to pieces if the one inside may; if that one is too large for it, its
 * sender hears so from here. Its TTL is that of the one inside. Source: net/ipv4/ip_tunnel.c.
 */
export function throughIpip(skb: Skb, device: Ipip, address: IpAddress): Next {
  noteCrossing(skb, 'out', device);
  const { netns, packet } = skb;
  const source = device.local ?? sourceTowards(netns, address);
  if (source === null)
    return lost({ code: 'TUNNEL_PEER_UNKNOWN', facts: { why: 'no-way', ...place(device), address }, origin: device.origin });
  const carrier = lookUp(netns, { destination: address, source, iif: null, mark: 0 });
  const out = carrier.route === null ? undefined : netns.devices.get(carrier.nextHops[0]?.device ?? '');
  const room = out === undefined ? Number.POSITIVE_INFINITY : out.mtu - IP_HEADER.IPv4;
  if (out !== undefined && packet.size > room && !mayBeFragmented(packet))
    return {
      end: {
        kind: 'refused',
        failure: tooLargeFor(out, 'router', packet.size + IP_HEADER.IPv4),
        refusal: icmpError(skb, 'fragmentation-needed', room),
      },
    };
  return encapsulate(skb, device, { source, destination: address, neighbour: null, fdb: null });
}

interface Carrier {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly neighbour: NeighbourEntry | null;
  readonly fdb: FdbHit | null;
}

function encapsulate(skb: Skb, device: Tunnel, carrier: Carrier): Next {
  const { source, destination } = carrier;
  if (skb.inner !== null) return { end: { kind: 'undetermined', failure: inAnother(device) } };
  const way = lookUp(skb.netns, { destination, source, iif: null, mark: skb.mark });
  if (way.route !== null && isForHere(way.route)) return toItself(skb, device);
  if (way.route !== null && way.nextHops[0]?.device === device.name) return lost(roundAndRound(device, way.route));
  const { neighbour, fdb } = carrier;
  carry(skb, device, carrier);
  note(skb, {
    kind: 'encap',
    tunnel: { ...kindOf(device), local: source, remote: destination },
    by: neighbour === null || fdb === null ? null : { neighbour, fdb },
    device: device.name,
    origin: fdb?.origin ?? device.origin,
  });
  return { go: 'output' };
}

/** The encapsulation of a tunnel device on the network that carries it. */
export function kindOf(device: Tunnel): Pick<EncapHop['tunnel'], 'type' | 'vni' | 'port'> {
  if (device.kind === 'ipip') return { type: 'ipip', vni: null, port: null };
  return { type: device.carrier, vni: device.vni, port: device.port };
}

function carry(skb: Skb, device: Tunnel, { source, destination, neighbour }: Carrier): void {
  const { piece } = skb;
  const packet = payload(skb);
  const family = familyOf(destination);
  const isVxlan = device.kind === 'vxlan';
  const inner: Inner = {
    packet,
    piece,
    lladdr: neighbour?.lladdr ?? null,
    vni: isVxlan ? device.vni : null,
    numbered: isVxlan ? device.numbered : null,
    // Over IPv6 a packet that is too large is dropped, with an error to the machine itself (ip6_fragment, net/ipv6/ip6_output.c).
    mayBeFragmented: family === 'IPv4' && (isVxlan || mayBeFragmented(packet)),
  };
  const outer: WirePacket = {
    protocol: isVxlan ? 'udp' : 'ipip',
    source,
    sourcePort: ANY_PORT,
    destination,
    destinationPort: isVxlan ? device.port : 0,
    tcpFlags: null,
    ttl: isVxlan ? INITIAL_TTL : packet.ttl,
    size: Math.min(packet.size, piece) + IP_HEADER[family] + (isVxlan ? VXLAN_HEADERS : 0),
    icmp: null,
  };
  skb.inner = inner;
  skb.packet = outer;
  skb.piece = Number.POSITIVE_INFINITY;
  skb.tracked = null;
  skb.input = null;
  skb.output = null;
  skb.inputPort = null;
  skb.seenAt = null;
  skb.outputPort = null;
  skb.destination = null;
}

/** The namespace's own entry, else the one that all machines with the tunnel have; null: the address is not resolved. */
function neighbourOn(device: Vxlan, address: IpAddress): NeighbourEntry | null {
  const own = statedNeighbour(device.netns, device, address);
  if (own !== undefined) return own.state === 'permanent' ? own : null;
  const peer = device.peers.byAddress.get(address);
  return peer === undefined || device.hides(peer) ? null : peer;
}

const statedNeighbour = ({ neighbours }: Netns, { name }: Device, address: IpAddress) =>
  neighbours.find((n) => n.address === address && n.device === name);

function forwardingOf(device: Vxlan, lladdr: NeighbourEntry['lladdr']): FdbHit | null {
  const own = device.fdb.get(lladdr);
  if (own !== undefined) return own.dst === null ? null : { lladdr, dst: own.dst, origin: own.origin };
  const peer = device.peers.byMac.get(lladdr);
  return peer === undefined || device.hides(peer) ? null : peer;
}

function unknownNeighbour(device: Vxlan, address: IpAddress): Failure<'TUNNEL_PEER_UNKNOWN'> {
  const stated = statedNeighbour(device.netns, device, address);
  return { code: 'TUNNEL_PEER_UNKNOWN', facts: { why: 'neighbour', ...place(device), address }, origin: stated?.origin ?? inferredOrigin };
}

function withoutEntry(device: Vxlan, { address, lladdr, origin }: NeighbourEntry): Failure<'TUNNEL_PEER_UNKNOWN'> {
  const stated = device.fdb.get(lladdr);
  return {
    code: 'TUNNEL_PEER_UNKNOWN',
    facts: { why: 'fdb', ...place(device), address, lladdr },
    origin: stated?.origin ?? origin,
  };
}

/**
 * encap_bypass_if_local: to an address of the machine's own nothing is encapsulated; the packet comes back by the device that has the same
 * VNI and port, whatever MAC address it was for.
 */
function toItself(skb: Skb, device: Tunnel): Next {
  skb.input = device;
  skb.output = null;
  skb.destination = null;
  skb.tracked = null;
  return { go: 'receive' };
}

/** The route to the other end leads into the tunnel itself: the device drops it (ELOOP). */
const roundAndRound = (device: Tunnel, { origin }: Route): Failure<'ROUTING_LOOP'> => ({
  code: 'ROUTING_LOOP',
  facts: place(device),
  origin,
});

const inAnother = (device: Tunnel): Failure<'FACT_MISSING'> => ({
  code: 'FACT_MISSING',
  facts: { why: 'tunnel-in-tunnel', ...place(device) },
  origin: device.origin,
});

const place = ({ netns, name }: Device) => ({ netns: netns.name, device: name });

const lost = (failure: Failure): Next => ({ end: { kind: 'lost', failure } });
