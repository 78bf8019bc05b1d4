import type { IpFamily } from '../../net/address.ts';
import type { Origin } from '../../source/origin.ts';
import type { FoundState } from '../found-state.ts';
import { nftRuleAsksConntrack } from '../netfilter/asks-conntrack.ts';
import { HOOKS, type Hook, type NftTable, type Policy, plainChain, type Rule, TABLE_HOOKS, type TableName } from '../netfilter/ruleset.ts';
import { iptablesFor } from '../programs.ts';

/** A table of found rules, by its name. */
export type FoundRulesOf =
  | { readonly kind: 'iptables'; readonly family: IpFamily; readonly table: TableName }
  | { readonly kind: 'nft'; readonly family: NftTable['family']; readonly table: string };

/** Every table of iptables has those of its hooks, with rules or without. */
export const isHook = (what: FoundRulesOf, chain: string): boolean =>
  what.kind === 'iptables' && TABLE_HOOKS[what.table].some((h) => h === chain);

/** The rules of a found chain; null: the chain is not there. */
export function foundRules(found: FoundState, what: FoundRulesOf, chain: string): readonly Rule[] | null {
  const rules =
    what.kind === 'iptables'
      ? found.iptables[what.family].get(what.table)?.chains.get(chain)
      : found.nft
          ?.find((t) => isNamed(t, what))
          ?.chain(chain)
          ?.rules();
  return rules ?? (isHook(what, chain) ? [] : null);
}

export const isNamed = (table: NftTable, what: FoundRulesOf): boolean =>
  what.kind === 'nft' && table.family === what.family && table.name === what.table;

/** The chains that were found. */
export function foundChains(found: FoundState, what: FoundRulesOf): readonly string[] {
  if (what.kind === 'iptables') return [...(found.iptables[what.family].get(what.table)?.chains.keys() ?? [])];
  return [...(found.nft?.find((t) => isNamed(t, what))?.chains() ?? [])].map((c) => c.name);
}

/** The found state with other rules in a chain; a missing chain is added. */
export function withRules(found: FoundState, what: FoundRulesOf, chain: string, rules: readonly Rule[]): FoundState {
  if (what.kind === 'nft') return inNft(found, what, (table) => withChain(table, chain, rules));
  const table = found.iptables[what.family].get(what.table);
  if (table === undefined) return found;
  const changed = { ...table, chains: new Map(table.chains).set(chain, rules) };
  return { ...found, iptables: { ...found.iptables, [what.family]: new Map(found.iptables[what.family]).set(what.table, changed) } };
}

const inNft = (found: FoundState, what: FoundRulesOf, edit: (table: NftTable) => NftTable): FoundState => ({
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
    ...(rules.some(nftRuleAsksConntrack) ? { tracksConnections: true } : {}),
  };
}

/** The policy of a base chain. */
export interface ChainPolicy {
  readonly chain: string;
  readonly policy: Policy;
  readonly origin: Origin | null;
}

export function foundPolicies(found: FoundState, what: FoundRulesOf): readonly ChainPolicy[] {
  if (what.kind === 'nft')
    return (found.nft?.find((t) => isNamed(t, what))?.base ?? []).map(({ chain, policy, policyOrigin }) => ({
      chain: chain.name,
      policy,
      origin: policyOrigin ?? null,
    }));
  const table = found.iptables[what.family].get(what.table);
  return [...(table?.policies ?? [])].map(([chain, policy]) => ({ chain, policy, origin: table?.policyOrigins?.get(chain) ?? null }));
}

export function withPolicy(found: FoundState, what: FoundRulesOf, chain: string, policy: Policy): FoundState {
  if (what.kind === 'nft')
    return inNft(found, what, (table) => ({ ...table, base: table.base.map((b) => (b.chain.name === chain ? { ...b, policy } : b)) }));
  const table = found.iptables[what.family].get(what.table);
  const hook = HOOKS.find((h): h is Hook => h === chain);
  if (table === undefined || hook === undefined) return found;
  const changed = { ...table, policies: new Map(table.policies).set(hook, policy) };
  return { ...found, iptables: { ...found.iptables, [what.family]: new Map(found.iptables[what.family]).set(what.table, changed) } };
}

/** `iptables -t nat`; where a node may have two iptables, the one that has the table: `iptables-legacy -t nat`. */
export function iptablesCommand({ family, table }: Extract<FoundRulesOf, { readonly kind: 'iptables' }>, { iptables }: FoundState): string {
  const variant = iptables[family].get(table)?.variant;
  return `${iptablesFor(family)}${variant === undefined ? '' : `-${variant}`} -t ${table}`;
}
