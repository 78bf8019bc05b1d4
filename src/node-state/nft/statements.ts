import { leftSide, rightSide, verdictOf, wordsOf } from './expressions.ts';
import type { CompareOp, Expr, Statement, Written } from './syntax.ts';
import { Tokens } from './tokens.ts';

/** The statements of a rule, to the end of its line. What is not understood is one that may do anything, to the end. */
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

const IDLE: Statement = { kind: 'idle', comment: null };

/** Null: it is none that is known. */
function oneStatement(t: Tokens): Statement | null {
  const verdict = verdictOf(t);
  if (verdict !== null) return { kind: 'verdict', verdict };
  switch (t.text()) {
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
      // Packets of a known connection go past the rules from then on; this one goes on here.
      return t.text(1) === 'add' || t.text(1) === 'offload' ? past(t, 3, IDLE) : null;
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

function past(t: Tokens, words: number, statement: Statement): Statement {
  for (let i = 0; i < words; i++) t.next();
  return statement;
}

/** A copy goes elsewhere; the packet itself goes on. */
function copied(t: Tokens): Statement | null {
  t.next();
  if (!t.take('to')) return null;
  t.next();
  if (t.take('device')) t.next();
  return IDLE;
}

function counter(t: Tokens): Statement {
  t.next();
  if (t.take('name')) t.next();
  else if (t.take('packets')) past(t, 3, IDLE);
  return IDLE;
}

const LOG_OPTIONS = new Set(['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags']);

function log(t: Tokens): Statement {
  t.next();
  while (LOG_OPTIONS.has(t.text())) {
    const isFlags = t.text() === 'flags';
    t.next();
    if (isFlags && /^(tcp|ip|skuid|ether|all)$/.test(t.text())) {
      const word = t.text();
      t.next();
      if (word === 'tcp' || word === 'ip') t.next();
      while (t.take(',')) t.next();
    } else t.next();
  }
  return IDLE;
}

/** `limit rate [over] 10/second [burst 5 packets]`, `limit rate 10 mbytes/second`, `limit name "x"` */
function limit(t: Tokens): Statement | null {
  t.next();
  if (t.take('name')) return past(t, 1, { kind: 'limit', isOver: false });
  if (!t.take('rate')) return null;
  const isOver = t.take('over');
  t.next();
  if (/^\w*bytes\/\w+$/.test(t.text())) t.next();
  if (t.take('burst')) past(t, 2, IDLE);
  return { kind: 'limit', isOver };
}

function quota(t: Tokens): Statement {
  t.next();
  if (t.take('name')) return past(t, 1, { kind: 'unknown-match' });
  if (!t.take('over')) t.take('until');
  past(t, 2, IDLE);
  if (t.take('used')) past(t, 2, IDLE);
  return { kind: 'unknown-match' };
}

function reject(t: Tokens): Statement {
  t.next();
  if (!t.take('with')) return { kind: 'reject', type: null, code: null };
  const type = t.name();
  t.take('type');
  return { kind: 'reject', type, code: t.name() };
}

const FLAGS = new Set(['random', 'fully-random', 'persistent', ',']);

function nat(t: Tokens): Statement | null {
  const action = t.text();
  if (action !== 'snat' && action !== 'dnat' && action !== 'masquerade' && action !== 'redirect') return null;
  t.next();
  const family = t.take('ip') ? 'ip' : t.take('ip6') ? 'ip6' : null;
  const from = t.at;
  const isPrefix = t.take('prefix');
  if (t.take('addr') && t.take('.')) t.take('port');
  let to: Expr | null = null;
  let port: string | null = null;
  if (t.take('to')) {
    const target = natTarget(t);
    if (target === null) return null;
    ({ to, port } = target);
  } else if (t.at !== from) return null;
  if (isPrefix) to = { kind: 'word', text: `prefix ${t.since(from)}` };
  const flags: string[] = [];
  while (FLAGS.has(t.text())) flags.push(t.next()?.text ?? '');
  return { kind: 'nat', action, family, to, port, isRandom: flags.includes('random'), isFullyRandom: flags.includes('fully-random') };
}

interface NatTarget {
  readonly to: Expr | null;
  readonly port: string | null;
}

/** An address, a port, both, or what is looked up for fields of the packet. */
function natTarget(t: Tokens): NatTarget | null {
  const key = leftSide(t);
  if (key !== null) {
    const mapped = mapOf(t, key);
    if (mapped === null) return null;
    const port = /^:\S/.test(t.text()) ? (t.name() ?? '').slice(1) : null;
    return { to: mapped, port };
  }
  const word = t.name();
  return word === null ? null : splitPort(word);
}

/** `10.0.0.1:80`, `:80`, `[fd00::1]:80`, `fd00::1` */
export function splitPort(word: string): NatTarget {
  const [, address = '', port] = /^(\[[^\]]*\](?:-\[[^\]]*\])?|[^:]*):([\d-]+)$/.exec(word) ?? [null, word];
  const bare = address.replace(/[[\]]/g, '');
  return { to: bare === '' ? null : { kind: 'word', text: bare }, port: port ?? null };
}

