import type { Dice } from './dice.ts';
import { addressOf, type Ground, not, portOf } from './ground.ts';

type Part = (g: Ground, dice: Dice) => string;

const ip = ({ isIpv6 }: Ground) => (isIpv6 ? 'ip6' : 'ip');
const eq = (dice: Dice) => dice.one(['==', '!=']);

/** Some that nobody models: what they leave open must not be answered. */
const RARE: readonly string[] = [
  'limit rate 100/second',
  'limit rate over 100/second',
  'quota over 100 mbytes',
  'meta cpu 0',
  'meta hour "00:00"-"23:59"',
  'ct bytes > 100000',
  'ct label 1',
  'tcp option maxseg size 1-1460',
  'meta iifgroup 0',
  'rt classid 0',
];

/** What `change-nft.ts` has not. */
export const NFT_FURTHER: readonly Part[] = [
  (_g, dice) => `meta pkttype ${not(dice)}${dice.one(['host', 'broadcast', '{ host, multicast }', 'other'])}`,
  (g, dice) => `ether saddr ${not(dice)}${dice.one([...g.macs, '66:00:00:00:00:01'])}`,
  (_g, dice) => `fib ${dice.one(['daddr', 'saddr'])} . ${dice.one(['iif', 'mark'])} type ${not(dice)}${dice.one(['local', 'unicast'])}`,
  (_g, dice) => `fib saddr . mark . iif oif ${dice.one(['exists', 'missing'])}`,
  (g, dice) => `fib daddr oifname ${not(dice)}"${dice.one(g.devices)}"`,
  (_g, dice) => `fib saddr oif ${dice.one(['exists', 'missing'])}`,
  (g, dice) => `ct reply ${ip(g)} ${dice.one(['saddr', 'daddr'])} ${not(dice)}${addressOf(g, dice)}`,
  (_g, dice) => `ct ${dice.one(['original', 'reply'])} proto-src ${not(dice)}${portOf(dice)}-${portOf(dice) + 30_100}`,
  (_g, dice) => `ct state ${eq(dice)} ${dice.one(['new', 'established'])}`,
  (_g, dice) => `ct status & ${dice.one(['(dnat | snat)', 'assured', '(seen-reply | assured)', 'confirmed'])} ${eq(dice)} 0`,
  (_g, dice) => `ct mark & ${dice.one(['0xf0', '0x4001'])} ${eq(dice)} ${dice.one(['0x10', '0x4000', '0x0'])}`,
  (_g, dice) => `ct mark ${not(dice)}{ 0x1, 0x4000-0x4fff }`,
  (_g, dice) => `meta mark ${not(dice)}{ 0x0, 0x4000, 0x8000-0x8fff }`,
  (_g, dice) => `numgen random mod 4 ${dice.one(['0', '< 3', '!= 2'])}`,
  (g, dice) => `jhash ${ip(g)} saddr mod 4 ${dice.one(['0', '< 2'])}`,
  (g, dice) => `meta l4proto { tcp, udp } th dport { ${portOf(dice)}, 8000-9000 } ${ip(g)} daddr ${not(dice)}${addressOf(g, dice)}`,
  (g, dice) => `${ip(g)} saddr . ${ip(g)} daddr ${not(dice)}{ ${addressOf(g, dice)} . ${addressOf(g, dice)} }`,
  (g, dice) => `iifname . ${ip(g)} saddr ${not(dice)}{ "${dice.one(g.devices)}" . ${dice.one(g.pods)} }`,
  (g) => `${ip(g)} saddr @passing`,
  (g, dice) => (g.isIpv6 ? `ip6 hoplimit ${eq(dice)} 63` : `ip ttl ${dice.one(['<', '>', '=='])} 63`),
  (g, dice) => `${ip(g)} dscp ${not(dice)}${dice.one(['cs0', 'cs1', '{ cs0, af11 }'])}`,
  (g, dice) => (g.isIpv6 ? `ip6 nexthdr ${not(dice)}tcp` : `ip protocol ${not(dice)}{ tcp, icmp }`),
  (_g, dice) => `tcp flags ${dice.one(['syn / fin,syn,rst,ack', 'ack / syn,ack', '!= syn', '{ syn, syn | ack }'])}`,
  (g, dice) => `iif ${not(dice)}"${dice.one(g.devices)}"`,
  (g, dice) => `oif ${not(dice)}"${dice.one(g.devices)}"`,
  (_g, dice) => `socket ${dice.one(['transparent 1', 'wildcard 0'])}`,
  (_g, dice) => (dice.rarely(3) ? dice.one(RARE) : 'meta nfproto { ipv4, ipv6 }'),
];
