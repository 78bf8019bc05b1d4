import { type FoundRulesOf, foundRules, iptablesCommand, withPolicy, withRules } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { iptablesLine } from '../datapath/netfilter/command-line.ts';
import { wordsOf } from '../datapath/netfilter/iptables-words.ts';
import { printRule } from '../datapath/netfilter/print-rule.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import { acceptByPolicy, deleteInWords, deleteRule } from '../datapath/netfilter/undo.ts';
import { originOf } from '../hop/rule-step.ts';
import type { Locus } from '../source/origin.ts';
import { withCommands } from '../source/sentence.ts';
import { acceptFlow } from './fix-accept.ts';
import { foundTableAt } from './found-table-at.ts';
import { markedBy } from './marked-by.ts';
import { advised, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

type Filtered = Scene<'FILTER_DROP' | 'FILTER_REJECT'>;

/** The fix that deletes a found rule, or changes the policy of its chain; null: it is neither. It is tried, and where it is not enough, the flow is accepted. */
export function foundRule(scene: Filtered): readonly Fix[] | null {
  const { facts, origin, hops, context } = scene;
  const found = context.cluster.nodes.get(facts.netns)?.found ?? null;
  const what = found === null || origin.locus === null ? null : foundTableAt(found, origin.locus);
  if (found === null || origin.locus === null || what === null) return null;
  const otherwise = acceptFlow(scene, found, what, origin.locus);
  if (facts.chain === null) return [otherPolicy(scene, found, what, origin.locus, otherwise)];
  const by = markedBy(hops, facts.netns);
  const marks =
    by === null ? null : takenBack('the rule that marks it, ', originOf(by).locus, { chain: by.chain, found, otherwise, scene });
  const fix = marks ?? takenBack('the rule ', origin.locus, { chain: facts.chain, found, otherwise, scene });
  return fix === null ? null : [fix];
}

function otherPolicy(
  { facts: { base, netns } }: Filtered,
  found: FoundState,
  what: FoundRulesOf,
  locus: Locus,
  otherwise: Fix | null,
): Fix {
  const command = what.kind === 'nft' ? acceptByPolicy({ ...what, chain: base }) : `${iptablesCommand(what, found)} -P ${base} ACCEPT`;
  const words = `change the policy of ${base}, or add a rule to it that accepts such packets (${place(locus)})`;
  if (command === null) return advised('elsewhere', words);
  return {
    ...advised('elsewhere', withCommands(`${words}; on ${netns}: ${command}`, command)),
    onFound: {
      node: netns,
      isWide: true,
      edit: (state) => withPolicy(state, what, base, 'ACCEPT'),
      ...(otherwise === null ? {} : { otherwise }),
    },
  };
}

interface Within {
  readonly chain: string;
  readonly found: FoundState;
  readonly otherwise: Fix | null;
  readonly scene: Filtered;
}

function takenBack(which: string, locus: Locus | null, { chain, found, otherwise, scene }: Within): Fix | null {
  const what = locus === null ? null : foundTableAt(found, locus);
  if (locus === null || what === null) return null;
  const { netns } = scene.facts;
  const line = lineAt(locus);
  const rules = foundRules(found, what, chain) ?? [];
  const rule = rules.find((own) => own.origin.locus?.object === locus.object);
  const words = `change ${which}${shown(line)} (${place(locus)})`;
  const [command, inWords] = what.kind === 'nft' ? nftCommand(what, chain, line) : iptablesDelete(what, found, chain, rule);
  const told =
    command === null
      ? inWords === null
        ? words
        : `${words}, or on ${netns}: ${inWords}`
      : withCommands(`${words}, or on ${netns}: ${command}`, command);
  const fix = advised('elsewhere', told);
  if (rule === undefined) return fix;
  const edit = (state: FoundState) => withoutRule(state, what, chain, rule);
  return { ...fix, onFound: { node: netns, edit, ...(otherwise === null ? {} : { otherwise }) } };
}

type Command = readonly [command: string | null, inWords: string | null];

function nftCommand(what: Extract<FoundRulesOf, { readonly kind: 'nft' }>, chain: string, line: string): Command {
  const of = { ...what, chain };
  return [deleteRule(of, line), deleteInWords(of)];
}

/** By its text, because its number changes with the rules before it. What has the same text does the same, and goes with it. */
function iptablesDelete(
  what: Extract<FoundRulesOf, { readonly kind: 'iptables' }>,
  found: FoundState,
  chain: string,
  rule: Rule | undefined,
): Command {
  if (rule === undefined) return [null, null];
  const iptables = iptablesCommand(what, found);
  const listed = printRule(rule);
  const line = iptablesLine(`${iptables} -D ${chain}`, listed, wordsOf(listed));
  const inWords = `delete that rule alone: ${iptables} -L ${chain} --line-numbers shows its number, for ${iptables} -D ${chain} N`;
  return [
    line === null
      ? null
      : alike(foundRules(found, what, chain) ?? [], rule)
          .map(() => line)
          .join(' && '),
    inWords,
  ];
}

const alike = (rules: readonly Rule[], rule: Rule): readonly Rule[] => {
  const text = printRule(rule);
  return rules.filter((own) => own === rule || printRule(own) === text);
};

function withoutRule(state: FoundState, what: FoundRulesOf, chain: string, rule: Rule): FoundState {
  const rules = foundRules(state, what, chain) ?? [];
  const gone = new Set(what.kind === 'iptables' ? alike(rules, rule) : [rule]);
  return withRules(
    state,
    what,
    chain,
    rules.filter((own) => !gone.has(own)),
  );
}

const lineAt = ({ document, path }: Locus): string => document.line(document.position(path).line).trim();

const shown = (line: string): string => line.replace(/ # handle \d+$/, '');
