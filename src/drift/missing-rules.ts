import { foundRules, iptablesCommand, withRules } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { printRule } from '../datapath/netfilter/print-rule.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import { byCommands, type Detail, type Restore } from './cause.ts';
import { compiledRules, isCompiled, type OfTable } from './of-table.ts';
import { writerOf } from './owners.ts';
import { type Piece, whatText } from './parts.ts';
import { ruleLine, textOf, underNames } from './rule-text.ts';

/** Rules that a flow should meet and that are not there, in their order; of a chain without rules, all of them. */
export function missingPieces(of: OfTable): readonly Piece[] {
  const found = new Map<string, Piece>();
  for (const step of of.wanted) {
    const [rule = step.rule] = underNames([step.rule], of.nodes.is);
    const { chain } = step;
    const there = foundRules(of.nodes.found, of.what, chain);
    const all = there?.length === 0 ? (compiledRules(of, chain) ?? []) : [];
    const isEmpty = all.length > 1;
    const name = isEmpty ? chain : `${chain} ${textOf(rule)}`;
    if (found.has(name) || there?.some((own) => textOf(own) === textOf(rule)) === true) continue;
    const rules = isEmpty ? all : [rule];
    const putBack = (state: FoundState) => rules.reduce((so, one) => withRule(so, of, chain, one), state);
    found.set(name, { ...of.part, putBack, detail: isEmpty ? emptyChain(of, chain) : missing(of, { ...step, rule }, there === null) });
  }
  return [...found.values()];
}

/** The rule behind those that should come before it, and the chains that it leads to, as far as they are not there. */
function withRule(state: FoundState, of: OfTable, chain: string, rule: Rule): FoundState {
  const rules = foundRules(state, of.what, chain) ?? [];
  const at = placeFor(of, chain, rule, rules);
  return withTargets(withRules(state, of.what, chain, rules.toSpliced(at, 0, rule)), of, targetsOf(rule));
}

function placeFor(of: OfTable, chain: string, rule: Rule, rules: readonly Rule[]): number {
  const should = (compiledRules(of, chain) ?? []).map(textOf);
  const before = new Set(should.slice(0, should.indexOf(textOf(rule))));
  return rules.findLastIndex((own) => before.has(textOf(own))) + 1;
}

const targetsOf = ({ target }: Rule): readonly string[] => (target?.kind === 'jump' || target?.kind === 'goto' ? [target.chain] : []);

/** Chains that are not there, as they should be, and those that these lead to. */
export function withTargets(state: FoundState, of: OfTable, chains: readonly string[]): FoundState {
  return chains.reduce((so, chain) => {
    const rules = foundRules(so, of.what, chain) === null ? compiledRules(of, chain) : null;
    return rules === null ? so : withTargets(withRules(so, of.what, chain, rules), of, rules.flatMap(targetsOf));
  }, state);
}

function emptyChain(of: OfTable, chain: string): Detail {
  const text = `chain ${chain} of ${whatText(of.what)} is empty`;
  const [first] = compiledRules(of, chain) ?? [];
  return {
    kind: 'missing-rule',
    text,
    place: of.place,
    isThere: false,
    restore: restoreOf(of, chain, compiledRules(of, chain) ?? [], first),
  };
}

function missing(of: OfTable, step: RuleStep, isChainGone: boolean): Detail {
  const { chain, rule } = step;
  const name = whatText(of.what);
  const [target = null] = targetsOf(rule);
  const gone = isChainGone ? chain : target !== null && foundRules(of.nodes.found, of.what, target) === null ? target : null;
  const at = { place: of.place, isThere: false, restore: restoreOf(of, chain, [rule], rule) };
  if (gone !== null) return { kind: 'missing-chain', text: `chain ${gone} of ${name} is not there`, ...at };
  const instead = of.steps.find(
    (own) => own.chain === chain && own.rule.target?.kind === rule.target?.kind && !isCompiled(of, chain, own.rule),
  );
  const text = `a rule of ${name} is not there: ${ruleLine(chain, rule)}`;
  if (instead === undefined) return { kind: 'missing-rule', text, ...at };
  return { kind: 'missing-rule', text: `${text}; there is another in its place`, ...at, place: instead.rule.origin.locus, isThere: true };
}

/** The program that writes such chains; without one, commands of iptables. */
function restoreOf({ what, nodes }: OfTable, chain: string, rules: readonly Rule[], first: Rule | undefined): Restore {
  const writer = writerOf(what, chain, first === undefined ? null : (targetsOf(first)[0] ?? null));
  if (writer.by !== null || what.kind === 'nft') return writer;
  return byCommands(...rules.map((rule) => `${iptablesCommand(what, nodes.found)} -A ${chain} ${printRule(rule)}`));
}
