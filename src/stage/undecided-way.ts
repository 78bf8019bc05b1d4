import type { FlowKey, NoRoute, RoutingRule, Undecided } from '../datapath/fib.ts';
import type { Netns } from '../datapath/netns.ts';
import { actionText, selectorText } from '../datapath/routing-rule.ts';
import type { Unrouted } from '../datapath/unrouted.ts';
import { tableName } from '../hop/describe.ts';
import type { Failure } from '../hop/failure.ts';
import { packetFamily, type WirePacket } from '../net/packet.ts';
import { formatDestination } from '../net/prefix.ts';
import type { End } from './next.ts';
import type { Skb } from './skb.ts';
import { openMatch, supposedOf } from './supposed.ts';
import { untoldFacts } from './untold.ts';

/**
 * A look-up that is not decided, because it met an unmodelled part. `of`: a rule that may or may not select the packet, or a machine whose own
 * addresses are not known; null: there are more than two ways to go on.
 */
export interface UndecidedWay {
  readonly kind: 'undecided';
  readonly failure: Failure<'FACT_MISSING'>;
  readonly of: RoutingRule | Unrouted | null;
}

/** Null: it is decided that there is no route. */
export function undecidedWay(netns: Netns, { undecided }: NoRoute): UndecidedWay | null {
  if (undecided === null) return null;
  const { origin, untold } = undecided.kind === 'route' ? undecided.route : undecided.rule;
  if (untold !== undefined)
    return { kind: 'undecided', failure: { code: 'FACT_MISSING', facts: untoldFacts(netns.name, untold), origin }, of: null };
  const facts = { why: 'unknown-way', netns: netns.name, asks: undecided.kind, ...wordsOf(undecided) } as const;
  return { kind: 'undecided', failure: { code: 'FACT_MISSING', facts, origin }, of: undecided.kind === 'selector' ? undecided.rule : null };
}

function wordsOf(undecided: Undecided): { readonly by: string; readonly unmodelled: string; readonly command: string | null } {
  if (undecided.kind === 'route') {
    const { prefix, unmodelled = '' } = undecided.route;
    return { by: formatDestination(prefix), unmodelled, command: null };
  }
  const { rule } = undecided;
  const { action } = rule;
  const command = undecided.kind === 'action' && action?.kind === 'unmodelled' ? (action.command ?? null) : null;
  return { by: ruleText(rule), unmodelled: undecided.kind === 'action' ? actionText(rule, tableName) : (rule.unmodelled ?? ''), command };
}

/** The rule as `ip rule` prints it: `104: from all iif eth1 unreachable`. */
export const ruleText = (rule: RoutingRule): string => `${rule.priority}: ${selectorText(rule)} ${actionText(rule, tableName)}`;

export const undecidedEnd = ({ failure, of }: UndecidedWay, skb: Skb): End => ({
  kind: 'undetermined',
  failure,
  ...(of === null ? {} : { open: openMatch(of, skb) }),
});

/** A packet that goes no further, whose way back may be unknown. */
export const lostAt = (failure: Failure): End => ({ kind: failure.code === 'FACT_MISSING' ? 'undetermined' : 'lost', failure });

/** The keys of a look-up beside addresses, and the supposed answers of unmodelled rules. */
export const askedOf = (skb: Skb): Required<Pick<FlowKey, 'transport' | 'supposed'>> => ({
  transport: transportOf(skb.packet),
  supposed: (rule) => supposedOf(rule, skb),
});

const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132, ipip: 4 } as const;

/** An ICMP message has no ports: fib4_rules_early_flow_dissect, include/net/ip_fib.h. */
export function transportOf(packet: WirePacket): NonNullable<FlowKey['transport']> {
  const { protocol, sourcePort, destinationPort } = packet;
  if (protocol !== 'icmp') return { protocol: PROTOCOLS[protocol], sourcePort, destinationPort };
  return { protocol: packetFamily(packet) === 'IPv4' ? 1 : 58, sourcePort: 0, destinationPort: 0 };
}
