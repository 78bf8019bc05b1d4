import { foundChains, foundRules, iptablesCommand, isHook, withRules } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { iptablesLine } from '../datapath/netfilter/command-line.ts';
import { wordsOf } from '../datapath/netfilter/iptables-words.ts';
import { printRule } from '../datapath/netfilter/print-rule.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import { deleteInWords, deleteRule } from '../datapath/netfilter/undo.ts';
import { describeFailure } from '../hop/failure.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import { judgedBy } from '../k8s/policy/found-chains.ts';
import type { Locus } from '../source/origin.ts';
import { type Detail, inWords, NO_REMEDY, type Restore } from './cause.ts';
import type { OfRules } from './edit-rules.ts';
import { isCompiled, isFoundIn, type OfTable } from './of-table.ts';
import { writerOf } from './owners.ts';
import { type Piece, whatText } from './parts.ts';
import { textOf } from './rule-text.ts';

/** Rules that the cluster does not have, and that a flow meets: the last one first, to which the others only lead. */
export function foreignPieces(of: OfTable): readonly Piece[] {
  const ended = of.traces.has.paths.flatMap(({ failure }) => failure?.origin.locus ?? []);
  const own = ended.filter((locus) => isFoundIn(of.part.node, of.what, locus));
  const found = new Map<string, Piece>();
  for (const { chain, rule } of [...rulesAt(of, own), ...of.steps.toReversed()]) {
    const name = `${chain} ${textOf(rule)}`;
    if (found.has(name) || isCompiled(of, chain, rule)) continue;
    const putBack = (state: FoundState) => withoutRule(state, of.what, chain, rule);
    found.set(name, { ...of.part, putBack, detail: detailOf(of, chain, rule) });
  }
  return [...found.values()];
}

/** Rules at these places, which no step has: they met a packet that the flow needs, as one that asks for a neighbour. */
function rulesAt({ what, nodes }: OfTable, places: readonly Locus[]): readonly RuleStep[] {
  const names = new Set(places.map((p) => p.object));
  if (names.size === 0) return [];
  return foundChains(nodes.found, what).flatMap((chain) =>
    (foundRules(nodes.found, what, chain) ?? []).flatMap((rule) => (names.has(rule.origin.locus?.object ?? '') ? [{ chain, rule }] : [])),
  );
}

function withoutRule(state: FoundState, what: OfRules, chain: string, rule: Rule): FoundState {
  const text = textOf(rule);
  const rules = foundRules(state, what, chain);
  if (rules === null) return state;
  return withRules(
    state,
    what,
    chain,
    rules.filter((own) => textOf(own) !== text),
  );
}

function detailOf(of: OfTable, chain: string, rule: Rule): Detail {
  const at = { place: rule.origin.locus, isThere: true };
  const restore = restoreOf(of.what, chain, rule, of.nodes.found);
  const name = whatText(of.what);
  const failures = of.traces.has.paths.flatMap(({ failure }) => (failure?.code === 'FACT_MISSING' ? [failure] : []));
  const unknown = failures.find(({ origin }) => origin.locus?.object === rule.origin.locus?.object);
  if (unknown !== undefined) return { kind: 'unmodelled-rule', text: describeFailure(unknown), ...at, restore };
  if (judgedBy([chain]).size > 0 || isLeft(of, chain, rule)) {
    const text = isRefused(of)
      ? 'policies refuse it, and the rules that are to enforce them do not'
      : `policies let it pass, and the rules that are to enforce them do not: chain ${chain} of ${name}`;
    return { kind: 'policy-rules', text, ...at, isPolicyDrift: true, restore: enforcerOf(of) };
  }
  const isOwn = of.should?.chain(chain) !== undefined || isHook(of.what, chain);
  const where = isOwn ? '' : `, in chain ${chain}, which is not the cluster's`;
  return { kind: 'foreign-rule', text: `a rule of ${name} that is not the cluster's comes first${where}`, ...at, restore };
}

/** Weave's own last word: what comes back from its chains, to which the same packets go before, it drops where these began. */
function isLeft({ what, nodes }: OfTable, chain: string, rule: Rule): boolean {
  const rules = foundRules(nodes.found, what, chain) ?? [];
  const packets = conditionsOf(rule);
  return rules.slice(0, rules.indexOf(rule)).some((own) => conditionsOf(own) === packets && leadsToJudge(own, what, nodes.found));
}

const conditionsOf = ({ matches, syntax }: Rule): string =>
  textOf({
    matches,
    target: null,
    comment: null,
    origin: { evidence: 'inferred', locus: null },
    ...(syntax === undefined ? {} : { syntax }),
  });

function leadsToJudge({ target }: Rule, what: OfRules, found: FoundState): boolean {
  if (target?.kind !== 'jump' && target?.kind !== 'goto') return false;
  const further = (foundRules(found, what, target.chain) ?? []).flatMap(({ target: t }) =>
    t?.kind === 'jump' || t?.kind === 'goto' ? [t.chain] : [],
  );
  return judgedBy([target.chain, ...further]).size > 0;
}

/** The program that has the chains which judge there. */
const enforcerOf = ({ what, nodes }: OfTable): Restore => {
  const [first = ''] = foundChains(nodes.found, what).filter((chain) => judgedBy([chain]).size > 0);
  return writerOf(what, first, null);
};

/** Do policies refuse what they are asked about this flow? */
const isRefused = ({ traces }: OfTable): boolean => traces.should.paths.some(({ failure }) => failure?.code.startsWith('POLICY_') === true);

/** Deletes the rule by its text, because its number changes with the rules before it; every rule with the same text is deleted. */
function restoreOf(what: OfRules, chain: string, rule: Rule, found: FoundState): Restore {
  if (what.kind === 'iptables') {
    const listed = printRule(rule);
    const iptables = iptablesCommand(what, found);
    const line = iptablesLine(`${iptables} -D ${chain}`, listed, wordsOf(listed));
    const times = (foundRules(found, what, chain) ?? []).filter((own) => textOf(own) === textOf(rule)).length;
    if (line !== null) return { ...NO_REMEDY, commands: Array.from({ length: Math.max(1, times) }, () => line) };
    return inWords(`delete that rule alone: ${iptables} -L ${chain} --line-numbers shows its number, for ${iptables} -D ${chain} N`);
  }
  if (what.isCompiled) return writerOf(what, chain, null);
  const { locus } = rule.origin;
  const of = { ...what, chain };
  const command = locus === null ? null : deleteRule(of, locus.document.line(locus.document.position(locus.path).line));
  return command === null ? inWords(deleteInWords(of)) : { ...NO_REMEDY, commands: [command] };
}

/** Deletes all of these rules; no command, if there is none for one of them. */
export function withoutRules({ what, nodes }: OfTable, chain: string, rules: readonly Rule[]): Restore {
  const all = [...new Map(rules.map((rule) => [textOf(rule), rule])).values()].map((rule) => restoreOf(what, chain, rule, nodes.found));
  if (what.kind !== 'iptables') return all[0] ?? NO_REMEDY;
  return { ...NO_REMEDY, commands: all.some(({ commands }) => commands.length === 0) ? [] : all.flatMap(({ commands }) => commands) };
}
