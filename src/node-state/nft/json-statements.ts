import { exprOf, verdictOf, word } from './json-expressions.ts';
import { isObject, type Json, type JsonObject, listOf, only, textOf } from './json-values.ts';
import { splitPort } from './nat.ts';
import { printStatement } from './print-statement.ts';
import { type CompareOp, type Expr, IDLE, type Statement, type Written } from './syntax.ts';

/** A statement of a rule, in nft's words where there are any for it. */
export function written(v: Json): Written {
  const [kind, body] = only(v) ?? ['', null];
  const statement = statementOf(kind, body, v);
  return { ...statement, text: printStatement(statement) ?? JSON.stringify(v ?? null) };
}

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

/** The type may be all that is left of it: `{ "xt": { "type": "match", "name": "comment" } }`; older ones have null. */
function xtOf({ type, name }: JsonObject): Statement {
  if (type === 'match') return name === 'comment' ? IDLE : { kind: 'unknown-match' };
  return { kind: 'unmodelled' };
}

function natOf(action: 'snat' | 'dnat' | 'masquerade' | 'redirect', of: JsonObject): Statement {
  const flags = listOf(of.flags);
  const family = of.family === 'ip' || of.family === 'ip6' ? of.family : null;
  const address = of.addr === undefined ? null : exprOf(of.addr);
  const mapped = address?.kind === 'word' && listOf(of.type_flags).includes('prefix') ? word(`prefix ${address.text}`) : address;
  const isRandom = flags.includes('random');
  const port = of.port === undefined ? null : portOf(exprOf(of.port));
  return { kind: 'nat', action, family, to: mapped, port, isRandom, isFullyRandom: flags.includes('fully-random') };
}

const portOf = (e: Expr): string => (e.kind === 'word' ? (splitPort(`:${e.text}`).port ?? e.text) : '?');
