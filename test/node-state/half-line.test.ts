import { describe, expect, test } from 'vitest';
import { readNodeState } from '../../src/node-state/index.ts';
import { readIpset } from '../../src/node-state/ipset/read.ts';
import { type StateText, stateText } from '../../src/node-state/text.ts';

/** Plain texts of ip and ipset that end within a line, as `head -c` and a full disk leave them. The whole ones are what Linux 6 printed. */

const read = (text: string, path = 'given') => readNodeState('node-1', [{ name: path, path, text }]);

/** The part of `text` before `end`. */
function upTo(text: string, end: string): string {
  const at = text.indexOf(end);
  if (at === -1) throw new Error(`no ${end}`);
  return text.slice(0, at);
}

const ADDR = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
    link/ether 0a:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 192.168.1.11/24 brd 192.168.1.255 scope global dynamic eth0
       valid_lft 3590sec preferred_lft 3590sec
`;
const ONE_LINE = `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 192.168.1.11/24 brd 192.168.1.255 scope global eth0\\       valid_lft forever preferred_lft forever
`;
const ROUTE = 'default via 192.168.1.1 dev eth0 \n192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.11 \n';
const ROUTE_6 = 'fd00:1::/64 dev eth0 proto kernel metric 256 pref medium\nfd00:2::/64 dev eth0 proto kernel metric 256 pref medium\n';
const RULE = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
const ROUTE_N = `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         192.168.1.1     0.0.0.0         UG    0      0        0 eth0
192.168.1.0     0.0.0.0         255.255.255.0   U     0      0        0 eth0
`;

const CUT: readonly (readonly [name: string, text: string, line: number])[] = [
  ['ip addr, within the kind of a link', upTo(ADDR, 'er 0a:00'), 6],
  ['ip addr, within a MAC address', upTo(ADDR, ':ff link-netnsid'), 6],
  ['ip addr, before the line of a link', upTo(ADDR, '    link/ether'), 5],
  ['ip addr, within an address', upTo(ADDR, '1/24 brd'), 7],
  ['ip addr, before the life of an address', upTo(ADDR, '       valid_lft 3590'), 7],
  ['ip addr, within the life of an address', upTo(ADDR, 'lft 3590sec preferred'), 8],
  ['ip addr, within its last word', upTo(ADDR, 'sec\n'), 8],
  ['ip -o addr', upTo(ONE_LINE, ' eth0\\'), 2],
  ['ip route, within a device', upTo(ROUTE, 'th0 proto'), 2],
  ['ip route, within an address', upTo(ROUTE, '11 \n'), 2],
  ['ip -6 route', upTo(ROUTE_6, '6 pref medium\nfd00:2').concat('6 pref medium\nfd00:2::/64 dev et'), 2],
  ['ip rule', upTo(RULE, 'okup default'), 3],
  ['route -n', upTo(ROUTE_N, '  255.255.255.0   U'), 4],
];

describe('a text of ip that is cut off within a line', () => {
  test.each(CUT)('%s: says so, and is not taken for all there is', (_where, text, line) => {
    const { state, faults, unread } = read(text);
    expect(faults.map((f) => [f.message, f.locus.document.position(f.locus.path)?.line])).toContainEqual([
      'the text is cut off: its last line is not whole',
      line,
    ]);
    expect(unread).toEqual([]);
    expect(state?.links ?? null).toBeNull();
    const routes = [...(state?.routes.IPv4.values() ?? []), ...(state?.routes.IPv6.values() ?? [])].flat();
    const rules = state?.rules.IPv4 ?? [];
    expect([...routes, ...rules].some(({ untold }) => untold !== undefined)).toBe(true);
  });

  test.each([
    ['ip addr', ADDR],
    ['ip addr, without a line end', ADDR.trimEnd()],
    ['ip link, without a line end', upTo(ADDR, '\n    inet 192.').replace(/ {4}inet .*\n.*\n/, '')],
    ['ip -o addr', ONE_LINE],
    ['ip -o addr, without a line end', ONE_LINE.trimEnd()],
    ['ip route', ROUTE],
    ['ip route, of which an editor took blanks and the line end', ROUTE.replace(/ $/gm, '').trimEnd()],
    ['ip route, of one line', 'default via 192.168.1.1 dev eth0'],
    ['ip -6 route, without a line end', ROUTE_6.trimEnd()],
    ['ip rule, without a line end', RULE.trimEnd()],
    ['route -n, without a line end', ROUTE_N.trimEnd()],
  ])('%s: is whole', (_what, text) => {
    expect(read(text).faults.map((f) => f.message)).toEqual([]);
  });
});

describe('a text of ipset that is cut off within a line', () => {
  const SAVE = `create ONE hash:ip family inet hashsize 1024 maxelem 65536
add ONE 10.244.0.1
create TWO hash:ip,port family inet hashsize 1024 maxelem 65536
add TWO 10.244.0.2,tcp:80
add TWO 10.244.0.15,tcp:8080
`;
  const TAIL = 'the text seems to be cut off: its last line has no line end, and what is in set TWO is not known';

  test.each([
    ['within its command', 'd TWO 10.244.0.15'],
    ['within a name', 'WO 10.244.0.15'],
    ['within an address', '5,tcp:8080'],
    ['within a port', '80\n'],
  ])('%s: the set that it is of is not known, and those before it are', (_where, end) => {
    const text: StateText = { ...stateText('node-1', 'given', upTo(SAVE, end)), isOpen: true };
    const { pieces, faults, unread } = readIpset(text);
    const sets = pieces.flatMap((piece) => (piece.kind === 'ipset' ? [...piece.sets.values()] : []));
    expect(sets.map(({ name, doubt }) => [name, doubt === null])).toEqual([
      ['ONE', true],
      ['TWO', false],
    ]);
    expect([faults.map((f) => f.message), unread]).toEqual([[TAIL], []]);
    expect(read(upTo(SAVE, end)).faults.map((f) => f.message)).toEqual([TAIL]);
  });

  test('with its last line end it is whole', () => {
    expect(read(SAVE).faults).toEqual([]);
  });
});
