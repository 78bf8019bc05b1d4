import { asWord } from '../../datapath/netfilter/iptables-words.ts';
import type { Match } from '../../datapath/netfilter/match.ts';
import { TCP_FLAGS } from '../../datapath/netfilter/tcp-flags.ts';
import { ICMP_TYPES, ICMPV6_TYPES } from './icmp-types.ts';
import { each, type Module, type Stated, taking, unmodelled } from './module.ts';
import { numberOf, portsOf } from './words.ts';

const PORTS = taking('--sport --source-port --dport --destination-port');

/** Match modules about the headers of a packet. */
export const headerModules: Readonly<Record<string, Module>> = {
  tcp: withUnknown(
    'tcp',
    { ...PORTS, ...taking('--tcp-option', '--syn'), '--tcp-flags': 2 },
    (option) => portMatch('tcp', option) ?? flags(option),
  ),
  udp: each(PORTS, (option) => portMatch('udp', option)),
  sctp: withUnknown('sctp', { ...PORTS, '--chunk-types': 2 }, (option) => portMatch('sctp', option)),
  // No modelled packet has one of these protocols, and the rule has a match on the protocol as well.
  dccp: unmodelled({ ...PORTS, ...taking('--dccp-types --dccp-option') }),
  udplite: unmodelled(PORTS),
  esp: unmodelled(taking('--espspi')),
  ah: { options: taking('--ahspi --ahlen', '--ahres'), read: (options, { family }) => (family === 'IPv6' ? never('ah', options) : null) },
  mh: unmodelled(taking('--mh-type')),
  // Extension headers of IPv6. In a packet without the header no option matches, negated or not (hbh_mt6, net/ipv6/netfilter/ip6t_hbh.c).
  dst: extension('dst', taking('--dst-len --dst-opts')),
  hbh: extension('hbh', taking('--hbh-len --hbh-opts')),
  frag: extension('frag', taking('--fragid --fraglen', '--fragres --fragfirst --fragmore --fraglast')),
  rt: extension('rt', taking('--rt-type --rt-segsleft --rt-len --rt-0-addrs', '--rt-0-res --rt-0-not-strict')),
  ipv6header: unmodelled(taking('--header', '--soft')),
  eui64: unmodelled({}),
  icmp: each(taking('--icmp-type'), (option) => icmpMatch(option, ICMP_TYPES)),
  icmp6: each(taking('--icmpv6-type'), (option) => icmpMatch(option, ICMPV6_TYPES)),
  multiport: each(taking('--sports --source-ports --dports --destination-ports --ports'), multiport),
  length: each(taking('--length'), ({ args: [text], negated }) => {
    const range = portsOf(text);
    return range === null ? null : { kind: 'length', ...range, negated };
  }),
  ttl: each(taking('--ttl --ttl-eq --ttl-lt --ttl-gt'), ttlMatch),
  hl: each(taking('--hl-eq --hl-lt --hl-gt'), ttlMatch),
  tos: each(taking('--tos'), ({ args: [text], negated }, { writes }) => (writes.tos ? null : tosMatch(text, negated))),
  dscp: each(taking('--dscp --dscp-class'), ({ name, args: [text], negated }, { writes }) => {
    const value = name === '--dscp' ? numberOf(text) : null;
    return value === null || value > 0x3f || writes.tos ? null : { kind: 'tos', value: value << 2, mask: 0xfc, negated };
  }),
  pkttype: {
    options: taking('--pkt-type'),
    read: (options) =>
      options.map((o) => ({ kind: 'fixed', matches: (o.args[0] === 'unicast') !== o.negated, text: textOf('pkttype', [o]) })),
  },
  policy: {
    options: taking('--dir --pol --reqid --spi --proto --mode --tunnel-src --tunnel-dst', '--strict --next'),
    read: (options) => {
      const [pol] = options.find((o) => o.name === '--pol')?.args ?? [];
      return [{ kind: 'fixed', matches: pol === 'none', text: textOf('policy', options) }];
    },
  },
};

const textOf = (module: string, options: readonly Stated[]): string =>
  [`-m ${module}`, ...options.flatMap((o) => [...(o.negated ? ['!'] : []), o.name, ...o.args.map(asWord)])].join(' ');

