import { type Connection, type Connections, track } from '../datapath/conntrack.ts';
import type { BaseChain, Hook, HookEntry, RejectWith, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Failure } from '../hop/failure.ts';
import type { FilterHop } from '../hop/hop.ts';
import type { IcmpErrorCode } from '../net/packet.ts';
import { type Traversal, traverse } from './chain.ts';
import { nat } from './nat.ts';
import { decidingOrigin, inferredOrigin, note } from './note.ts';
import { icmpError, tcpReset } from './refusal.ts';
import { type End, fork, type Next, rulesetOf, type Skb } from './skb.ts';

/** One branch of a hook: the packet goes on, or it ends here. */
interface Result {
  readonly skb: Skb;
  readonly end: End | null;
}

/** Sends the packet through a hook; `then` says what comes after it, for each branch that gets through. */
export function throughHook(skb: Skb, hook: Hook, then: (skb: Skb) => Next): Next {
  const entries = rulesetOf(skb).hooks[hook];
  if (entries.length === 0) return then(skb);
  let results: readonly Result[] = [{ skb, end: null }];
  for (const entry of entries)
    results =
      results.length === 1 && results[0]?.end === null
        ? pass(results[0].skb, hook, entry)
        : results.flatMap((r) => (r.end === null ? pass(r.skb, hook, entry) : [r]));
  const follow = (r: Result): Next => (r.end === null ? then(r.skb) : { end: r.end });
  const [only] = results;
  if (results.length === 1 && only !== undefined && only.skb === skb) return follow(only);
  return { forks: results.map((r) => ({ skb: r.skb, next: follow(r) })) };
}

function pass(skb: Skb, hook: Hook, entry: HookEntry): readonly Result[] {
  switch (entry.kind) {
    case 'chain':
      return filter(skb, entry.base);
    case 'nat':
      return nat(skb, hook, entry.chains).map((branch) => ({ skb: branch, end: null }));
    case 'conntrack':
      return conntrack(skb);
    case 'confirm':
      return confirm(skb);
  }
}

const on = (skb: Skb): readonly Result[] => [{ skb, end: null }];

/** nf_conntrack_in. Over `lo` a packet keeps the connection that OUTPUT has found; an ICMP error that is sent from here brings it along. */
function conntrack(skb: Skb): readonly Result[] {
  if (skb.tracked === null) {
    skb.tracked = track(skb.connections, skb.netns.name, skb.packet);
    const { connection } = skb.tracked;
    if (connection?.tcp === 'gone') skb.connections = { entry: connection, older: skb.connections };
  }
  return on(skb);
}

/** nf_conntrack_confirm: only a packet that got through makes its connection known. Errors about one never do. */
function confirm(skb: Skb): readonly Result[] {
  const { tracked } = skb;
  if (tracked?.connection != null && tracked.state !== 'RELATED' && !isNewest(skb.connections, tracked.connection))
    skb.connections = { entry: tracked.connection, older: skb.connections };
  return on(skb);
}

function isNewest(connections: Connections | null, connection: Connection): boolean {
  for (let c = connections; c !== null; c = c.older) if (c.entry.netns === connection.netns) return c.entry === connection;
  return false;
}

function filter(skb: Skb, base: BaseChain): readonly Result[] {
  const passages = traverse(base.table, base.chain, skb);
  return passages.map((passage) => judge(passages.length === 1 ? skb : fork(skb, passage.probability), base, passage));
}

function judge(skb: Skb, { table: { name: table }, hook, chain, policy }: BaseChain, passage: Traversal): Result {
  const marked = passage.mark !== skb.mark;
  skb.mark = passage.mark;
  remark(skb, passage.connmark);
  const target = passage.verdict;
  const verdict = target === null ? policy : target.kind;
  if (verdict !== 'ACCEPT' && verdict !== 'DROP' && verdict !== 'REJECT') throw new Error(`${verdict} in table ${table}`);
  const shown: FilterHop['verdict'] = verdict === 'ACCEPT' && marked && target === null ? 'MARK' : verdict;
  const origin = decidingOrigin(passage.steps) ?? inferredOrigin;
  const { steps, misses } = passage;
  note(skb, { kind: 'filter', table, hook, chain: chain.name, steps, misses, verdict: shown, byPolicy: target === null, origin });
  if (verdict === 'ACCEPT') return { skb, end: null };
  const rule = passage.steps.at(-1);
  const facts = { netns: skb.netns.name, table, hook, chain: rule?.chain ?? null };
  if (target?.kind === 'REJECT') return { skb, end: reject(skb, hook, target.with, { code: 'FILTER_REJECT', facts, origin }) };
  return { skb, end: drop(skb, hook, { code: dropCode(rule?.rule), facts, origin }) };
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

function dropCode(rule: Rule | undefined): 'FILTER_DROP' | 'CONNTRACK_INVALID' {
  const aboutInvalid = rule?.matches.some((m) => m.kind === 'ctstate' && !m.negated && m.states.includes('INVALID'));
  return aboutInvalid ? 'CONNTRACK_INVALID' : 'FILTER_DROP';
}

/** A packet that is dropped in OUTPUT fails the program's send with EPERM; TCP's connect does not look and waits for its time-out. */
function drop(skb: Skb, hook: Hook, failure: Failure<'FILTER_DROP' | 'CONNTRACK_INVALID'>): End {
  if (hook === 'OUTPUT' && skb.packet.protocol !== 'tcp') return { kind: 'refused-at-source', failure, client: 'not-permitted' };
  return { kind: 'lost', failure };
}

const REJECT_CODES: Readonly<Record<Exclude<RejectWith, 'tcp-reset'>, IcmpErrorCode>> = {
  'icmp-net-unreachable': 'net-unreachable',
  'icmp-host-unreachable': 'host-unreachable',
  'icmp-port-unreachable': 'port-unreachable',
  'icmp-net-prohibited': 'net-prohibited',
  'icmp-host-prohibited': 'host-prohibited',
  'icmp-admin-prohibited': 'administratively-prohibited',
  'icmp6-no-route': 'no-route',
  'icmp6-adm-prohibited': 'adm-prohibited',
  'icmp6-addr-unreachable': 'address-unreachable',
  'icmp6-port-unreachable': 'port-unreachable',
};

/** REJECT drops the packet too, so in OUTPUT the same holds as for DROP; the error comes on top. */
function reject(skb: Skb, hook: Hook, how: RejectWith, failure: Failure<'FILTER_REJECT'>): End {
  const refusal = how === 'tcp-reset' ? tcpReset(skb) : icmpError(skb, REJECT_CODES[how]);
  const fails = hook === 'OUTPUT' && skb.packet.protocol !== 'tcp';
  return { kind: 'refused', failure, refusal, ...(fails ? { atSource: 'not-permitted' } : {}) };
}
