import { NFT_FURTHER } from './change-nft-matches.ts';
import { FURTHER_DNAT, FURTHER_SNAT, FURTHER_STATEMENTS } from './change-nft-statements.ts';
import type { Dice } from './dice.ts';
import { addressOf, type Change, type Ground, MARK, not, portOf } from './ground.ts';

const PRIORITIES = [
  '-400',
  '-310',
  '-300',
  '-250',
  '-200',
  '-160',
  '-150',
  '-149',
  '-110',
  '-100',
  '-99',
  '-1',
  '0',
  '1',
  '50',
  '99',
  '100',
  '101',
  '225',
  '300',
] as const;
const STATES = ['new', 'established', 'established,related', 'invalid', 'untracked', 'new,untracked'] as const;

const ip = ({ isIpv6 }: Ground) => (isIpv6 ? 'ip6' : 'ip');
const maskOf = (mark: string) => mark.split('/');

/** Different addresses, none in another: a set without intervals has each once. */
const single = (g: Ground, dice: Dice, n: number): readonly string[] => [
  ...new Set(Array.from({ length: n }, () => dice.one([...g.pods, ...g.nodes, ...g.services]))),
];

type Part = (g: Ground, dice: Dice) => string;

const PARTS: readonly Part[] = [
  (g, dice) => `${ip(g)} ${dice.one(['saddr', 'daddr'])} ${not(dice)}${addressOf(g, dice)}`,
  (g, dice) => `${ip(g)} ${dice.one(['saddr', 'daddr'])} ${not(dice)}{ ${single(g, dice, 3).join(', ')} }`,
  (g, dice) => `${ip(g)} ${dice.one(['saddr', 'daddr'])} ${not(dice)}@addresses`,
  (g, dice) => `${ip(g)} ${dice.one(['saddr', 'daddr'])} ${not(dice)}@ranges`,
  (g) => `${ip(g)} daddr . meta l4proto . th dport @endpoints`,
  (_g, dice) => `tcp dport ${not(dice)}${portOf(dice)}`,
  (_g, dice) => `${dice.one(['tcp', 'udp'])} dport ${not(dice)}{ ${portOf(dice)}, 443, 9000-9100 }`,
  (_g, dice) => `udp dport ${portOf(dice)}`,
  (_g, dice) => `th dport ${not(dice)}${portOf(dice)}-${portOf(dice) + 30_000}`,
  (_g, dice) => `meta l4proto ${not(dice)}${dice.one(['tcp', 'udp', '{ tcp, udp }', 'icmp', 'icmpv6'])}`,
  (g, dice) =>
    g.isIpv6
      ? `icmpv6 type ${dice.one(['echo-request', 'echo-reply', '{ 1, 2, 3 }'])}`
      : `icmp type ${dice.one(['echo-request', 'echo-reply', 'destination-unreachable'])}`,
  (g, dice) => `${dice.one(['iifname', 'oifname'])} ${not(dice)}"${dice.one(g.devices)}"`,
  (g, dice) => `${dice.one(['iifname', 'oifname'])} ${not(dice)}{ "${dice.one(g.devices)}", "nowhere0" }`,
  (g, dice) => `iifname "${dice.one(g.devices).slice(0, 3)}*"`,
  (_g, dice) => `ct state ${not(dice)}${dice.one(STATES)}`,
  (_g, dice) => `ct status ${dice.one(['dnat', 'snat', 'seen-reply', 'assured'])}`,
  (_g, dice) => `ct direction ${dice.one(['original', 'reply'])}`,
  (g, dice) => `ct original ${ip(g)} daddr ${not(dice)}${addressOf(g, dice)}`,
  (_g, dice) => `ct original proto-dst ${portOf(dice)}`,
  (_g, dice) => {
    const [value = '', mask] = maskOf(dice.one(MARK));
    return mask === undefined ? `meta mark ${not(dice)}${value}` : `meta mark & ${mask} ${dice.one(['==', '!='])} ${value}`;
  },
  (_g, dice) => `ct mark & 0x1 ${dice.one(['==', '!='])} 0x1`,
  (_g, dice) =>
    `fib ${dice.one(['daddr', 'saddr'])} type ${not(dice)}${dice.one(['local', 'unicast', 'broadcast', '{ local, multicast }'])}`,
  (_g, dice) => `fib saddr . iif oif ${dice.one(['eq', 'ne'])} 0`,
  (_g, dice) => `tcp flags ${dice.one(['syn', '& (syn | ack) == syn', '& (syn | ack | rst) == ack', '! syn'])}`,
  (_g, dice) => `meta length ${dice.one(['>', '<='])} ${dice.one([60, 100, 1000])}`,
  (g, dice) => `meta nfproto ${not(dice)}${g.isIpv6 ? 'ipv6' : 'ipv4'}`,
  () => '',
  ...NFT_FURTHER,
];

