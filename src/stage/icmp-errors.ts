import type { Client } from '../hop/code.ts';
import type { IcmpErrorCode, Protocol } from '../net/packet.ts';

const CLIENT_OF: Readonly<Record<IcmpErrorCode, Client>> = {
  'net-unreachable': 'net-unreachable',
  'host-unreachable': 'host-unreachable',
  'protocol-unreachable': 'not-available',
  'port-unreachable': 'refused',
  'fragmentation-needed': 'message-too-long',
  'net-prohibited': 'net-unreachable',
  'host-prohibited': 'host-unreachable',
  'administratively-prohibited': 'host-unreachable',
  'ttl-exceeded': 'host-unreachable',
  'no-route': 'net-unreachable',
  'address-unreachable': 'host-unreachable',
  'adm-prohibited': 'not-permitted',
  'policy-fail': 'not-permitted',
  'reject-route': 'not-permitted',
  'packet-too-big': 'message-too-long',
};

/** Errors that a connected UDP socket keeps to itself, unless the program asks for them (IP_RECVERR): they may pass. */
const SOFT: readonly IcmpErrorCode[] = ['net-unreachable', 'host-unreachable', 'ttl-exceeded', 'no-route', 'address-unreachable'];

/**
 * A program's view of an ICMP error. Source: icmp_err_convert, net/ipv4/icmp.c; __udp4_lib_err, net/ipv4/udp.c; icmpv6_err_convert,
 * net/ipv6/icmp.c.
 */
export function clientOf(code: IcmpErrorCode, protocol: Protocol): Client {
  return protocol === 'udp' && SOFT.includes(code) ? 'time-out' : CLIENT_OF[code];
}
