import type { Rule, Table } from '../datapath/netfilter/ruleset.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import type { Locus } from '../source/origin.ts';
import { foundTable, type OfRules, tableOf } from './edit-rules.ts';
import { hopsOn, stepsIn } from './met.ts';
import { type Part, whatText } from './parts.ts';
import { textOf, underNames } from './rule-text.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** The rules that a flow meets in a table, and those that it should meet. */
export interface OfTable {
  readonly part: Part;
  readonly what: OfRules;
  readonly nodes: TwoNodes;
  readonly traces: TwoTraces;
  /** The compiled table; null: there is none. */
  readonly should: Table | null;
  /** Rules that should be met, in their order. */
  readonly wanted: readonly RuleStep[];
  /** Rules that are met. */
  readonly steps: readonly RuleStep[];
  /** The text that the table was found in. */
  readonly place: Locus | null;
}

export function ofTable(part: Part, what: OfRules, traces: TwoTraces, nodes: TwoNodes): OfTable {
  const should = tableOf(nodes.compiled, what);
  return {
    part,
    what,
    nodes,
    traces,
    should,
    wanted: stepsIn(hopsOn(traces.should, part.node)).filter((step) => isIn(should, step)),
    steps: stepsIn(hopsOn(traces.has, part.node)).filter(({ rule }) => isFoundIn(part.node, what, rule.origin.locus)),
    place: foundTable(nodes.found, what),
  };
}

/** Rules of what was found are named by their tables. */
export function isFoundIn(node: string, what: OfRules, locus: Locus | null): boolean {
  const prefix = `Node/${node} ${whatText(what)}`;
  return locus !== null && (locus.object === prefix || locus.object.startsWith(`${prefix} `));
}

const isIn = (table: Table | null, { chain, rule }: RuleStep): boolean => {
  const rules = table?.chain(chain)?.rules() ?? [];
  if (rules.includes(rule)) return true;
  const text = textOf(rule);
  return rules.some((own) => textOf(own) === text);
};

/** The rules that a chain should have, by the devices' names as they were found. */
export const compiledRules = ({ should, nodes }: OfTable, chain: string): readonly Rule[] | null => {
  const rules = should?.chain(chain)?.rules();
  return rules === undefined ? null : underNames(rules, nodes.is);
};

/** Does the cluster have it, too? */
export function isCompiled(of: OfTable, chain: string, rule: Rule): boolean {
  const text = textOf(rule);
  return compiledRules(of, chain)?.some((own) => textOf(own) === text) === true;
}
