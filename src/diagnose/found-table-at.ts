import type { FoundRulesOf } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import type { Locus } from '../source/origin.ts';

/** The table of a place in found rules; null: the place is in none, or in one below IP. */
export function foundTableAt({ nft, iptables }: FoundState, { object }: Locus): FoundRulesOf | null {
  const [, program, first, second] = / (nft|iptables|ip6tables) (\S+) (\S+)(?: |$)/.exec(object) ?? [];
  if (program === 'nft') {
    const own = nft?.find((table) => table.family === first && table.name === second);
    return own === undefined ? null : { kind: 'nft', family: own.family, table: own.name };
  }
  const family = program === 'ip6tables' ? 'IPv6' : 'IPv4';
  const table = program === undefined ? undefined : [...iptables[family].keys()].find((name) => name === first);
  return table === undefined ? null : { kind: 'iptables', family, table };
}
