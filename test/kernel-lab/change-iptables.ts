import { HOOKS, type Part, type Table } from './change-hooks.ts';
import { matchesOf } from './change-matches.ts';
import { furtherSets } from './change-sets.ts';
import { FURTHER_TARGETS, MARKS } from './change-targets.ts';
import type { Dice } from './dice.ts';
import { addressOf, type Change, type Ground, MARK, portOf } from './ground.ts';

const TABLES: readonly Table[] = ['raw', 'mangle', 'mangle', 'nat', 'nat', 'filter', 'filter', 'filter'];
const OWN_CHAIN = 'FOREIGN';
const OTHER_CHAIN = 'FOREIGN-2';

const programOf = ({ isIpv6 }: Ground) => (isIpv6 ? 'ip6tables' : 'iptables');

const REJECTS = {
  IPv4: [
    'icmp-port-unreachable',
    'icmp-admin-prohibited',
    'icmp-host-unreachable',
    'icmp-net-unreachable',
    'icmp-proto-unreachable',
    'icmp-net-prohibited',
    'icmp-host-prohibited',
  ],
  IPv6: ['icmp6-adm-prohibited', 'icmp6-port-unreachable', 'icmp6-no-route', 'icmp6-addr-unreachable', 'icmp6-policy-fail'],
};

const endpoint = (g: Ground, dice: Dice) => {
  const pod = dice.one(g.pods);
  if (dice.rarely(3)) return pod;
  return `${g.isIpv6 ? `[${pod}]` : pod}:${dice.one([8080, 8080, 5353])}`;
};

const TO_CHAINS: readonly Part[] = [() => OWN_CHAIN, () => OWN_CHAIN, () => OTHER_CHAIN, () => 'RETURN'];

const TARGETS: Readonly<Record<Table, readonly Part[]>> = {
  raw: [
    ...FURTHER_TARGETS.raw,
    () => 'CT --notrack',
    () => 'CT --notrack',
    () => 'DROP',
    () => 'ACCEPT',
    ...TO_CHAINS,
    (_g, dice) => `MARK --set-xmark ${dice.one(MARK)}`,
  ],
  mangle: [...MARKS, ...MARKS, ...FURTHER_TARGETS.mangle, () => 'DROP', () => 'ACCEPT', ...TO_CHAINS, () => 'TOS --set-tos 0x10'],
  nat: [
    ...FURTHER_TARGETS.nat,
    (g, dice) => `DNAT --to-destination ${endpoint(g, dice)}`,
    (g, dice) => `DNAT --to-destination ${endpoint(g, dice)}`,
    (_g, dice) => `REDIRECT${dice.rarely(3) ? '' : ` --to-ports ${dice.one([8080, 5353, 80])}`}`,
    (g, dice) => `SNAT --to-source ${dice.one(g.nodes)}`,
    (g) => `SNAT --to-source ${g.own}`,
    () => 'MASQUERADE',
    () => 'MASQUERADE',
    () => 'ACCEPT',
    ...TO_CHAINS,
    (_g, dice) => `MARK --set-xmark ${dice.one(MARK)}`,
  ],
  filter: [
    ...FURTHER_TARGETS.filter,
    () => 'ACCEPT',
    () => 'ACCEPT',
    () => 'DROP',
    () => 'DROP',
    (g, dice) => `REJECT --reject-with ${dice.one(REJECTS[g.isIpv6 ? 'IPv6' : 'IPv4'])}`,
    () => 'REJECT',
    () => 'REJECT --reject-with tcp-reset',
    () => 'LOG',
    ...TO_CHAINS,
  ],
};

/** Chains of the foreigner's own, which are there before anything jumps to them. */
export const foreignChains = (g: Ground): readonly string[] =>
  Object.keys(HOOKS).flatMap((table) => [OWN_CHAIN, OTHER_CHAIN].map((chain) => `${programOf(g)} -t ${table} -N ${chain}`));

