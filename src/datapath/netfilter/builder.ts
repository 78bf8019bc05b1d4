import type { FoundTable, UntoldTables } from '../found-state.ts';
import type { PolicyPoints } from '../policy-point.ts';
import { asksConntrack, isAboutConntrack, seemsToAsk } from './asks-conntrack.ts';
import { asTable } from './found-table.ts';
import { baseOfIptables, hooksOf, whereItDiffers } from './hook-order.ts';
import { chainOf } from './indexed-chain.ts';
import { renameDevices } from './rename-devices.ts';
import {
  type Chain,
  type Hook,
  type IptablesTable,
  type NftTable,
  type Policy,
  type Rule,
  type Ruleset,
  TABLE_HOOKS,
  type TableName,
  type VirtualServers,
} from './ruleset.ts';
import { tiesOf } from './tied.ts';
import { baseOfUntold } from './untold.ts';

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
  /** In place of what is written, whenever that was. */
  found(rules: FoundRules): void;
  build(): Ruleset;
}

/** Tables as they were found. Null: not given. */
export interface FoundRules {
  readonly iptables: ReadonlyMap<TableName, FoundTable>;
  readonly nft: readonly NftTable[] | null;
  readonly ipvs: VirtualServers | null;
  /** Tables that nothing is told of. */
  readonly untold: readonly UntoldTables[];
  /** Connections were listed: something has switched their tracking on, whatever was given of the rules. */
  readonly tracks: boolean;
  /** What was written stays beside what was found, and comes first: it stands for programs that work in no table. */
  readonly beside: boolean;
  /** Names of devices, by those that rules which stay were written with. */
  readonly devices: ReadonlyMap<string, string>;
}

type OwnChains = Map<string, Rule[]>;

/** iptables-nft's tables are found where nft is listed, too. */
const isSame = (table: NftTable, name: TableName) => table.isOfIptables === true && table.name === name;

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
  let found: FoundRules | null = null;
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
    found(rules) {
      found = rules;
    },
    build() {
      const stays = [...own].filter(([name]) => found?.iptables.has(name) !== true && found?.nft?.some((t) => isSame(t, name)) !== true);
      const tables: Partial<Record<TableName, IptablesTable>> = {};
      if (found !== null && [...found.devices].some(([a, b]) => a !== b))
        for (const [, chains] of stays) for (const [chain, rules] of chains) chains.set(chain, renameDevices(rules, found.devices));
      for (const [name, chains] of stays) tables[name] = buildTable(name, chains, policies.get(name) ?? new Map(), shared);
      for (const [name, table] of found?.iptables ?? []) tables[name] = asTable(name, table);
      const beside = [...(found?.iptables ?? [])].flatMap(([name, table]) =>
        table.beside === undefined ? [] : asTable(name, table.beside),
      );
      const ofNft = found?.nft ?? nft;
      const balanced = found?.ipvs ?? servers;
      const before = isLast ? ofNft.length : Math.min(nftBefore ?? ofNft.length, ofNft.length);
      const kept = found?.beside === true ? [...own].filter((o) => !stays.includes(o)) : [];
      // What came last is asked first.
      const first = kept.map(([name, chains]) => buildTable(name, chains, policies.get(name) ?? new Map(), shared));
      const iptables = Object.values(tables).flatMap(baseOfIptables);
      const baseOf = (of: NftTable | 'iptables') => (of === 'iptables' ? iptables : of.base.map((b) => ({ ...b, table: of })));
      const tracksConnections =
        points !== null ||
        found?.tracks === true ||
        (shared.length > 0 && stays.length + kept.length > 0) ||
        stays.some(([, chains]) => isAsked(chains)) ||
        [...(found?.iptables.values() ?? [])].some((t) => asksConntrack(t) || (t.beside !== undefined && asksConntrack(t.beside))) ||
        ofNft.some((t) => t.tracksConnections ?? seemsToAsk(t));
      const hooksIn = (order: readonly (NftTable | 'iptables')[]) =>
        hooksOf(
          [...order.flatMap(baseOf), ...[...beside, ...first].flatMap(baseOfIptables), ...(found?.untold ?? []).flatMap(baseOfUntold)].map(
            (b, registered) => ({ ...b, registered }),
          ),
          tracksConnections,
          balanced,
          points,
        );
      const order = [...ofNft.slice(0, before), 'iptables' as const, ...ofNft.slice(before)];
      const hooks = hooksIn(order);
      const last = open;
      const isGuessed = found?.nft == null && last !== null && ofNft.length > 0;
      const otherwise = isGuessed ? whereItDiffers(hooks, hooksIn([last, ...order.filter((o) => o !== last)])) : null;
      const isOpen = (found?.nft != null && ofNft.length > 0) || beside.length > 0;
      const ties = isOpen ? tiesOf(hooks, first) : {};
      return {
        tables,
        ...(beside.length === 0 ? {} : { beside }),
        nft: ofNft,
        nftBefore: before,
        ...(balanced === null ? {} : { ipvs: balanced }),
        hooks,
        otherwise,
        ...(Object.keys(ties).length === 0 ? {} : { ties }),
        tracksConnections,
      };
    },
  };
}

const isAsked = (chains: OwnChains): boolean => [...chains.values()].some((rules) => rules.some(isAboutConntrack));

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
