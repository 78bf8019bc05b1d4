import type { FoundTable } from '../found-state.ts';
import type { Match } from './match.ts';
import type { NftTable, Rule } from './ruleset.ts';
import type { MapData } from './sets.ts';
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
const TARGETS: ReadonlySet<Target['kind'] | MapData['kind']> = new Set<Target['kind']>([
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
 * Does a rule of a found table turn connection tracking on? A match that is not modelled is taken for one that does: where no other rule
 * does, no packet notices the difference.
 */
export function asksConntrack({ chains }: FoundTable): boolean {
  for (const rules of chains.values())
    if (rules.some((r) => isAboutConntrack(r) || r.matches.some((m) => m.kind === 'unknown'))) return true;
  return false;
}

/**
 * Does a base chain turn connection tracking on? The other chains may be many, and are not made before a packet comes; a nat chain that
 * jumps to one is taken to translate there.
 */
export const seemsToAsk = (table: NftTable): boolean =>
  table.base.some(({ chain, type }) => chain.rules().some((r) => isAboutConntrack(r) || (type === 'nat' && leads(r.target))));

const leads = (target: Target | null) => target !== null && target.kind !== 'ACCEPT' && target.kind !== 'DROP' && target.kind !== 'RETURN';

/** A rule of nft asks by its fields as well (`ct state`), in its maps and in what it goes on with. Source: nft_ct_get_init, nft_nat_init. */
export function nftRuleAsksConntrack(rule: Rule): boolean {
  if (isAboutConntrack(rule) || rule.matches.some(readsConnection) || looksUpConnection(rule.target)) return true;
  return rule.then !== undefined && nftRuleAsksConntrack(rule.then);
}

function readsConnection(match: Match): boolean {
  if (match.kind === 'lookup') return match.key.some(isOfConnection);
  if (match.kind === 'bits') return isOfConnection(match.field);
  return match.kind === 'unknown' && match.text.includes('ct ');
}

/** Does the map ask, by its key or by its data? All elements of a map have the same kind of data. */
function looksUpConnection(target: Target | null): boolean {
  if (target?.kind !== 'vmap' && target?.kind !== 'numgen') return false;
  const [first] = target.map.elements();
  return (target.kind === 'vmap' && target.key.some(isOfConnection)) || (first !== undefined && TARGETS.has(first.verdict.kind));
}

const isOfConnection = (field: string): boolean => field.startsWith('ct ');
