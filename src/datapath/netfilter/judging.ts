import type { BaseChain, Chain, Rule, Table } from './ruleset.ts';

/** A longer one is taken to be one that changes packets. */
const MOST_RULES = 2000;

/**
 * Does the base chain only let packets pass or drop them, and whatever it leads to, too? Then it comes to the same before and after others
 * of its kind: a packet passes if all of them let it.
 */
export function isJudging({ table, chain }: Pick<BaseChain, 'table' | 'chain'>): boolean {
  return judges(table, chain, { chains: new Set(), left: MOST_RULES });
}

interface Seen {
  readonly chains: Set<string>;
  left: number;
}

function judges(table: Table, chain: Chain | undefined, seen: Seen): boolean {
  if (chain === undefined || seen.chains.has(chain.name)) return true;
  seen.chains.add(chain.name);
  return chain.rules().every((rule) => seen.left-- > 0 && isJudgement(table, rule, seen));
}

function isJudgement(table: Table, { target, then }: Rule, seen: Seen): boolean {
  const judged = target === null || isVerdict(table, target, seen);
  return judged && (then === undefined || isJudgement(table, then, seen));
}

function isVerdict(table: Table, target: NonNullable<Rule['target']>, seen: Seen): boolean {
  switch (target.kind) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return true;
    case 'jump':
    case 'goto':
      return judges(table, table.chain(target.chain), seen);
    default:
      return false;
  }
}
