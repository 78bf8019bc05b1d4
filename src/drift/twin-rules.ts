import { foundRules, withRules } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { printElements } from '../datapath/netfilter/nft-set.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import { type MapElement, verdictMap } from '../datapath/netfilter/sets.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import type { Detail } from './cause.ts';
import { withTargets } from './missing-rules.ts';
import { compiledRules, type OfTable } from './of-table.ts';
import { writerOf } from './owners.ts';
import { type Piece, whatText } from './parts.ts';
import { ruleLine, textOf, underNames } from './rule-text.ts';

/** Rules that are there and should be, and that ask sets or maps which do not have what they should have. */
export function twinPieces(of: OfTable): readonly Piece[] {
  const found = new Map<string, Piece>();
  for (const step of [...of.wanted, ...of.steps]) {
    const [rule = step.rule] = underNames([step.rule], of.nodes.is);
    const text = textOf(rule);
    const should = compiledRules(of, step.chain)?.find((own) => textOf(own) === text);
    const isThere = foundRules(of.nodes.found, of.what, step.chain)?.find((own) => textOf(own) === text);
    const name = `${step.chain} ${text} ${elementText(step) ?? ''}`;
    if (should === undefined || isThere === undefined || !asksSets(rule) || found.has(name) || isAlike(of, step, text)) continue;
    const putBack = (state: FoundState) => withTwin(state, of, step, should);
    found.set(name, { ...of.part, putBack, detail: detailOf(of, step, isThere) });
  }
  return [...found.values()];
}

const asksSets = ({ matches, target }: Rule): boolean =>
  target?.kind === 'vmap' || matches.some((m) => m.kind === 'lookup' && m.set.name !== null);

/** Do both walks meet the rule, with the same element? */
function isAlike(of: OfTable, step: RuleStep, text: string): boolean {
  const isIt = (own: RuleStep) => own.chain === step.chain && textOf(own.rule) === text && elementText(own) === elementText(step);
  return of.wanted.some(isIt) && of.steps.some(isIt);
}

const elementText = ({ rule, element }: RuleStep): string | null =>
  element === undefined || rule.target?.kind !== 'vmap' ? null : printed(rule.target.map, element);

const printed = (map: { readonly type: Parameters<typeof verdictMap>[0]['type'] }, element: MapElement): string =>
  printElements(verdictMap({ name: null, type: map.type, elements: [element] })).join();

function withTwin(state: FoundState, of: OfTable, { chain, element }: RuleStep, should: Rule): FoundState {
  const text = textOf(should);
  const rules = foundRules(state, of.what, chain) ?? [];
  const verdict = element?.verdict;
  const targets = verdict?.kind === 'jump' || verdict?.kind === 'goto' ? [verdict.chain] : [];
  return withTargets(
    withRules(
      state,
      of.what,
      chain,
      rules.map((own) => (textOf(own) === text ? should : own)),
    ),
    of,
    targets,
  );
}

function detailOf(of: OfTable, step: RuleStep, isThere: Rule): Detail {
  const name = whatText(of.what);
  const at = { place: isThere.origin.locus, isThere: true, restore: writerOf(of.what, step.chain, null) };
  const element = elementText(step);
  const { target } = step.rule;
  const isWanted = of.wanted.includes(step);
  if (element !== null && target?.kind === 'vmap')
    return {
      kind: isWanted ? 'missing-rule' : 'foreign-rule',
      text: `map ${target.map.name ?? 'of a rule'} of ${name} ${isWanted ? 'does not have' : 'has, and should not'}: ${element}`,
      ...at,
    };
  const sets = step.rule.matches.flatMap((m) => (m.kind === 'lookup' && m.set.name !== null ? [m.set.name] : [])).join(', ');
  return {
    kind: isWanted ? 'missing-rule' : 'foreign-rule',
    text: `set ${sets}, of which a rule of ${name} asks, does not have what it should: ${ruleLine(step.chain, isThere)}`,
    ...at,
  };
}
