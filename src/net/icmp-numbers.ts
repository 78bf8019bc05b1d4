import type { IpFamily } from './address.ts';
import { type IcmpEcho, type IcmpError, type IcmpErrorCode, isIcmpError } from './packet.ts';

export interface Numbers {
  readonly type: number;
  readonly code: number;
}

const error = (type: number, code: number): Numbers => ({ type, code });

/** Source: RFC 792, RFC 1812; RFC 4443. A code of the other family's is sent as the one that is nearest to it. */
const ERRORS: Readonly<Record<IpFamily, Readonly<Record<IcmpErrorCode, Numbers>>>> = {
  IPv4: {
    'net-unreachable': error(3, 0),
    'host-unreachable': error(3, 1),
    'protocol-unreachable': error(3, 2),
    'port-unreachable': error(3, 3),
    'fragmentation-needed': error(3, 4),
    'net-prohibited': error(3, 9),
    'host-prohibited': error(3, 10),
    'administratively-prohibited': error(3, 13),
    'ttl-exceeded': error(11, 0),
    'no-route': error(3, 0),
    'adm-prohibited': error(3, 13),
    'address-unreachable': error(3, 1),
    'policy-fail': error(3, 13),
    'reject-route': error(3, 13),
    'packet-too-big': error(3, 4),
  },
  IPv6: {
    'no-route': error(1, 0),
    'adm-prohibited': error(1, 1),
    'address-unreachable': error(1, 3),
    'port-unreachable': error(1, 4),
    'policy-fail': error(1, 5),
    'reject-route': error(1, 6),
    'protocol-unreachable': error(1, 4),
    'packet-too-big': error(2, 0),
    'ttl-exceeded': error(3, 0),
    'net-unreachable': error(1, 0),
    'host-unreachable': error(1, 3),
    'net-prohibited': error(1, 1),
    'host-prohibited': error(1, 1),
    'administratively-prohibited': error(1, 1),
    'fragmentation-needed': error(2, 0),
  },
};

const ECHO: Readonly<Record<IpFamily, Readonly<Record<'echo-request' | 'echo-reply', number>>>> = {
  IPv4: { 'echo-request': 8, 'echo-reply': 0 },
  IPv6: { 'echo-request': 128, 'echo-reply': 129 },
};

/** What neighbour discovery sends: the question and its answer. Source: RFC 4861. */
export const DISCOVERY = {
  solicitation: { type: 135, code: 0 },
  advertisement: { type: 136, code: 0 },
} as const satisfies Readonly<Record<string, Numbers>>;

/** The type and the code of a message of ICMP or ICMPv6. */
export const icmpNumbers = (family: IpFamily, icmp: IcmpEcho | IcmpError): Numbers =>
  isIcmpError(icmp) ? ERRORS[family][icmp.code] : { type: ECHO[family][icmp.type], code: 0 };