const never = (module: string, options: readonly Stated[]): readonly Match[] => [
  { kind: 'fixed', matches: false, text: textOf(module, options) },
];

function extension(name: string, options: Readonly<Record<string, number>>): Module {
  return { options, read: (stated) => never(name, stated) };
}

/** A module of which an option may be unmodelled while the others, as ports, still decide that a packet does not match. */
function withUnknown(name: string, options: Readonly<Record<string, number>>, read: (option: Stated) => Match | null): Module {
  return each(options, (option) => read(option) ?? { kind: 'unknown', text: textOf(name, [option]) });
}

function portMatch(protocol: 'tcp' | 'udp' | 'sctp', { name, args: [text], negated }: Stated): Match | null {
  const ports = Object.hasOwn(PORTS, name) ? portsOf(text) : null;
  return ports === null ? null : { kind: name === '--sport' || name === '--source-port' ? 'sport' : 'dport', protocol, ...ports, negated };
}

function flags({ name, args, negated }: Stated): Match | null {
  if (name === '--syn') return { kind: 'tcp-flags', mask: bitsOf('FIN,SYN,RST,ACK') ?? 0, set: TCP_FLAGS.SYN, negated };
  const [mask, set] = [bitsOf(args[0]), bitsOf(args[1])];
  return name !== '--tcp-flags' || mask === null || set === null ? null : { kind: 'tcp-flags', mask, set, negated };
}

function bitsOf(text: string | undefined): number | null {
  let bits = 0;
  for (const name of (text ?? '?').toUpperCase().split(',')) {
    if (name === 'ALL') bits |= 0x3f;
    else if (isFlag(name)) bits |= TCP_FLAGS[name];
    else if (name !== 'NONE') return null;
  }
  return bits;
}

const isFlag = (name: string): name is keyof typeof TCP_FLAGS => Object.hasOwn(TCP_FLAGS, name);

function icmpMatch({ args: [text = ''], negated }: Stated, names: Readonly<Record<string, string>>): Match | null {
  const numbers = Object.hasOwn(names, text) ? (names[text] ?? text) : text;
  if (numbers === 'any' || numbers === '255') return { kind: 'fixed', matches: !negated, text: `${negated ? '! ' : ''}any type` };
  const [left, right, ...rest] = numbers.split('/');
  const [type, code] = [numberOf(left), right === undefined ? undefined : numberOf(right)];
  if (type === null || type > 255 || code === null || (code ?? 0) > 255 || rest.length > 0) return null;
  return { kind: 'icmp-type', type, code: code === undefined ? { first: 0, last: 255 } : { first: code, last: code }, negated };
}

function multiport({ name, args: [text = ''], negated }: Stated): Match | null {
  const ports = text.split(',').map((part) => portsOf(part));
  if (!ports.every((p) => p !== null)) return null;
  const kind = name === '--ports' ? 'ports' : name === '--sports' || name === '--source-ports' ? 'sports' : 'dports';
  return { kind, ports: ports.map((p) => (p.first === p.last ? p.first : p)), negated };
}

function ttlMatch({ name, args: [text], negated }: Stated): Match | null {
  const value = numberOf(text);
  const compare = name.endsWith('-lt') ? 'lt' : name.endsWith('-gt') ? 'gt' : 'eq';
  return value === null ? null : { kind: 'ttl', compare, value, negated };
}

const TOS_NAMES: Readonly<Record<string, number>> = {
  'Minimize-Delay': 0x10,
  'Maximize-Throughput': 0x08,
  'Maximize-Reliability': 0x04,
  'Minimize-Cost': 0x02,
  'Normal-Service': 0,
};

function tosMatch(text = '', negated: boolean): Match | null {
  const named = Object.hasOwn(TOS_NAMES, text) ? TOS_NAMES[text] : undefined;
  if (named !== undefined) return { kind: 'tos', value: named, mask: 0x3f, negated };
  const [left, right] = text.split('/');
  const [value, mask] = [numberOf(left), right === undefined ? 0xff : numberOf(right)];
  return value === null || mask === null || value > 255 || mask > 255 ? null : { kind: 'tos', value, mask, negated };
}
