import { describe, expect, test } from 'vitest';
import { LOCAL_TABLE, lookUp } from '../../src/datapath/fib.ts';
import type { Route } from '../../src/datapath/route.ts';
import type { FlowKey, RoutingRule } from '../../src/datapath/routing-rule.ts';
import { FAMILIES, formatAddress, type IpFamily, ip } from '../../src/net/address.ts';
import { PrefixTable } from '../../src/net/prefix-table.ts';
import { readIp } from '../../src/node-state/ip/index.ts';
import { type Piece, type Reading, stateText } from '../../src/node-state/text.ts';
import { isolated, whyNot } from './machine.ts';

/** What this machine's `ip` and `bridge` print is read whole, in all forms alike, and the routes that are read are those that the kernel takes. */

/** Many kinds of everything; a line that this kernel does not take is left out. */
const SETUP = `
for all in all default; do echo 0 > /proc/sys/net/ipv6/conf/$all/disable_ipv6; echo 0 > /proc/sys/net/ipv6/conf/$all/accept_dad; done
ip link set lo up
ip link add d0 type veth peer name d0p
ip link set d0p up; ip link set d0 up; ip addr add 192.168.1.5/24 brd + dev d0; ip addr add 192.168.9.1 peer 192.168.9.2/32 dev d0
ip link add d1 type dummy || ip link add d1 type veth peer name d1p; ip link set d1p up; ip link set d1 up; ip addr add 172.16.0.1/16 dev d1
ip addr add 2001:db8::5/64 dev d0 nodad; ip addr add 2001:db8:f::5/64 dev d1 nodad
ip link add cni0 type bridge; ip link set cni0 up; ip addr add 10.244.0.1/24 dev cni0
ip link add veth1 type veth peer name eth0 netns $other; ip link set veth1 master cni0 up; bridge link set dev veth1 hairpin on
ip link add vx type vxlan id 1 local 192.168.1.5 dev d0 dstport 8472 nolearning; ip link set vx up
ip link add vx2 type vxlan external dstport 4790
ip link add gn type geneve id 7 remote 192.168.1.9
ip link add vrf1 type vrf table 77
ip link add d0.5 link d0 type vlan id 5
ip link add mv link d0 type macvlan mode bridge
ip link add iv link d0 type ipvlan mode l3
ip link add bond0 type bond
ip link add ipip1 type ipip local 192.168.1.5 remote 192.168.1.8
ip link add gre1 type gre local 192.168.1.5 remote 192.168.1.8 key 3
ip link add wg0 type wireguard
ip link add ifb0 type ifb
ip link add s1 type sit local 192.168.1.5 remote 192.168.1.8
ip tuntap add tun0 mode tun
ip link set veth1 alias "a pod"; ip link property add dev d0 altname enp0s1
ip neigh add 192.168.1.1 lladdr 02:00:00:00:00:01 dev d0 nud permanent
ip neigh add 192.168.1.3 lladdr 02:00:00:00:00:03 dev d0 nud stale extern_learn
ip neigh add 192.168.1.4 dev d0 nud failed
ip neigh add 2001:db8::1 lladdr 02:00:00:00:00:01 dev d0 router nud reachable
ip neigh add 10.244.1.0 lladdr 02:00:00:00:01:01 dev vx nud permanent
ip neigh add proxy 192.168.1.77 dev d0
bridge fdb append 02:00:00:00:01:01 dev vx dst 192.168.1.9
bridge fdb add 02:00:00:00:02:02 dev veth1 master static
bridge fdb add 02:00:00:00:02:03 dev veth1 master dynamic extern_learn
ip route add 10.1.0.0/24 via 192.168.1.1 dev d0 proto bird metric 100 mtu 1400 advmss 1360
ip route add 10.1.0.0/24 via 172.16.0.2 dev d1 metric 50
ip route add 10.2.0.0/24 nexthop via 192.168.1.1 dev d0 weight 2 nexthop via 192.168.1.2 dev d0
ip route add 10.3.0.0/24 via 10.55.0.1 dev d0 onlink src 192.168.1.5
ip route add unreachable 10.4.0.0/24
ip route add blackhole 10.5.0.0/24 proto 80
ip route add prohibit 10.6.0.0/24
ip route add throw 10.7.0.0/24 table 100
ip route add 10.8.0.0/24 via inet6 fe80::1 dev d0
ip nexthop add id 5 via 192.168.1.1 dev d0; ip route add 10.13.0.0/24 nhid 5
ip nexthop add id 6 via 192.168.1.2 dev d0; ip nexthop add id 7 group 5/6,3; ip route add 10.14.0.0/24 nhid 7
ip route add multicast 239.1.0.0/16 dev d0
ip route add 10.16.0.0/24 dev d0 scope link window 1000 rtt 30ms hoplimit 5 quickack 1 initcwnd 10 congctl reno realm 3
ip route add local 10.12.0.0/24 dev lo
ip route add default via 192.168.1.1
ip route add default via 172.16.0.2 table 100
ip route add 10.0.0.0/8 via 192.168.1.2 table 101
ip route add unreachable default table 102
ip -6 route add 2001:db8:2::/64 via fe80::1 dev d0 metric 5
ip -6 route add 2001:db8:3::/64 nexthop via fe80::1 dev d0 weight 3 nexthop via fe80::2 dev d0
ip -6 route add unreachable 2001:db8:4::/64
ip -6 route add blackhole 2001:db8:5::/64
ip -6 route add prohibit 2001:db8:6::/64
ip -6 route add 2001:db8:7::/64 dev d0 expires 600
ip -6 route add 2001:db8:9::/64 via fe80::1 dev d0 mtu lock 1400
ip -6 route add default via fe80::1 dev d0 pref high
ip -6 route add default via fe80::9 dev d1 table 100
ip -6 route add 2001:db8::/32 via fe80::7 dev d1 table 101
echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done
`;

