import { counter, limit, log, quota } from './accounting.ts';
import { leftSide, rightSide, verdictOf } from './expressions.ts';
import { fieldStatement, mapOf, update } from './field-statements.ts';
import { nat } from './nat.ts';
import { IDLE, type RuleSyntax, type Statement, type Written } from './syntax.ts';
import type { Tokens } from './tokens.ts';

/** The statements of a rule, to the end of its line. From a statement on that is not understood, the rest of the rule is unmodelled. */
export function statementsOf(t: Tokens): readonly Written[] {
  const found: Written[] = [];
  while (!t.isAtEnd && t.text() !== '}') {
    const from = t.at;
    const statement = oneStatement(t);
    if (statement === null || t.at === from) {
      t.skipStatement();
      found.push({ kind: 'unmodelled', text: t.since(from) });
      break;
    }
    found.push({ ...statement, text: t.since(from) });
  }
  return found;
}

/** The rules in braces that `jump` or `goto` leads to. Null: they do not end. */
function block(t: Tokens, verdict: 'jump' | 'goto'): Statement | null {
  const { line } = t;
  t.skip(2);
  const rules: RuleSyntax[] = [];
  for (t.skipEnds(); !t.take('}'); t.skipEnds()) {
    if (t.peek() === undefined) return null;
    const { line: at } = t;
    const found = statementsOf(t);
    rules.push({ line: at, statements: () => found });
  }
  return { kind: 'block', verdict, line, rules };
}

/** Null: the next words are no known statement. */
function oneStatement(t: Tokens): Statement | null {
  const word = t.text();
  if ((word === 'jump' || word === 'goto') && t.text(1) === '{') return block(t, word);
  const verdict = verdictOf(t);
  if (verdict !== null) return { kind: 'verdict', verdict };
  switch (word) {
    case 'counter':
      return counter(t);
    case 'log':
      return log(t);
    case 'comment':
      t.next();
      return { kind: 'idle', comment: t.name() };
    case 'limit':
      return limit(t);
    case 'quota':
      return quota(t);
    case 'reject':
      return reject(t);
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return nat(t);
    case 'notrack':
      t.next();
      return { kind: 'notrack' };
    case 'flow':
      // Later packets of the connection bypass the rules; this one goes on.
      if (t.text(1) !== 'add' && t.text(1) !== 'offload') return null;
      t.skip(3);
      return IDLE;
    case 'dup':
      return copied(t);
    case 'add':
    case 'update':
    case 'delete':
      return update(t);
    case 'xt':
      return xt(t);
    case 'ct':
      return aboutConntrack(t) ?? fieldStatement(t);
    case 'tcp':
    case 'reset':
      return tcpOption(t) ?? fieldStatement(t);
    default:
      return fieldStatement(t);
  }
}

/** `dup to 10.0.0.1 device "eth0"`: a copy is sent there, and the packet itself goes on. */
function copied(t: Tokens): Statement | null {
  t.next();
  if (!t.take('to')) return null;
  t.next();
  if (t.take('device')) t.next();
  return IDLE;
}

function reject(t: Tokens): Statement {
  t.next();
  if (!t.take('with')) return { kind: 'reject', type: null, code: null };
  const type = t.name();
  t.take('type');
  return { kind: 'reject', type, code: t.name() };
}

/** Targets of iptables that do not change a packet's way. */
const IDLE_TARGETS = new Set(['LOG', 'NFLOG', 'ULOG', 'TRACE', 'CHECKSUM', 'TCPMSS', 'CLASSIFY', 'DSCP', 'TOS', 'AUDIT', 'RATEEST', 'LED']);

/** `xt match "…"`: a part of an iptables rule that nft cannot translate, of which it prints the name only. */
function xt(t: Tokens): Statement | null {
  t.next();
  const what = t.name();
  const module = t.name();
  if (what === 'match') return module === 'comment' ? IDLE : { kind: 'unknown-match' };
  if (what !== 'target') return null;
  if (module === 'MASQUERADE') {
    return {
      kind: 'nat',
      action: 'masquerade',
      family: null,
      to: null,
      isPrefix: false,
      port: null,
      isRandom: false,
      isFullyRandom: false,
    };
  }
  return IDLE_TARGETS.has(module ?? '') ? IDLE : { kind: 'unmodelled' };
}

/** `ct helper set "x"`, `ct timeout set "x"`: the packet's way is the same; `ct count over 5`. */
function aboutConntrack(t: Tokens): Statement | null {
  const second = t.text(1);
  if (second === 'count') {
    t.skip(2);
    t.take('over');
    t.skip(1);
    return { kind: 'unknown-match' };
  }
  if (t.text(2) !== 'set' || !/^(helper|timeout|expectation|label|event|secmark)$/.test(second)) return null;
  t.skip(3);
  const from = leftSide(t);
  return (from === null ? rightSide(t) : mapOf(t, from)) === null ? null : IDLE;
}

/** `tcp option maxseg size set 1400`, `reset tcp option sack-perm`: without effect on the packet's way. */
function tcpOption(t: Tokens): Statement | null {
  if (t.text() === 'reset' && t.text(1) === 'tcp' && t.text(2) === 'option') {
    t.skip(4);
    return IDLE;
  }
  if (t.text(1) !== 'option' || t.text(4) !== 'set') return null;
  t.skip(5);
  return (leftSide(t) ?? rightSide(t)) === null ? null : IDLE;
}
