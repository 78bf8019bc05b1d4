import type { Match } from '../datapath/netfilter/match.ts';
import { TCP_FLAGS } from '../datapath/netfilter/tcp-flags.ts';
import type { TcpFlags } from '../net/packet.ts';
import { yes } from './answer.ts';
import { type Marks, UNKNOWN } from './field-value.ts';
import { icmpOf, type Skb } from './skb.ts';

type HeaderMatch = Extract<Match, { kind: 'tcp-flags' | 'icmp-type' | 'length' | 'ttl' | 'tos' }>;

export function headerMatches(m: HeaderMatch, skb: Skb, { ttl }: Pick<Marks, 'ttl'>): number {
  const { packet } = skb;
  switch (m.kind) {
    case 'tcp-flags':
      return packet.protocol === 'tcp' && packet.tcpFlags !== null ? flagsMatch(m, packet.tcpFlags) : 0;
    case 'icmp-type': {
      const icmp = icmpOf(skb);
      if (icmp === null) return 0;
      const { type, code } = icmp;
      return yes(type === m.type && code >= m.code.first && code <= m.code.last, m.negated);
    }
    // IPv6's payload and its header, too (length_mt6, net/netfilter/xt_length.c).
    case 'length':
      return yes(packet.size >= m.first && packet.size <= m.last, m.negated);
    case 'ttl':
      return yes(COMPARE[m.compare](ttl, m.value), m.negated);
    case 'tos':
      return yes((0 & m.mask) === m.value, m.negated);
  }
}

const COMPARE: Readonly<Record<Extract<Match, { kind: 'ttl' }>['compare'], (ttl: number, value: number) => boolean>> = {
  eq: (ttl, value) => ttl === value,
  lt: (ttl, value) => ttl < value,
  gt: (ttl, value) => ttl > value,
};

const { SYN, RST, PSH, ACK } = TCP_FLAGS;
const BITS: Readonly<Record<TcpFlags, number>> = { SYN, 'SYN-ACK': SYN | ACK, ACK, 'PSH-ACK': PSH | ACK, RST };

/** Whether a reset has ACK hangs on what it answers, which is not kept (tcp_v4_send_reset, net/ipv4/tcp_ipv4.c). */
function flagsMatch({ mask, set, negated }: Extract<Match, { kind: 'tcp-flags' }>, flags: TcpFlags): number {
  const matches = (bits: number) => yes((bits & mask) === set, negated);
  const answer = matches(BITS[flags]);
  return flags === 'RST' && matches(RST | ACK) !== answer ? UNKNOWN : answer;
}
