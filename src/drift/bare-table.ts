import { foundChains, foundRules, isHook } from '../datapath/found/edit-rules.ts';
import { byProgram, type Detail, NO_REMEDY, type Restore } from './cause.ts';
import { foundTable, type OfRules, tableOf } from './edit-rules.ts';
import { writerOf } from './owners.ts';
import { whatText } from './parts.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** Is a table that has rules in the cluster empty on the node: no rule, and no chain but base chains? */
export const isBare = (what: OfRules, { compiled, found }: TwoNodes): boolean =>
  tableOf(compiled, what) !== null &&
  foundChains(found, what).every((chain) => isHook(what, chain) && foundRules(found, what, chain)?.length === 0);

export function bareDetail(what: OfRules, { compiled, found }: TwoNodes, { should }: TwoTraces): Detail {
  const isPolicyDrift = should.paths.some(({ failure }) => failure?.code.startsWith('POLICY_') === true);
  const chains = [...(tableOf(compiled, what)?.chains() ?? [])].map((c) => c.name);
  const place = foundTable(found, what);
  const words = what.kind === 'nft' && !what.isFound ? 'is not there' : 'has no rules';
  return {
    kind: 'missing-table',
    text: `${whatText(what)} ${words}`,
    place,
    isThere: false,
    isPolicyDrift,
    restore: byAll(chains.map((chain) => writerOf(what, chain, null))),
  };
}

/** The programs that write the chains of the table, as one remedy. */
function byAll(all: readonly Restore[]): Restore {
  const writers = [...new Map(all.flatMap((one) => (one.by === null ? [] : [[one.by, one] as const]))).values()];
  const [only, ...others] = writers;
  if (only === undefined || others.length === 0) return only ?? NO_REMEDY;
  return byProgram(writers.map(({ by }) => by).join(' and '), 'when these start, or when pods are made again');
}
