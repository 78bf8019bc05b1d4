import type { RoutingRule } from '../datapath/fib.ts';
import { ipFor } from '../datapath/programs.ts';
import { actionText, selectorText } from '../datapath/routing-rule.ts';
import type { IpFamily } from '../net/address.ts';
import { byCommands, type Detail, inWords, type Restore } from './cause.ts';
import type { Part, Piece } from './parts.ts';
import { routesTaken } from './pieces-routes.ts';
import { removedBy } from './removed-rule.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** Rules that choose a table and should not be there, those that chose it for the flow first; and those that should be there and are not. */
export function routingRulePieces(part: Part, family: IpFamily, traces: TwoTraces, nodes: TwoNodes): readonly (readonly Piece[])[] {
  const found = nodes.found.rules[family] ?? [];
  const should = nodes.compiled.rules.filter((r) => r.family === undefined || r.family === family);
  const place = found[0]?.origin.locus ?? null;
  const piece = (detail: Detail, edit: (rules: readonly RoutingRule[]) => readonly RoutingRule[]): Piece => ({
    ...part,
    putBack: (state) => ({ ...state, rules: { ...state.rules, [family]: edit(state.rules[family] ?? []) } }),
    detail,
  });
  const taken = [...routesTaken(traces.should, part, family), ...routesTaken(traces.has, part, family)];
  const priorities = new Set(taken.map((h) => h.rulePriority));
  // Rules that the flow itself takes come first; the others may be those that the kernel's check of the source takes.
  const takenFirst = (rules: readonly RoutingRule[]) =>
    rules.toSorted((a, b) => Number(priorities.has(b.priority)) - Number(priorities.has(a.priority)));
  const isLike = (a: RoutingRule) => (b: RoutingRule) => ruleText(a) === ruleText(b);
  return [
    takenFirst(found.filter((rule) => !should.some(isLike(rule)))).map((rule) => {
      const text = `a rule that is not the cluster's chooses the table: ${ruleText(rule)}`;
      const detail: Detail = {
        kind: 'routing-rule',
        text,
        place: rule.origin.locus,
        isThere: rule.origin.locus !== null,
        restore: removal(rule, found, family),
      };
      return piece(detail, (all) => all.filter((r) => r !== rule));
    }),
    takenFirst(should.filter((rule) => !found.some(isLike(rule)))).map((rule) => {
      const restore = byCommands(ruleCommand('add', rule, family));
      return piece({ kind: 'routing-rule', text: `no rule ${ruleText(rule)}`, place, isThere: false, restore }, (all) =>
        [...all, rule].toSorted((a, b) => a.priority - b.priority),
      );
    }),
  ];
}

const TABLES: Readonly<Record<number, string>> = { 255: 'local', 254: 'main', 253: 'default' };

/** The words of `ip rule`, for its output and its arguments alike. */
const wordsOf = (rule: RoutingRule): string => `${selectorText(rule)} ${actionText(rule, (table) => TABLES[table] ?? `${table}`)}`;

const ruleText = (rule: RoutingRule): string => `${rule.priority}: ${wordsOf(rule)}`;

const ruleCommand = (action: 'add' | 'del', rule: RoutingRule, family: IpFamily): string =>
  `${ipFor(family)} rule ${action} priority ${rule.priority} ${wordsOf(rule)}`;

/** Deletes a rule by all its selectors. Where the kernel would delete another rule with these, only words can say how. */
function removal(rule: RoutingRule, all: readonly RoutingRule[], family: IpFamily): Restore {
  if (removedBy(rule, all) === rule) return byCommands(ruleCommand('del', rule, family));
  return inWords(
    `${ipFor(family)} rule del priority ${rule.priority} takes the first of several: delete them in their order, and add those again that are to stay`,
  );
}
