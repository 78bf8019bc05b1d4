import { foundPolicies, foundRules, iptablesCommand, withPolicy, withRules } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import type { Policy, Rule } from '../datapath/netfilter/ruleset.ts';
import { acceptByPolicy } from '../datapath/netfilter/undo.ts';
import { bareDetail, isBare } from './bare-table.ts';
import { byCommands, type Detail, NO_REMEDY, type Restore } from './cause.ts';
import { compiledPolicy, type OfRules } from './edit-rules.ts';
import { foreignPieces, withoutRules } from './foreign-rules.ts';
import { missingPieces, withTargets } from './missing-rules.ts';
import { compiledRules, isCompiled, type OfTable, ofTable } from './of-table.ts';
import { writerOf } from './owners.ts';
import { type Part, type Piece, whatText } from './parts.ts';
import { textOf } from './rule-text.ts';
import { twinPieces } from './twin-rules.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** The pieces of a table that could make a flow end otherwise, by kinds; of each kind the one that would explain most comes first. */
export function rulePieces(part: Part, what: OfRules, traces: TwoTraces, nodes: TwoNodes): readonly (readonly Piece[])[] {
  const of = ofTable(part, what, traces, nodes);
  if (isBare(what, nodes)) return [[{ ...part, detail: bareDetail(what, nodes, traces) }], policyPieces(of)];
  return [foreignPieces(of), policyPieces(of), missingPieces(of), twinPieces(of)];
}

/** The policies of chains that drop, and should not. */
function policyPieces({ part, what, nodes }: OfTable): readonly Piece[] {
  return foundPolicies(nodes.found, what).flatMap(({ chain, policy, origin }) => {
    const wanted = compiledPolicy(nodes.compiled, what, chain) ?? 'ACCEPT';
    if (policy === wanted) return [];
    const place = origin?.locus ?? null;
    const restore = policyRestore(what, nodes, chain, wanted);
    const text = `the policy of ${chain} of ${whatText(what)} is ${policy}`;
    const detail: Detail = { kind: 'chain-policy', text, place, isThere: place !== null, restore };
    return [{ ...part, putBack: (state: FoundState) => withPolicy(state, what, chain, wanted), detail }];
  });
}

function policyRestore(what: OfRules, { found }: TwoNodes, chain: string, wanted: Policy): Restore {
  if (what.kind === 'iptables') return byCommands(`${iptablesCommand(what, found)} -P ${chain} ${wanted}`);
  const command = what.isCompiled ? null : acceptByPolicy({ ...what, chain });
  return command === null ? NO_REMEDY : { ...NO_REMEDY, commands: [command] };
}

/** Whole chains that a flow meets or should meet, where no single rule of them explains it. */
export function chainPieces(part: Part, what: OfRules, traces: TwoTraces, nodes: TwoNodes): readonly Piece[] {
  const of = ofTable(part, what, traces, nodes);
  const names = new Set([...of.wanted, ...of.steps].map((s) => s.chain));
  return [...names].flatMap((chain): readonly Piece[] => {
    const [should, is] = [compiledRules(of, chain), foundRules(nodes.found, what, chain) ?? []];
    if (should === null) return [];
    const odd = is.filter((rule) => !isCompiled(of, chain, rule));
    const texts = new Set(is.map(textOf));
    const gone = should.filter((rule) => !texts.has(textOf(rule)));
    if (odd.length === 0 && gone.length === 0 && is.every((rule, i) => textOf(rule) === textOf(should[i] ?? rule))) return [];
    const targets = should.flatMap(({ target }) => (target?.kind === 'jump' || target?.kind === 'goto' ? [target.chain] : []));
    const putBack = (state: FoundState) => withTargets(withRules(state, what, chain, should), of, targets);
    return [{ ...part, putBack, detail: chainDetail(of, chain, odd, gone.length) }];
  });
}

function chainDetail(of: OfTable, chain: string, odd: readonly Rule[], gone: number): Detail {
  const foreign = odd.length;
  const place = odd[0]?.origin.locus ?? null;
  const rules = (n: number) => (n === 1 ? '1 rule' : `${n} rules`);
  const words = [
    ...(gone === 0 ? [] : [`${rules(gone)} not there`]),
    ...(foreign === 0 ? [] : [`${rules(foreign)} not the cluster's`]),
    ...(gone + foreign === 0 ? ['its rules in another order'] : []),
  ];
  return {
    kind: gone > 0 ? 'missing-rule' : 'foreign-rule',
    text: `chain ${chain} of ${whatText(of.what)} is not as it should be: ${words.join(' and ')}`,
    place: place ?? of.place,
    isThere: place !== null,
    restore: gone === 0 && foreign > 0 ? withoutRules(of, chain, odd) : writerOf(of.what, chain, null),
  };
}