const matchesOf = (g: Ground, dice: Dice) => `${dice.one(PARTS)(g, dice)} ${dice.rarely(2) ? dice.one(PARTS)(g, dice) : ''}`;

const COMMON: readonly Part[] = [
  () => 'accept',
  () => 'drop',
  () => 'return',
  () => 'jump own',
  () => 'goto own',
  () => 'counter',
  () => 'log prefix "seen: "',
  (_g, dice) => `meta mark set meta mark ${dice.one(['| 0x4000', '& 0xffffbfff', '^ 0x8000', '| 0x1'])}`,
  (_g, dice) => `meta mark set ${dice.one(['0x4000', '0x1', 'ct mark'])}`,
  (_g, dice) => `ct mark set ${dice.one(['meta mark', '0x1', 'ct mark | 0x4000'])}`,
  (g, dice) => `${ip(g)} ${dice.one(['saddr', 'daddr'])} vmap @verdicts`,
  (_g, dice) => `tcp dport vmap { ${portOf(dice)} : ${dice.one(['drop', 'accept', 'jump own'])}, 443 : drop }`,
  (_g, dice) =>
    `ct state vmap { established : accept, invalid : ${dice.one(['drop', 'continue', 'accept'])}, new : ${dice.one(['jump own', 'continue'])} }`,
  (_g, dice) => `meta l4proto . th dport vmap { tcp . ${portOf(dice)} : ${dice.one(['drop', 'return'])}, udp . 53 : jump own }`,
];
const REJECTS: readonly Part[] = [
  () => 'reject',
  (_g, dice) => `reject with icmpx type ${dice.one(['admin-prohibited', 'port-unreachable', 'no-route', 'host-unreachable'])}`,
  () => 'reject with tcp reset',
];

const bracketed = (g: Ground, address: string) => (g.isIpv6 ? `[${address}]` : address);
const DNAT: readonly Part[] = [
  ...FURTHER_DNAT,
  (g, dice) => `dnat ${ip(g)} to ${dice.one(g.pods)}`,
  (g, dice) => `meta l4proto { tcp, udp } dnat ${ip(g)} to ${bracketed(g, dice.one(g.pods))}:${dice.one([8080, 5353])}`,
  (g) => `dnat ${ip(g)} to ${ip(g)} daddr map @translated`,
  (_g, dice) => `meta l4proto { tcp, udp } redirect to :${dice.one([8080, 5353])}`,
];
const SNAT: readonly Part[] = [
  ...FURTHER_SNAT,
  (g, dice) => `snat ${ip(g)} to ${dice.one(g.nodes)}`,
  () => 'masquerade',
  () => 'masquerade fully-random',
];

/** The discovery of neighbours goes through the hooks as all that IPv6 sends, and is not walked. */
const NEIGHBOURS = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept';

interface Base {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  readonly statements: readonly Part[];
}

const filter = (hook: Base['hook'], more: readonly Part[]): Base => ({
  type: 'filter',
  hook,
  statements: [...COMMON, ...FURTHER_STATEMENTS, ...more],
});

