import { type Connection, type Connections, track } from '../datapath/conntrack.ts';
import type { Hook, HookEntry, Tied } from '../datapath/netfilter/ruleset.ts';
import type { Failure } from '../hop/failure.ts';
import type { Origin } from '../source/origin.ts';
import { filter, type Result, type Results } from './filter.ts';
import { ipvs } from './ipvs.ts';
import { nat } from './nat.ts';
import type { End, Next } from './next.ts';
import { inferredOrigin } from './note.ts';
import { policy } from './policy.ts';
import { doTheSame } from './same-effect.ts';
import { fork, rulesetOf, type Skb } from './skb.ts';

/** Sends the packet through a hook; `then` says what comes after it, for each branch that gets through. */
export function throughHook(skb: Skb, hook: Hook, then: (skb: Skb) => Next): Next {
  const tied = rulesetOf(skb).ties?.[hook];
  if (tied !== undefined) return throughTied(skb, hook, tied, then);
  const [entries, others] = ordersAt(skb, hook);
  if (entries.length === 0) return then(skb);
  const before = others === entries ? null : fork(skb, 1);
  const results = passAll(skb, hook, entries);
  if (before !== null && !doTheSame(results ?? alone(skb), passAll(before, hook, others) ?? alone(before)))
    for (const r of results ?? alone(skb)) r.skb.tie ??= { netns: r.skb.netns.name, hook };
  return onwards(skb, results, then);
}

function onwards(skb: Skb, results: Results, then: (skb: Skb) => Next): Next {
  if (results === null) return then(skb);
  const follow = (r: Result): Next => {
    if (r.taken !== undefined) return { go: r.taken };
    return r.end === null ? then(r.skb) : { end: r.end };
  };
  const [only] = results;
  if (results.length === 1 && only !== undefined && only.skb === skb) return follow(only);
  return { forks: results.map((r) => ({ skb: r.skb, next: follow(r) })) };
}

/** Tries all orders of tied base chains: the packet goes on if they have the same effect, or if one order is supposed. */
function throughTied(skb: Skb, hook: Hook, tied: Tied, then: (skb: Skb) => Next): Next {
  const [usual = [], ...others] = tied.orders;
  const order = orderSupposed(tied, skb);
  if (order !== null) return onwards(skb, passAll(skb, hook, tied.orders[order] ?? usual), then);
  const before = fork(skb, 1);
  const passed = (entries: readonly HookEntry[]) => {
    const copy = fork(before, 1);
    return passAll(copy, hook, entries) ?? alone(copy);
  };
  const results = passAll(skb, hook, usual);
  const isSame = others.every((entries) => doTheSame(results ?? alone(skb), passed(entries)));
  if (isSame && !tied.isCut) return onwards(skb, results, then);
  return { forks: [{ skb: before, next: { end: unordered(before, hook, tied) } }] };
}

function orderSupposed(tied: Tied, skb: Skb): number | null {
  for (let s = skb.supposed; s !== null; s = s.older) if (s.kind === 'tie' && s.asked.tied === tied) return s.order;
  return null;
}

function unordered({ netns }: Skb, hook: Hook, tied: Tied): End {
  const facts = { why: 'chain-order', netns: netns.name, hook, chains: tied.chains } as const;
  const failure: Failure = { code: 'FACT_MISSING', facts, origin: originOf(tied) };
  return { kind: 'undetermined', failure, ...(tied.isCut ? {} : { open: { tied } }) };
}

/** The origin of the first rule of a tied chain. */
function originOf({ orders: [entries = []] }: Tied): Origin {
  const chains = entries.flatMap((e) => (e.kind === 'chain' ? [e.base] : e.kind === 'nat' ? e.chains : []));
  return chains.flatMap((b) => b.chain.rules().slice(0, 1))[0]?.origin ?? inferredOrigin;
}

const alone = (skb: Skb): readonly Result[] => [{ skb, end: null }];

/** The entries of the hook, and those of the other order in which the base chains may have been added. */
function ordersAt(skb: Skb, hook: Hook): readonly [readonly HookEntry[], readonly HookEntry[]] {
  const { hooks, otherwise } = rulesetOf(skb);
  if (otherwise === null) return [hooks[hook], hooks[hook]];
  for (let s = skb.supposed; s !== null; s = s.older) if (s.kind === 'order') return [otherwise[hook], hooks[hook]];
  return [hooks[hook], otherwise[hook]];
}

function passAll(skb: Skb, hook: Hook, entries: readonly HookEntry[]): Results {
  let results: Results = null;
  for (const entry of entries)
    results = results === null ? pass(skb, hook, entry) : results.flatMap((r) => (goesOn(r) ? (pass(r.skb, hook, entry) ?? [r]) : [r]));
  return results;
}

const goesOn = ({ end, taken }: Result) => end === null && taken === undefined;

function pass(skb: Skb, hook: Hook, entry: HookEntry): Results {
  switch (entry.kind) {
    case 'chain':
      return filter(skb, entry.base);
    case 'nat':
      return nat(skb, hook, entry.chains);
    case 'ipvs':
      return ipvs(skb, hook, entry.servers);
    case 'policy':
      return policy(skb, hook, entry);
    case 'conntrack':
      return conntrack(skb);
    case 'confirm':
      return confirm(skb);
  }
}

/** nf_conntrack_in. Over `lo` a packet keeps the connection that OUTPUT has found; an ICMP error that is sent from here brings it along. */
function conntrack(skb: Skb): Results {
  if (skb.tracked === null) {
    skb.tracked = track(skb.connections, skb.netns.name, skb.packet);
    const { connection } = skb.tracked;
    if (connection?.tcp === 'gone') skb.connections = { entry: connection, older: skb.connections };
  }
  return null;
}

/** nf_conntrack_confirm: only a packet that got through makes its connection known. Errors about one never do. */
function confirm(skb: Skb): Results {
  const { tracked } = skb;
  if (tracked?.connection != null && tracked.state !== 'RELATED' && !isNewest(skb.connections, tracked.connection))
    skb.connections = { entry: tracked.connection, older: skb.connections };
  return null;
}

function isNewest(connections: Connections | null, connection: Connection): boolean {
  for (let c = connections; c !== null; c = c.older) if (c.entry.netns === connection.netns) return c.entry === connection;
  return false;
}
