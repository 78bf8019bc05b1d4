import type { Match } from '../datapath/netfilter/match.ts';
import type { Chain, Condition, Rule, Table } from '../datapath/netfilter/ruleset.ts';
import type { MapData, MapElement, MapVerdict } from '../datapath/netfilter/sets.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import { valuesOf } from './field.ts';
import { UNKNOWN } from './field-value.ts';
import { matches } from './match.ts';
import { afterWriting } from './set-writes.ts';
import type { Skb } from './skb.ts';
import { openMatch, supposedOf } from './supposed.ts';
import { atStart, moveMark, setMark, setTtl, type Traversal, type Verdict } from './traversal.ts';

/** Walks a base chain; several passages where a `statistic` match or `numgen` splits the packets. */
export function traverse(table: Table, chain: Chain, skb: Skb, so: Traversal = atStart(skb)): readonly Traversal[] {
  so.returns = false;
  return through(table, chain, skb, so) ?? [so];
}

/** The ways through a chain; null: only the one that began, which has changed in place. */
type Ways = readonly Traversal[] | null;

function through(table: Table, chain: Chain, skb: Skb, so: Traversal): Ways {
  return walk(table, chain, chain.candidates(skb.packet), 0, skb, so);
}

/** The notes of a rule's evaluation: the condition that did not match, and the element of its map. */
interface Asked {
  failed: Condition | null;
  element: MapElement | undefined;
  unknown: Condition | null;
}

function walk(table: Table, chain: Chain, rules: readonly Rule[], from: number, skb: Skb, so: Traversal): Ways {
  let others: Traversal[] | null = null;
  for (let i = from; i < rules.length && goesOn(so); i++) {
    const rule = rules[i] as Rule;
    const asked: Asked = { failed: null, element: undefined, unknown: null };
    const share = shareOf(rule, skb, so, asked);
    if (asked.unknown !== null) {
      const open = asked.unknown.kind === 'vmap' || asked.unknown.kind === 'numgen' ? null : openMatch(rule, skb);
      so.verdict = { kind: 'UNKNOWN', table: table.name, chain: chain.name, rule, open, asked: asked.unknown };
      break;
    }
    const onwards = (way: Traversal): readonly Traversal[] => walk(table, chain, rules, i + 1, skb, way) ?? [way];
    if (share === 1 || asked.failed === null) {
      const ways = applyAll(table, chain, rule, asked.element, skb, so);
      if (ways !== null) return [...(others ?? []), ...ways.flatMap(onwards)];
      continue;
    }
    if (share > 0) {
      const matching = { ...so, probability: so.probability * share };
      others ??= [];
      others.push(...(applyAll(table, chain, rule, asked.element, skb, matching) ?? [matching]).flatMap(onwards));
      so.probability *= 1 - share;
    }
    so.misses = { last: { chain: chain.name, rule, failed: asked.failed }, before: so.misses };
  }
  return others === null ? null : [...others, so];
}

const goesOn = ({ verdict, returns }: Traversal): boolean => verdict === null && !returns;

/** The share of packets that match all conditions, and the one that keeps the others (or all) out. */
function shareOf(rule: Rule, skb: Skb, so: Traversal, asked: Asked): number {
  const { matches: conditions, target } = rule;
  let share = 1;
  let unknown: Match | null = null;
  for (const match of conditions) {
    const p = matches(match, skb, so);
    if (p === 1) continue;
    if (p === UNKNOWN) {
      unknown = match;
      continue;
    }
    asked.failed = match;
    if (p === 0) return 0;
    share *= p;
  }
  if (target?.kind === 'vmap') {
    const values = valuesOf(target.key, skb, so);
    if (values === UNKNOWN) {
      // An unknown target is more than an unknown match, so that it replaces one.
      asked.unknown = target;
      return share;
    }
    asked.element = values === null ? undefined : target.map.find(values);
    if (asked.element === undefined) {
      asked.failed = target;
      return 0;
    }
  } else if (target?.kind === 'numgen') {
    // The hash of the first packet is not kept for those that follow.
    if (target.hashed === true && skb.tracked?.state !== 'NEW') {
      asked.unknown = target;
      return share;
    }
    const covered = ways(target).reduce((sum, w) => sum + w.numbers, 0);
    if (covered < target.modulus) {
      asked.failed = target;
      share *= covered / target.modulus;
    }
  }
  // Asked last: what else the rule asks may keep the packet out anyway, or nothing may hang on it.
  if (unknown === null || (target === null && rule.then === undefined)) return share;
  const supposed = supposedOf(rule, skb);
  if (supposed === null) asked.unknown = unknown;
  if (supposed !== false) return share;
  asked.failed = unknown;
  return 0;
}

