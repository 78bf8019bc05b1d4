import type { KeyPart, KeyType, KeyValue } from '../../datapath/netfilter/sets.ts';
import { parseAddress } from '../../net/address.ts';
import { isHostPrefix, parseCidr, prefixOf } from '../../net/prefix.ts';

/** A data type of nft: reads the names of its values, and the numbers that `nft -n` prints for them. */
export interface DataType {
  readonly name: KeyType;
  /** Null: the word is no value of the type. */
  value(word: string): KeyValue | null;
  /** Each value is a bit, so that `a,b` is either of them. */
  readonly isBits?: true;
}

const NUMBER = /^(0x[0-9a-f]+|\d+)$/i;
export const numberOf = (word: string): number | null => (NUMBER.test(word) ? Number(word) : null);

const symbols = (names: Readonly<Record<string, number>>, more?: { readonly isBits: true }): DataType => ({
  name: 'integer',
  value: (word) => (Object.hasOwn(names, word) ? (names[word] ?? null) : numberOf(word)),
  ...more,
});

const address = (name: 'ipv4_addr' | 'ipv6_addr'): DataType => ({
  name,
  value: (word) => {
    const parsed = parseAddress(word);
    return parsed !== null && (typeof parsed === 'number') === (name === 'ipv4_addr') ? parsed : null;
  },
});

/** Protocols by number, under the names that the walk has for them. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '2': 'igmp',
  '4': 'ipip',
  '6': 'tcp',
  '17': 'udp',
  '33': 'dccp',
  '41': 'ipv6',
  '47': 'gre',
  '50': 'esp',
  '51': 'ah',
  '58': 'ipv6-icmp',
  '89': 'ospf',
  '103': 'pim',
  '108': 'ipcomp',
  '112': 'vrrp',
  '132': 'sctp',
  '136': 'udplite',
};
const NAMES: Readonly<Record<string, string>> = { ipencap: 'ipip', icmpv6: 'ipv6-icmp', comp: 'ipcomp' };

/** Ports by the names that nft prints without `-n`, up to 0.9. */
const SERVICES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  http: 80,
  ntp: 123,
  'netbios-ns': 137,
  'netbios-dgm': 138,
  snmp: 161,
  https: 443,
  'microsoft-ds': 445,
  'dhcpv6-client': 546,
  'dhcpv6-server': 547,
  mdns: 5353,
};

