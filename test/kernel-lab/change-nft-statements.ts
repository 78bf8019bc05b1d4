import type { Dice } from './dice.ts';
import { type Ground, portOf } from './ground.ts';

type Part = (g: Ground, dice: Dice) => string;

const ip = ({ isIpv6 }: Ground) => (isIpv6 ? 'ip6' : 'ip');
const verdict = (dice: Dice) => dice.one(['drop', 'accept', 'return', 'jump own', 'goto own', 'continue']);
const at = (g: Ground, address: string, port: string | number) => `${g.isIpv6 ? `[${address}]` : address}:${port}`;

/** What `change-nft.ts` has not. */
export const FURTHER_STATEMENTS: readonly Part[] = [
  (g, dice) => `${ip(g)} daddr vmap { ${dice.one(g.ranges)} : ${verdict(dice)}, ${dice.one(g.nodes)} : ${verdict(dice)} }`,
  (_g, dice) => `th dport vmap { 1-1023 : ${verdict(dice)}, 5000-9000 : ${verdict(dice)} }`,
  (g, dice) =>
    `${ip(g)} saddr . ${ip(g)} daddr . meta l4proto vmap { ${dice.one(g.ranges)} . ${dice.one(g.ranges)} . tcp : ${verdict(dice)}, ${dice.one(g.pods)} . ${dice.one(g.ranges)} . udp : ${verdict(dice)} }`,
  (g, dice) => `iifname vmap { "${dice.one(g.devices)}" : ${verdict(dice)}, "nowhere0" : drop }`,
  (_g, dice) => `meta mark & 0x4000 vmap { 0x4000 : ${verdict(dice)}, 0x0 : ${verdict(dice)} }`,
  (_g, dice) => `ct direction vmap { original : ${verdict(dice)}, reply : ${verdict(dice)} }`,
  (_g, dice) => `numgen random mod 2 vmap { 0 : ${verdict(dice)}, 1 : ${verdict(dice)} }`,
  (g, dice) => `meta mark set ${ip(g)} saddr map { ${dice.one(g.pods)} : 0x4000, ${dice.one(g.nodes)} : 0x1 }`,
  (_g, dice) => `ct mark set ct mark ${dice.one(['& 0xfffffffe', '^ 0x10', '| 0x8000'])}`,
  (g) => (g.isIpv6 ? 'ip6 hoplimit set 64' : 'ip ttl set 64'),
  (g) => `add @met { ${ip(g)} saddr }`,
  (g) => `update @met { ${ip(g)} daddr timeout 1m }`,
  (g) => `${ip(g)} dscp set cs1`,
];

export const FURTHER_DNAT: readonly Part[] = [
  (g, dice) => `dnat ${ip(g)} to numgen random mod 2 map { 0 : ${dice.one(g.pods)}, 1 : ${dice.one(g.pods)} }`,
  (g, dice) =>
    `meta l4proto { tcp, udp } dnat ${ip(g)} to ${ip(g)} daddr . th dport map { ${dice.one(g.services)} . ${portOf(dice)} : ${dice.one(g.pods)} . 8080 }`,
  (g, dice) => `meta l4proto { tcp, udp } dnat ${ip(g)} to ${at(g, dice.one(g.pods), dice.one(['8080-8090', '8000-8079', '5353-5354']))}`,
  (_g, dice) => `meta l4proto { tcp, udp } redirect to :${dice.one(['8080-8090', '8000-8079'])}`,
  (g, dice) => `dnat ${ip(g)} to ${dice.one(g.pods)} ${dice.one(['random', 'persistent'])}`,
  (_g, dice) => `tcp dport ${portOf(dice)} dnat to :${dice.one(['8080', '8080-8090'])}`,
];

export const FURTHER_SNAT: readonly Part[] = [
  (g, dice) => `meta l4proto { tcp, udp } snat ${ip(g)} to ${at(g, g.own, dice.one(['30000-30005', '1024-65535']))}`,
  (g) => `snat ${ip(g)} to ${g.own} fully-random`,
  (g, dice) => `snat ${ip(g)} to ${ip(g)} saddr map { ${dice.one(g.pods)} : ${g.own}, ${dice.one(g.nodes)} : ${g.own} }`,
  (_g, dice) => `meta l4proto { tcp, udp } masquerade to :${dice.one(['30000-30005', '1024-65535'])}`,
  () => 'masquerade random',
];
