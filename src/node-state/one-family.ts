import { MAIN_TABLE } from '../datapath/fib.ts';
import { withoutRoutes } from '../datapath/found/routes.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { withRules } from '../datapath/rules.ts';
import { FAMILIES, type IpFamily } from '../net/address.ts';

/** Where the routes of only one family were collected, those of the other are not known: a look-up of them is undetermined. */
export function withFamilyUnknown(state: FoundState): FoundState {
  const [unknown] = FAMILIES.filter((family) => !isGiven(state, family));
  return unknown === undefined || !FAMILIES.some((family) => isGiven(state, family)) ? state : without(state, unknown);
}

const isGiven = ({ routes, areAllTables }: FoundState, family: IpFamily): boolean => areAllTables[family] || routes[family].size > 0;

function without(state: FoundState, family: IpFamily): FoundState {
  const rules = (state.rules[family] ?? withRules([], [], [])).map((rule) =>
    rule.table === MAIN_TABLE && rule.action === undefined ? withoutRoutes(rule, family) : rule,
  );
  return { ...state, rules: { ...state.rules, [family]: rules } };
}