/** `KEY map { … }`; the key itself, where no map follows. */
function mapOf(t: Tokens, key: Expr): Expr | null {
  if (!t.take('map')) return key;
  const map = rightSide(t);
  return map === null ? null : { kind: 'map', key, map };
}

/** `update @set { KEY timeout 1h }`; with a statement in it, it matches as that does. */
function update(t: Tokens): Statement | null {
  if (!t.text(1).startsWith('@')) return null;
  t.next();
  const set = t.text().slice(1);
  t.next();
  if (!t.take('{')) return null;
  const key = leftSide(t) ?? wordsOf(t);
  if (key === null) return null;
  let hasStatements = false;
  for (let depth = 0; !t.isAtEnd; t.next()) {
    if (t.text() === '}' && depth-- === 0) break;
    if (t.text() === '{') depth++;
    if (t.text() === 'limit' || t.text() === 'quota' || (t.text() === 'ct' && t.text(1) === 'count')) hasStatements = true;
  }
  return t.take('}') ? { kind: 'update', set, key, hasStatements } : null;
}

/** Targets of iptables that leave the packet as it is, or as far as it matters here. */
const IDLE_TARGETS = new Set(['LOG', 'NFLOG', 'ULOG', 'TRACE', 'CHECKSUM', 'TCPMSS', 'CLASSIFY', 'DSCP', 'TOS', 'AUDIT', 'RATEEST', 'LED']);

/** What nft cannot say of a rule of iptables': only the name of the module is left of it. */
function xt(t: Tokens): Statement | null {
  t.next();
  const what = t.name();
  const module = t.name();
  if (what === 'match') return module === 'comment' ? IDLE : { kind: 'unknown-match' };
  if (what !== 'target') return null;
  if (module === 'MASQUERADE') {
    return { kind: 'nat', action: 'masquerade', family: null, to: null, port: null, isRandom: false, isFullyRandom: false };
  }
  return IDLE_TARGETS.has(module ?? '') ? IDLE : { kind: 'unmodelled' };
}

/** `ct helper set "x"`, `ct timeout set "x"`: the packet's way is the same; `ct count over 5`. */
function aboutConntrack(t: Tokens): Statement | null {
  const second = t.text(1);
  if (second === 'count') {
    past(t, 2, IDLE);
    t.take('over');
    return past(t, 1, { kind: 'unknown-match' });
  }
  if (t.text(2) !== 'set' || !/^(helper|timeout|expectation|label|event|secmark)$/.test(second)) return null;
  past(t, 3, IDLE);
  return rightSide(t) === null ? null : IDLE;
}

/** What a SYN says of sizes, and options that are taken out. */
function tcpOption(t: Tokens): Statement | null {
  if (t.text() === 'reset' && t.text(1) === 'tcp' && t.text(2) === 'option') return past(t, 4, IDLE);
  if (t.text(1) !== 'option' || t.text(4) !== 'set') return null;
  past(t, 5, IDLE);
  return (leftSide(t) ?? rightSide(t)) === null ? null : IDLE;
}

const OPERATORS: Readonly<Record<string, CompareOp>> = {
  '==': '==',
  '!=': '!=',
  '!': '!',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
};

/** A field that is compared, set, or looked up. */
function fieldStatement(t: Tokens): Statement | null {
  const left = leftSide(t);
  if (left === null) return null;
  if (t.take('vmap')) {
    const map = rightSide(t);
    return map === null ? null : { kind: 'vmap', key: left, map };
  }
  if (t.take('set')) {
    const source = leftSide(t);
    const value = source === null ? rightSide(t) : mapOf(t, source);
    return value === null ? null : { kind: 'set', field: left, value };
  }
  const op = OPERATORS[t.text()];
  if (op !== undefined) t.next();
  const right = rightSide(t);
  return right === null ? null : { kind: 'match', left, op: op ?? 'implicit', right };
}

/** The expression of a field or a value, where it stands alone: `ip saddr . tcp dport`. */
export const typeofExpr = (words: string): Expr | null => leftSide(new Tokens([words]));
