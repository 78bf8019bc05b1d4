import type { Match } from '../../datapath/netfilter/match.ts';
import type { Rule } from '../../datapath/netfilter/ruleset.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import type { Origin } from '../../source/origin.ts';
import { keyOf } from './key.ts';
import { FOR_MARK, FOR_VERDICT, lookedUp, type Maps } from './maps.ts';
import { markSteps } from './marks.ts';
import { matchOf, type Scope } from './matches.ts';
import { natOf } from './nat-targets.ts';
import { printExpr, type RuleSyntax, type Statement, type Written } from './syntax.ts';
import { isHarmless, rejectOf, ttlOf } from './targets.ts';

/**
 * A part of a rule. nft runs the statements of a rule in order: a part has matches up to a statement with an effect, and the next part goes
 * on from there.
 */
interface Part {
  matches: Match[];
  target: Target | null;
  texts: string[];
}

/** The meaning of a statement for its rule: a match, or an effect with the matches that it implies. */
type Meaning =
  | { readonly kind: 'asks'; readonly match: Match }
  | { readonly kind: 'does'; readonly needs: readonly Match[]; readonly targets: readonly Target[] }
  | { readonly kind: 'nothing' };

/** The sets and maps that rules of a table can refer to, and the chains that stand in rules. */
export interface Context extends Scope, Maps {
  /** Adds a chain that stands in a rule, and returns its name. */
  block(rules: readonly RuleSyntax[], line: number): string;
}

const NOTHING: Meaning = { kind: 'nothing' };

export function ruleOf(statements: readonly Written[], scope: Context, origin: Origin): Rule {
  const parts: Part[] = [];
  let open: Part = { matches: [], target: null, texts: [] };
  let comment: string | null = null;
  for (const s of statements) {
    if (s.kind === 'idle' && s.comment !== null) comment = s.comment;
    const meaning = meaningOf(s, scope, origin);
    open.texts.push(textOf(s, meaning));
    if (meaning.kind === 'asks') open.matches.push(meaning.match);
    if (meaning.kind !== 'does') continue;
    open.matches.push(...meaning.needs);
    for (const target of meaning.targets) {
      open.target = target;
      parts.push(open);
      open = { matches: [], target: null, texts: [] };
    }
  }
  if (parts.length === 0 || open.matches.length > 0) parts.push(open);
  else parts.at(-1)?.texts.push(...open.texts);
  const [first, ...rest] = parts.reverse();
  return rest.reduce<Rule>((then, part) => made(part, comment, origin, then), made(first ?? open, comment, origin, null));
}

/** The statement as it was written, without the values of counters; a chain in braces is replaced by its name. */
function textOf(s: Written, meaning: Meaning): string {
  if (s.kind === 'idle') return s.text.replace(COUNTS, 'counter');
  const [target] = s.kind === 'block' && meaning.kind === 'does' ? meaning.targets : [];
  return target?.kind === 'jump' || target?.kind === 'goto' ? `${target.kind} ${target.chain}` : s.text;
}

const COUNTS = /^counter packets \d+ bytes \d+$/;

const made = ({ matches, target, texts }: Part, comment: string | null, origin: Origin, then: Rule | null): Rule => ({
  syntax: 'nft',
  matches,
  target,
  ...(then === null ? {} : { then }),
  listed: texts.join(' '),
  comment,
  origin,
});

const asks = (match: Match | null, text: string): Meaning => ({ kind: 'asks', match: match ?? { kind: 'unknown', text } });
const does = (targets: readonly Target[] | null, text: string, needs: readonly Match[] = []): Meaning => ({
  kind: 'does',
  needs,
  targets: targets ?? [{ kind: 'unmodelled', text }],
});

function meaningOf(s: Written, scope: Context, origin: Origin): Meaning {
  const { text } = s;
  switch (s.kind) {
    case 'match':
      return asks(matchOf(s, scope), text);
    case 'verdict':
      return s.verdict.kind === 'CONTINUE' ? NOTHING : does([s.verdict], text);
    case 'vmap': {
      const target = lookedUp(s, FOR_VERDICT, scope);
      return does(target === null ? null : [target], text);
    }
    case 'set':
      return changed(s, text, scope);
    case 'update':
      return updated(s, text, scope);
    case 'reject': {
      const deed = rejectOf(s, scope.family);
      return deed === null ? does(null, text) : does([deed.target], text, deed.needs);
    }
    case 'nat': {
      const deed = natOf(s, scope, origin);
      return deed === null ? does(null, text) : does([deed.target], text, deed.needs);
    }
    case 'notrack':
      return does([{ kind: 'NOTRACK' }], text);
    case 'limit':
    case 'unknown-match':
      return asks(null, text);
    case 'idle':
      return NOTHING;
    case 'block':
      return does([{ kind: s.verdict, chain: scope.block(s.rules, s.line) }], text);
    case 'unmodelled':
      return does(null, text);
  }
}

function changed({ field, value }: Extract<Statement, { kind: 'set' }>, text: string, scope: Scope & Maps): Meaning {
  const name = printExpr(field);
  if (name === 'meta mark' || name === 'ct mark') {
    const mapped = name === 'meta mark' && value.kind === 'map' ? lookedUp(value, FOR_MARK, scope) : null;
    return does(mapped === null ? markSteps(name, value) : [mapped], text);
  }
  const ttl = ttlOf(name, printExpr(value), scope.family);
  if (ttl !== null) return does([ttl.target], text, ttl.needs);
  return isHarmless(name) ? NOTHING : does(null, text);
}

/** `update @set { KEY limit rate … }`: the rule does not match an element whose limit is exceeded. */
function updated({ set, key, hasStatements }: Extract<Statement, { kind: 'update' }>, text: string, scope: Scope & Maps): Meaning {
  if (hasStatements) return asks(null, text);
  const fields = keyOf(key, scope.family);
  const named = scope.set(set);
  return fields === null || named === undefined ? NOTHING : asks({ kind: 'update', key: fields.selectors, set: named }, text);
}
