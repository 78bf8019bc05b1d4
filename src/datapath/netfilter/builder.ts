import { type Chain, type Hook, plainChain, type Rule, type Ruleset, TABLE_HOOKS, type Table, type TableName } from './ruleset.ts';

/** Chains that many machines have in common, found by name. */
export interface SharedChains {
  chain(table: TableName, name: string): Chain | undefined;
  names(table: TableName): readonly string[];
}

/** Collects one machine's rules from all their writers; `build` freezes them. */
export interface RulesetBuilder {
  append(table: TableName, chain: string, ...rules: Rule[]): void;
  /** Before all that is there already. */
  prepend(table: TableName, chain: string, rule: Rule): void;
  share(chains: SharedChains): void;
  build(): Ruleset;
}

export function rulesetBuilder(): RulesetBuilder {
  const own = new Map<TableName, Map<string, Rule[]>>();
  const shared: SharedChains[] = [];
  return {
    append(table, chain, ...rules) {
      const chains = own.get(table) ?? new Map<string, Rule[]>();
      own.set(table, chains);
      const list = chains.get(chain);
      if (list === undefined) chains.set(chain, rules);
      else list.push(...rules);
    },
    prepend(table, chain, rule) {
      const chains = own.get(table) ?? new Map<string, Rule[]>();
      own.set(table, chains);
      chains.set(chain, [rule, ...(chains.get(chain) ?? [])]);
    },
    share(chains) {
      shared.push(chains);
    },
    build() {
      const tables: Partial<Record<TableName, Table>> = {};
      for (const [name, chains] of own) tables[name] = buildTable(name, chains, shared);
      return { tables, tracksConnections: 'nat' in tables || asksConntrack(own) };
    },
  };
}

/** xt_conntrack turns connection tracking on in the namespace whose rules ask for it. */
function asksConntrack(own: ReadonlyMap<TableName, ReadonlyMap<string, readonly Rule[]>>): boolean {
  for (const chains of own.values())
    for (const rules of chains.values()) if (rules.some((r) => r.matches.some((m) => m.kind === 'ctstate'))) return true;
  return false;
}

function buildTable(name: TableName, own: ReadonlyMap<string, readonly Rule[]>, shared: readonly SharedChains[]): Table {
  const hooks: readonly string[] = TABLE_HOOKS[name];
  const plain = new Map([...own].map(([chain, rules]) => [chain, plainChain(chain, rules)]));
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
    policies: new Map<Hook, 'ACCEPT' | 'DROP'>(),
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
