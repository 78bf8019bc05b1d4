import type { Target } from '../../datapath/netfilter/target.ts';
import { numberOf } from './data-types.ts';
import type { Expr } from './syntax.ts';

const ALL_BITS = 0xffffffff;

/** `(source & and) ^ xor`, to which the kernel's nft_bitwise reduces every mask. `source` null: a constant. */
interface Linear {
  readonly source: 'meta mark' | 'ct mark' | null;
  readonly and: number;
  readonly xor: number;
}

/** The targets of `meta mark set …` and `ct mark set …`, in order. Null: the value is not made of marks and numbers alone. */
export function markSteps(set: 'meta mark' | 'ct mark', value: Expr): readonly Target[] | null {
  const linear = linearOf(value);
  if (linear === null) return null;
  const { source, and, xor } = linear;
  const bits = { value: xor, mask: source === null ? ALL_BITS : ~and >>> 0 };
  const change: Target = set === 'meta mark' ? { kind: 'MARK', ...bits } : { kind: 'CONNMARK', action: 'set', ...bits };
  if (source === null || source === set) return [change];
  const copy: Target = { kind: 'CONNMARK', action: set === 'ct mark' ? 'save' : 'restore', mask: ALL_BITS };
  return and === ALL_BITS && xor === 0 ? [copy] : [copy, change];
}

function linearOf(e: Expr): Linear | null {
  switch (e.kind) {
    case 'field':
      return e.name === 'meta mark' || e.name === 'ct mark' ? { source: e.name, and: ALL_BITS, xor: 0 } : null;
    case 'word': {
      // Older versions print `meta mark set mark or 0x4000`.
      const number = numberOf(e.text);
      return number === null ? null : { source: null, and: 0, xor: number >>> 0 };
    }
    case 'op': {
      const [left, right] = [linearOf(e.left), linearOf(e.right)];
      if (left === null || right === null || right.source !== null) return null;
      return operated(left, e.op, right.xor);
    }
    default:
      return null;
  }
}

function operated({ source, and, xor }: Linear, op: string, n: number): Linear | null {
  switch (op) {
    case '&':
      return { source, and: (and & n) >>> 0, xor: (xor & n) >>> 0 };
    case '|':
      return { source, and: (and & ~n) >>> 0, xor: ((xor & ~n) ^ n) >>> 0 };
    case '^':
      return { source, and, xor: (xor ^ n) >>> 0 };
    default:
      return null;
  }
}
