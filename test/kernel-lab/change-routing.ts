import type { Dice } from './dice.ts';
import { addressOf, type Change, type Ground, MARK } from './ground.ts';

const ip = ({ isIpv6 }: Ground) => (isIpv6 ? 'ip -6' : 'ip');
const TABLE = 100;

const wayOf = (g: Ground, dice: Dice): string => {
  const others = g.nodes.filter((n) => n !== g.own);
  const via = others.length === 0 ? `dev ${dice.one(g.devices)}` : `via ${dice.one(others)}`;
  const further = [
    `${via} onlink`,
    `via ${addressOf(g, dice)} dev ${dice.one(g.devices)} onlink`,
    `dev ${dice.one(g.devices)} scope ${dice.one(['link', 'host', 'global'])}`,
    `${via} mtu ${dice.one(['1300', 'lock 1300'])}`,
    `${via} advmss 1000`,
    `via inet6 fe80::${1 + dice.nat(5)} dev ${dice.one(g.devices)}`,
    `${via} realm 5`,
    `${via} src ${dice.one([...g.services, ...g.pods])}`,
    `${via} proto static`,
  ];
  if (dice.rarely(3)) return dice.one(further);
  return dice.one([via, via, via, `dev ${dice.one(g.devices)}`, `${via} src ${g.own}`, `${via} metric ${dice.one([5, 2000])}`]);
};

const KINDS = ['blackhole', 'unreachable', 'prohibit', 'throw'] as const;

const newRoute: Change = (g, dice) => {
  const to = dice.rarely(6) ? 'default' : addressOf(g, dice);
  const table = dice.rarely(3) ? ` table ${TABLE}` : '';
  const verb = dice.one(['add', 'replace', 'append', 'prepend']);
  if (dice.rarely(3)) return [`${ip(g)} route ${verb} ${dice.one(KINDS)} ${to}${table}`];
  return [`${ip(g)} route ${verb} ${to} ${wayOf(g, dice)}${table}`];
};

const severalHops: Change = (g, dice) => {
  const others = g.nodes.filter((n) => n !== g.own);
  if (others.length < 2) return [];
  const hops = others.slice(0, 2).map((via) => `nexthop via ${via} weight ${1 + dice.nat(3)}`);
  return [`${ip(g)} route replace ${dice.one([...g.ranges, ...g.services])} ${hops.join(' ')}`];
};

/** Next hops that stand by themselves, and groups of them. */
const nextHops: Change = (g, dice) => {
  const others = g.nodes.filter((n) => n !== g.own);
  if (others.length === 0) return [];
  const [first = '', second = first] = others;
  const family = g.isIpv6 ? '-6 ' : '';
  return [
    `ip ${family}nexthop replace id 71 via ${first} dev ${dice.one(g.devices)}`,
    `ip ${family}nexthop replace id 72 via ${second} dev ${dice.one(g.devices)}`,
    dice.one(['ip nexthop replace id 73 group 71/72,2', 'ip nexthop replace id 73 blackhole']),
    `${ip(g)} route replace ${dice.one([...g.ranges, ...g.services])} nhid ${dice.one([71, 73])}`,
  ];
};

const routeGone: Change = (g, dice) => [`${ip(g)} route del ${dice.one([...g.ranges, ...g.ownPods, 'default'])}`];

const selectorOf = (g: Ground, dice: Dice): string =>
  dice.one([
    `from ${addressOf(g, dice)}`,
    `to ${addressOf(g, dice)}`,
    `from ${addressOf(g, dice)} to ${addressOf(g, dice)}`,
    `fwmark ${dice.one(MARK)}`,
    `iif ${dice.one(g.devices)}`,
    `not from ${addressOf(g, dice)}`,
    `not fwmark ${dice.one(MARK)}`,
    `not iif ${dice.one(g.devices)}`,
    `oif ${dice.one(g.devices)}`,
    `ipproto ${dice.one(['tcp', 'udp'])}`,
    `ipproto ${dice.one(['tcp', 'udp'])} dport ${dice.one(['80', '8080', '53', '5353', '8000-9000'])}`,
    `from ${addressOf(g, dice)} ipproto tcp sport 8080`,
    'from all',
    `iif lo to ${addressOf(g, dice)}`,
    'tos 0x10',
    'uidrange 0-0',
    `fwmark ${dice.one(MARK)} from ${addressOf(g, dice)} ipproto udp`,
    `from ${addressOf(g, dice)} fwmark ${dice.one(MARK)} iif ${dice.one(g.devices)}`,
  ]);

