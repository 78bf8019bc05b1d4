import type { Part } from './change-hooks.ts';
import type { Dice } from './dice.ts';
import { addressOf, type Ground, not, portOf } from './ground.ts';

const times = (n: number, make: () => string): readonly string[] => Array.from({ length: n }, make);

const maybeNot = (dice: Dice) => (dice.rarely(3) ? ' nomatch' : '');

/** Of ipset's types those of several dimensions, of ranges and of lists, with elements that are left out of them and with time-outs. */
export function furtherSets(g: Ground, dice: Dice): readonly string[] {
  const family = g.isIpv6 ? 'inet6' : 'inet';
  const name = nameOf(g);
  const port = () => `${dice.one(['tcp', 'udp'])}:${portOf(dice)}`;
  const one = () => dice.one([...g.pods, ...g.nodes, ...g.services]);
  return [
    `ipset create ${name('ip-port-ip')} hash:ip,port,ip family ${family}`,
    ...times(4, () => `ipset -! add ${name('ip-port-ip')} ${one()},${port()},${one()}`),
    `ipset create ${name('ip-port-net')} hash:ip,port,net family ${family}`,
    ...times(3, () => `ipset -! add ${name('ip-port-net')} ${one()},${port()},${addressOf(g, dice)}${maybeNot(dice)}`),
    `ipset create ${name('net-port')} hash:net,port family ${family}`,
    ...times(4, () => `ipset -! add ${name('net-port')} ${addressOf(g, dice)},${port()}${maybeNot(dice)}`),
    `ipset create ${name('net-iface')} hash:net,iface family ${family}`,
    ...times(3, () => `ipset -! add ${name('net-iface')} ${addressOf(g, dice)},${dice.one(g.devices)}${maybeNot(dice)}`),
    `ipset create ${name('passing')} hash:ip family ${family} timeout 600`,
    ...times(2, () => `ipset -! add ${name('passing')} ${one()}${dice.rarely(2) ? ' timeout 0' : ''}`),
    `ipset create ${name('port')} bitmap:port range 1-65535`,
    ...times(2, () => `ipset -! add ${name('port')} ${portOf(dice)}`),
    `ipset create ${name('list')} list:set`,
    ...['passing', 'port', 'net-port'].filter(() => dice.rarely(2)).map((set) => `ipset -! add ${name('list')} ${name(set)}`),
  ];
}

const nameOf =
  ({ isIpv6 }: Ground) =>
  (type: string) =>
    `${isIpv6 ? 'f6' : 'f4'}-${type}`;

const SIDES: readonly (readonly [string, readonly string[]])[] = [
  ['ip-port-ip', ['dst,dst,src', 'src,src,dst', 'src,dst,dst']],
  ['ip-port-net', ['dst,dst,src', 'src,src,dst', 'src,dst,dst']],
  ['net-port', ['dst,dst', 'src,src', 'src,dst']],
  ['net-iface', ['src,src', 'dst,src', 'dst,dst']],
  ['passing', ['src', 'dst']],
  ['port', ['dst', 'src']],
  ['list', ['dst', 'src', 'dst,dst']],
];

export const inFurtherSet: Part = (g, dice) => {
  const [type, sides] = dice.one(SIDES);
  return `-m set ${not(dice)}--match-set ${nameOf(g)(type)} ${dice.one(sides)}${dice.rarely(6) ? ' --return-nomatch' : ''}`;
};
