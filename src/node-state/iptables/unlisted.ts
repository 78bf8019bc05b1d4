import type { FoundTable } from '../../datapath/found-state.ts';
import { type Rule, TABLE_HOOKS } from '../../datapath/netfilter/ruleset.ts';
import { untoldRule } from '../../datapath/netfilter/untold.ts';
import { iptablesFor } from '../../datapath/programs.ts';
import type { Untold } from '../../datapath/untold.ts';
import type { IpFamily } from '../../net/address.ts';
import { declaredAt, type StateText } from '../text.ts';
import type { Draft } from './save.ts';

/**
 * The table, with a rule at the end of each chain that may have more rules than the text lists; the walk is undetermined where it comes to one.
 * A save lists chains in the order in which it declares them (iptables-save.c and nft_rule_save go through one list twice), so that all chains
 * before the one in which it is cut off are whole. `iptables -S CHAIN` declares the chain that it lists; a chain that no line declares was
 * picked out of a listing, perhaps not with all its rules.
 */
export function withUnlisted(table: FoundTable, draft: Draft, text: StateText, family: IpFamily | null): FoundTable {
  const { lacks } = draft;
  if (lacks === null) return table;
  const program = iptablesFor(family ?? 'IPv4');
  const origin = declaredAt(text, lacks.last, `Node/${text.node} ${program} ${draft.name}`);
  const untold = (what: string): Untold => ({
    what,
    because: lacks.by === 'cut' ? `${program}-save is cut off there` : 'not all chains are listed there',
    command: lacks.by === 'cut' ? `${program}-save` : `${program} -t ${draft.name} -S`,
  });
  const rest = (chain: string, what: string): Rule => untoldRule(untold(`${what} chain ${chain} (${program} ${draft.name})`), origin);
  const chains = new Map(table.chains);
  const names = [...draft.chains.keys()];
  const open = lacks.by === 'part' ? names.filter((name) => draft.undeclared.has(name)) : names.slice(lastBegun(draft));
  for (const chain of open) {
    const rules = table.chains.get(chain) ?? [];
    chains.set(chain, [...rules, rest(chain, rules.length === 0 ? 'what is in' : 'the rest of')]);
  }
  for (const hook of TABLE_HOOKS[draft.name]) if (!draft.chains.has(hook)) chains.set(hook, [rest(hook, 'what is in')]);
  return { ...table, chains, untold: untold(`the rest of ${program} ${draft.name}`) };
}

/** The place of the last chain that has rules, among those that are declared; 0: the order is another one, or no rule has come. */
function lastBegun({ chains }: Draft): number {
  const rules = [...chains.values()].flatMap((lines, place) => lines.map(({ index }) => ({ place, index })));
  const inText = rules.toSorted((a, b) => a.index - b.index);
  const isInTurn = inText.every(({ place }, i) => place >= (inText[i - 1]?.place ?? 0));
  return isInTurn ? (inText.at(-1)?.place ?? 0) : 0;
}