const ACTIONS = [
  `lookup ${TABLE}`,
  `lookup ${TABLE}`,
  `lookup ${TABLE}`,
  'lookup main suppress_prefixlength 0',
  'lookup main suppress_prefixlength 16',
  'lookup main suppress_ifgroup 0',
  'goto 32766',
  'goto 500',
  'nop',
  'blackhole',
  'unreachable',
  'prohibit',
] as const;

const newRule: Change = (g, dice) => [
  `${ip(g)} rule add pref ${dice.one([50, 90, 100, 110, 500, 32_000, 32_766, 32_767, 40_000])} ${selectorOf(g, dice)} ${dice.one(ACTIONS)}`,
  ...newRoute(g, dice).map((line) => (line.includes(' table ') ? line : `${line} table ${TABLE}`)),
];

const ruleGone: Change = (g, dice) =>
  dice.one([
    [`${ip(g)} rule del pref ${dice.one([32_766, 32_767])}`],
    [`${ip(g)} rule add pref ${dice.one([10, 200])} lookup local`, `${ip(g)} rule del pref 0`],
  ]);

const settingOf = (g: Ground, dice: Dice): string => {
  const device = dice.one(['all', 'all', ...g.devices]);
  if (g.isIpv6) return `net/ipv6/conf/${device}/forwarding=${dice.nat(2)}`;
  return dice.one([
    `net.ipv4.ip_forward=${dice.nat(2)}`,
    `net/ipv4/conf/${device}/rp_filter=${dice.nat(3)}`,
    `net/ipv4/conf/${device}/rp_filter=${1 + dice.nat(2)}`,
    `net/ipv4/conf/${device}/accept_local=${dice.nat(2)}`,
    `net/ipv4/conf/${device}/route_localnet=${dice.nat(2)}`,
    `net/ipv4/conf/${device}/src_valid_mark=${dice.nat(2)}`,
    `net/ipv4/conf/${device}/arp_ignore=${dice.nat(4)}`,
    `net/ipv4/conf/${device}/arp_announce=${dice.nat(3)}`,
    `net/ipv4/conf/${device}/arp_filter=${dice.nat(2)}`,
    `net/ipv4/conf/${device}/proxy_arp=${dice.nat(2)}`,
    `net/ipv4/conf/${device}/forwarding=${dice.nat(2)}`,
    'net.bridge.bridge-nf-call-iptables=0',
    `net.ipv4.fwmark_reflect=${dice.nat(2)}`,
    `net.ipv4.icmp_echo_ignore_all=${dice.nat(2)}`,
    `net.netfilter.nf_conntrack_tcp_be_liberal=${dice.nat(2)}`,
    `net.ipv4.ip_nonlocal_bind=${dice.nat(2)}`,
    `net.ipv4.icmp_errors_use_inbound_ifaddr=${dice.nat(2)}`,
    `net.ipv4.fib_multipath_hash_policy=${dice.nat(3)}`,
    `net.ipv4.ip_forward_update_priority=${dice.nat(2)}`,
  ]);
};

const setting: Change = (g, dice) => [`sysctl -qw ${settingOf(g, dice)}`];

const device: Change = (g, dice) => {
  const name = dice.one(g.devices);
  return [dice.rarely(3) ? `ip link set ${name} down` : `ip link set ${name} mtu ${dice.one([1280, 1300, 1400])}`];
};

/** Of another node: of a pod's device nobody tells the right one. */
const neighbour: Change = (g, dice) => {
  const [address, name] = [dice.one(g.nodes), dice.one(g.devices)];
  return [`ip neigh replace ${address} dev ${name} lladdr 66:00:00:00:00:${10 + dice.nat(80)} nud permanent`];
};

/** None of another node: the state would be taken for that one's. */
const address: Change = (g, dice) => {
  const length = g.isIpv6 ? 128 : 32;
  const added = dice.one([...g.services, ...g.services, ...g.pods]);
  return [
    `ip addr add ${added}/${dice.one([length, length, g.isIpv6 ? 64 : 24])} dev ${dice.one([...g.devices, 'lo'])}${g.isIpv6 ? ' nodad' : ''}`,
  ];
};

export const ROUTING_CHANGES: readonly Change[] = [
  newRoute,
  newRoute,
  severalHops,
  nextHops,
  routeGone,
  newRule,
  newRule,
  newRule,
  ruleGone,
  setting,
  setting,
  setting,
  device,
  neighbour,
  address,
];
