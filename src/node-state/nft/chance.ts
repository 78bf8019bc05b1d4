import type { Match } from '../../datapath/netfilter/match.ts';
import { numberOf } from './data-types.ts';
import { type CompareOp, type Expr, printExpr } from './syntax.ts';

/** `numgen random mod 10 < 3`, `numgen inc mod 2 0` */
export function byChance(left: Extract<Expr, { kind: 'numgen' }>, op: CompareOp, right: Expr): Match | null {
  const { modulus, offset, hashed } = left;
  // The result of a hash is the same for all packets of a connection, so that it is no matter of chance.
  if (hashed === true) return null;
  const value = right.kind === 'word' ? numberOf(right.text) : null;
  if (value === null || modulus === 0) return null;
  const numbers = Array.from({ length: Math.min(modulus, 65536) }, (_, i) => i + offset);
  if (numbers.length < modulus) return null;
  const holding = numbers.filter((n) => holds(n, op, value)).length;
  return { kind: 'statistic', probability: holding / modulus, text: `${left.text} ${compared(op)}${printExpr(right)}` };
}

const compared = (op: CompareOp): string => (op === 'implicit' ? '' : `${op} `);

function holds(n: number, op: CompareOp, value: number): boolean {
  switch (op) {
    case 'implicit':
    case '==':
      return n === value;
    case '!=':
    case '!':
      return n !== value;
    case '<':
      return n < value;
    case '>':
      return n > value;
    case '<=':
      return n <= value;
    case '>=':
      return n >= value;
  }
}

/** iptables-nft's translation of `-m statistic --mode random`. */
export function randomShare(mask: number, op: CompareOp, right: Expr): Match | null {
  const limit = right.kind === 'word' ? numberOf(right.text) : null;
  if (limit === null || mask !== 0x7fffffff) return null;
  const share = Math.min(limit / (mask + 1), 1);
  const text = `meta random & 0x7fffffff ${compared(op)}${limit}`;
  if (op === '<') return { kind: 'statistic', probability: share, text };
  return op === '>=' ? { kind: 'statistic', probability: 1 - share, text } : null;
}
