import type { FoundTable } from '../datapath/found-state.ts';
import { printRule } from '../datapath/netfilter/print-rule.ts';
import { type Rule, TABLE_HOOKS, type Table } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import { describeFailure } from '../hop/failure.ts';
import type { Hop } from '../hop/hop.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import { judgedBy } from '../k8s/policy/found-chains.ts';
import type { Locus } from '../source/origin.ts';
import type { Trace, TracePath } from '../trace/trace.ts';
import type { Detail } from './cause.ts';
import { hopsOn, stepsIn } from './met.ts';
import { nftTablesOf, type What, whatText } from './parts.ts';
import { otherwise, type TwoNodes, type TwoTraces } from './two.ts';

type OfRules = Extract<What, { readonly kind: 'iptables' | 'nft' }>;

/** A table as it should be, and as it is. */
interface TwoTables {
  readonly should: Table | null;
  readonly is: Table | null;
  readonly name: string;
  /** The text that the table was found in. */
  readonly place: Locus | null;
}

/** The first of these that explains it: a rule that ends the packet, a chain or a rule that is not there, a rule too many, a policy of a chain. */
export function ruleDetail(node: string, what: OfRules, traces: TwoTraces, nodes: TwoNodes): Detail {
  const [should, has] = [hopsOn(traces.should, node), hopsOn(traces.has, node)];
  const tables = tablesOf(what, nodes);
  const isOfTable = isFoundIn(node, what);
  const ended = traces.has.paths.find((path) => path.failure !== null && isOfTable(path.failure.origin.locus));
  const steps = stepsIn(has).filter(({ rule }) => isOfTable(rule.origin.locus));
  const wanted = stepsIn(should).filter((step) => isTextIn(tables.should, step));
  return (
    (ended === undefined ? null : (unmodelledRule(ended) ?? endingRule(ended, steps, tables))) ??
    byPolicies(node, traces, isOfTable, tables) ??
    missingTable(tables) ??
    missingChain(wanted, tables) ??
    missingRule(wanted, tables) ??
    foreignRule(steps, tables) ??
    chainPolicy(has, tables) ??
    otherwise(whatText(what), traces)
  );
}

function tablesOf(what: OfRules, { compiled, is, found }: TwoNodes): TwoTables {
  const name = whatText(what);
  if (what.kind === 'iptables') {
    const of = ({ rulesets }: Netns): Table | null => rulesets[what.family].tables[what.table] ?? null;
    const own: FoundTable | undefined = found.iptables[what.family].get(what.table);
    return { should: of(compiled), is: of(is), name, place: own?.origin.locus ?? null };
  }
  const of = (netns: Netns): Table | null => nftTablesOf(netns).find((t) => t.family === what.family && t.name === what.table) ?? null;
  return { should: of(compiled), is: of(is), name, place: found.nft?.flatMap(firstPlaceIn)[0] ?? null };
}

const firstPlaceIn = (table: Table): readonly Locus[] => {
  for (const chain of table.chains()) for (const { origin } of chain.rules()) if (origin.locus !== null) return [origin.locus];
  return [];
};

/** Rules of what was found are named by their tables. */
function isFoundIn(node: string, what: OfRules): (locus: Locus | null) => boolean {
  const prefix = `Node/${node} ${whatText(what)}`;
  return (locus) => locus !== null && (locus.object === prefix || locus.object.startsWith(`${prefix} `));
}

/** Without how a program listed it. */
function textOf({ listed: _, then, ...rule }: Rule): string {
  return printRule(then === undefined ? rule : { ...rule, then });
}

const isTextIn = (table: Table | null, { chain, rule }: RuleStep): boolean => {
  const text = textOf(rule);
  return (
    table
      ?.chain(chain)
      ?.rules()
      .some((own) => textOf(own) === text) === true
  );
};

/** Nobody knows what it does. */
function unmodelledRule({ failure }: TracePath): Detail | null {
  if (failure === null || failure.code !== 'FACT_MISSING') return null;
  return { kind: 'unmodelled-rule', text: describeFailure(failure), place: failure.origin.locus, isThere: true };
}