export const TYPES = {
  ipv4_addr: address('ipv4_addr'),
  ipv6_addr: address('ipv6_addr'),
  inet_proto: {
    name: 'inet_proto',
    value: (word) => PROTOCOLS[word] ?? NAMES[word] ?? (/^[\w.+-]+$/.test(word) ? word : null),
  },
  inet_service: { name: 'inet_service', value: (word) => SERVICES[word] ?? numberOf(word) },
  mark: { name: 'mark', value: numberOf },
  ifname: { name: 'ifname', value: (word) => word },
  integer: { name: 'integer', value: numberOf },
  nf_proto: { name: 'integer', value: (word) => ({ ipv4: 'ipv4', '2': 'ipv4', ipv6: 'ipv6', '10': 'ipv6' })[word] ?? null },
  ether_type: {
    name: 'integer',
    value: (word) =>
      ({ ip: 'ip', '0x0800': 'ip', '2048': 'ip', ip6: 'ip6', '0x86dd': 'ip6', '34525': 'ip6', '0x0806': 'arp', '2054': 'arp' })[word] ??
      word,
  },
  ct_state: symbols({ invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }, { isBits: true }),
  ct_status: symbols({ expected: 1, 'seen-reply': 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 }, { isBits: true }),
  ct_dir: symbols({ original: 0, reply: 1 }),
  tcp_flag: symbols({ fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 }, { isBits: true }),
  icmp_type: symbols({
    'echo-reply': 0,
    'destination-unreachable': 3,
    'source-quench': 4,
    redirect: 5,
    'echo-request': 8,
    'router-advertisement': 9,
    'router-solicitation': 10,
    'time-exceeded': 11,
    'parameter-problem': 12,
    'timestamp-request': 13,
    'timestamp-reply': 14,
    'info-request': 15,
    'info-reply': 16,
    'address-mask-request': 17,
    'address-mask-reply': 18,
  }),
  icmp_code: symbols({
    'net-unreachable': 0,
    'host-unreachable': 1,
    'prot-unreachable': 2,
    'port-unreachable': 3,
    'frag-needed': 4,
    'net-prohibited': 9,
    'host-prohibited': 10,
    'admin-prohibited': 13,
  }),
  icmpv6_type: symbols({
    'destination-unreachable': 1,
    'packet-too-big': 2,
    'time-exceeded': 3,
    'parameter-problem': 4,
    'echo-request': 128,
    'echo-reply': 129,
    'mld-listener-query': 130,
    'mld-listener-report': 131,
    'mld-listener-done': 132,
    'mld-listener-reduction': 132,
    'nd-router-solicit': 133,
    'nd-router-advert': 134,
    'nd-neighbor-solicit': 135,
    'nd-neighbor-advert': 136,
    'nd-redirect': 137,
    'router-renumbering': 138,
    'ind-neighbor-solicit': 141,
    'ind-neighbor-advert': 142,
    'mld2-listener-report': 143,
  }),
  icmpv6_code: symbols({
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  }),
  fib_addrtype: symbols({
    unspec: 0,
    unicast: 1,
    local: 2,
    broadcast: 3,
    anycast: 4,
    multicast: 5,
    blackhole: 6,
    unreachable: 7,
    prohibit: 8,
    throw: 9,
    nat: 10,
    xresolve: 11,
  }),
  /** nft prints `host`, and takes `unicast` for it as well. */
  pkt_type: symbols({ host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 }),
} as const satisfies Readonly<Record<string, DataType>>;

export type TypeName = keyof typeof TYPES;

export const typeNamed = (name: string): DataType | null => {
  const known: Readonly<Partial<Record<string, DataType>>> = TYPES;
  return Object.hasOwn(TYPES, name) ? (known[name] ?? null) : null;
};

/** The part of a key that a word stands for: a value, an interval, a prefix, the beginning of names. Null: it is not understood. */
export function partOf(word: string, type: DataType): KeyPart | null {
  if (type.name === 'ifname') return word.endsWith('*') ? { starts: word.slice(0, -1) } : word.replace(/\\\*$/, '*');
  const whole = type.value(word);
  if (whole !== null && !(type.name === 'inet_proto' && /^\d+-\d+$/.test(word))) return whole;
  if (word.includes('/')) return prefixPart(word, type);
  const [from, to, ...rest] = word.split('-');
  if (from === undefined || to === undefined || rest.length > 0) return null;
  const [first, last] = [type.value(from), type.value(to)];
  if (first === null || last === null || typeof first !== typeof last || typeof first === 'string' || typeof last === 'string') return null;
  if (type.name === 'ipv4_addr' || type.name === 'ipv6_addr') return rangeOfAddresses(from, to);
  return { first: Number(first), last: Number(last) };
}

function rangeOfAddresses(first: string, last: string): KeyPart | null {
  const [from, to] = [parseAddress(first), parseAddress(last)];
  return from === null || to === null ? null : { from, to };
}

/** `10.0.0.0/8`; of a mark, its highest bits: `0x40000000/2`. */
function prefixPart(word: string, type: DataType): KeyPart | null {
  if (type.name === 'ipv4_addr' || type.name === 'ipv6_addr') {
    const cidr = parseCidr(word);
    if (cidr === null || (typeof cidr.address === 'number') !== (type.name === 'ipv4_addr')) return null;
    const prefix = prefixOf(cidr.address, cidr.length);
    return isHostPrefix(prefix) ? prefix.address : prefix;
  }
  const [value = '', length = ''] = word.split('/');
  const first = numberOf(value);
  const bits = numberOf(length);
  if (first === null || bits === null || bits > 32 || type.name !== 'mark') return null;
  return { first, last: first + 2 ** (32 - bits) - 1 };
}
