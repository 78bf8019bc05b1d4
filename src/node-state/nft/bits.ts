import type { ConnectionState, Match } from '../../datapath/netfilter/match.ts';
import type { Selector } from '../../datapath/netfilter/sets.ts';
import { randomShare } from './chance.ts';
import { type DataType, numberOf } from './data-types.ts';
import { modelled } from './fields.ts';
import type { CompareOp, Expr } from './syntax.ts';

/** `meta mark & 0x4000 == 0x4000`; iptables-nft translates `-m statistic` to a comparison of a random number. */
export function maskedMatch(
  { op: sign, left, right: mask }: Extract<Expr, { kind: 'op' }>,
  op: CompareOp,
  right: Expr,
  family: string,
): Match | null {
  const name = left.kind === 'field' ? left.name : '';
  const field = modelled(name, family);
  const isEquality = op === '==' || op === '!=' || op === 'implicit';
  const ends = sign === '&' && field !== null ? ofAddress(mask, right, field.type) : null;
  if (ends !== null && field !== null && isEquality)
    return { kind: 'bits', field: field.selector, mask: ends[0], value: ends[1], negated: op === '!=' };
  const bits = sign === '&' ? maskOf(mask, field?.type) : null;
  if (bits === null) return null;
  if (name === 'meta random') return randomShare(bits, op, right);
  if (field === null) return null;
  const value = maskOf(right, field.type);
  if (value === null || !isEquality) return null;
  return bitsMatch(field.selector, bits, value, op === '!=');
}

/** A mask of an IPv6 address, and the value that its bits are compared with. */
function ofAddress(mask: Expr, right: Expr, type: DataType): readonly [mask: bigint, value: bigint] | null {
  if (type.name !== 'ipv6_addr' || mask.kind !== 'word' || right.kind !== 'word') return null;
  const [bits, value] = [type.value(mask.text), type.value(right.text)];
  return typeof bits === 'bigint' && typeof value === 'bigint' ? [bits, value] : null;
}

const maskOf = (e: Expr, type: DataType | undefined): number | null => {
  if (e.kind === 'list' || (e.kind === 'op' && e.op === '|')) {
    const parts = e.kind === 'list' ? e.items : [e.left, e.right];
    let sum = 0;
    for (const part of parts) {
      const bits = maskOf(part, type);
      if (bits === null) return null;
      sum |= bits;
    }
    return sum >>> 0;
  }
  if (e.kind !== 'word') return null;
  const value = type === undefined ? numberOf(e.text) : type.value(e.text);
  return typeof value === 'number' ? value : null;
};

/** A match on some bits of a field; marks have kinds of their own, which iptables has as well. */
export function bitsMatch(selector: Selector, mask: number, value: number, negated: boolean): Match {
  if (selector === 'meta mark') return { kind: 'mark', value, mask, negated };
  if (selector === 'ct mark') return { kind: 'connmark', value, mask, negated };
  return { kind: 'bits', field: selector, mask, value, negated };
}

/** Named bits: `syn` alone or `syn,ack` ask for any of them, `== syn` for just these, `syn / syn,ack` for these among those. */
export function bitsOf(field: Selector, type: DataType, op: CompareOp, right: Expr): Match | null {
  if (right.kind === 'op' && right.op === '/') {
    const [value, mask] = [maskOf(right.left, type), maskOf(right.right, type)];
    return value === null || mask === null || (op !== 'implicit' && op !== '!=')
      ? null
      : { kind: 'bits', field, mask, value, negated: op === '!=' };
  }
  const value = maskOf(right, type);
  if (value === null) return null;
  const named = op === 'implicit' ? connectionStates(field, value) : null;
  if (named !== null) return { kind: 'ctstate', states: named, negated: false };
  switch (op) {
    case 'implicit':
      return { kind: 'bits', field, mask: value, value: 0, negated: true };
    case '!':
      return { kind: 'bits', field, mask: value, value: 0, negated: false };
    case '==':
    case '!=':
      return { kind: 'bits', field, mask: field === 'tcp flags' ? 0xff : 0xffff, value, negated: op === '!=' };
    default:
      return null;
  }
}

const STATES: readonly (readonly [ConnectionState, number])[] = [
  ['INVALID', 1],
  ['ESTABLISHED', 2],
  ['RELATED', 4],
  ['NEW', 8],
  ['UNTRACKED', 64],
];
const STATUSES: readonly (readonly [ConnectionState, number])[] = [
  ['SNAT', 16],
  ['DNAT', 32],
];

/** The connection states of these bits; null: some of the bits are of no state. */
function connectionStates(field: Selector, bits: number): readonly ConnectionState[] | null {
  const all = field === 'ct state' ? STATES : field === 'ct status' ? STATUSES : [];
  const states = all.filter(([, bit]) => (bits & bit) !== 0);
  return bits !== 0 && states.reduce((sum, [, bit]) => sum | bit, 0) === bits ? states.map(([name]) => name) : null;
}