/** A rule, or the policy of a chain, that ended the packet; null: the cluster has it, too, and something before it is to blame. */
function endingRule({ failure }: TracePath, steps: readonly RuleStep[], tables: TwoTables): Detail | null {
  const locus = failure?.origin.locus ?? null;
  const last = steps.findLast(({ rule }) => isAt(rule.origin.locus, locus));
  if (last === undefined || isTextIn(tables.should, last)) return null;
  return foreign(last, tables);
}

const isAt = (a: Locus | null, b: Locus | null): boolean => a !== null && b !== null && (a === b || a.object === b.object);

function foreign(step: RuleStep, { should, name }: TwoTables): Detail {
  if (judgedBy([step.chain]).size > 0)
    return {
      kind: 'policy-rules',
      text: `policies let it pass, and the rules that are to enforce them do not: chain ${step.chain} of ${name}`,
      place: step.rule.origin.locus,
      isThere: true,
      isPolicyDrift: true,
    };
  const known = should?.chain(step.chain);
  const where = known === undefined ? `, in chain ${step.chain}, which is not the cluster's` : '';
  return {
    kind: 'foreign-rule',
    text: `a rule of ${name} that is not the cluster's comes first${where}`,
    place: step.rule.origin.locus,
    isThere: true,
  };
}

/** Policies refuse, and the rules that are to make them hold let the request pass. */
function byPolicies(
  node: string,
  { should, has }: TwoTraces,
  isOfTable: (locus: Locus | null) => boolean,
  { place }: TwoTables,
): Detail | null {
  const refused = codeOf(should)?.startsWith('POLICY_') === true;
  if (!refused || has.paths.every((p) => p.failure !== null)) return null;
  const there = has.paths.flatMap((path) => path.forward.hops.filter((hop) => hop.netns === node));
  const last = stepsIn(there).findLast(({ chain, rule }) => isOfTable(rule.origin.locus) && judgedBy([chain]).size > 0);
  return {
    kind: 'policy-rules',
    text: 'policies refuse it, and the rules that are to enforce them let it pass',
    place: last?.rule.origin.locus ?? place,
    isThere: last !== undefined,
    isPolicyDrift: true,
  };
}

const codeOf = ({ paths }: Trace): string | null => paths.find((p) => p.failure !== null)?.failure?.code ?? null;

function missingTable({ should, is, name, place }: TwoTables): Detail | null {
  return should === null || is !== null ? null : { kind: 'missing-table', text: `${name} is not there`, place, isThere: false };
}

function missingChain(wanted: readonly RuleStep[], { is, name, place }: TwoTables): Detail | null {
  const names = wanted.flatMap(({ chain, rule, element }) => {
    const target = element?.verdict ?? rule.target;
    return [chain, ...(target?.kind === 'jump' || target?.kind === 'goto' ? [target.chain] : [])];
  });
  const missing = names.find((chain) => !isHook(chain) && is?.chain(chain) === undefined);
  return missing === undefined ? null : { kind: 'missing-chain', text: `chain ${missing} of ${name} is not there`, place, isThere: false };
}

/** Every table of iptables has them, with rules or without. */
const isHook = (chain: string): boolean => Object.values(TABLE_HOOKS).some((hooks) => hooks.some((hook) => hook === chain));

function missingRule(wanted: readonly RuleStep[], tables: TwoTables): Detail | null {
  const missing = wanted.find((step) => !isTextIn(tables.is, step));
  if (missing === undefined) return null;
  const { name, place } = tables;
  return { kind: 'missing-rule', text: `a rule of ${name} is not there: ${ruleLine(missing)}`, place, isThere: false };
}

const ruleLine = ({ chain, rule }: RuleStep): string =>
  rule.syntax === undefined ? `-A ${chain} ${textOf(rule)}` : `${chain}: ${textOf(rule)}`;

function foreignRule(steps: readonly RuleStep[], tables: TwoTables): Detail | null {
  const odd = steps.find((step) => !isTextIn(tables.should, step));
  return odd === undefined ? null : foreign(odd, tables);
}

function chainPolicy(has: readonly Hop[], { name, place }: TwoTables): Detail | null {
  const by = has.find((hop) => hop.kind === 'filter' && hop.byPolicy && hop.verdict === 'DROP');
  if (by === undefined || by.kind !== 'filter') return null;
  const own = by.origin.locus;
  return { kind: 'chain-policy', text: `the policy of ${by.chain} of ${name} is DROP`, place: own ?? place, isThere: own !== null };
}