/** The entries of a random choice, and how many of its numbers each one has. */
function ways({
  modulus,
  offset = 0,
  map,
}: Extract<Target, { kind: 'numgen' }>): readonly { readonly element: MapElement; readonly numbers: number }[] {
  const most = offset + modulus - 1;
  return [...map.elements()].map((element) => {
    const [part] = element.key;
    if (typeof part === 'number') return { element, numbers: part >= offset && part <= most ? 1 : 0 };
    if (typeof part !== 'object' || !('first' in part)) throw new Error('a random choice is among numbers');
    return { element, numbers: Math.max(Math.min(part.last, most) - Math.max(part.first, offset) + 1, 0) };
  });
}

/** The packet matched the rule: does what it says, and what the rule goes on with. */
function applyAll(table: Table, chain: Chain, rule: Rule, element: MapElement | undefined, skb: Skb, so: Traversal): Ways {
  for (const m of rule.matches) if (m.kind === 'update') so.written = afterWriting(m, skb, so);
  const ways = apply(table, chain, rule, element, skb, so);
  const { then } = rule;
  if (then === undefined) return ways;
  if (ways === null) return walk(table, chain, [then], 0, skb, so);
  return ways.flatMap((way) => walk(table, chain, [then], 0, skb, way) ?? [way]);
}

function apply(table: Table, chain: Chain, rule: Rule, element: MapElement | undefined, skb: Skb, so: Traversal): Ways {
  const { target } = rule;
  if (target === null) return null;
  if (target.kind === 'numgen') return choose(table, chain, rule, target, skb, so);
  so.steps = { last: element === undefined ? { chain: chain.name, rule } : { chain: chain.name, rule, element }, before: so.steps };
  switch (target.kind) {
    case 'NOTRACK':
      so.untracked = true;
      return null;
    case 'CONNMARK':
      moveMark(so, target);
      return null;
    case 'TTL':
      setTtl(so, target, skb);
      return null;
    case 'unmodelled':
    case 'untold':
      so.verdict = { kind: 'UNKNOWN', table: table.name, chain: chain.name, rule, open: null, asked: target };
      return null;
    case 'vmap':
      if (element === undefined) throw new Error('a rule matches only if its map has the verdict');
      return decide(table, element.verdict, skb, so);
    default:
      return decide(table, target, skb, so);
  }
}

function choose(table: Table, chain: Chain, rule: Rule, target: Extract<Target, { kind: 'numgen' }>, skb: Skb, so: Traversal): Ways {
  const all = ways(target).filter((w) => w.numbers > 0);
  const total = all.reduce((sum, w) => sum + w.numbers, 0);
  return all.flatMap(({ element, numbers }) => {
    const steps = { last: { chain: chain.name, rule, element }, before: so.steps };
    const here = { ...so, probability: so.probability * (numbers / total), steps };
    return decide(table, element.verdict, skb, here) ?? [here];
  });
}

/** A verdict takes effect, which a rule has itself or by its map. */
function decide(table: Table, verdict: Verdict | MapVerdict | MapData, skb: Skb, so: Traversal): Ways {
  switch (verdict.kind) {
    case 'MARK':
      so.mark = setMark(so.mark, verdict);
      return null;
    case 'CONTINUE':
      return null;
    case 'RETURN':
      so.returns = true;
      return null;
    case 'jump':
      return inChain(table, verdict.chain, skb, so, false);
    case 'goto':
      return inChain(table, verdict.chain, skb, so, true);
    default:
      so.verdict = verdict;
      return null;
  }
}

/** Walks another chain. A packet that no rule there decides comes back to this chain, or by `goto` to the one before. */
function inChain(table: Table, name: string, skb: Skb, so: Traversal, isGoto: boolean): Ways {
  const called = table.chain(name);
  const ways = called === undefined ? null : through(table, called, skb, so);
  if (ways === null) so.returns = isGoto;
  else for (const way of ways) way.returns = isGoto;
  return ways;
}
