import type { IpFamily } from '../net/address.ts';
import type { IcmpErrorCode } from '../net/packet.ts';

/** ICMP's types and codes, and ICMPv6's, by the names that the trace has for them. Other messages, as neighbour discovery, have none. */

/** Source: RFC 792, RFC 1812; RFC 4443. */
const ERRORS: Readonly<Record<IpFamily, Readonly<Record<string, IcmpErrorCode>>>> = {
  IPv4: {
    '3 0': 'net-unreachable',
    '3 1': 'host-unreachable',
    '3 2': 'protocol-unreachable',
    '3 3': 'port-unreachable',
    '3 4': 'fragmentation-needed',
    '3 9': 'net-prohibited',
    '3 10': 'host-prohibited',
    '3 13': 'administratively-prohibited',
    '11 0': 'ttl-exceeded',
  },
  IPv6: {
    '1 0': 'no-route',
    '1 1': 'adm-prohibited',
    '1 3': 'address-unreachable',
    '1 4': 'port-unreachable',
    '1 5': 'policy-fail',
    '1 6': 'reject-route',
    '2 0': 'packet-too-big',
    '3 0': 'ttl-exceeded',
  },
};

const ECHO_REQUEST: Readonly<Record<IpFamily, number>> = { IPv4: 8, IPv6: 128 };
const ECHO_REPLY: Readonly<Record<IpFamily, number>> = { IPv4: 0, IPv6: 129 };
/** The types that quote the packet which they are about: of ICMP 3 and 11, of ICMPv6 1 to 4. */
const QUOTING: Readonly<Record<IpFamily, readonly number[]>> = { IPv4: [3, 11], IPv6: [1, 2, 3, 4] };

type IcmpKind = 'echo-request' | 'echo-reply' | 'error';

/** The kind of a message; null for those that are not about another packet. */
export function icmpKind(family: IpFamily, type: number): IcmpKind | null {
  if (type === ECHO_REQUEST[family]) return 'echo-request';
  if (type === ECHO_REPLY[family]) return 'echo-reply';
  return QUOTING[family].includes(type) ? 'error' : null;
}

export const icmpErrorOf = (family: IpFamily, type: number, code: number): IcmpErrorCode | null =>
  ERRORS[family][`${type} ${code}`] ?? null;

/** The error's name, or its numbers. */
export const icmpName = (family: IpFamily, type: number, code: number): string => icmpErrorOf(family, type, code) ?? `${type}/${code}`;
