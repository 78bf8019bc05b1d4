import { leftSide, rightSide, wordsOf } from './expressions.ts';
import type { CompareOp, Expr, Statement } from './syntax.ts';
import type { Tokens } from './tokens.ts';

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
export function fieldStatement(t: Tokens): Statement | null {
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

/** `KEY map { … }`; the key itself, where no map follows. */
export function mapOf(t: Tokens, key: Expr): Expr | null {
  if (!t.take('map')) return key;
  const map = rightSide(t);
  return map === null ? null : { kind: 'map', key, map };
}

/** `update @set { KEY timeout 1h }`; with a statement in it, it matches as that does. */
export function update(t: Tokens): Statement | null {
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
