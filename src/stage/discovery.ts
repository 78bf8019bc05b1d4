import type { BaseChain, Hook } from '../datapath/netfilter/ruleset.ts';
import type { Bridge, Device, Netns } from '../datapath/netns.ts';
import { bridgeNfCall } from '../datapath/sysctl.ts';
import type { Failure } from '../hop/failure.ts';
import type { FilterFacts } from '../hop/failure-rules.ts';
import { type IpAddress, ip, solicitedNode } from '../net/address.ts';
import type { WirePacket } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { Question } from './arp.ts';
import { traverse } from './chain.ts';
import { decidingOrigin, inferredOrigin } from './note.ts';
import { freshSkb, type Skb } from './skb.ts';

/**
 * IPv6's neighbour discovery is ICMPv6, which ip6tables sees as any other packet, and conntrack does not track: a rule that keeps the
 * question or its answer out is as good as nobody there. ARP has tables of its own. Source: ndisc_send_skb, net/ipv6/ndisc.c;
 * icmpv6_error, net/netfilter/nf_conntrack_proto_icmpv6.c.
 */
export function discoveryFiltered(from: Device, to: Device, { address, sender }: Question): Failure<'NEIGHBOUR_UNREACHABLE'> | null {
  const asker = sender ?? LINK_LOCAL;
  const stopped =
    onItsWay(from, to, packet(asker, solicitedNode(address)), 'solicitation') ??
    onItsWay(to, from, packet(address, asker), 'advertisement');
  if (stopped === null) return null;
  const { origin, message, by } = stopped;
  const place = { netns: from.netns.name, device: from.name };
  return { code: 'NEIGHBOUR_UNREACHABLE', facts: { why: 'filtered', ...place, address, message, by }, origin };
}

/** Stands for the address that a device has of itself, which the input does not say. */
const LINK_LOCAL = ip('fe80::1');

const HOP_LIMIT = 255;
/** With the MAC address that it tells. */
const SIZE = 72;

const packet = (source: IpAddress, destination: IpAddress): WirePacket => ({
  protocol: 'icmp',
  source,
  sourcePort: 0,
  destination,
  destinationPort: 0,
  tcpFlags: null,
  ttl: HOP_LIMIT,
  size: SIZE,
  icmp: { type: 'echo-request' },
});

/** Sent, switched by a bridge whose frames the tables see, and received. */
function onItsWay(from: Device, to: Device, sent: WirePacket, message: 'solicitation' | 'advertisement') {
  const bridge = bridgeBetween(from, to);
  const stopped =
    atHook(from.netns, 'OUTPUT', sent, { output: from }) ??
    (bridge === null ? null : atHook(bridge.netns, 'FORWARD', sent, throughPorts(bridge, from, to))) ??
    atHook(to.netns, 'INPUT', sent, { input: to });
  return stopped === null ? null : { message, ...stopped };
}

/** The bridge that both ends are behind ports of; null: there is none, or ip6tables does not see its frames. */
function bridgeBetween(from: Device, to: Device): Bridge | null {
  if (from.kind !== 'veth' || to.kind !== 'veth') return null;
  const bridge = from.peer?.master ?? null;
  if (bridge === null || bridge !== to.peer?.master) return null;
  return bridgeNfCall(bridge.netns.sysctls, 'IPv6').value === 0 ? null : bridge;
}

type Devices = Partial<Pick<Skb, 'input' | 'output' | 'inputPort' | 'outputPort' | 'bridged'>>;

function throughPorts(bridge: Bridge, from: Device, to: Device): Devices {
  const portOf = (device: Device) => (device.kind === 'veth' ? device.peer : null);
  return { input: bridge, output: bridge, inputPort: portOf(from), outputPort: portOf(to), bridged: bridge };
}

interface Stopped {
  readonly by: FilterFacts;
  readonly origin: Origin;
}

function atHook(netns: Netns, hook: Hook, sent: WirePacket, devices: Devices): Stopped | null {
  for (const entry of netns.rulesets.IPv6.hooks[hook]) {
    const stopped = entry.kind === 'chain' ? inChain(entry.base, frame(netns, sent, devices)) : null;
    if (stopped !== null) return stopped;
  }
  return null;
}

/** Null: it gets through, or some of them do, which ask again. */
function inChain({ table, chain, policy }: BaseChain, skb: Skb): Stopped | null {
  const passages = traverse(table, chain, skb);
  const isLost = passages.every(({ verdict }) => ['DROP', 'REJECT'].includes(verdict === null ? policy : verdict.kind));
  const [first] = passages;
  if (!isLost || first === undefined) return null;
  const decided = first.verdict === null ? undefined : first.steps?.last;
  const role = decided?.rule.role;
  const by = { netns: skb.netns.name, table: table.name, base: chain.name, chain: decided?.chain ?? null };
  return {
    by: role?.kind === 'host-firewall' ? { ...by, stated: role } : by,
    origin: decidingOrigin(first.steps) ?? inferredOrigin,
  };
}

const frame = (netns: Netns, sent: WirePacket, devices: Devices): Skb => ({ ...freshSkb(netns, sent, netns.name), ...devices });
