import { chainOf } from './indexed-chain.ts';
import { type Chain, type IptablesTable, TABLE_HOOKS, type TableName } from './ruleset.ts';
import type { Written, WrittenChains } from './written.ts';

/** A table as it was written, with the chains that many machines have in common. */
export function writtenTable(name: TableName, own: WrittenChains, { policies, shared }: Written): IptablesTable {
  const hooks: readonly string[] = TABLE_HOOKS[name];
  const plain = new Map([...own].map(([chain, rules]) => [chain, chainOf(chain, rules)]));
  const find = (chain: string): Chain | undefined => {
    const found = plain.get(chain);
    if (found !== undefined) return found;
    for (const source of shared) {
      const common = source.chain(name, chain);
      if (common !== undefined) return common;
    }
    return undefined;
  };
  return {
    name,
    policies: policies.get(name) ?? new Map(),
    chain: find,
    *chains() {
      for (const hook of hooks) {
        const chain = plain.get(hook);
        if (chain !== undefined) yield chain;
      }
      const names = [...plain.keys(), ...shared.flatMap((s) => s.names(name))].filter((n) => !hooks.includes(n));
      for (const chain of names.sort()) {
        const found = find(chain);
        if (found !== undefined) yield found;
      }
    },
  };
}
