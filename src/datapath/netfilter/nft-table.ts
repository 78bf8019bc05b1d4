import type { Origin } from '../../source/origin.ts';
import { chainOf } from './indexed-chain.ts';
import type { Match } from './match.ts';
import type { BaseChainSpec, NftTable, Policy, Rule } from './ruleset.ts';
import type { Target } from './target.ts';

/** A rule of nft; without a comment. */
export const nftRule = (matches: readonly Match[], target: Target | null, origin: Origin): Rule => ({
  syntax: 'nft',
  matches,
  target,
  comment: null,
  origin,
});

interface StatedChain {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** Left out: a chain that only other chains call. */
  readonly base?: Pick<BaseChainSpec, 'type' | 'hook' | 'priority'> & { readonly policy?: Policy };
}

type Stated = Pick<NftTable, 'family' | 'name'> & Partial<Pick<NftTable, 'comment' | 'sets'>> & { readonly chains: readonly StatedChain[] };

/** A table of a few chains. One with thousands makes them when they are asked for, and implements NftTable itself. */
export function nftTable({ family, name, comment = null, sets = [], chains }: Stated): NftTable {
  const plain = new Map(chains.map((c) => [c.name, chainOf(c.name, c.rules)]));
  return {
    family,
    name,
    comment,
    sets,
    base: chains.flatMap(({ name, base, rules }) =>
      base === undefined ? [] : [{ policy: 'ACCEPT' as const, ...base, chain: plain.get(name) ?? chainOf(name, rules) }],
    ),
    chain: (called) => plain.get(called),
    chains: () => plain.values(),
  };
}
