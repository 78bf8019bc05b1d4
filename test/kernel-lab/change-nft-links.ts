import type { Dice } from './dice.ts';
import { addressOf, type Change, type Ground, portOf } from './ground.ts';

/** Tables of nft below IP: at devices, at bridges, and of ARP. */

const ip = ({ isIpv6 }: Ground) => (isIpv6 ? 'ip6' : 'ip');

const ruleOf = (g: Ground, dice: Dice): string => {
  const of = dice.one([
    `${ip(g)} ${dice.one(['saddr', 'daddr'])} ${addressOf(g, dice)}`,
    `meta l4proto ${dice.one(['tcp', 'udp'])} th dport ${portOf(dice)}`,
    `tcp dport { ${portOf(dice)}, 443 }`,
    `meta l4proto ${g.isIpv6 ? 'ipv6-icmp icmpv6 type { echo-request, echo-reply }' : 'icmp'}`,
    `${ip(g)} saddr ${dice.one(g.pods)} udp dport ${portOf(dice)}`,
    'tcp flags syn',
  ]);
  return `${of} ${dice.one(['drop', 'drop', 'drop', 'accept', 'counter', 'meta mark set 0x1', 'jump own', 'log'])}`;
};

const rulesOf = (g: Ground, dice: Dice) => Array.from({ length: 1 + dice.nat(2) }, () => ruleOf(g, dice));

const atDevice: Change = (g, dice) => {
  const [family, hook] = dice.one([
    ['netdev', 'ingress'],
    ['netdev', 'ingress'],
    ['netdev', 'egress'],
    ['inet', 'ingress'],
  ] as const);
  const table = `${family} foreign-link-${dice.nat(2)}`;
  return [
    `add table ${table}`,
    `add chain ${table} own`,
    `add rule ${table} own ${ruleOf(g, dice).replace('jump own', 'drop')}`,
    `add chain ${table} at-${hook} { type filter hook ${hook} device ${dice.one(g.devices)} priority ${dice.one([-10, 0, 10])}; policy accept; }`,
    ...rulesOf(g, dice).map((rule) => `add rule ${table} at-${hook} ${rule}`),
  ].map((command) => `nft '${command}'`);
};

const onBridge: Change = (g, dice) => {
  const hook = dice.one(['prerouting', 'input', 'forward', 'forward', 'output', 'postrouting']);
  return [
    'add table bridge foreign',
    'add chain bridge foreign own',
    `add rule bridge foreign own ${ruleOf(g, dice).replace('jump own', 'drop')}`,
    `add chain bridge foreign ${hook} { type filter hook ${hook} priority ${dice.one([-300, -200, 0])}; policy accept; }`,
    ...rulesOf(g, dice).map((rule) => `add rule bridge foreign ${hook} ${rule}`),
  ].map((command) => `nft '${command}'`);
};

const ofArp: Change = (g, dice) => {
  if (g.isIpv6) return [];
  const hook = dice.one(['input', 'output']);
  const rule = `arp ${dice.one(['saddr', 'daddr'])} ip ${dice.one([...g.pods, ...g.nodes])} ${dice.one(['drop', 'accept'])}`;
  return [
    'add table arp foreign',
    `add chain arp foreign ${hook} { type filter hook ${hook} priority 0; policy accept; }`,
    `add rule arp foreign ${hook} ${rule}`,
  ].map((command) => `nft '${command}'`);
};

/** Packets of known connections go past the rules. */
const flowtable: Change = (g, dice) => [
  "nft 'add table inet foreign-flows'",
  `nft 'add flowtable inet foreign-flows fast { hook ingress priority 0; devices = { ${[...new Set([dice.one(g.devices), dice.one(g.devices)])].join(', ')} }; }'`,
  "nft 'add chain inet foreign-flows forward { type filter hook forward priority 0; policy accept; }'",
  "nft 'add rule inet foreign-flows forward meta l4proto { tcp, udp } flow add @fast'",
];

export const LINK_CHANGES: readonly Change[] = [atDevice, atDevice, onBridge, ofArp, flowtable];
