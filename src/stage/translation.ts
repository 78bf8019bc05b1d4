import type { Connection } from '../datapath/conntrack.ts';
import type { PortRange } from '../datapath/netfilter/match.ts';
import type { Hook } from '../datapath/netfilter/ruleset.ts';
import type { AddressRange } from '../datapath/netfilter/sets.ts';
import type { Device } from '../datapath/netns.ts';
import { selectSource } from '../datapath/select-source.ts';
import { familyOf, type IpAddress, isLinkLocal, LOOPBACK } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { hostIn } from '../net/prefix.ts';
import type { Skb } from './skb.ts';
import type { Traversal } from './traversal.ts';

export const changesDestination = (hook: Hook) => hook === 'PREROUTING' || hook === 'OUTPUT';

/** The tuple that answers will have. */
export function translated(before: Connection['reply'], verdict: Traversal['verdict'], skb: Skb, hook: Hook): Connection['reply'] {
  const reply = { ...before };
  switch (verdict?.kind) {
    case 'DNAT':
      reply.source = verdict.address;
      reply.sourcePort = verdict.ports === undefined ? (verdict.port ?? reply.sourcePort) : among(verdict.ports, reply.sourcePort);
      break;
    case 'DNAT-PORT':
      reply.sourcePort = verdict.port;
      break;
    case 'REDIRECT':
      reply.source = redirectAddress(skb, hook) ?? reply.source;
      reply.sourcePort = verdict.ports === undefined ? (verdict.port ?? reply.sourcePort) : among(verdict.ports, reply.sourcePort);
      break;
    case 'NETMAP':
      if (changesDestination(hook)) reply.source = hostIn(verdict.prefix, reply.source);
      else reply.destination = hostIn(verdict.prefix, reply.destination);
      break;
    case 'SNAT':
      if (!isIn(verdict.within, reply.destination)) reply.destination = verdict.address;
      reply.destinationPort = among(verdict.ports, reply.destinationPort);
      break;
    case 'MASQUERADE': {
      // To the machine itself the way out is `lo`, whichever device has the address; of a frame that a bridge switches, the bridge.
      const device = skb.output ?? skb.destination?.device ?? null;
      reply.destination = (device === null ? null : masqueradeAddress(device, skb)) ?? reply.destination;
      reply.destinationPort = among(verdict.ports, reply.destinationPort);
    }
  }
  return reply;
}

/**
 * The new destination of REDIRECT: `lo` for a packet of the machine itself, else the first address of the input device. Source:
 * nf_nat_redirect.c.
 */
export function redirectAddress({ input, packet }: Skb, hook: Hook): IpAddress | null {
  const family = packetFamily(packet);
  if (hook === 'OUTPUT') return LOOPBACK[family];
  return input?.addresses.find((a) => familyOf(a.address) === family && (family === 'IPv4' || !isLinkLocal(a.address)))?.address ?? null;
}

const isIn = (range: AddressRange | undefined, a: IpAddress): boolean =>
  range !== undefined && familyOf(a) === familyOf(range.from) && a >= range.from && a <= range.to;

/**
 * A port that is among those that are asked for stays; of the others the kernel takes one that is free, here the first, as it does for a
 * destination. Source: nf_nat_l4proto_unique_tuple, net/netfilter/nf_nat_core.c.
 */
const among = (ports: PortRange | undefined, port: number): number =>
  ports === undefined || (port >= ports.first && port <= ports.last) ? port : ports.first;

/** IPv4 asks for the address that faces the next hop, IPv6 for the one that faces the destination (nf_nat_masquerade.c). */
function masqueradeAddress(device: Device, { packet, destination }: Skb): IpAddress | null {
  const via = packetFamily(packet) === 'IPv4' ? destination?.nextHop?.via : null;
  return selectSource(device, via ?? packet.destination);
}
