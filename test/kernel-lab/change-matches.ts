import { HAVE_INPUT, HAVE_OUTPUT, type Hook, type Part } from './change-hooks.ts';
import { MODULES } from './change-modules.ts';
import type { Dice } from './dice.ts';
import { addressOf, type Ground, MARK, not, portOf } from './ground.ts';

const icmpOf = ({ isIpv6 }: Ground) => (isIpv6 ? 'ipv6-icmp' : 'icmp');

const deviceOf: Part = (g, dice, hook) => {
  const input = HAVE_INPUT.includes(hook) && (!HAVE_OUTPUT.includes(hook) || dice.rarely(2));
  if (!(input || HAVE_OUTPUT.includes(hook))) return '';
  const device = dice.one(g.devices);
  return `${not(dice)}${input ? '-i' : '-o'} ${dice.rarely(4) ? `${device.slice(0, 3)}+` : device}`;
};

const transport: Part = (_g, dice) => {
  const side = dice.one(['--dport', '--dport', '--dport', '--sport']);
  const port = portOf(dice);
  return `-p ${dice.one(['tcp', 'tcp', 'udp'])} ${not(dice)}${side} ${dice.rarely(3) ? `${port}:${port + dice.nat(9000)}` : port}`;
};

const ports: Part = (_g, dice) => {
  const list = `${portOf(dice)},${portOf(dice) + 1}:${portOf(dice) + 20_000},443`;
  return `-p ${dice.one(['tcp', 'udp'])} -m multiport ${not(dice)}${dice.one(['--dports', '--dports', '--ports', '--sports'])} ${list}`;
};

const STATES = ['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID', 'NEW,INVALID', 'DNAT', 'SNAT', 'UNTRACKED', 'NEW,DNAT'] as const;
const TYPES = ['LOCAL', 'LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST', 'UNREACHABLE', 'BLACKHOLE', 'PROHIBIT'] as const;

const conntrack: Part = (g, dice) =>
  dice.one<() => string>([
    () => `--ctstate ${dice.one(STATES)}`,
    () => `--ctstate ${dice.one(STATES)}`,
    () => `--ctorigdst ${addressOf(g, dice)}`,
    () => `--ctorigdstport ${portOf(dice)}`,
    () => `--ctreplsrc ${addressOf(g, dice)}`,
    () => `--ctorigsrc ${addressOf(g, dice)}`,
    () => `--ctdir ${dice.one(['ORIGINAL', 'REPLY'])}`,
    () => `--ctproto ${dice.one(['6', '17'])}`,
    () => `--ctstatus ${dice.one(['SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'NONE', 'EXPECTED'])}`,
  ])();

/** `!` stands before the option. */
const negated = (text: string, dice: Dice) => (dice.rarely(4) && !text.startsWith('--ctdir') ? `! ${text}` : text);

const addressType: Part = (_g, dice, hook) => {
  const limits = dice.rarely(4) ? (HAVE_INPUT.includes(hook) ? ' --limit-iface-in' : ' --limit-iface-out') : '';
  return `-m addrtype ${not(dice)}${dice.one(['--dst-type', '--dst-type', '--src-type'])} ${dice.one(TYPES)}${hook === null ? '' : limits}`;
};

const PARTS: readonly Part[] = [
  (g, dice) => `${not(dice)}-s ${addressOf(g, dice)}`,
  (g, dice) => `${not(dice)}-d ${addressOf(g, dice)}`,
  (g, dice) => `-s ${addressOf(g, dice)} ${not(dice)}-d ${addressOf(g, dice)}`,
  deviceOf,
  deviceOf,
  transport,
  transport,
  ports,
  (g) => `-p ${icmpOf(g)}`,
  (g, dice) =>
    g.isIpv6
      ? `-p ipv6-icmp --icmpv6-type ${dice.one(['128', '129', '1', '2'])}`
      : `-p icmp --icmp-type ${dice.one(['8', '0', '3', '3/4'])}`,
  (_g, dice) => `-m mark ${not(dice)}--mark ${dice.one(MARK)}`,
  (_g, dice) => `-m connmark ${not(dice)}--mark ${dice.one(MARK)}`,
  (g, dice, hook) => `-m conntrack ${negated(conntrack(g, dice, hook), dice)}`,
  (g, dice, hook) => `-m conntrack ${negated(conntrack(g, dice, hook), dice)}`,
  (_g, dice) => `-m state --state ${dice.one(STATES.slice(0, 5))}`,
  addressType,
  addressType,
  (_g, dice) => `-m set ${not(dice)}--match-set foreign ${dice.one(['src', 'dst', 'dst'])}`,
  (_g, dice) => `-m set ${not(dice)}--match-set foreign-ports ${dice.one(['dst,dst', 'src,src', 'src,dst', 'dst,src'])}`,
  (_g, dice) => `-p tcp ${not(dice)}--syn`,
  (_g, dice) =>
    `-p tcp --tcp-flags ${dice.one(['SYN,RST SYN', 'ALL ACK', 'ALL SYN,ACK', 'PSH PSH', 'RST RST', 'FIN,SYN,RST,PSH,ACK,URG NONE'])}`,
  (_g, dice) => `-m length ${not(dice)}--length ${dice.one(['0:100', '1000:65535', '60', '28:60'])}`,
  (_g, dice) => `-m comment --comment ${dice.one(['plain', "'two words'", `'a "quoted" one'`, "'--dport 80'"])}`,
  (g, dice) =>
    g.isIpv6 ? `-m hl ${dice.one(['--hl-lt', '--hl-gt', '--hl-eq'])} 63` : `-m ttl ${dice.one(['--ttl-lt', '--ttl-gt', '--ttl-eq'])} 63`,
  (g, dice) => {
    const [a, b] = [dice.one(g.pods), dice.one(g.pods)].sort();
    return `-m iprange ${not(dice)}${dice.one(['--src-range', '--dst-range'])} ${a}-${b}`;
  },
  (_g, dice) => `-m socket ${dice.one(['', '--transparent', '--nowildcard'])}`,
  (_g, dice) => `-m rpfilter ${dice.one(['--invert', '--loose', '', '--validmark --invert', '--accept-local --invert'])}`,
  ...MODULES,
];

/** What every rule's packet is, in a few words; most rules say one or two things. */
export function matchesOf(g: Ground, dice: Dice, hook: Hook | null): string {
  const first = dice.one(PARTS)(g, dice, hook);
  const second = dice.rarely(2) ? dice.one(PARTS)(g, dice, hook) : '';
  // One protocol, and one pair of addresses.
  const again = ['-p ', '-s ', '-d ', '-i ', '-o '].some((o) => ` ${first}`.includes(` ${o}`) && ` ${second}`.includes(` ${o}`));
  return again ? first : `${first} ${second}`.trim();
}
