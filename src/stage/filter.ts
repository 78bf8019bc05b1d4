import { UNTRACKED } from '../datapath/conntrack.ts';
import type { Lack } from '../datapath/netfilter/match.ts';
import { printCondition, printRule } from '../datapath/netfilter/print-rule.ts';
import type { RejectWith } from '../datapath/netfilter/reject-with.ts';
import type { BaseChain, Condition, Hook, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Selector } from '../datapath/netfilter/sets.ts';
import type { Netns } from '../datapath/netns.ts';
import { PRINTS_WAYS } from '../datapath/unrouted.ts';
import type { Failure } from '../hop/failure.ts';
import type { FilterHop } from '../hop/linux-hop.ts';
import { rewrite } from '../net/change.ts';
import type { IcmpErrorCode } from '../net/packet.ts';
import { traverse } from './chain.ts';
import type { End, Refusal, StageName } from './next.ts';
import { decidingOrigin, inferredOrigin, note, stepsOf } from './note.ts';
import { icmpError, tcpReset } from './refusal.ts';
import { fork, type Skb } from './skb.ts';
import type { Traversal, Verdict } from './traversal.ts';
import { untoldFacts } from './untold.ts';

/** One branch of a hook: the packet goes on, or it ends here. */
export interface Result {
  readonly skb: Skb;
  readonly end: End | null;
  /** The hook took the packet for itself, and it goes on there. */
  readonly taken?: StageName;
}

/** The branches of a packet; null: it goes on, and has no others. */
export type Results = readonly Result[] | null;

/** A base chain that does not translate. */
export function filter(skb: Skb, base: BaseChain): Results {
  const passages = traverse(base.table, base.chain, skb);
  const [only] = passages;
  if (only !== undefined && passages.length === 1) {
    const { end } = judge(skb, base, only);
    return end === null ? null : [{ skb, end }];
  }
  return passages.map((passage) => judge(fork(skb, passage.probability), base, passage));
}

function judge(skb: Skb, base: BaseChain, passage: Traversal): Result {
  const {
    table: { name: table },
    type,
    hook,
    chain,
    policy,
  } = base;
  const marked = passage.mark !== skb.mark;
  skb.mark = passage.mark;
  const { packet, changes } = rewrite(skb.packet, { ttl: passage.ttl });
  skb.packet = packet;
  if (marked && type === 'route') skb.remarked = true;
  skb.written = passage.written;
  remark(skb, passage.connmark);
  if (passage.untracked) skb.tracked ??= UNTRACKED;
  const target = passage.verdict;
  if (target?.kind === 'UNKNOWN') return { skb, end: undecided(skb, target) };
  const verdict = target === null ? policy : target.kind;
  if (verdict !== 'ACCEPT' && verdict !== 'DROP' && verdict !== 'REJECT') throw new Error(`${verdict} in table ${table}`);
  const shown: FilterHop['verdict'] = verdict === 'ACCEPT' && marked && target === null ? 'MARK' : verdict;
  const origin = (target === null && verdict === 'DROP' ? base.policyOrigin : decidingOrigin(passage.steps)) ?? inferredOrigin;
  const { misses } = passage;
  const steps = stepsOf(skb, passage);
  note(skb, { kind: 'filter', table, hook, chain: chain.name, steps, misses, verdict: shown, byPolicy: target === null, origin, changes });
  if (verdict === 'ACCEPT') return { skb, end: null };
  const rule = passage.steps?.last;
  const facts = { netns: skb.netns.name, table, base: chain.name, chain: target === null ? null : (rule?.chain ?? null) };
  if (target?.kind === 'REJECT') return { skb, end: reject(skb, hook, target.with, { code: 'FILTER_REJECT', facts, origin }) };
  return { skb, end: drop(skb, hook, { code: dropCode(skb, rule?.rule), facts, origin }) };
}

const WHOSE: Lack = { what: 'the user and the group of the program that sends it', command: 'ss -tunape', look: true };
const WAYS: Lack = { what: 'devices or routes', command: PRINTS_WAYS };
const GROUP: Lack = { what: 'the control group of the program that sends it', command: 'ss --cgroup -tunap', look: true };
const PORT: Lack = { what: 'the port of the bridge that it came in by', command: 'ip -d link; ip neigh; bridge fdb show' };

function lackOf(asked: Condition, netns: Netns): Lack | null {
  switch (asked.kind) {
    case 'owner':
      return WHOSE;
    case 'physdev-in':
    case 'physdev-is-in':
      return PORT;
    case 'unknown':
      return asked.lacks ?? null;
    case 'bits':
      return lackOfFields([asked.field], netns);
    case 'lookup':
    case 'vmap':
      return lackOfFields(asked.key, netns);
    case 'numgen':
      return null;
    default:
      return netns.unrouted === undefined ? null : WAYS;
  }
}

function lackOfFields(fields: readonly Selector[], { unrouted }: Netns): Lack | null {
  if (fields.some((f) => f === 'meta skuid' || f === 'meta skgid')) return WHOSE;
  if (fields.includes('meta cgroup')) return GROUP;
  return unrouted !== undefined && fields.some((f) => /^(iif|oif|fib|ip6? [sd]addr)/.test(f)) ? WAYS : null;
}

