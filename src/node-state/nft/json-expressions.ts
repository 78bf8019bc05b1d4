import { metaName } from './field-names.ts';
import { isObject, type Json, type JsonObject, listOf, only, textOf } from './json-values.ts';
import type { Element, Expr, Verdict } from './syntax.ts';
import { plainVerdict } from './verdicts.ts';

export function elementOf(v: Json, line: number): Element {
  if (Array.isArray(v) && v.length === 2) {
    const key = elementOf(v[0], line);
    return { ...key, data: verdictOf(v[1]) ?? exprOf(v[1]) };
  }
  const [kind, body] = only(v) ?? ['', null];
  if (kind === 'elem' && isObject(body)) return { key: exprOf(body.val), data: null, comment: textOf(body.comment), line };
  return { key: exprOf(v), data: null, comment: null, line };
}

export function verdictOf(v: Json): Verdict | null {
  const [kind, body] = only(v) ?? ['', null];
  const plain = plainVerdict(kind);
  if (plain !== null) return plain;
  const chain = isObject(body) ? textOf(body.target) : null;
  return (kind === 'jump' || kind === 'goto') && chain !== null ? { kind, chain } : null;
}

/** A value, as nft writes it. */
const word = (text: string): Expr => ({ kind: 'word', text });

export function exprOf(v: Json): Expr {
  if (typeof v === 'string') return v.startsWith('@') ? { kind: 'ref', name: v.slice(1) } : word(v);
  if (typeof v === 'number') return word(String(v));
  if (typeof v === 'boolean') return word(v ? 'exists' : 'missing');
  if (Array.isArray(v)) return { kind: 'list', items: v.map(exprOf) };
  const [kind, body] = only(v) ?? ['', null];
  const of = isObject(body) ? body : {};
  switch (kind) {
    case 'prefix':
      return word(`${textOf(of.addr) ?? '?'}/${textOf(of.len) ?? '?'}`);
    case 'range':
      return word(
        listOf(body)
          .map((e) => textOf(e) ?? '?')
          .join('-'),
      );
    case 'set':
      return { kind: 'set', items: listOf(body).map((e) => elementOf(e, 0)) };
    case 'elem':
      return exprOf(of.val);
    case 'concat':
      return { kind: 'concat', parts: listOf(body).map(exprOf) };
    case 'map':
      return { kind: 'map', key: exprOf(of.key), map: exprOf(of.data) };
    case 'numgen':
      if (typeof of.mod !== 'number') break;
      return { kind: 'numgen', modulus: of.mod, offset: Number(of.offset ?? 0), text: `numgen ${textOf(of.mode)} mod ${of.mod}` };
    case 'jhash':
    case 'symhash':
      if (typeof of.mod !== 'number') break;
      return { kind: 'numgen', modulus: of.mod, offset: Number(of.offset ?? 0), hashed: true, text: JSON.stringify(v) };
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return operated(kind, listOf(body).map(exprOf), v);
  }
  return { kind: 'field', name: fieldName(kind, of) ?? JSON.stringify(v ?? null) };
}

function operated(op: string, operands: readonly Expr[], v: Json): Expr {
  const [first, ...more] = operands;
  if (first === undefined || more.length === 0) return { kind: 'field', name: JSON.stringify(v ?? null) };
  if (op === '|' && operands.every((o) => o.kind === 'word')) return { kind: 'list', items: operands };
  return more.reduce<Expr>((left, right) => ({ kind: 'op', op, left, right }), first);
}

/** The field's name as the text has it; null: JSON has no such name for it. */
function fieldName(kind: string, of: JsonObject): string | null {
  const key = textOf(of.key);
  switch (kind) {
    case 'payload':
      if (of.base !== undefined) return `@${textOf(of.base)},${textOf(of.offset)},${textOf(of.len)}`;
      return `${textOf(of.protocol)} ${textOf(of.field)}`;
    case 'meta':
      return key === null ? null : metaName(key);
    case 'ct':
      return `ct ${of.dir === undefined ? '' : `${textOf(of.dir)} `}${of.family === undefined ? '' : `${textOf(of.family)} `}${key}`;
    case 'fib':
      return `fib ${listOf(of.flags).map(textOf).join(' . ')} ${textOf(of.result)}`;
    case 'exthdr':
      return of.field === undefined ? `exthdr ${textOf(of.name)}` : `${textOf(of.name)} ${textOf(of.field)}`;
    case 'rt':
      return `rt ${key}`;
    case 'tcp option':
    case 'ip option':
      return `${kind} ${textOf(of.name)}${of.field === undefined ? '' : ` ${textOf(of.field)}`}`;
    default:
      return null;
  }
}
