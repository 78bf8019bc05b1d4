import type { FoundTable } from '../found-state.ts';
import type { Match } from './match.ts';
import type { NftTable, Rule } from './ruleset.ts';
import type { Target } from './target.ts';

/** Matches and targets that turn connection tracking on in their namespace (nf_ct_netns_get), wherever they stand; a nat chain alone does not. */
const MATCHES: ReadonlySet<Match['kind']> = new Set<Match['kind']>([
  'ctstate',
  'connmark',
  'ct-address',
  'ct-port',
  'ct-protocol',
  'ct-direction',
  'ct-status',
]);
const TARGETS: ReadonlySet<Target['kind']> = new Set<Target['kind']>([
  'DNAT',
  'DNAT-PORT',
  'REDIRECT',
  'NETMAP',
  'SNAT',
  'MASQUERADE',
  'CONNMARK',
  'untold',
]);

export const isAboutConntrack = ({ matches, target }: Rule): boolean =>
  (target !== null && TARGETS.has(target.kind)) || matches.some((m) => MATCHES.has(m.kind));

/**
 * Of a table whose rules are all there already, as of one that was found. A module that is not modelled may be one that asks: where nobody
 * else does, no packet notices.
 */
export function asksConntrack({ chains }: FoundTable): boolean {
  for (const rules of chains.values())
    if (rules.some((r) => isAboutConntrack(r) || r.matches.some((m) => m.kind === 'unknown'))) return true;
  return false;
}

/** Of the base chains only: the others may be many, and are not made before a packet comes by. What nat jumps to is there to translate. */
export const seemsToAsk = (table: NftTable): boolean =>
  table.base.some(({ chain, type }) => chain.rules().some((r) => isAboutConntrack(r) || (type === 'nat' && leads(r.target))));

const leads = (target: Target | null) => target !== null && target.kind !== 'ACCEPT' && target.kind !== 'DROP' && target.kind !== 'RETURN';
