import type { PolicyPoints } from '../policy-point.ts';
import { baseOfIptables, hooksOf, whereItDiffers } from './hook-order.ts';
import { chainOf } from './indexed-chain.ts';
import {
  type Chain,
  type Hook,
  type IptablesTable,
  type Match,
  type NftTable,
  type Policy,
  type Rule,
  type Ruleset,
  TABLE_HOOKS,
  type TableName,
  type Target,
  type VirtualServers,
} from './ruleset.ts';

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
  policy(table: TableName, hook: Hook, policy: Policy): void;
  share(chains: SharedChains): void;
  /** The base chains of iptables came after all of nft's, whatever was written first. */
  iptablesLast(): void;
  /** What comes last now may as well have come before all else: nobody knows. */
  lastMayBeFirst(): void;
  /** A table of nft: its base chains come after those of iptables if there are rules of iptables already, else before. */
  nft(table: NftTable): void;
  ipvs(servers: VirtualServers): void;
  /** Policies turn connection tracking on. */
  policies(points: PolicyPoints): void;
  build(): Ruleset;
}

type OwnChains = Map<string, Rule[]>;

export function rulesetBuilder(): RulesetBuilder {
  const own = new Map<TableName, OwnChains>();
  const policies = new Map<TableName, Map<Hook, Policy>>();
  const shared: SharedChains[] = [];
  const nft: NftTable[] = [];
  let nftBefore: number | null = null;
  let isLast = false;
  let open: NftTable | 'iptables' | null = null;
  let servers: VirtualServers | null = null;
  let points: PolicyPoints | null = null;
  const chainsOf = (table: TableName): OwnChains => {
    nftBefore ??= nft.length;
    const chains = own.get(table) ?? new Map<string, Rule[]>();
    own.set(table, chains);
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
      isLast = true;
    },
    lastMayBeFirst() {
      open = isLast ? 'iptables' : (nft.at(-1) ?? null);
    },
    share(chains) {
      shared.push(chains);
    },
    nft(table) {
      nft.push(table);
    },
    ipvs(table) {
      servers = table;
    },
    policies(all) {
      points = all;
    },
    build() {
      const tables: Partial<Record<TableName, IptablesTable>> = {};
      for (const [name, chains] of own) tables[name] = buildTable(name, chains, policies.get(name) ?? new Map(), shared);
      const before = isLast ? nft.length : (nftBefore ?? nft.length);
      const iptables = Object.values(tables).flatMap(baseOfIptables);
      const baseOf = (of: NftTable | 'iptables') => (of === 'iptables' ? iptables : of.base.map((b) => ({ ...b, table: of })));
      const tracksConnections =
        points !== null || shared.length > 0 || asksConntrack(own) || nft.some((t) => t.tracksConnections ?? asksInNft(t));
      const hooksIn = (order: readonly (NftTable | 'iptables')[]) =>
        hooksOf(
          order.flatMap(baseOf).map((b, registered) => ({ ...b, registered })),
          tracksConnections,
          servers,
          points,
        );
      const order = [...nft.slice(0, before), 'iptables' as const, ...nft.slice(before)];
      const hooks = hooksIn(order);
      const first = open;
      const otherwise =
        first === null || nft.length === 0 ? null : whereItDiffers(hooks, hooksIn([first, ...order.filter((o) => o !== first)]));
      return { tables, nft, nftBefore: before, ...(servers === null ? {} : { ipvs: servers }), hooks, otherwise, tracksConnections };
    },
  };
}

/** Matches and targets that turn connection tracking on in their namespace (nf_ct_netns_get); a nat chain alone does not. */
const MATCHES: ReadonlySet<Match['kind']> = new Set<Match['kind']>([
  'ctstate',
  'connmark',
  'ct-address',
  'ct-port',
  'ct-protocol',
  'ct-direction',
  'ct-seen-reply',
]);
const TARGETS: ReadonlySet<Target['kind']> = new Set<Target['kind']>([
  'DNAT',
  'DNAT-PORT',
  'REDIRECT',
  'NETMAP',
  'SNAT',
  'MASQUERADE',
  'CONNMARK',
]);

const isAboutConntrack = ({ matches, target }: Rule) =>
  (target !== null && TARGETS.has(target.kind)) || matches.some((m) => MATCHES.has(m.kind));

function asksConntrack(own: ReadonlyMap<TableName, OwnChains>): boolean {
  for (const chains of own.values()) for (const rules of chains.values()) if (rules.some(isAboutConntrack)) return true;
  return false;
}

/** Of the base chains only: the others may be many, and are not made before a packet comes by. What nat jumps to is there to translate. */
const asksInNft = (table: NftTable): boolean =>
  table.base.some(({ chain, type }) => chain.rules().some((r) => isAboutConntrack(r) || (type === 'nat' && leads(r.target))));

const leads = (target: Target | null) => target !== null && target.kind !== 'ACCEPT' && target.kind !== 'DROP' && target.kind !== 'RETURN';

function buildTable(
  name: TableName,
  own: ReadonlyMap<string, readonly Rule[]>,
  policies: ReadonlyMap<Hook, Policy>,
  shared: readonly SharedChains[],
): IptablesTable {
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
    policies,
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
