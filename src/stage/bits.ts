import { isDnatted, isSnatted } from '../datapath/conntrack.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import { fieldOf } from './field.ts';
import { type Field, type Marks, UNKNOWN } from './field-value.ts';
import type { Skb } from './skb.ts';

/** `tcp flags & (syn | ack) == syn`: how likely it holds, where only some of the bits may be known. */
export function bits({ field, mask, value, negated }: Extract<Match, { kind: 'bits' }>, skb: Skb, marks: Marks): number {
  const found = field === 'ct status' ? statusOf(skb) : field === 'ip frag-off' ? FIRST_FRAGMENT : whole(fieldOf(field, skb, marks));
  if (found === null || found === UNKNOWN) return found ?? 0;
  const asked = mask & found.known;
  if (((found.value & asked) ^ (value & asked)) !== 0) return negated ? 1 : 0;
  if (asked !== mask) return UNKNOWN;
  return negated ? 0 : 1;
}

interface Bits {
  readonly value: number;
  readonly known: number;
}

const whole = (field: Field): Bits | null | typeof UNKNOWN =>
  typeof field !== 'number' || field === UNKNOWN ? (field === UNKNOWN ? UNKNOWN : null) : { value: field, known: -1 };

/** No packet is a piece of one where rules see it: its offset and MF are 0. Nothing tells DF. */
const FIRST_FRAGMENT: Bits = { value: 0, known: 0x3fff };

/** Source: enum ip_conntrack_status, nf_conntrack_common.h. */
const SEEN_REPLY = 2;
const CONFIRMED = 8;
const SRC_NAT = 16;
const DST_NAT = 32;

function statusOf({ tracked }: Skb): Bits | null {
  const connection = tracked?.connection;
  if (connection == null) return null;
  const confirmed = tracked?.state === 'NEW' ? 0 : CONFIRMED;
  const value =
    confirmed | (connection.seenReply ? SEEN_REPLY : 0) | (isSnatted(connection) ? SRC_NAT : 0) | (isDnatted(connection) ? DST_NAT : 0);
  // Of one that is new here, nothing tells whether a packet before it was let through.
  return { value, known: SEEN_REPLY | SRC_NAT | DST_NAT | confirmed };
}
