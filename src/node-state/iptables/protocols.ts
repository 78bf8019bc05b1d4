import type { IpFamily } from '../../net/address.ts';

/** Names of /etc/protocols that rules ask for. A machine without that file prints the numbers. */
const NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  sctp: 132,
  'mobility-header': 135,
  udplite: 136,
};

/** `ipip` is 94 there, and not what tunnels of that name send (`ipencap`). */
const ALIASES: Readonly<Record<string, string>> = { ipip: '94', icmpv6: 'ipv6-icmp', mh: 'mobility-header', 'ipv6-mh': 'mobility-header' };

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(NUMBERS).map(([name, number]) => [`${number}`, name]));

/** A protocol by its name; `all` for any, null for a word that is none. */
export function protocolOf(word: string): string | null {
  const name = word.toLowerCase();
  if (name === 'all' || name === '0') return 'all';
  if (/^\d{1,3}$/.test(name)) return Number(name) > 255 ? null : (NAMES.get(`${Number(name)}`) ?? `${Number(name)}`);
  const known = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  if (known === '94') return known;
  return known !== undefined && Object.hasOwn(NUMBERS, known) ? known : null;
}

/** ICMP of the other family is never in a packet of this one. */
export const isOfOtherFamily = (protocol: string, family: IpFamily): boolean => protocol === (family === 'IPv4' ? 'ipv6-icmp' : 'icmp');

/** The module that a protocol's options are of. */
export const MODULES: Readonly<Record<string, string>> = { 'ipv6-icmp': 'icmp6', 'mobility-header': 'mh' };
