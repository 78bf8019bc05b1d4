import type { PolicyPoints } from '../policy-point.ts';
import type { Hook, NftTable, Policy, Rule, Ruleset, TableName, VirtualServers } from './ruleset.ts';
import { rulesetOf } from './ruleset-of.ts';
import type { FoundRules, SharedChains, Written, WrittenChains } from './written.ts';

/** Collects one machine's rules from all their writers; `build` freezes them. */
export interface RulesetBuilder {
  append(table: TableName, chain: string, ...rules: Rule[]): void;
  /** Before all that is there already. */
  prepend(table: TableName, chain: string, rule: Rule): void;
  policy(table: TableName, hook: Hook, policy: Policy): void;
  share(chains: SharedChains): void;
  /** The base chains of iptables came after all of nft's, whatever was written first. */
  iptablesLast(): void;
  /** The chains that were added last may have been added first: the order is not known. */
  lastMayBeFirst(): void;
  /** A table of nft: its base chains come after those of iptables if there are rules of iptables already, else before. */
  nft(table: NftTable): void;
  ipvs(servers: VirtualServers): void;
  /** Policies turn connection tracking on. */
  policies(points: PolicyPoints): void;
  /** Found rules, which replace the written ones, whether these are written before or after. */
  found(rules: FoundRules): void;
  build(): Ruleset;
}

export function rulesetBuilder(): RulesetBuilder {
  const written: Written = {
    iptables: new Map(),
    policies: new Map(),
    shared: [],
    nft: [],
    nftBefore: null,
    isLast: false,
    open: null,
    servers: null,
    points: null,
    found: null,
  };
  const { iptables, policies, nft } = written;
  const chainsOf = (table: TableName): WrittenChains => {
    written.nftBefore ??= nft.length;
    const chains = iptables.get(table) ?? new Map<string, Rule[]>();
    iptables.set(table, chains);
    return chains;
  };
  return {
    append(table, chain, ...rules) {
      const chains = chainsOf(table);
      const list = chains.get(chain);
      if (list === undefined) chains.set(chain, rules);
      else list.push(...rules);
    },
    prepend(table, chain, rule) {
      const chains = chainsOf(table);
      chains.set(chain, [rule, ...(chains.get(chain) ?? [])]);
    },
    policy(table, hook, policy) {
      chainsOf(table);
      policies.set(table, (policies.get(table) ?? new Map<Hook, Policy>()).set(hook, policy));
    },
    iptablesLast() {
      written.isLast = true;
    },
    lastMayBeFirst() {
      written.open = written.isLast ? 'iptables' : (nft.at(-1) ?? null);
    },
    share(chains) {
      written.shared.push(chains);
    },
    nft(table) {
      nft.push(table);
    },
    ipvs(servers) {
      written.servers = servers;
    },
    policies(points) {
      written.points = points;
    },
    found(rules) {
      written.found = rules;
    },
    build: () => rulesetOf(written),
  };
}
