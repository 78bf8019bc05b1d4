import { exprOf, verdictOf } from './json-expressions.ts';
import { isObject, type Json, type JsonObject, listOf, only, textOf } from './json-values.ts';
import { printStatement } from './print-statement.ts';
import { statementsOf } from './statements.ts';
import { type CompareOp, IDLE, type Statement, type Written } from './syntax.ts';
import { Tokens } from './tokens.ts';

/** A statement of a rule, with its text as nft prints it; without such a text, its JSON. */
export function written(v: Json, line: number): Written | readonly Written[] {
  if (typeof v === 'string') return atLine(statementsOf(new Tokens(v.split('\n'))), line);
  const [kind, body] = only(v) ?? ['', null];
  const statement = statementOf(kind, body, v);
  return { ...statement, text: printStatement(statement) ?? JSON.stringify(v ?? null) };
}

/** The lines of rules in a text within the JSON are the line of the JSON. */
const atLine = (statements: readonly Written[], line: number): readonly Written[] =>
  statements.map((s) =>
    s.kind === 'block' ? { ...s, line, rules: s.rules.map((r) => ({ line, statements: () => atLine(r.statements(), line) })) } : s,
  );

const OPS: Readonly<Record<string, CompareOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  in: 'implicit',
  '!': '!',
};

function statementOf(kind: string, body: Json, v: Json): Statement {
  const of = isObject(body) ? body : {};
  const verdict = verdictOf(v);
  if (verdict !== null) return { kind: 'verdict', verdict };
  switch (kind) {
    case 'match': {
      const op = OPS[textOf(of.op) ?? ''];
      return op === undefined ? { kind: 'unknown-match' } : { kind: 'match', left: exprOf(of.left), op, right: exprOf(of.right) };
    }
    case 'vmap':
      return { kind: 'vmap', key: exprOf(of.key), map: exprOf(of.data) };
    case 'mangle':
      return { kind: 'set', field: exprOf(of.key), value: exprOf(of.value) };
    case 'set':
      return {
        kind: 'update',
        set: (textOf(of.set) ?? '').replace(/^@/, ''),
        key: exprOf(of.elem),
        hasStatements: listOf(of.stmt).some((s) => only(s)?.[0] !== 'counter'),
      };
    case 'reject':
      return { kind: 'reject', type: rejectType(textOf(of.type)), code: textOf(of.expr) ?? (of.type === 'tcp reset' ? 'reset' : null) };
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return natOf(kind, of);
    case 'notrack':
      return { kind: 'notrack' };
    case 'limit':
      return { kind: 'limit', isOver: of.inv === true };
    case 'quota':
    case 'ct count':
      return { kind: 'unknown-match' };
    case 'counter':
    case 'log':
    case 'flow':
    case 'dup':
    case 'ct helper':
    case 'ct timeout':
    case 'ct expectation':
      return IDLE;
    case 'xt':
      return xtOf(of);
    default:
      return { kind: 'unmodelled' };
  }
}

const rejectType = (type: string | null) => (type === 'tcp reset' ? 'tcp' : type);

/**
 * A match or target of iptables that nft has no words for: `{ "xt": { "type": "match", "name": "comment" } }`. Older versions print null in
 * place of the name.
 */
function xtOf({ type, name }: JsonObject): Statement {
  if (type === 'match') return name === 'comment' ? IDLE : { kind: 'unknown-match' };
  return { kind: 'unmodelled' };
}

function natOf(action: 'snat' | 'dnat' | 'masquerade' | 'redirect', of: JsonObject): Statement {
  const flags = listOf(of.flags);
  const family = of.family === 'ip' || of.family === 'ip6' ? of.family : null;
  const address = of.addr === undefined ? null : exprOf(of.addr);
  const isPrefix = listOf(of.type_flags).includes('prefix');
  const isRandom = flags.includes('random');
  const port = of.port === undefined ? null : exprOf(of.port);
  return { kind: 'nat', action, family, to: address, isPrefix, port, isRandom, isFullyRandom: flags.includes('fully-random') };
}