/** What rules may ask and do, as far as it is modelled; the tables are those above. */
const RULES = [
  'pref 100 from 10.1.0.0/16 to 10.2.0.0/16 iif d1 lookup 100',
  'not pref 101 from 172.16.0.0/16 fwmark 0x10/0xf0 lookup 101',
  'pref 102 oif d0 lookup 101',
  'pref 103 fwmark 0x20 lookup main suppress_prefixlength 0',
  'pref 104 iif d0 to 10.13.0.0/24 unreachable',
  'pref 105 to 10.14.0.1 blackhole',
  'pref 106 fwmark 0x40/0x40 to 10.3.0.0/24 prohibit',
  'pref 107 fwmark 3 goto 120',
  'pref 108 to 10.16.0.7 nop',
  'pref 109 from 172.16.0.9 goto 5000',
  'pref 110 ipproto tcp dport 80 lookup 100',
  'pref 111 ipproto udp sport 100-200 lookup 101',
  'pref 112 fwmark 0x100/0x100 lookup 102 suppress_prefixlength 0',
  'pref 113 iif lo fwmark 0x200/0x200 lookup 101',
  'pref 119 fwmark 0/0xff to 10.1.0.9 lookup 100',
  'pref 120 fwmark 0x3 to 10.1.0.0/24 lookup 100',
];

const RULES6 = [
  'pref 100 from 2001:db8:f::/64 iif d1 lookup 100',
  'not pref 101 from 2001:db8:f::/64 fwmark 0x10/0xf0 lookup 101',
  'pref 103 fwmark 0x20 lookup main suppress_prefixlength 0',
  'pref 104 to 2001:db8:2::7 unreachable',
  'pref 105 to 2001:db8:2::8 prohibit',
  'pref 107 fwmark 3 goto 120',
  'pref 110 ipproto tcp dport 80 lookup 100',
  'pref 120 to 2001:db8:9::/64 lookup 100',
];

/** Those that are read and not modelled; the way is open where they are met, so that they stand behind all others. */
const ODD_RULES = [
  'uidrange 1000-2000 lookup 100',
  'tos 0x10 lookup 100',
  'lookup main suppress_ifgroup default',
  'lookup 100 realms 3/4 protocol bird',
  'tun_id 7 lookup 100',
];
const ODD_ROUTES = ['10.15.0.0/24 via 192.168.1.1 dev d0 tos 0x10', '10.11.0.0/24 encap mpls 100 via 192.168.1.1 dev d0'];

/** Another namespace, as a pod's is; it ends with the script. */
const OTHER = `unshare --net sleep 600 > /dev/null 2>&1 < /dev/null &
other=$!; trap 'kill $other' EXIT
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done`;

const lenient = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => `{ ${line}; } || true`)
    .join('\n');
const WITH_RULES = [OTHER, lenient(SETUP), ...RULES.map((r) => `ip rule add ${r}`), ...RULES6.map((r) => `ip -6 rule add ${r}`)].join('\n');
const ODD = [...ODD_RULES.map((r, i) => `ip rule add pref ${30000 + i} ${r}`), ...ODD_ROUTES.map((r) => `ip route add ${r}`)]
  .map((line) => `${line} || true`)
  .join('\n');

const COMMANDS = [
  ...[
    'addr',
    'link',
    'route',
    'rule',
    'neigh',
    'route show table all',
    '-6 route',
    '-6 rule',
    '-4 addr',
    '-6 addr',
    'neigh show proxy',
    'route show table 100',
  ].flatMap((c) => [`ip ${c}`, `ip -d ${c}`, `ip -s ${c}`]),
  ...['-br addr', '-br link', '-o addr', '-o link', '-o -d link', '-o route', '-4 rule', '-s -s link'].map((c) => `ip ${c}`),
  ...['link', '-d link', 'fdb show', '-s fdb show', 'fdb show dev vx'].map((c) => `bridge ${c}`),
];

