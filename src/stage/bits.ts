import type { Match } from '../datapath/netfilter/match.ts';
import { yes } from './answer.ts';
import { type Bits, statusOf } from './connection-status.ts';
import { fieldOf } from './field.ts';
import { type Field, type Marks, UNKNOWN } from './field-value.ts';
import type { Skb } from './skb.ts';

/** `tcp flags & (syn | ack) == syn`: how likely it holds, where only some of the bits may be known. */
export function bits({ field, mask, value, negated }: Extract<Match, { kind: 'bits' }>, skb: Skb, marks: Marks): number {
  if (typeof mask === 'bigint' || typeof value === 'bigint')
    return bitsOfAddress(fieldOf(field, skb, marks), BigInt(mask), BigInt(value), negated);
  const found =
    field === 'ct status' ? statusOf(skb.tracked) : field === 'ip frag-off' ? FIRST_FRAGMENT : whole(fieldOf(field, skb, marks));
  if (found === null || found === UNKNOWN) return found ?? 0;
  const asked = mask & found.known;
  if (((found.value & asked) ^ (value & asked)) !== 0) return negated ? 1 : 0;
  if (asked >>> 0 !== mask >>> 0) return UNKNOWN;
  return negated ? 0 : 1;
}

/** The bits of an IPv6 address: `ip6 daddr & ::ffff:ffff:ffff:ffff == ::5`. */
function bitsOfAddress(found: Field, mask: bigint, value: bigint, negated: boolean): number {
  if (found === UNKNOWN) return UNKNOWN;
  return typeof found === 'bigint' ? yes((found & mask) === value, negated) : 0;
}

const whole = (field: Field): Bits | null | typeof UNKNOWN =>
  typeof field !== 'number' || field === UNKNOWN ? (field === UNKNOWN ? UNKNOWN : null) : { value: field, known: -1 };

/** Rules see no fragments: offset and MF are 0. DF is not known. */
const FIRST_FRAGMENT: Bits = { value: 0, known: 0x3fff };
