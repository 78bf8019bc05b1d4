import { HAVE_INPUT, HAVE_OUTPUT, type Part } from './change-hooks.ts';
import { inFurtherSet } from './change-sets.ts';
import type { Dice } from './dice.ts';
import { addressOf, type Ground, MARK, not, portOf } from './ground.ts';

/** Some that nobody models: what they leave open must not be answered. */
const RARE: readonly string[] = [
  '-m limit --limit 100/sec --limit-burst 200',
  '-m hashlimit --hashlimit-upto 100/sec --hashlimit-mode srcip --hashlimit-name foreign',
  '-m connlimit --connlimit-above 100',
  '-m time --timestart 00:00 --timestop 23:59',
  '-m string --algo bm --string xxxx',
  '-m u32 --u32 0>>22&0x3C@0>>16=1:65535',
  '-m connbytes --connbytes 0:1000 --connbytes-dir both --connbytes-mode packets',
  '-m quota --quota 1000000',
  '-m cpu --cpu 0',
  '-m ecn --ecn-ip-ect 0',
  '-m devgroup --src-group 0x0',
  '-m recent --name foreign --set',
  '-m recent --name foreign --rcheck --seconds 60',
  '-m helper --helper ftp',
  '-m policy --dir in --pol none',
];

const TOS = ['--tos 0x00/0xff', '--tos 0x10/0xff', '! --tos 0x00/0xff'];

const port: Part = (g, dice, hook) => {
  const side = HAVE_OUTPUT.includes(hook) && dice.rarely(2) ? 'out' : 'in';
  if (hook !== null && !HAVE_INPUT.includes(hook) && side === 'in' && hook === 'OUTPUT') return '';
  const device = dice.one(g.devices);
  return `-m physdev ${not(dice)}${dice.one([`--physdev-${side} ${device}`, `--physdev-${side} ${device.slice(0, 3)}+`, '--physdev-is-bridged', `--physdev-is-${side}`])}`;
};

const states = ['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'DNAT', 'SNAT', 'ESTABLISHED,DNAT'] as const;

/** Several questions to conntrack at once. */
const conntrack: Part = (g, dice) =>
  `-m conntrack ${dice.one([
    `--ctstate ${dice.one(states)} --ctdir ${dice.one(['ORIGINAL', 'REPLY'])}`,
    `--ctstate ${dice.one(states)} --ctorigdst ${addressOf(g, dice)}`,
    `--ctstate ${dice.one(states)} --ctproto ${dice.one(['6', '17', '1'])} --ctorigdstport ${portOf(dice)}`,
    `--ctorigsrc ${addressOf(g, dice)} ! --ctrepldst ${addressOf(g, dice)}`,
    `--ctreplsrc ${addressOf(g, dice)} --ctreplsrcport ${portOf(dice)}:${portOf(dice) + 10_000}`,
    `--ctorigsrcport 1024:65535`,
    `! --ctstate INVALID`,
    `! --ctstate NEW --ctorigdst ${addressOf(g, dice)}`,
    `--ctstate INVALID,UNTRACKED --ctdir ORIGINAL`,
    `--ctstatus ${dice.one(['SEEN_REPLY,ASSURED', 'CONFIRMED', 'NONE'])}`,
  ])}`;

const addressTypes: Part = (_g, dice) => `-m addrtype ${not(dice)}--src-type ${typesOf(dice)} ${not(dice)}--dst-type ${typesOf(dice)}`;

const typesOf = (dice: Dice) =>
  dice.one(['LOCAL', 'UNICAST', 'UNICAST,LOCAL', 'BROADCAST,MULTICAST', 'LOCAL,ANYCAST', 'UNREACHABLE,PROHIBIT']);

const sentHere: Part = (_g, dice, hook) =>
  hook === 'OUTPUT' || hook === 'POSTROUTING'
    ? `-m owner ${not(dice)}${dice.one(['--uid-owner 0', '--uid-owner 1000', '--gid-owner 0', '--socket-exists'])}`
    : '';

const ofMac = (g: Ground, dice: Dice) => dice.one([...g.macs, '66:00:00:00:00:01']);

/** What `change-matches.ts` has not. */
export const MODULES: readonly Part[] = [
  (_g, dice) => `-m pkttype ${not(dice)}--pkt-type ${dice.one(['unicast', 'unicast', 'broadcast', 'multicast'])}`,
  addressTypes,
  conntrack,
  conntrack,
  inFurtherSet,
  inFurtherSet,
  inFurtherSet,
  port,
  port,
  sentHere,
  (g, dice, hook) => (hook === null || HAVE_INPUT.includes(hook) ? `-m mac ${not(dice)}--mac-source ${ofMac(g, dice)}` : ''),
  (_g, dice) => `-m statistic --mode ${dice.one(['random --probability 0.5', 'nth --every 2 --packet 0', 'nth --every 3 --packet 1'])}`,
  (_g, dice) => `-m connmark ${not(dice)}--mark ${dice.one(MARK)} -m mark ${not(dice)}--mark ${dice.one(MARK)}`,
  (_g, dice) => `-m tos ${dice.one(TOS)}`,
  (_g, dice) => `-m dscp ${not(dice)}--dscp ${dice.one(['0x00', '0x04'])}`,
  (g, dice) => `${dice.one(['! -p tcp', '! -p udp', '-p sctp', g.isIpv6 ? '! -p ipv6-icmp' : '! -p icmp'])}`,
  (_g, dice) =>
    `-p ${dice.one(['tcp', 'udp'])} -m multiport ${not(dice)}--dports ${portOf(dice)},${portOf(dice)} -m multiport --sports 1024:65535`,
  (g, dice) =>
    `-m iprange --src-range ${dice.one(g.pods)}-${dice.one(g.pods)} ${not(dice)}--dst-range ${dice.one(g.nodes)}-${dice.one(g.nodes)}`,
  (_g, dice) => (dice.rarely(3) ? dice.one(RARE) : '-m tos --tos 0x00/0xff'),
];
