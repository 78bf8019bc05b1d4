import { UNTRACKED } from '../datapath/conntrack.ts';
import type { BaseChain, Hook } from '../datapath/netfilter/ruleset.ts';
import type { Bridge, Device, Netns, Veth } from '../datapath/netns.ts';
import { bridgeNfCall } from '../datapath/sysctl.ts';
import type { Failure } from '../hop/failure.ts';
import type { FilterFacts } from '../hop/failure-rules.ts';
import { type IpAddress, ip, solicitedNode } from '../net/address.ts';
import type { WirePacket } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { Question } from './arp.ts';
import { traverse } from './chain.ts';
import { undecided } from './filter.ts';
import { decidingOrigin, inferredOrigin } from './note.ts';
import { freshSkb, type Skb } from './skb.ts';
import type { Traversal, Verdict } from './traversal.ts';

/**
 * Passes neighbour discovery through the rules. It is ICMPv6, which ip6tables sees as any other packet and conntrack does not track; where
 * a rule drops the solicitation or the advertisement, the neighbour does not answer. ARP has tables of its own. Source: ndisc_send_skb,
 * net/ipv6/ndisc.c; icmpv6_error, net/netfilter/nf_conntrack_proto_icmpv6.c.
 */
export function discoveryFiltered(from: Device, to: Device, { address, sender }: Question): Failure | null {
  const asker = sender ?? LINK_LOCAL;
  const asked = onItsWay(from, to, packet(asker, solicitedNode(address)), 'solicitation');
  const stopped = asked ?? onItsWay(to, from, packet(address, asker), 'advertisement');
  if (stopped === null) return null;
  if ('unknown' in stopped) return stopped.unknown;
  const { origin, by } = stopped;
  const place = { netns: from.netns.name, device: from.name };
  const message = asked === null ? 'advertisement' : 'solicitation';
  return { code: 'NEIGHBOUR_UNREACHABLE', facts: { why: 'filtered', ...place, address, message, by }, origin };
}

/** Stands for the address that a device has of itself, which the input does not say. */
const LINK_LOCAL = ip('fe80::1');

const HOP_LIMIT = 255;
/** The size with the option for the MAC address. */
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

type Message = NonNullable<Skb['discovery']>;

/** Sent, switched by a bridge whose frames the tables see, and received. */
function onItsWay(from: Device, to: Device, sent: WirePacket, message: Message): Stopped | null {
  const port = portOf(from);
  const bridge = seenBridge(port);
  const isSwitched = bridge !== null && to !== bridge && portOf(to)?.master === bridge;
  const out = frame(from.netns, sent, message, { output: from });
  const come = { input: bridge ?? from, inputPort: port, bridged: bridge };
  const on = bridge === null ? null : frame(bridge.netns, sent, message, come);
  const into = frame(to.netns, sent, message, { input: to });
  const passes = (skb: Skb, ...hooks: readonly Hook[]) => firstOf(hooks, (hook) => atHook(skb, hook));
  return (
    passes(out, 'OUTPUT', 'POSTROUTING') ??
    (on === null ? null : passes(on, 'PREROUTING')) ??
    (on === null || !isSwitched ? null : passes(Object.assign(on, { output: bridge, outputPort: portOf(to) }), 'FORWARD', 'POSTROUTING')) ??
    (to === bridge ? null : passes(into, 'PREROUTING')) ??
    passes(to === bridge && on !== null ? { ...into, tracked: on.tracked } : into, 'INPUT')
  );
}

const portOf = (device: Device): Veth | null => (device.kind === 'veth' ? device.peer : null);

/** The bridge that a port's frames come to; null: to none, or ip6tables does not see its frames. */
function seenBridge(port: Veth | null): Bridge | null {
  const bridge = port?.master ?? null;
  return bridge === null || bridgeNfCall(bridge.netns.sysctls, 'IPv6').value === 0 ? null : bridge;
}

function firstOf<T, R>(all: readonly T[], of: (one: T) => R | null): R | null {
  for (const one of all) {
    const found = of(one);
    if (found !== null) return found;
  }
  return null;
}

type Devices = Partial<Pick<Skb, 'input' | 'output' | 'inputPort' | 'outputPort' | 'bridged'>>;

const frame = (netns: Netns, sent: WirePacket, discovery: Message, devices: Devices): Skb => ({
  ...freshSkb(netns, sent, netns.name),
  discovery,
  ...devices,
});

/** The rule that drops it, or one that may. */
type Stopped = { readonly by: FilterFacts; readonly origin: Origin } | { readonly unknown: Failure };

function atHook(skb: Skb, hook: Hook): Stopped | null {
  return firstOf(skb.netns.rulesets.IPv6.hooks[hook], (entry) => {
    // Conntrack does not track Neighbour Discovery: icmpv6_error, net/netfilter/nf_conntrack_proto_icmpv6.c.
    if (entry.kind === 'conntrack') skb.tracked = UNTRACKED;
    return entry.kind === 'chain' ? inChain(entry.base, skb, MOST_UNKNOWN) : null;
  });
}

/** The most unknown matches of a chain that are tried both ways. */
const MOST_UNKNOWN = 6;

/** Null: it gets through, or some of them do, which ask again. */
function inChain(base: BaseChain, skb: Skb, tries: number): Stopped | null {
  const ends = traverse(base.table, base.chain, skb).map((passage) => ({ passage, stopped: judged(base, skb, passage, tries) }));
  const passed = ends.find(({ stopped }) => stopped === null);
  if (passed !== undefined) skb.mark = passed.passage.mark;
  return passed === undefined
    ? (ends.find(({ stopped }) => stopped !== null && 'unknown' in stopped)?.stopped ?? ends[0]?.stopped ?? null)
    : null;
}

function judged(base: BaseChain, skb: Skb, { verdict, steps }: Traversal, tries: number): Stopped | null {
  if (verdict?.kind === 'UNKNOWN') return eitherWay(base, skb, verdict, tries);
  if (!['DROP', 'REJECT'].includes(verdict === null ? base.policy : verdict.kind)) return null;
  const decided = verdict === null ? undefined : steps?.last;
  const role = decided?.rule.role;
  const by = { netns: skb.netns.name, table: base.table.name, base: base.chain.name, chain: decided?.chain ?? null };
  return {
    by: role?.kind === 'host-firewall' ? { ...by, stated: role } : by,
    origin: (decided === undefined ? base.policyOrigin : decidingOrigin(steps)) ?? inferredOrigin,
  };
}

/** The answer to a match does not matter where it is lost, or gets through, with each. */
function eitherWay(base: BaseChain, skb: Skb, verdict: Extract<Verdict, { kind: 'UNKNOWN' }>, tries: number): Stopped | null {
  const unknown = { unknown: undecided(skb, verdict).failure };
  const { open } = verdict;
  if (open === null || tries === 0) return unknown;
  const [first, second] = [true, false].map((matches) => {
    const supposed = { kind: 'match', asked: open, matches, older: skb.supposed } as const;
    return inChain(base, { ...skb, supposed }, tries - 1);
  });
  if (first == null || second == null) return first === second ? null : unknown;
  return 'unknown' in first || 'unknown' in second ? unknown : first;
}
