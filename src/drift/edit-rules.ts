import type { FoundState } from '../datapath/found-state.ts';
import {
  HOOKS,
  type Hook,
  type NftTable,
  type Policy,
  plainChain,
  type Rule,
  TABLE_HOOKS,
  type Table,
} from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Locus, Origin } from '../source/origin.ts';
import { nftTablesOf, type What } from './parts.ts';

export type OfRules = Extract<What, { readonly kind: 'iptables' | 'nft' }>;

/** The table of a machine; null: it has none. */
export function tableOf({ rulesets }: Netns, what: OfRules): Table | null {
  if (what.kind === 'iptables') return rulesets[what.family].tables[what.table] ?? null;
  return [...rulesets.IPv4.nft, ...rulesets.IPv6.nft].find((t) => t.family === what.family && t.name === what.table) ?? null;
}

/** Every table of iptables has those of its hooks, with rules or without. */
export const isHook = (what: OfRules, chain: string): boolean =>
  what.kind === 'iptables' && TABLE_HOOKS[what.table].some((h) => h === chain);

/** The rules of a found chain; null: the chain is not there. */
export function foundRules(found: FoundState, what: OfRules, chain: string): readonly Rule[] | null {
  const rules =
    what.kind === 'iptables'
      ? found.iptables[what.family].get(what.table)?.chains.get(chain)
      : found.nft
          ?.find((t) => isNamed(t, what))
          ?.chain(chain)
          ?.rules();
  return rules ?? (isHook(what, chain) ? [] : null);
}

const isNamed = (table: NftTable, what: OfRules) => what.kind === 'nft' && table.family === what.family && table.name === what.table;

/** The chains that were found. */
export function foundChains(found: FoundState, what: OfRules): readonly string[] {
  if (what.kind === 'iptables') return [...(found.iptables[what.family].get(what.table)?.chains.keys() ?? [])];
  return [...(found.nft?.find((t) => isNamed(t, what))?.chains() ?? [])].map((c) => c.name);
}

/** The found state with other rules in a chain; a missing chain is added. */
export function withRules(found: FoundState, what: OfRules, chain: string, rules: readonly Rule[]): FoundState {
  if (what.kind === 'nft') return inNft(found, what, (table) => withChain(table, chain, rules));
  const table = found.iptables[what.family].get(what.table);
  if (table === undefined) return found;
  const changed = { ...table, chains: new Map(table.chains).set(chain, rules) };
  return { ...found, iptables: { ...found.iptables, [what.family]: new Map(found.iptables[what.family]).set(what.table, changed) } };
}

const inNft = (found: FoundState, what: OfRules, edit: (table: NftTable) => NftTable): FoundState => ({
  ...found,
  nft: found.nft?.map((table) => (isNamed(table, what) ? edit(table) : table)) ?? null,
});

function withChain(table: NftTable, name: string, rules: readonly Rule[]): NftTable {
  const made = plainChain(name, rules);
  const isNew = table.chain(name) === undefined;
  return {
    ...table,
    chain: (own) => (own === name ? made : table.chain(own)),
    *chains() {
      for (const chain of table.chains()) yield chain.name === name ? made : chain;
      if (isNew) yield made;
    },
    base: table.base.map((b) => (b.chain.name === name ? { ...b, chain: made } : b)),
  };
}

/** The policy of a base chain. */
export interface ChainPolicy {
  readonly chain: string;
  readonly policy: Policy;
  readonly origin: Origin | null;
}

export function foundPolicies(found: FoundState, what: OfRules): readonly ChainPolicy[] {
  if (what.kind === 'nft')
    return (found.nft?.find((t) => isNamed(t, what))?.base ?? []).map(({ chain, policy, policyOrigin }) => ({
      chain: chain.name,
      policy,
      origin: policyOrigin ?? null,
    }));
  const table = found.iptables[what.family].get(what.table);
  return [...(table?.policies ?? [])].map(([chain, policy]) => ({ chain, policy, origin: table?.policyOrigins?.get(chain) ?? null }));
}

export function withPolicy(found: FoundState, what: OfRules, chain: string, policy: Policy): FoundState {
  if (what.kind === 'nft')
    return inNft(found, what, (table) => ({ ...table, base: table.base.map((b) => (b.chain.name === chain ? { ...b, policy } : b)) }));
  const table = found.iptables[what.family].get(what.table);
  const hook = HOOKS.find((h): h is Hook => h === chain);
  if (table === undefined || hook === undefined) return found;
  const changed = { ...table, policies: new Map(table.policies).set(hook, policy) };
  return { ...found, iptables: { ...found.iptables, [what.family]: new Map(found.iptables[what.family]).set(what.table, changed) } };
}

/** The policy of a compiled chain; null: the table does not have the chain. */
export function compiledPolicy(netns: Netns, what: OfRules, chain: string): Policy | null {
  if (what.kind === 'iptables') {
    const hook = HOOKS.find((h): h is Hook => h === chain);
    return hook === undefined ? null : (netns.rulesets[what.family].tables[what.table]?.policies.get(hook) ?? 'ACCEPT');
  }
  const table = nftTablesOf(netns).find((t) => isNamed(t, what));
  return table?.base.find((b) => b.chain.name === chain)?.policy ?? null;
}

/** The text that a table was found in; of nft, where its first rule stands. */
export function foundTable(found: FoundState, what: OfRules): Locus | null {
  if (what.kind === 'iptables') return found.iptables[what.family].get(what.table)?.origin.locus ?? null;
  const own = found.nft?.filter((t) => isNamed(t, what)) ?? [];
  for (const table of [...own, ...(found.nft ?? [])])
    for (const chain of table.chains()) for (const { origin } of chain.rules()) if (origin.locus !== null) return origin.locus;
  return null;
}