const BASES: readonly Base[] = [
  filter('prerouting', [() => 'notrack', () => 'notrack', () => 'drop']),
  filter('input', [...REJECTS, () => 'drop']),
  filter('forward', [...REJECTS, () => 'drop']),
  filter('output', [...REJECTS, () => 'notrack']),
  filter('postrouting', [() => 'drop']),
  filter('prerouting', [() => 'notrack', () => 'drop']),
  filter('forward', REJECTS),
  { type: 'route', hook: 'output', statements: COMMON },
  { type: 'nat', hook: 'prerouting', statements: [...COMMON, ...DNAT, ...DNAT, ...DNAT] },
  { type: 'nat', hook: 'output', statements: [...COMMON, ...DNAT, ...DNAT, ...DNAT] },
  { type: 'nat', hook: 'postrouting', statements: [...COMMON, ...SNAT, ...SNAT, ...SNAT] },
  { type: 'nat', hook: 'input', statements: [...COMMON, (g, dice) => `snat ${ip(g)} to ${dice.one(g.nodes)}`] },
];

const setsOf = (g: Ground, dice: Dice): readonly string[] => {
  const type = g.isIpv6 ? 'ipv6_addr' : 'ipv4_addr';
  const [one = '', two = one] = single(g, dice, 4);
  const [first = one, second = two] = [...g.pods].sort();
  return [
    `set addresses { type ${type}; elements = { ${single(g, dice, 3).join(', ')} }; }`,
    `set ranges { type ${type}; flags interval; elements = { ${dice.one(g.ranges)}, ${dice.one([...g.nodes, ...g.services])} }; }`,
    `set endpoints { type ${type} . inet_proto . inet_service; flags interval; elements = { ${one} . tcp . 8080, ${dice.one(g.pods)} . udp . 5000-5400 }; }`,
    `map verdicts { type ${type} : verdict; elements = { ${first} : ${dice.one(['drop', 'accept', 'jump own'])}, ${dice.one([...g.services, ...g.nodes])} : ${dice.one(['accept', 'drop', 'goto own', 'return'])} }; }`,
    `set passing { type ${type}; flags timeout; elements = { ${one} timeout 1h, ${two} }; }`,
    `set met { type ${type}; size 1000; flags dynamic, timeout; timeout 5m; }`,
    `map translated { type ${type} : ${type}; elements = { ${dice.one([...g.services, ...g.nodes])} : ${dice.one(g.pods)}, ${first} : ${second} }; }`,
  ];
};

const times = <T>(n: number, make: () => T): readonly T[] => Array.from({ length: n }, make);

/** A table as other programs bring them: its sets and maps, a chain of its own, and base chains. */
const newTable: Change = (g, dice) => {
  const name = `foreign-${dice.nat(3)}`;
  const bases = times(1 + dice.nat(3), () => dice.one(BASES));
  const chains = bases.map(({ type, hook, statements }, i) => {
    const priority = type === 'nat' ? dice.one(PRIORITIES.filter((p) => Number(p) > -200)) : dice.one(PRIORITIES);
    const policy = type !== 'nat' && dice.rarely(10) ? 'drop' : 'accept';
    const rules = times(1 + dice.nat(3), () => `${matchesOf(g, dice)} ${dice.one(statements)(g, dice)}`);
    const discovery = type === 'filter' && g.isIpv6 ? [NEIGHBOURS] : [];
    return {
      hook,
      head: `type ${type} hook ${hook} priority ${priority}; policy ${policy};`,
      name: `${hook}-${i}`,
      rules: [...discovery, ...rules],
    };
  });
  const family = dice.one(['inet', 'inet', ip(g)]);
  const own = times(1 + dice.nat(2), () => `${matchesOf(g, dice)} ${dice.one(COMMON.filter((_, i) => i < 3 || i === 7))(g, dice)}`);
  const commands = [
    `add table ${family} ${name}`,
    `table ${family} ${name} { chain own { }; ${setsOf(g, dice).join('; ')}; }`,
    ...chains.map((c) => `add chain ${family} ${name} ${c.name} { ${c.head} }`),
    ...own.map((rule) => `add rule ${family} ${name} own ${rule}`),
    ...chains.flatMap((c) => c.rules.map((rule) => `add rule ${family} ${name} ${c.name} ${rule}`)),
  ];
  return commands.map((command) => `nft '${command}'`);
};

export const NFT_CHANGES: readonly Change[] = [newTable, newTable, newTable, newTable];