/** Is there nothing in JSON that says the same? */
const SAME_IN_JSON = (command: string) => !command.includes('-br') && !command.includes('netns');

function outputs(commands: readonly string[]): readonly string[] {
  const asked = commands.map((command) => `echo '=== '; ${command}`).join('\n');
  const { stdout, stderr, status } = isolated(`${WITH_RULES}\n${ODD}\n${asked}`, '');
  if (status !== 0) throw new Error(stderr);
  return stdout.split('=== \n').slice(1);
}

/** Without places, and what the kernel sees to while the commands run. */
const plain = (pieces: readonly Piece[]): unknown =>
  JSON.parse(
    JSON.stringify(pieces, (key, value: unknown) => {
      // In JSON iproute2 does not say whether an MTU is locked (print_rta_metrics, ip/iproute.c).
      if (key === 'origin' || key === 'carrier' || key === 'isLocked') return undefined;
      return typeof value === 'bigint' ? `${value}` : value instanceof Map ? [...value.entries()] : value;
    }),
  );

describe.skipIf(whyNot !== null)(`what ip and bridge print here${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  const json = (command: string) => command.replace(/^(ip|bridge)/, '$1 -j');
  const both = [...COMMANDS, ...COMMANDS.map(json), ...COMMANDS.map((c) => json(c).replace('-j', '-j -p'))];
  const printed = whyNot === null ? outputs(both) : [];
  const read = (i: number): Reading => readIp(stateText('n', 'f', printed[i] ?? '', 1, both[i] ?? null));

  test.each(COMMANDS.map((command, i) => [command, i] as const))('%s', (command, i) => {
    const text = read(i);
    expect(text.pieces).not.toEqual([]);
    for (const at of [i, i + COMMANDS.length, i + 2 * COMMANDS.length]) {
      const { pieces, unread, faults } = read(at);
      expect(unread.map(({ text: line, why }) => `${line}: ${why}`)).toEqual([]);
      if (!/fdb show dev/.test(command)) expect(faults.map((f) => f.message)).toEqual([]);
      if (SAME_IN_JSON(command)) expect(plain(pieces)).toEqual(plain(text.pieces));
    }
  });
});

/** Numbers that are always the same ones. */
function numbers(): (below: number) => number {
  let state = 7;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

interface Asked {
  readonly command: string;
  readonly flow: FlowKey;
}

const DESTINATIONS = {
  IPv4: [
    '10.1.0.9',
    '10.2.0.7',
    '10.3.0.7',
    '10.4.0.7',
    '10.5.0.7',
    '10.6.0.7',
    '10.7.0.7',
    '10.13.0.7',
    '10.14.0.1',
    '10.14.0.2',
    '10.16.0.7',
    '10.12.0.7',
    '10.244.0.9',
    '8.8.8.8',
    '192.168.1.9',
    '192.168.1.5',
    '192.168.9.2',
  ],
  IPv6: [
    '2001:db8:2::7',
    '2001:db8:2::8',
    '2001:db8:2::9',
    '2001:db8:3::1',
    '2001:db8:4::1',
    '2001:db8:5::1',
    '2001:db8:6::1',
    '2001:db8:7::1',
    '2001:db8:9::1',
    '2001:db8::5',
    '2001:db8::77',
    '2a00::1',
  ],
};
const SOURCES = { IPv4: ['192.168.1.5', '172.16.0.1'], IPv6: ['2001:db8::5', '2001:db8:f::5'] };
const STRANGERS = { IPv4: ['10.1.7.7', '172.16.0.9', '172.16.5.5', '9.9.9.9'], IPv6: ['2001:db8:f::77', '2a00::9'] };
const MARKS = [0, 0x10, 0x1f, 0x20, 3, 0x40, 0x100, 0x200, 0x110];

function randomFlow(next: (below: number) => number, family: IpFamily): Asked {
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
  const destination = pick(DESTINATIONS[family]);
  const forwarded = next(2) === 0;
  const source = pick(forwarded ? STRANGERS[family] : SOURCES[family]);
  const iif = forwarded ? pick(['d0', 'd1']) : null;
  const mark = pick(MARKS);
  const transport = pick([
    null,
    { protocol: 6, sourcePort: 40000, destinationPort: 80 },
    { protocol: 6, sourcePort: 40000, destinationPort: 81 },
    { protocol: 17, sourcePort: 150, destinationPort: 80 },
    { protocol: 17, sourcePort: 99, destinationPort: 80 },
  ]);
  const words = [
    `route get fibmatch ${destination} from ${source}`,
    ...(iif === null ? [] : [`iif ${iif}`]),
    ...(mark === 0 ? [] : [`mark ${mark}`]),
    ...(transport === null ? [] : [`ipproto ${transport.protocol} sport ${transport.sourcePort} dport ${transport.destinationPort}`]),
  ];
  return {
    command: words.join(' '),
    flow: { destination: ip(destination), source: ip(source), iif, mark, ...(transport === null ? {} : { transport }) },
  };
}

const HOW_MANY = Number(process.env['K8S_TRACE_FLOWS'] ?? 400);

describe.skipIf(whyNot !== null).each(FAMILIES)(
  `routes that the kernel finds: %s${whyNot === null ? '' : ` (skipped: ${whyNot})`}`,
  (family) => {
    test(`${HOW_MANY} packets`, () => {
      const next = numbers();
      const flows = Array.from({ length: HOW_MANY }, () => randomFlow(next, family));
      const flag = family === 'IPv4' ? '-4' : '-6';
      const asked = `echo '=== '; ip -j ${flag} route show table all; echo '=== '; ip -j ${flag} rule; echo '=== '; ip -force -j ${flag} -batch - 2>&1 || true`;
      const { stdout, stderr } = isolated(`${WITH_RULES}\n${asked}`, flows.map(({ command }) => command).join('\n'));
      const [routes = '', rules = '', answers = ''] = stdout.split('=== \n').slice(1);
      const found = tablesOf(routes, rules, family, stderr);
      const kernel = answersOf(answers, flows.length);
      const wrong = flows.flatMap(({ command, flow }, i) => {
        const ours = answer(lookUp(found, flow));
        return ours === kernel[i] ? [] : [`${command}: ${ours}, the kernel: ${kernel[i]}`];
      });
      expect(wrong).toEqual([]);
    });
  },
);

function tablesOf(routes: string, rules: string, family: IpFamily, stderr: string) {
  const pieces = [routes, rules].flatMap(
    (text, i) => readIp(stateText('n', 'f', text, 1, i === 0 ? null : `ip ${family === 'IPv4' ? '' : '-6'} rule`)).pieces,
  );
  const tables = pieces.flatMap((p) => (p.kind === 'routes' && p.family === family ? [...p.tables] : []));
  const own = pieces.flatMap((p): readonly RoutingRule[] => (p.kind === 'rules' ? p.rules : []));
  if (own.length < 8) throw new Error(`rules are missing: ${stderr}`);
  const fibs = tables.map(([id, list]) => {
    const table = new PrefixTable<Route>();
    for (const route of list) table.add(route.prefix, route);
    return [id, { id, routes: table, shared: null, hides: () => false, removed: [] }] as const;
  });
  const devices = new Map(['lo', 'd0', 'd0p', 'd1', 'd1p', 'cni0', 'veth1', 'vx'].map((name) => [name, { down: null }] as const));
  return { rules: own, tables: new Map(fibs), devices };
}

/** By command: what was printed for it, or the error that stands before `Command failed -:7`. */
function answersOf(text: string, count: number): readonly string[] {
  const failed = new Map<number, string>();
  const good: string[] = [];
  let error = '';
  for (const line of text.split('\n')) {
    const number = /^Command failed -:(\d+)$/.exec(line)?.[1];
    if (number !== undefined) failed.set(Number(number), error);
    else if (line.startsWith('[{')) good.push(line);
    else if (line.includes('RTNETLINK')) error = line.replace('RTNETLINK answers: ', '');
  }
  const kernel = good.map((line) => {
    const [piece] = readIp(stateText('n', 'f', line)).pieces;
    const [table, routes] = piece?.kind === 'routes' ? ([...piece.tables][0] ?? []) : [];
    const [route] = routes ?? [];
    return route === undefined ? 'nothing' : routeAnswer(route, table ?? 0);
  });
  return Array.from({ length: count }, (_, i) => failed.get(i + 1) ?? kernel.shift() ?? 'nothing');
}

const ERRORS = { blackhole: 'Invalid argument', unreachable: 'No route to host', prohibit: 'Permission denied' } as const;

function answer(found: ReturnType<typeof lookUp>): string {
  if (found.route === null) return found.undecided === null ? 'Network is unreachable' : 'undecided';
  const { type } = found.route;
  if (type === 'unreachable' && found.rule.action !== undefined) return 'Network is unreachable';
  if (type === 'blackhole' || type === 'unreachable' || type === 'prohibit') return ERRORS[type];
  return routeAnswer(found.route, found.table);
}

const routeAnswer = ({ type, nextHops }: Route, table: number): string =>
  `${type} ${table === LOCAL_TABLE ? 'local' : table} ${nextHops
    .map(({ via, device }) => `${via === null ? '' : formatAddress(via)} ${device}`)
    .sort()
    .join(', ')}`;
