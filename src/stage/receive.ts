import type { InterfaceHop } from '../hop/linux-hop.ts';
import { inOrder } from '../hop/trail.ts';
import { isIcmpError, type WirePacket } from '../net/packet.ts';
import { atDevice, onUnseenBridge } from './below-ip.ts';
import { onto } from './bridge.ts';
import type { Next } from './next.ts';
import { noteCrossing } from './note.ts';
import type { Skb } from './skb.ts';
import { isAcross, unseenBridge } from './unseen-port.ts';

/** A frame arrives on a device: a bridge port hands it to its bridge, any other device to the IP stack. */
export function receive(skb: Skb): Next {
  const { input } = skb;
  if (input === null) throw new Error('a frame arrives on a device');
  if (skb.loopAt === null && hasBeenHere(skb, input.name)) skb.loopAt = inOrder(skb.hops).length;
  noteCrossing(skb, 'in', input);
  const stop = atDevice(skb, 'ingress', input);
  if (stop !== null) return { end: stop };
  const bridge = input.kind === 'veth' ? null : unseenBridge(input);
  if (bridge !== null && isAcross(skb, bridge)) return onto(skb, input === bridge ? null : input, bridge);
  const kept = onUnseenBridge(skb, input, 'in');
  if (kept !== null) return { end: kept };
  // The IP stack sees the bridge.
  if (input.kind === 'opaque' && input.master !== undefined) skb.input = skb.netns.devices.get(input.master) ?? input;
  return { go: input.kind === 'veth' && input.master !== null ? 'bridge' : 'prerouting' };
}

/** The same place with the same header, TTL aside: from here on everything repeats. */
function hasBeenHere(skb: Skb, device: string): boolean {
  const netns = skb.netns.name;
  for (let h = skb.hops; h !== null; h = h.before) {
    const hop = h.last;
    if (hop.kind === 'interface' && isAt(hop, netns, device) && sameHeaders(hop, skb)) return true;
  }
  return false;
}

const isAt = (hop: InterfaceHop, netns: string, device: string) => hop.direction === 'in' && hop.netns === netns && hop.device === device;

function sameHeaders(hop: InterfaceHop, { packet, inner }: Skb): boolean {
  if (inner === null || hop.outer === null) return inner === null && hop.outer === null && sameHeader(hop.packet, packet);
  return sameHeader(hop.packet, inner.packet) && sameHeader(hop.outer.packet, packet);
}

function sameHeader(a: WirePacket, b: WirePacket): boolean {
  const addresses =
    a.source === b.source && a.destination === b.destination && a.sourcePort === b.sourcePort && a.destinationPort === b.destinationPort;
  return addresses && (!isIcmpError(a.icmp) || !isIcmpError(b.icmp) || a.icmp.original === b.icmp.original);
}
