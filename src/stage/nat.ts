import { type Connection, isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';
import type { BaseChain, Hook, Rule } from '../datapath/netfilter/ruleset.ts';
import type { NatHop } from '../hop/linux-hop.ts';
import { type RuleStep, targetOf } from '../hop/rule-step.ts';
import type { Trail } from '../hop/trail.ts';
import { type Change, rewrite, rewriteQuoted } from '../net/change.ts';
import { invert, isIcmpError } from '../net/packet.ts';
import { traverse } from './chain.ts';
import { drop, type Results, reject, undecided } from './filter.ts';
import type { End } from './next.ts';
import { decidingOrigin, inferredOrigin, note, stepsOf } from './note.ts';
import { fork, type Skb } from './skb.ts';
import { changesDestination, redirectAddress, translated } from './translation.ts';
import { atStart, type Traversal, type Verdict } from './traversal.ts';

/**
 * The nat table. It is asked once for each connection and kind of rewrite; all later packets, both ways, follow the connection.
 * Destinations change in PREROUTING and OUTPUT, sources in POSTROUTING and INPUT, and the same places undo them in the answers.
 */
export function nat(skb: Skb, hook: Hook, chains: readonly BaseChain[]): Results {
  const { tracked } = skb;
  if (tracked === null) return null;
  if (tracked.connection === null) {
    if (tracked.state === 'INVALID' && (hook === 'PREROUTING' || hook === 'OUTPUT'))
      note(skb, { kind: 'skip', skipped: { mechanism: 'nat-invalid', hook }, origin: inferredOrigin });
    return null;
  }
  if (tracked.state === 'RELATED') return translateError(skb, hook, tracked);
  const settled = changesDestination(hook) ? tracked.connection.destinationSettled : tracked.connection.sourceSettled;
  if (tracked.state === 'NEW' && !settled) return consult(skb, hook, tracked, chains);
  manipulate(skb, hook, tracked, null);
  return null;
}

type Known = Tracked & { connection: Connection };

/** The first chain that translates ends the search; an ACCEPT does not: the next chain is asked. Source: nf_nat_inet_fn, nf_nat_core.c. */
function consult(skb: Skb, hook: Hook, tracked: Known, chains: readonly BaseChain[]): Results {
  let passages: readonly Traversal[] = [atStart(skb)];
  for (const base of chains) passages = passages.flatMap((p) => (isOver(p) ? [p] : through(base, skb, p)));
  const [only] = passages;
  if (only !== undefined && passages.length === 1) {
    const end = translate(skb, hook, tracked, only, chains);
    return end === null ? null : [{ skb, end }];
  }
  return passages.map((passage) => {
    const branch = fork(skb, passage.probability);
    return { skb: branch, end: translate(branch, hook, tracked, passage, chains) };
  });
}

/** Null: it goes on. */
function translate(skb: Skb, hook: Hook, tracked: Known, passage: Traversal, chains: readonly BaseChain[]): End | null {
  const { verdict, steps } = passage;
  if (verdict?.kind === 'UNKNOWN') return undecided(skb, verdict);
  const isNowhere = verdict?.kind === 'REDIRECT' && redirectAddress(skb, hook) === null;
  if (verdict?.kind === 'DROP' || verdict?.kind === 'REJECT' || isNowhere) return ended(skb, hook, verdict, steps, chains);
  settle(skb, hook, tracked, passage);
  return null;
}

const isOver = ({ verdict }: Traversal) => verdict !== null && verdict.kind !== 'ACCEPT';

function through({ table, chain, policy }: BaseChain, skb: Skb, before: Traversal): readonly Traversal[] {
  before.verdict = null;
  const passages = traverse(table, chain, skb, before);
  if (policy !== 'ACCEPT') for (const p of passages) p.verdict ??= { kind: 'DROP' };
  return passages;
}

/** nft's nat chains may drop, and refuse; those of iptables may not. Source: nft_reject_validate, net/netfilter/nft_reject.c. */
function ended(skb: Skb, hook: Hook, verdict: Verdict, steps: Trail<RuleStep> | null, chains: readonly BaseChain[]): End {
  const last = steps?.last;
  const byRule = last !== undefined && ['DROP', 'REJECT'].includes(targetOf(last)?.kind ?? '');
  const base = chains.find((b) => (byRule ? isIn(b, last) : b.policy === 'DROP')) ?? chains[0];
  const place = { table: base?.table.name ?? 'nat', base: base?.chain.name ?? hook };
  const facts = { netns: skb.netns.name, ...place, chain: byRule ? last.chain : null };
  const origin = (byRule ? decidingOrigin(steps) : base?.policyOrigin) ?? inferredOrigin;
  if (verdict.kind === 'REJECT') return reject(skb, hook, verdict.with, { code: 'FILTER_REJECT', facts, origin });
  return drop(skb, hook, { code: 'FILTER_DROP', facts, origin });
}

/** Chains of several tables may have one name. */
const isIn = ({ table }: BaseChain, { chain, rule }: RuleStep): boolean =>
  table
    .chain(chain)
    ?.rules()
    .some((whole) => isPartOf(whole, rule)) === true;

function isPartOf(whole: Rule, part: Rule): boolean {
  for (let r: Rule | undefined = whole; r !== undefined; r = r.then) if (r === part) return true;
  return false;
}

function settle(skb: Skb, hook: Hook, tracked: Known, passage: Traversal): void {
  const { verdict, steps } = passage;
  skb.mark = passage.mark;
  skb.packet = rewrite(skb.packet, { ttl: passage.ttl }).packet;
  skb.written = passage.written;
  const reply = translated(tracked.connection.reply, verdict, skb, hook);
  const chosen = verdict === null ? null : (steps?.last.rule ?? null);
  const settled = changesDestination(hook)
    ? { destinationSettled: true, destinationRule: chosen }
    : { sourceSettled: true, sourceRule: chosen };
  const connection: Connection = { ...tracked.connection, reply, mark: passage.connmark, ...settled };
  skb.tracked = { ...tracked, connection };
  const changed = manipulate(skb, hook, skb.tracked as typeof tracked, passage);
  if (!changed) noteSkipped(skb, hook, passage);
}

function noteSkipped(skb: Skb, hook: Hook, passage: Traversal): void {
  const { steps, misses } = passage;
  if (steps === null && misses === null) return;
  const skipped = changesDestination(hook)
    ? ({ mechanism: 'dnat', hook, steps: stepsOf(skb, passage), misses } as const)
    : ({ mechanism: 'masquerade', steps: stepsOf(skb, passage), misses } as const);
  note(skb, { kind: 'skip', skipped, origin: decidingOrigin(steps) ?? misses?.last.rule.origin ?? inferredOrigin });
}

/** Rewrites the packet as its connection says; true when that changed anything. */
function manipulate(skb: Skb, hook: Hook, tracked: Known, passage: Traversal | null): boolean {
  const { connection, direction } = tracked;
  if (connection.balanced && direction === 'original' && changesDestination(hook)) return false;
  const other = direction === 'original' ? connection.reply : connection.original;
  const { packet, changes } = rewrite(
    skb.packet,
    changesDestination(hook)
      ? { destination: other.source, destinationPort: other.sourcePort }
      : { source: other.destination, sourcePort: other.destinationPort },
  );
  if (changes.length === 0) return false;
  skb.packet = packet;
  const { steps = null, misses = null } = passage ?? {};
  const rule = steps?.last.rule ?? rememberedRule(hook, tracked);
  const origin = decidingOrigin(steps) ?? rule?.origin ?? connection.origin ?? inferredOrigin;
  const action = natAction(hook, direction, steps);
  note(skb, { kind: 'nat', action, hook, steps: stepsOf(skb, { steps }), misses, rule, changes, origin });
  return true;
}

/** A known connection is rewritten as the rules said when it was new; an answer is rewritten at the other kind of hook. */
function rememberedRule(hook: Hook, { connection, direction }: Known): Rule | null {
  const byDestination = changesDestination(hook) === (direction === 'original');
  return byDestination ? connection.destinationRule : connection.sourceRule;
}

function natAction(hook: Hook, direction: 'original' | 'reply', steps: Trail<RuleStep> | null): NatHop['action'] {
  if (direction === 'reply') return changesDestination(hook) ? 'un-snat' : 'un-dnat';
  if (changesDestination(hook)) return 'dnat';
  const last = steps?.last;
  return last !== undefined && targetOf(last)?.kind === 'MASQUERADE' ? 'masquerade' : 'snat';
}

/**
 * nf_nat_icmp_reply_translation: an ICMP error is rewritten like an answer of its connection, and so is the header that it quotes,
 * the other way round. Source: net/netfilter/nf_nat_proto.c.
 */
function translateError(skb: Skb, hook: Hook, tracked: Known): Results {
  const { connection, direction } = tracked;
  const replying = direction === 'reply';
  const applies = changesDestination(hook) !== replying ? isDnatted(connection) : isSnatted(connection);
  if (!applies || !isIcmpError(skb.packet.icmp)) return null;
  const other = replying ? connection.original : connection.reply;
  const outward = invert(other);
  const quoted = changesDestination(hook)
    ? rewriteQuoted(skb.packet, { source: other.source, sourcePort: other.sourcePort })
    : rewriteQuoted(skb.packet, { destination: other.destination, destinationPort: other.destinationPort });
  const outer = rewrite(quoted.packet, changesDestination(hook) ? { destination: outward.destination } : { source: outward.source });
  const changes: readonly Change[] = [...quoted.changes, ...outer.changes];
  if (changes.length === 0) return null;
  skb.packet = outer.packet;
  const rule = rememberedRule(hook, tracked);
  const origin = rule?.origin ?? inferredOrigin;
  note(skb, { kind: 'nat', action: 'icmp-error', hook, steps: [], misses: null, rule, changes, origin });
  return null;
}
