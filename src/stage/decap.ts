import type { Netns, Numbered, Tunnel, Vxlan } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { at, declared } from '../source/origin.ts';
import { kindOf } from './encap.ts';
import type { Next } from './next.ts';
import { inferredOrigin, note, noteCrossing } from './note.ts';
import type { Inner, Skb } from './skb.ts';

/** A tunnel's packet is for this machine: which tunnel device takes it, and does it take out what is in it? */
export function decapsulate(skb: Skb, inner: Inner): Next {
  const found = skb.packet.protocol === 'ipip' ? ipipFor(skb) : vxlanFor(skb, inner);
  if ('code' in found) return { end: { kind: 'lost', failure: found } };
  return takeOut(skb, inner, found);
}

/**
 * vxlan_rcv: the socket is that of the UDP port and the IP version, the device that of the VNI; a device that is down has no socket.
 * Source: drivers/net/vxlan/vxlan_core.c.
 */
function vxlanFor({ netns, packet }: Skb, inner: Inner): Vxlan | Failure {
  const { destinationPort: port } = packet;
  const { vni } = inner;
  const devices = vxlansOf(netns, familyOf(packet.destination));
  const found = devices.find((d) => d.down === null && d.port === port && (vni === null || d.vni === null || d.vni === vni));
  if (found !== undefined) return found;
  const sent = { vni, port };
  const [first] = devices;
  if (first === undefined) return { code: 'TUNNEL_MISMATCH', facts: { why: 'no-device', netns: netns.name, sent }, origin: inferredOrigin };
  if (first.down !== null)
    return {
      code: 'LINK_DOWN',
      facts: { netns: netns.name, device: first.name, isOverride: true, route: null },
      origin: first.down,
    };
  const facts = { why: 'number', netns: netns.name, device: first.name, sent, has: { vni: first.vni, port: first.port } } as const;
  return { code: 'TUNNEL_MISMATCH', facts, origin: statedFor(first.numbered ?? inner.numbered) ?? first.origin };
}

/** The end that differs from the others is the one that has numbers of its own. */
const statedFor = (numbered: Numbered | null) => (numbered === null ? null : declared(at(numbered.locus, numbered.fields[0])));

const vxlansOf = ({ devices }: Netns, family: IpFamily): readonly Vxlan[] =>
  [...devices.values()].filter((d) => d.kind === 'vxlan').filter((d) => familyOf(d.local) === family);

/** ipip_rcv: a device with a local address takes what is for that one. Source: net/ipv4/ipip.c. */
function ipipFor({ netns, packet }: Skb): Tunnel | Failure {
  const devices = [...netns.devices.values()].filter((d) => d.kind === 'ipip');
  const found = devices.find((d) => d.down === null && (d.local === null || d.local === packet.destination));
  if (found !== undefined) return found;
  const [first] = devices;
  if (first?.down != null)
    return { code: 'LINK_DOWN', facts: { netns: netns.name, device: first.name, isOverride: true, route: null }, origin: first.down };
  return { code: 'TUNNEL_MISMATCH', facts: { why: 'no-device', netns: netns.name, sent: null }, origin: inferredOrigin };
}

/**
 * The packet inside begins anew on the tunnel device, with the mark that its carrier had. A frame for another MAC address is seen there,
 * and goes no further (ip_rcv_core, net/ipv4/ip_input.c).
 */
function takeOut(skb: Skb, inner: Inner, device: Tunnel): Next {
  const { source, destination } = skb.packet;
  note(skb, {
    kind: 'decap',
    tunnel: { ...kindOf(device), local: destination, remote: source },
    device: device.name,
    origin: device.origin,
  });
  skb.packet = inner.packet;
  skb.piece = inner.piece;
  skb.inner = null;
  skb.tracked = null;
  skb.input = device;
  skb.output = null;
  skb.destination = null;
  if (device.kind === 'ipip' || inner.lladdr === null || inner.lladdr === device.mac) return { go: 'receive' };
  noteCrossing(skb, 'in', device);
  const facts = { why: 'mac', netns: skb.netns.name, device: device.name, sent: inner.lladdr, has: device.mac } as const;
  return { end: { kind: 'lost', failure: { code: 'TUNNEL_MISMATCH', facts, origin: device.origin } } };
}
