import { fieldAt } from './field-names.ts';
import type { Element, Expr, Verdict } from './syntax.ts';
import type { Tokens } from './tokens.ts';
import { plainVerdict } from './verdicts.ts';

const BITWISE: Readonly<Record<string, string>> = { '&': '&', '|': '|', '^': '^', '<<': '<<', '>>': '>>', and: '&', or: '|', xor: '^' };

/** The left side of a statement: the fields that a rule matches or sets, joined by ` . `, with masks. Null: no known field. */
export function leftSide(t: Tokens): Expr | null {
  const first = operand(t);
  if (first === null) return null;
  if (t.text() === '.') return concatenated(t, first);
  return masked(t, first);
}

function concatenated(t: Tokens, first: Expr): Expr | null {
  const parts = [first];
  while (t.take('.')) {
    const part = operand(t);
    if (part === null) return null;
    parts.push(part);
  }
  return { kind: 'concat', parts };
}

function masked(t: Tokens, first: Expr): Expr | null {
  let left = first;
  for (let op = BITWISE[t.text()]; op !== undefined; op = BITWISE[t.text()]) {
    t.next();
    const right = operand(t) ?? wordsOf(t);
    if (right === null) return null;
    left = { kind: 'op', op, left, right };
  }
  return left;
}

/** A field, a random number, a hash; or an expression in parentheses. */
function operand(t: Tokens): Expr | null {
  if (t.text() === '(') return inParentheses(t);
  if (t.text() === 'numgen') return numgen(t);
  if (t.text() === 'jhash' || t.text() === 'symhash') return hash(t);
  if (t.text().startsWith('@') && t.text(1) === ',') return raw(t);
  const named = fieldAt((ahead) => t.text(ahead));
  if (named === null) return null;
  t.skip(named.words);
  return { kind: 'field', name: named.name };
}

function inParentheses(t: Tokens): Expr | null {
  t.next();
  const inner = operand(t) ?? wordsOf(t);
  if (inner === null) return null;
  const all = masked(t, inner);
  return all !== null && t.take(')') ? all : null;
}

const NUMBER = /^\d+$/;

function numgen(t: Tokens): Expr | null {
  const from = t.at;
  t.skip(2);
  if (!t.take('mod')) return null;
  const modulus = t.name() ?? '';
  const offset = t.take('offset') ? (t.name() ?? '') : '0';
  if (!NUMBER.test(modulus) || !NUMBER.test(offset)) return null;
  return { kind: 'numgen', modulus: Number(modulus), offset: Number(offset), text: t.since(from) };
}

/** `jhash ip saddr . tcp dport mod 4 seed 0x1 offset 10`. The hashed fields are skipped, because the kernel's hash is not computed here. */
function hash(t: Tokens): Expr | null {
  const from = t.at;
  while (!t.isAtEnd && t.text() !== 'mod') t.next();
  if (!t.take('mod')) return null;
  const modulus = t.name() ?? '';
  if (t.take('seed')) t.next();
  const offset = t.take('offset') ? (t.name() ?? '') : '0';
  if (!NUMBER.test(modulus) || !NUMBER.test(offset)) return null;
  return { kind: 'numgen', modulus: Number(modulus), offset: Number(offset), hashed: true, text: t.since(from) };
}

/** `@th,16,16` */
function raw(t: Tokens): Expr {
  const from = t.at;
  t.skip(5);
  return { kind: 'field', name: t.since(from).replace(/\s/g, '') };
}

/** The right side of a statement: the value that a field is compared with or set to. Null: it is not understood. */
export function rightSide(t: Tokens): Expr | null {
  if (t.text() === '{') return anonymous(t);
  const word = t.text();
  if (word.startsWith('@') && t.text(1) !== ',') {
    t.next();
    return { kind: 'ref', name: word.slice(1) };
  }
  const first = wordsOf(t);
  if (first === null) return null;
  const items = [first];
  while (t.text() === ',' || (t.text() === '|' && t.peek(1)?.kind !== undefined)) {
    t.next();
    const item = wordsOf(t);
    if (item === null) return null;
    items.push(item);
  }
  const value: Expr = items.length === 1 ? first : { kind: 'list', items };
  if (!t.take('/')) return value;
  const mask = rightSide(t);
  return mask === null ? null : { kind: 'op', op: '/', left: value, right: mask };
}

/** A word or a string, or some joined by ` . `. */
export function wordsOf(t: Tokens): Expr | null {
  const first = t.name();
  if (first === null) return null;
  if (t.text() !== '.') return { kind: 'word', text: first };
  const parts: Expr[] = [{ kind: 'word', text: first }];
  while (t.take('.')) {
    const part = t.name();
    if (part === null) return null;
    parts.push({ kind: 'word', text: part });
  }
  return { kind: 'concat', parts };
}

function anonymous(t: Tokens): Expr | null {
  const items = elementsOf(t);
  return items === null ? null : { kind: 'set', items };
}

/** `{ KEY [: DATA], … }`, in as many lines as it has; null: it is not understood, or does not end. */
export function elementsOf(t: Tokens): readonly Element[] | null {
  if (!t.take('{')) return null;
  const items: Element[] = [];
  for (;;) {
    t.skipEnds();
    if (t.take('}')) return items;
    const { line } = t;
    const key = wordsOf(t);
    if (key === null) return null;
    let comment = optionsOf(t);
    let data: Expr | Verdict | null = null;
    if (t.take(':')) {
      t.skipEnds();
      data = verdictOf(t) ?? wordsOf(t);
      if (data === null) return null;
      comment = optionsOf(t) ?? comment;
    }
    items.push({ key, data, comment, line });
    t.skipEnds();
    if (!t.take(',') && t.text() !== '}') return null;
  }
}

/** Skips an element's options (a timeout, counters, a limit), and returns its comment. */
function optionsOf(t: Tokens): string | null {
  let comment: string | null = null;
  for (;;) {
    t.skipEnds();
    const token = t.peek();
    if (token === undefined || (token.kind === 'sign' && /^[{},]$/.test(token.text)) || (token.kind === 'word' && token.text === ':'))
      return comment;
    t.next();
    if (token.kind === 'word' && token.text === 'comment' && t.peek()?.kind === 'string') comment = t.name();
  }
}

export function verdictOf(t: Tokens): Verdict | null {
  const word = t.text();
  const plain = plainVerdict(word);
  if (plain !== null) {
    t.next();
    return plain;
  }
  if (word !== 'jump' && word !== 'goto') return null;
  const token = t.peek(1);
  if (token === undefined || (token.kind !== 'word' && token.kind !== 'string')) return null;
  t.skip(2);
  return { kind: word, chain: token.text };
}
