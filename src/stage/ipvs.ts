import type { Hook, VirtualServers } from '../datapath/netfilter/ruleset.ts';
import { isForHere } from '../datapath/route.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import type { Trail } from '../hop/trail.ts';
import { rewrite } from '../net/change.ts';
import { traverse } from './chain.ts';
import { type Results, reject, undecided } from './filter.ts';
import { decidingOrigin, inferredOrigin, note, stepsOf } from './note.ts';
import { routeOutput } from './routing.ts';
import { fork, type Skb } from './skb.ts';
import type { Traversal } from './traversal.ts';

/**
 * ip_vs_in_hook: a packet for a virtual server gets a destination of it, as its whole connection does (conntrack knows of it: vs.conntrack
 * is 1). What is not for this machine then leaves by a way of its own. Source: net/netfilter/ipvs/ip_vs_core.c.
 */
export function ipvs(skb: Skb, hook: Hook, table: VirtualServers): Results {
  const { tracked, packet } = skb;
  if (tracked?.connection == null || tracked.direction !== 'original' || packet.icmp !== null) return null;
  const { balanced, original } = tracked.connection;
  if (balanced) {
    const isBefore = packet.destination === original.destination && packet.destinationPort === original.destinationPort;
    return isBefore ? translate(skb, hook, null) : null;
  }
  if (tracked.state !== 'NEW') return null;
  const passages = traverse(table, table.servers, skb);
  const [only] = passages;
  if (only !== undefined && passages.length === 1) return settle(skb, hook, only);
  return passages.flatMap((passage) => {
    const branch = fork(skb, passage.probability);
    return settle(branch, hook, passage) ?? [{ skb: branch, end: null }];
  });
}

function settle(skb: Skb, hook: Hook, passage: Traversal): Results {
  const { verdict, steps } = passage;
  const { tracked } = skb;
  if (verdict === null || tracked?.connection == null) return null;
  if (verdict.kind === 'UNKNOWN') return [{ skb, end: undecided(skb, verdict) }];
  const origin = decidingOrigin(steps) ?? inferredOrigin;
  // ip_vs_leave: there is no destination.
  if (verdict.kind === 'REJECT') {
    const facts = { netns: skb.netns.name, table: 'ipvs', base: hook, chain: steps?.last.chain ?? null };
    const shown = { steps: stepsOf(skb, passage), misses: null } as const;
    note(skb, { kind: 'filter', table: 'ipvs', hook, chain: hook, ...shown, verdict: 'REJECT', byPolicy: false, origin });
    return [{ skb, end: reject(skb, hook, verdict.with, { code: 'FILTER_REJECT', facts, origin }) }];
  }
  if (verdict.kind !== 'DNAT') throw new Error(`${verdict.kind} in IPVS`);
  const reply = { ...tracked.connection.reply, source: verdict.address, sourcePort: verdict.port ?? tracked.connection.reply.sourcePort };
  const destinationRule = steps?.last.rule ?? null;
  const connection = { ...tracked.connection, reply, destinationRule, destinationSettled: true, balanced: true };
  skb.tracked = { ...tracked, connection };
  return translate(skb, hook, steps);
}

function translate(skb: Skb, hook: Hook, steps: Trail<RuleStep> | null): Results {
  const connection = skb.tracked?.connection;
  if (connection == null) throw new Error('IPVS translates what conntrack knows');
  const { source: destination, sourcePort: destinationPort } = connection.reply;
  const { packet, changes } = rewrite(skb.packet, { destination, destinationPort });
  skb.packet = packet;
  const rule = connection.destinationRule;
  const origin = decidingOrigin(steps) ?? rule?.origin ?? connection.origin ?? inferredOrigin;
  note(skb, { kind: 'nat', action: 'dnat', hook, steps: stepsOf(skb, { steps }), misses: null, rule, changes, origin });
  // The look-up asks for the destination only.
  const decision = routeOutput(skb.netns, null, destination, 0);
  const isHere = decision.kind === 'route' && isForHere(decision.match.route);
  return isHere ? null : [{ skb, end: null, taken: 'balanced' }];
}
