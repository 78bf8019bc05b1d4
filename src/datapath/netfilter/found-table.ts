import type { FoundTable } from '../found-state.ts';
import { chainOf } from './indexed-chain.ts';
import { type Chain, type IptablesTable, TABLE_HOOKS, type TableName } from './ruleset.ts';

/** A table as it was found. A base chain without rules that accepts is none for a packet, as in a table that was compiled. */
export function asTable(name: TableName, { policies, policyOrigins, chains }: FoundTable): IptablesTable {
  const hooks = TABLE_HOOKS[name];
  const isIdle = (chain: string) => hooks.some((h) => h === chain && chains.get(h)?.length === 0 && policies.get(h) !== 'DROP');
  const made = new Map<string, Chain>();
  for (const [chain, rules] of chains) if (!isIdle(chain)) made.set(chain, chainOf(chain, rules));
  const names = [...made.keys()].filter((n) => !hooks.some((h) => h === n)).sort();
  return {
    name,
    policies,
    ...(policyOrigins === undefined ? {} : { policyOrigins }),
    chain: (chain) => made.get(chain),
    *chains() {
      for (const chain of [...hooks, ...names]) {
        const found = made.get(chain);
        if (found !== undefined) yield found;
      }
    },
  };
}
