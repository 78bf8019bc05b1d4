import type { Client } from '../hop/code.ts';
import type { IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { clientOf } from '../stage/icmp-errors.ts';
import { icmpErrorOf } from './icmp.ts';

/** The errors of calls on Linux, by number. Source: asm-generic/errno.h. */
const ERRNO: Readonly<Record<number, Client>> = {
  1: 'not-permitted', // EPERM
  13: 'not-permitted', // EACCES
  22: 'invalid', // EINVAL
  90: 'message-too-long', // EMSGSIZE
  92: 'not-available', // ENOPROTOOPT
  101: 'net-unreachable', // ENETUNREACH
  104: 'refused', // ECONNRESET
  110: 'time-out', // ETIMEDOUT
  111: 'refused', // ECONNREFUSED
  113: 'host-unreachable', // EHOSTUNREACH
};

/** The client's program's view, in the trace's words: `answer`, `time-out`, `errno N`, `icmp TYPE CODE`. */
export function readClientView(text: string, protocol: Protocol, family: IpFamily): Client {
  const [word, a, b] = text.split(' ');
  if (word === 'answer' || word === 'time-out') return word;
  if (word === 'errno') return ERRNO[Number(a)] ?? 'unknown';
  const error = icmpErrorOf(family, Number(a), Number(b));
  return error === null ? 'unknown' : clientOf(error, protocol);
}
