import type { Chain, Match, Rule, Table, Target } from '../datapath/netfilter/ruleset.ts';
import type { Miss, RuleStep } from '../hop/hop.ts';
import { matches } from './match.ts';
import type { Skb } from './skb.ts';

/** Targets that end a table for the packet. */
export type Verdict = Exclude<Target, { kind: 'RETURN' | 'MARK' | 'jump' | 'goto' }>;

/** One way through a table. `verdict` is null when no rule decided. */
export interface Traversal {
  readonly probability: number;
  readonly verdict: Verdict | null;
  readonly mark: number;
  readonly steps: readonly RuleStep[];
  readonly misses: readonly Miss[];
}

const START: Omit<Traversal, 'mark'> = { probability: 1, verdict: null, steps: [], misses: [] };

/** Walks a base chain; several passages where a `statistic` match splits the packets. */
export function traverse(table: Table, base: Chain, skb: Skb): readonly Traversal[] {
  return walk(table, base, base.candidates(skb.packet), 0, skb, { ...START, mark: skb.mark });
}

function walk(table: Table, chain: Chain, rules: readonly Rule[], from: number, skb: Skb, start: Traversal): readonly Traversal[] {
  let so = start;
  const forked: Traversal[] = [];
  for (let i = from; i < rules.length; i++) {
    const rule = rules[i] as Rule;
    const failed: { match: Match | null } = { match: null };
    const share = shareOf(rule, skb, so.mark, failed);
    if (share < 1 && failed.match !== null) {
      const missed = traversal(so, so.mark, so.steps, extended(so.misses, { chain: chain.name, rule, failed: failed.match }));
      if (share === 0) {
        so = missed;
        continue;
      }
      forked.push(...apply(table, chain, rules, i, skb, { ...so, probability: so.probability * share }));
      so = { ...missed, probability: so.probability * (1 - share) };
      continue;
    }
    const results = apply(table, chain, rules, i, skb, so);
    return forked.length === 0 ? results : [...forked, ...results];
  }
  return forked.length === 0 ? [so] : [...forked, so];
}

function extended<T>(list: readonly T[], item: T): readonly T[] {
  const longer = list.slice();
  longer.push(item);
  return longer;
}

/** Written out, because this is where a trace spends its time. */
function traversal(from: Traversal, mark: number, steps: Traversal['steps'], misses: Traversal['misses']): Traversal {
  return { probability: from.probability, verdict: null, mark, steps, misses };
}

/** The share of packets that match all conditions, and the one that keeps the others (or all) out. */
function shareOf(rule: Rule, skb: Skb, mark: number, failed: { match: Match | null }): number {
  let share = 1;
  for (const match of rule.matches) {
    const p = matches(match, skb, mark);
    if (p === 1) continue;
    failed.match = match;
    if (p === 0) return 0;
    share *= p;
  }
  return share;
}

/** The packet matched rule `i`: do what it says, then what follows it. */
function apply(table: Table, chain: Chain, rules: readonly Rule[], i: number, skb: Skb, so: Traversal): readonly Traversal[] {
  const rule = rules[i] as Rule;
  const { target } = rule;
  if (target === null) return walk(table, chain, rules, i + 1, skb, so);
  const here = traversal(so, so.mark, extended(so.steps, { chain: chain.name, rule }), so.misses);
  switch (target.kind) {
    case 'RETURN':
      return [here];
    case 'MARK':
      return walk(
        table,
        chain,
        rules,
        i + 1,
        skb,
        traversal(here, ((here.mark & ~target.mask) ^ target.value) >>> 0, here.steps, here.misses),
      );
    case 'jump': {
      const called = table.chain(target.chain);
      if (called === undefined) return walk(table, chain, rules, i + 1, skb, here);
      const results = walk(table, called, called.candidates(skb.packet), 0, skb, here);
      if (results.length === 1 && results[0]?.verdict !== null) return results;
      return results.flatMap((r) => (r.verdict === null ? walk(table, chain, rules, i + 1, skb, r) : [r]));
    }
    case 'goto': {
      const called = table.chain(target.chain);
      return called === undefined ? [here] : walk(table, called, called.candidates(skb.packet), 0, skb, here);
    }
    default:
      return [{ ...here, verdict: target }];
  }
}