/** The end at a rule of which it is not known whether it matches, or which effect it has. */
export function undecided(
  { netns: at }: Skb,
  { table, chain, rule, open, asked }: Extract<Verdict, { kind: 'UNKNOWN' }>,
): Extract<End, { kind: 'undetermined' }> {
  const place = { netns: at.name, table, chain };
  const facts =
    asked.kind === 'untold'
      ? untoldFacts(at.name, asked)
      : asked.kind === 'unmodelled'
        ? ({ why: 'unknown-target', ...place, rule: printRule(rule), target: asked.text, lacks: asked.lacks ?? null } as const)
        : ({
            why: 'unknown-match',
            ...place,
            rule: printRule(rule),
            match: printCondition(rule, asked),
            lacks: lackOf(asked, at),
          } as const);
  return { kind: 'undetermined', failure: { code: 'FACT_MISSING', facts, origin: rule.origin }, ...(open === null ? {} : { open }) };
}

/** The connection's mark is one for all its packets: where it is known already, the next one sees it even if this one goes no further. */
function remark(skb: Skb, mark: number): void {
  const { tracked } = skb;
  if (tracked?.connection == null || tracked.connection.mark === mark) return;
  const known = tracked.state !== 'NEW';
  const connection = { ...tracked.connection, mark };
  skb.tracked = { ...tracked, connection };
  if (known) skb.connections = { entry: connection, older: skb.connections };
}

/** The code of a drop. A packet whose connection conntrack has not seen yet is INVALID as well, without a fault of the connection. */
function dropCode({ tracked }: Skb, rule: Rule | undefined): 'FILTER_DROP' | 'CONNTRACK_INVALID' {
  const aboutInvalid = rule?.matches.some((m) => m.kind === 'ctstate' && !m.negated && m.states.includes('INVALID'));
  return aboutInvalid && tracked !== null ? 'CONNTRACK_INVALID' : 'FILTER_DROP';
}

/** A packet that is dropped on its way out fails the program's send with EPERM; TCP's connect does not look and waits for its time-out. */
export function drop(skb: Skb, hook: Hook, failure: Failure): End {
  if (isOwn(skb, hook) && skb.packet.protocol !== 'tcp') return { kind: 'refused-at-source', failure, client: 'not-permitted' };
  return { kind: 'lost', failure };
}

/** Did the machine itself send the packet? One that IPVS sends on passes OUTPUT as well, and POSTROUTING in the same call. */
const isOwn = ({ input }: Skb, hook: Hook) => (hook === 'OUTPUT' || hook === 'POSTROUTING') && input === null;

const REJECT_CODES: Readonly<Record<Exclude<RejectWith, 'tcp-reset'>, IcmpErrorCode>> = {
  'icmp-net-unreachable': 'net-unreachable',
  'icmp-host-unreachable': 'host-unreachable',
  'icmp-proto-unreachable': 'protocol-unreachable',
  'icmp-port-unreachable': 'port-unreachable',
  'icmp-net-prohibited': 'net-prohibited',
  'icmp-host-prohibited': 'host-prohibited',
  'icmp-admin-prohibited': 'administratively-prohibited',
  'icmp6-no-route': 'no-route',
  'icmp6-adm-prohibited': 'adm-prohibited',
  'icmp6-addr-unreachable': 'address-unreachable',
  'icmp6-port-unreachable': 'port-unreachable',
  'icmp6-policy-fail': 'policy-fail',
  'icmp6-reject-route': 'reject-route',
  // The codes of ICMP, which icmpError translates to ICMPv6. Source: nft_reject_icmp_code and nft_reject_icmpv6_code of nf_tables.
  'icmpx-no-route': 'net-unreachable',
  'icmpx-port-unreachable': 'port-unreachable',
  'icmpx-host-unreachable': 'host-unreachable',
  'icmpx-admin-prohibited': 'administratively-prohibited',
};

/** REJECT drops the packet too, so in OUTPUT the same holds as for DROP; the error comes on top. */
export function reject(skb: Skb, hook: Hook, how: RejectWith, failure: Failure): End {
  const refusal = how === 'tcp-reset' ? resetOf(skb) : icmpError(skb, REJECT_CODES[how], null, hook !== 'PREROUTING');
  const fails = isOwn(skb, hook) && skb.packet.protocol !== 'tcp';
  return { kind: 'refused', failure, refusal, ...(fails ? { atSource: 'not-permitted' } : {}) };
}

/**
 * nf_send_reset: where bridge netfilter has seen the packet, the reset goes straight back by the port that it came in by, and no rule gives it the address that the
 * client has called. Source: net/ipv4/netfilter/nf_reject_ipv4.c.
 */
function resetOf(skb: Skb): Refusal | null {
  const reset = tcpReset(skb);
  return reset === null || skb.seenAt === null ? reset : { ...reset, by: skb.seenAt };
}
