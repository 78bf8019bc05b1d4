import type { Origin } from '../../source/origin.ts';
import type { FoundTable, UntoldTables } from '../found-state.ts';
import type { Untold } from '../untold.ts';
import { type BaseChain, HOOKS, plainChain, type Rule, TABLE_HOOKS, type TableName } from './ruleset.ts';

/** A rule that stands for unknown ones: a walk that comes to it is undetermined. */
export const untoldRule = (untold: Untold, origin: Origin, syntax?: 'nft' | 'ipvs'): Rule => ({
  ...(syntax === undefined ? {} : { syntax }),
  matches: [],
  target: { kind: 'untold', ...untold },
  comment: null,
  origin,
});

/** An unknown table of iptables: each of its hooks may have any rule. */
export function untoldTable(name: TableName, untold: Untold, origin: Origin): FoundTable {
  const rules = [untoldRule(untold, origin)];
  return { policies: new Map(), chains: new Map(TABLE_HOOKS[name].map((hook) => [hook, rules])), origin, untold };
}

/** A priority before all others, because the place of unknown chains is not known either. */
const FIRST = -(2 ** 31);

/** A base chain at each hook. */
export function baseOfUntold({ origin, ...untold }: UntoldTables): readonly Omit<BaseChain, 'registered'>[] {
  const chain = plainChain(untold.what, [untoldRule(untold, origin)]);
  const table = { name: untold.what, chain: () => chain, chains: () => [chain] };
  return HOOKS.map((hook) => ({ table, chain, hook, type: 'filter', priority: FIRST, policy: 'ACCEPT' }));
}

/** The line of a printed listing that stands for unknown rules. */
export const untoldText = ({ what, because }: Untold): string => `# ${what} is not known: ${because}`;