export const foreignSets = (g: Ground, dice: Dice): readonly string[] => {
  const family = g.isIpv6 ? 'inet6' : 'inet';
  return [
    `ipset create foreign hash:net family ${family}`,
    ...[1, 2, 3].map(() => `ipset -! add foreign ${addressOf(g, dice)}${dice.rarely(4) ? ' nomatch' : ''}`),
    `ipset create foreign-ports hash:ip,port family ${family}`,
    ...furtherSets(g, dice),
    ...[1, 2, 3, 4].map(
      () => `ipset -! add foreign-ports ${dice.one([...g.pods, ...g.nodes])},${dice.one(['tcp', 'udp'])}:${portOf(dice)}`,
    ),
  ];
};

const newRule: Change = (g, dice) => {
  const table = dice.one(TABLES);
  const hook = dice.one(HOOKS[table]);
  const matches = dice.rarely(10) ? '' : matchesOf(g, dice, hook);
  const end = dice.rarely(12) ? '' : `${dice.rarely(8) ? '-g' : '-j'} ${dice.one(TARGETS[table])(g, dice, hook)}`;
  const at = dice.one(['-I', '-I', '-I', '-A']);
  return [`${programOf(g)} -t ${table} ${at} ${hook} ${matches} ${end.replace(/^-g (?!FOREIGN)/, '-j ')}`];
};

const ruleOfOwnChain: Change = (g, dice) => {
  const table = dice.one(TABLES);
  const chain = dice.one([OWN_CHAIN, OTHER_CHAIN]);
  const target = dice.one(TARGETS[table])(g, dice, null);
  const end = chain === OTHER_CHAIN && target.startsWith('FOREIGN') ? 'RETURN' : target;
  return [`${programOf(g)} -t ${table} -A ${chain} ${matchesOf(g, dice, null)} -j ${end === OWN_CHAIN ? OTHER_CHAIN : end}`];
};

const toOwnChain: Change = (g, dice) => {
  const table = dice.one(TABLES);
  const hook = dice.one(HOOKS[table]);
  return [
    `${programOf(g)} -t ${table} -I ${hook} ${dice.rarely(2) ? matchesOf(g, dice, hook) : ''} -j ${OWN_CHAIN}`,
    ...ruleOfOwnChain(g, dice),
  ];
};

const policy: Change = (g, dice) => {
  const table = dice.one(['filter', 'filter', 'filter', 'mangle', 'raw'] as const);
  return [`${programOf(g)} -t ${table} -P ${dice.one(HOOKS[table])} DROP`];
};

const flushed: Change = (g, dice) => {
  const table = dice.one(['nat', 'filter', 'mangle'] as const);
  const chain = dice.one([...HOOKS[table], 'KUBE-SERVICES', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ', 'KUBE-FORWARD', 'KUBE-NODEPORTS']);
  return [`${programOf(g)} -t ${table} -F ${chain}`];
};

const deleted: Change = (g, dice) => {
  const table = dice.one(TABLES);
  return [`${programOf(g)} -t ${table} -D ${dice.one([...HOOKS[table], 'KUBE-POSTROUTING', 'KUBE-SERVICES'])} ${1 + dice.nat(4)}`];
};

export const IPTABLES_CHANGES: readonly Change[] = [
  newRule,
  newRule,
  newRule,
  newRule,
  newRule,
  newRule,
  newRule,
  toOwnChain,
  toOwnChain,
  ruleOfOwnChain,
  policy,
  flushed,
  deleted,
];

/** The discovery of neighbours goes through the hooks as all that IPv6 sends, and is not walked: what is done to it is undone. */
export const neighboursPass: readonly string[] = (['raw', 'mangle', 'filter'] as const).flatMap((table) =>
  HOOKS[table].flatMap((hook) => [135, 136].map((type) => `ip6tables -t ${table} -I ${hook} -p ipv6-icmp --icmpv6-type ${type} -j ACCEPT`)),
);
