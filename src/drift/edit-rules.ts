import { isNamed } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { HOOKS, type Hook, type Policy, type Table } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Locus } from '../source/origin.ts';
import { nftTablesOf, type What } from './parts.ts';

export type OfRules = Extract<What, { readonly kind: 'iptables' | 'nft' }>;

/** The table of a machine; null: it has none. */
export function tableOf({ rulesets }: Netns, what: OfRules): Table | null {
  if (what.kind === 'iptables') return rulesets[what.family].tables[what.table] ?? null;
  return [...rulesets.IPv4.nft, ...rulesets.IPv6.nft].find((t) => t.family === what.family && t.name === what.table) ?? null;
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
