import type { FoundTable } from '../found-state.ts';
import { chainOf } from './indexed-chain.ts';
import { type Chain, type IptablesTable, TABLE_HOOKS, type TableName } from './ruleset.ts';

/**
 * A table as it was found. A base chain without rules that accepts is none for a packet, as in a table that was compiled. kube-proxy has two
 * chains a service and more: one is made when it is asked for, as a packet passes few of them.
 */
export function asTable(name: TableName, found: FoundTable): IptablesTable {
  const known = MADE.get(found) ?? made(name, found);
  MADE.set(found, known);
  return known;
}

/** A node that is compiled again, as advice is tried on it, has the same chains with their indices. */
const MADE = new WeakMap<FoundTable, IptablesTable>();

function made(name: TableName, { policies, policyOrigins, chains }: FoundTable): IptablesTable {
  const hooks = TABLE_HOOKS[name];
  const idle = new Set<string>(hooks.filter((h) => chains.get(h)?.length === 0 && policies.get(h) !== 'DROP'));
  const asked = new Map<string, Chain>();
  const find = (chain: string): Chain | undefined => {
    const rules = idle.has(chain) ? undefined : chains.get(chain);
    if (rules === undefined) return undefined;
    const one = asked.get(chain) ?? chainOf(chain, rules);
    asked.set(chain, one);
    return one;
  };
  return {
    name,
    policies,
    ...(policyOrigins === undefined ? {} : { policyOrigins }),
    chain: find,
    *chains() {
      const others = [...chains.keys()].filter((n) => !hooks.some((h) => h === n)).sort();
      for (const chain of [...hooks, ...others]) {
        const found = find(chain);
        if (found !== undefined) yield found;
      }
    },
  };
}
