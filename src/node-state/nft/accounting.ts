import { leftSide } from './expressions.ts';
import { mapOf } from './field-statements.ts';
import { IDLE, type Statement } from './syntax.ts';
import type { Tokens } from './tokens.ts';

/** Skips the name of an object, or the map in which a field of the packet is looked up for one. */
function called<S extends Statement>(t: Tokens, statement: S): S | null {
  const key = leftSide(t);
  if (key !== null) return mapOf(t, key) === null ? null : statement;
  return t.name() === null ? null : statement;
}

/** `counter packets 1 bytes 60`, `counter name "x"`, `counter name tcp dport map { 80 : "x" }` */
export function counter(t: Tokens): Statement | null {
  t.next();
  if (t.take('name')) return called(t, IDLE);
  if (t.take('packets')) t.skip(3);
  return IDLE;
}

const LOG_OPTIONS = new Set(['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags']);

/** `log prefix "x" level info`: without effect on the packet. */
export function log(t: Tokens): Statement {
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
export function limit(t: Tokens): Statement | null {
  t.next();
  if (t.take('name')) return called(t, { kind: 'limit', isOver: false });
  if (!t.take('rate')) return null;
  const isOver = t.take('over');
  t.next();
  if (/^\w*bytes\/\w+$/.test(t.text())) t.next();
  if (t.take('burst')) t.skip(2);
  return { kind: 'limit', isOver };
}

/** `quota over 25 mbytes`, `quota name "x"` */
export function quota(t: Tokens): Statement | null {
  t.next();
  if (t.take('name')) return called(t, { kind: 'unknown-match' });
  if (!t.take('over')) t.take('until');
  t.skip(2);
  if (t.take('used')) t.skip(2);
  return { kind: 'unknown-match' };
}
