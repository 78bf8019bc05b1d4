import type { IpFamily } from '../../net/address.ts';

/** Protocols by the names of /etc/protocols. iptables-save prints the number where the file does not have it. */
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

/** In /etc/protocols `ipip` is 94; ipip tunnels send 4, which is `ipencap` there. */
const ALIASES: Readonly<Record<string, string>> = { ipip: '94', icmpv6: 'ipv6-icmp', mh: 'mobility-header', 'ipv6-mh': 'mobility-header' };

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(NUMBERS).map(([name, number]) => [`${number}`, name]));

/** The protocol's name, from a name or a number; `all`: any; null: the word is no protocol. */
export function protocolOf(word: string): string | null {
  const name = word.toLowerCase();
  if (name === 'all' || name === '0') return 'all';
  if (/^\d{1,3}$/.test(name)) return Number(name) > 255 ? null : (NAMES.get(`${Number(name)}`) ?? `${Number(name)}`);
  const known = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  if (known === '94') return known;
  return known !== undefined && Object.hasOwn(NUMBERS, known) ? known : null;
}

/** Is it the ICMP of the other family, which no packet of this family has? */
export const isOfOtherFamily = (protocol: string, family: IpFamily): boolean => protocol === (family === 'IPv4' ? 'ipv6-icmp' : 'icmp');

/** The match modules of protocols, where they have other names. */
export const MODULES: Readonly<Record<string, string>> = { 'ipv6-icmp': 'icmp6', 'mobility-header': 'mh' };
