/**
 * The fields of nft by the words that name them, which are one to several, so that the value is known to begin behind them. Sources:
 * nft(8), PAYLOAD EXPRESSIONS and the sections before it, nftables 1.1.
 */

const HEADERS: Readonly<Record<string, string>> = {
  ether: 'saddr daddr type',
  vlan: 'id pcp dei cfi type',
  arp: 'htype ptype hlen plen operation',
  ip: 'version hdrlength dscp ecn length id frag-off ttl protocol checksum saddr daddr tos',
  ip6: 'version dscp ecn flowlabel length nexthdr hoplimit saddr daddr',
  icmp: 'type code checksum id sequence gateway mtu',
  icmpv6: 'type code checksum parameter-problem packet-too-big id sequence max-delay taddr daddr mtu',
  igmp: 'type mrt checksum group',
  tcp: 'sport dport sequence ackseq doff reserved flags window checksum urgptr',
  udp: 'sport dport length checksum',
  udplite: 'sport dport checksum',
  sctp: 'sport dport vtag checksum',
  dccp: 'sport dport type',
  th: 'sport dport',
  ah: 'nexthdr hdrlength reserved spi sequence',
  esp: 'spi sequence',
  comp: 'nexthdr flags cpi',
  gre: 'flags version protocol',
  hbh: 'nexthdr hdrlength',
  frag: 'nexthdr reserved frag-off reserved2 more-fragments id',
  mh: 'nexthdr hdrlength type reserved checksum',
  socket: 'transparent mark wildcard',
  rt: 'classid nexthop mtu ipsec',
};

const META = [
  'length protocol nfproto l4proto priority mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid pkttype cpu',
  'iifgroup oifgroup cgroup random ipsec secpath iifkind oifkind sdif sdifname time day hour ibrname obrname ibriport obriport',
]
  .join(' ')
  .split(' ');

/** Meta keys that nft prints without `meta`. */
const BARE = new Set(
  'iif iifname iiftype oif oifname oiftype skuid skgid rtclassid iifgroup oifgroup cgroup iifkind oifkind ibrname obrname mark'.split(' '),
);

const CT = 'state direction status mark expiration helper label l3proto protocol zone id event timeout proto-src proto-dst secmark'.split(
  ' ',
);
const CT_COUNTED = new Set(['bytes', 'packets', 'avgpkt']);
const WORDS_OF = new Map(Object.entries(HEADERS).map(([header, fields]) => [header, new Set(fields.split(' '))]));
const ADDRESSES = new Set(['saddr', 'daddr']);
const ALL_META = new Set(META);
const ALL_CT = new Set(CT);

export interface Named {
  /** The same name for text and JSON. */
  readonly name: string;
  readonly words: number;
}

/** The field that the next words name; null: none. `word(i)`: the i-th word from here. */
export function fieldAt(word: (ahead: number) => string): Named | null {
  const first = word(0);
  const second = word(1);
  if (first === 'meta') return ALL_META.has(second) ? { name: metaName(second), words: 2 } : null;
  if (BARE.has(first)) return { name: metaName(first), words: 1 };
  if (first === 'ct') return connectionField(word);
  if (first === 'fib') return fibField(word);
  if (first === 'tcp' && second === 'option') return optionField(word, 'tcp option', 2);
  if ((first === 'ip' || first === 'ip6') && second === 'option') return optionField(word, `${first} option`, 2);
  if (first === 'exthdr') return { name: `exthdr ${second}`, words: 2 };
  if (first === 'socket' && second === 'cgroupv2') return { name: `socket cgroupv2 level ${word(3)}`, words: 4 };
  if (first === 'osf') return { name: 'osf name', words: second === 'ttl' ? 4 : 2 };
  if (first === 'sctp' && second === 'chunk') return optionField(word, 'sctp chunk', 2);
  if (first === 'ipsec') return ipsecField(word);
  if (first === 'rt' && (second === 'ip' || second === 'ip6')) return { name: `rt ${second} nexthop`, words: 3 };
  if (first === 'arp' && (second === 'saddr' || second === 'daddr')) return { name: `arp ${second} ${word(2)}`, words: 3 };
  return WORDS_OF.get(first)?.has(second) === true ? { name: `${first} ${second}`, words: 2 } : null;
}

/** The name of a meta key. nft prints `iifname` and `oifname` without `meta`, and selectors are called so. */
export const metaName = (key: string): string =>
  key === 'iif' || key === 'iifname' ? 'iifname' : key === 'oif' || key === 'oifname' ? 'oifname' : `meta ${key}`;

function connectionField(word: (ahead: number) => string): Named | null {
  const [second, third, fourth] = [word(1), word(2), word(3)];
  if (second === 'original' || second === 'reply') {
    if (ADDRESSES.has(third)) return { name: `ct ${second} ${third}`, words: 3 };
    if ((third === 'ip' || third === 'ip6') && ADDRESSES.has(fourth)) return { name: `ct ${second} ${third} ${fourth}`, words: 4 };
    if (ALL_CT.has(third) || CT_COUNTED.has(third)) return { name: `ct ${second} ${third}`, words: 3 };
    return null;
  }
  return ALL_CT.has(second) || CT_COUNTED.has(second) ? { name: `ct ${second}`, words: 2 } : null;
}

const FIB_KEYS = new Set(['saddr', 'daddr', 'mark', 'iif', 'oif']);
const FIB_RESULTS = new Set(['oif', 'oifname', 'type', 'check']);

function fibField(word: (ahead: number) => string): Named | null {
  const keys: string[] = [];
  let at = 1;
  for (; FIB_KEYS.has(word(at)); at += 2) {
    keys.push(word(at));
    if (word(at + 1) !== '.') {
      at++;
      break;
    }
  }
  return keys.length > 0 && FIB_RESULTS.has(word(at)) ? { name: `fib ${keys.join(' . ')} ${word(at)}`, words: at + 1 } : null;
}

const OPTION_FIELDS = new Set('kind length left right count tsval tsecr size type ptr addr value tag flags tsn stream ssn ppid'.split(' '));

/** `tcp option maxseg size`; the option alone is asked whether it exists. */
function optionField(word: (ahead: number) => string, head: string, words: number): Named {
  const option = `${head} ${word(words)}`;
  const part = word(words + 1);
  return OPTION_FIELDS.has(part) ? { name: `${option} ${part}`, words: words + 2 } : { name: option, words: words + 1 };
}

function ipsecField(word: (ahead: number) => string): Named {
  let at = 2;
  if (word(at) === 'spnum') at += 2;
  if (word(at) === 'ip' || word(at) === 'ip6') at++;
  return { name: `ipsec ${word(1)} ${word(at)}`, words: at + 1 };
}
