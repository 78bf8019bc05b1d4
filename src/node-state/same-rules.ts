import type { NftTable, Rule, Table } from '../datapath/netfilter/ruleset.ts';
import { keyOf, sameState } from './same-state.ts';

/** Of two listings of one table, the one that is understood better; null: they say different things. */
export function betterOf(a: NftTable, b: NftTable): NftTable | null {
  const [of, other] = [rulesOf(a), rulesOf(b)];
  if (of.size !== other.size || !sameState(placesOf(a), placesOf(b))) return null;
  for (const [chain, rules] of of) {
    const others = other.get(chain);
    if (others?.length !== rules.length || !rules.every((rule, i) => areAlike(rule, others[i] ?? rule))) return null;
  }
  return unknownIn(other) < unknownIn(of) ? b : a;
}

const placesOf = ({ base }: NftTable) =>
  base.map(({ chain, type, hook, priority, policy }) => `${hook} ${priority} ${chain.name} ${type} ${policy}`).sort();

type Rules = ReadonlyMap<string, readonly Rule[]>;

const rulesOf = (table: Table): Rules => new Map([...table.chains()].map((chain) => [chain.name, chain.rules()]));

/**
 * A match that is not understood in one listing may be one that the other has: JSON has only the names of matches that iptables-nft cannot
 * translate.
 */
function areAlike(a: Rule, b: Rule): boolean {
  if (sameState(a, b)) return true;
  if (!hasUnknown(a) && !hasUnknown(b)) return false;
  if (!mayAsk(a, b) || !mayAsk(b, a)) return false;
  return a.target === null || b.target === null || isUnknown(a.target) || isUnknown(b.target) || sameState(a.target, b.target);
}

/** Could the matches that only the first rule has be those that are not understood in the other? */
function mayAsk({ matches }: Rule, other: Rule): boolean {
  const [own, others] = [new Set(matches.map(keyOf)), new Set(other.matches.map(keyOf))];
  const more = matches.filter((m) => m.kind !== 'unknown' && !others.has(keyOf(m)));
  return more.length <= other.matches.filter((m) => m.kind === 'unknown' && !own.has(keyOf(m))).length;
}

const hasUnknown = ({ matches, target, then }: Rule): boolean =>
  matches.some((m) => m.kind === 'unknown') || (target !== null && isUnknown(target)) || (then !== undefined && hasUnknown(then));

const isUnknown = ({ kind }: NonNullable<Rule['target']>): boolean => kind === 'unmodelled';

const unknownIn = (rules: Rules): number => [...rules.values()].flat().filter(hasUnknown).length;
