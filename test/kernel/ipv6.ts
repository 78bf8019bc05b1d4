import { all, DOWN, FROM_D, type Row, TO_D, UP } from './rows.ts';

/** IPv6, as captured on Linux 6.18 in network namespaces: what is as with IPv4, and what is not. */
const A = 'fd00:10:244:1::10';
const B = 'fd00:10:244:1::11';
const C = 'fd00:10:244:2::10';
const D = 'fd00:10:244:2::11';
const N1 = 'fd00:192:168:1::11';
const N2 = 'fd00:192:168:1::12';
const N3 = 'fd00:192:168:1::13';
const GATEWAY = 'fd00:192:168:1::1';
const BRIDGE_1 = 'fd00:10:244:1::1';
const BRIDGE_2 = 'fd00:10:244:2::1';
const WEB = 'fd00:10:96::10';
const ECHO = 'fd00:10:96::12';
const NONE = 'fd00:10:96::20';
const LAPTOP = '2001:db8::7';
const PUBLIC = '2001:db8:113::11';
const SHARED = '2001:db8:113::1';

const fixture = 'kernel/ipv6.yaml';
const [OUT, IN, ABOVE] = UP as [string, string, string];
const ACROSS_12 = ['node-1 eth0 out', 'node-2 eth0 in'];
const ACROSS_21 = ['node-2 eth0 out', 'node-1 eth0 in'];
const delivered = { outcome: 'delivered', client: 'answer' } as const;
const port = (address: string, number: number) => `[${address}]:${number}`;

/** pod-a is refused above the bridge of its node, in the name of the bridge. */
const refused = (name: string, to: string, code: string, client: string): Row => ({
  name,
  fixture,
  ask: ['pod-a', to],
  outcome: 'rejected',
  code,
  client,
  forward: all(`${A} > ${to.replace(/^\[|\]:.*/g, '')}`, ...UP),
  reply: all(`${BRIDGE_1} > ${A}`, ...DOWN),
});

const unfound = (name: string, ask: Row['ask'], local: string): Row => ({
  name,
  fixture: 'kernel/ipv6-discovery-filtered.yaml',
  ask,
  outcome: 'rejected',
  code: 'NEIGHBOUR_UNREACHABLE',
  client: 'host-unreachable',
  forward: [],
  reply: [local],
});

/** ICMPv6 of the kernel itself, which ip6tables sees as any other packet. */
const discovery: readonly Row[] = [
  unfound('two pods of one bridge: FORWARD drops the question, and nothing leaves the pod', ['pod-a', 'pod-b'], `pod-a lo in ${A} > ${A}`),
  unfound('the gateway of a pod does not answer: its INPUT drops the question', ['pod-c', port(BRIDGE_2, 80)], `pod-c lo in ${C} > ${C}`),
  unfound('a node whose INPUT takes nothing in', ['node-1', port(N2, 80)], `node-1 lo in ${N1} > ${N1}`),
  {
    ...unfound(
      "its own INPUT drops the answer to a node's question, and then the error",
      ['node-2', port(N1, 80)],
      `node-2 lo in ${N2} > ${N2}`,
    ),
    outcome: 'dropped',
    client: 'time-out',
  },
  {
    name: 'the node itself asks, and a pod answers: FORWARD has no part in it',
    fixture: 'kernel/ipv6-discovery-filtered.yaml',
    ask: ['node-1', 'pod-a:8080'],
    ...delivered,
    forward: all(`${BRIDGE_1} > ${A}`, ...DOWN),
    reply: all(`${A} > ${BRIDGE_1}`, ...UP),
  },
  {
    name: 'ip6tables does not see the frames of the bridge',
    fixture: 'kernel/ipv6-discovery-unseen.yaml',
    ask: ['pod-a', 'pod-b'],
    ...delivered,
    forward: all(`${A} > ${B}`, OUT, IN, 'node-1 veth1 out', 'pod-b eth0 in'),
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 veth0 out', 'pod-a eth0 in'),
  },
];

const ways: readonly Row[] = [
  {
    name: 'same node',
    fixture,
    ask: ['pod-a', 'pod-b'],
    ...delivered,
    forward: all(`${A} > ${B}`, OUT, IN, 'node-1 veth1 out', 'pod-b eth0 in'),
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 veth0 out', 'pod-a eth0 in'),
  },
  {
    name: 'other node',
    fixture,
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    forward: all(`${A} > ${D}`, ...UP, ...TO_D),
    reply: all(`${D} > ${A}`, ...FROM_D, ...DOWN),
  },
  {
    name: 'a ping',
    fixture,
    ask: ['pod-a', `${D}/icmp`],
    ...delivered,
    forward: all(`${A} > ${D}`, ...UP, ...TO_D),
    reply: all(`${D} > ${A}`, ...FROM_D, ...DOWN),
  },
  {
    name: 'ClusterIP, endpoint on another node: DNAT between veth0 and cni0',
    fixture,
    ask: ['pod-a', 'svc/web'],
    endpoint: C,
    ...delivered,
    forward: [
      ...all(`${A} > ${WEB}`, OUT, IN),
      ...all(`${A} > ${C}`, ABOVE, ...ACROSS_12, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    ],
    reply: [...all(`${C} > ${A}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', ...ACROSS_21), ...all(`${WEB} > ${A}`, ...DOWN)],
  },
  {
    name: "hairpin: DNAT to itself, masquerade to the bridge's address",
    fixture,
    ask: ['pod-a', 'svc/echo'],
    ...delivered,
    forward: [...all(`${A} > ${ECHO}`, OUT, IN), ...all(`${BRIDGE_1} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
    reply: [...all(`${A} > ${BRIDGE_1}`, OUT, IN), ...all(`${ECHO} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  {
    name: 'bridge netfilter off: DNAT only above the bridge, and the hairpin is routed',
    fixture: 'kernel/ipv6-bridge-nf-off.yaml',
    ask: ['pod-a', 'svc/echo'],
    ...delivered,
    forward: [...all(`${A} > ${ECHO}`, ...UP), ...all(`${BRIDGE_1} > ${A}`, ...DOWN)],
    reply: [...all(`${A} > ${BRIDGE_1}`, ...UP), ...all(`${ECHO} > ${A}`, ...DOWN)],
  },
];

const services: readonly Row[] = [
  {
    name: "another node's node port: masqueraded twice, undone twice",
    fixture,
    ask: ['pod-a', port(N2, 30080)],
    ...delivered,
    forward: [
      ...all(`${A} > ${N2}`, ...UP),
      ...all(`${N1} > ${N2}`, ...ACROSS_12),
      ...all(`${BRIDGE_2} > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
    reply: [
      ...all(`${D} > ${BRIDGE_2}`, 'pod-d eth0 out', 'node-2 veth1 in'),
      `node-2 cni0 in ${D} > ${N1}`,
      ...all(`${N2} > ${N1}`, ...ACROSS_21),
      ...all(`${N2} > ${A}`, ...DOWN),
    ],
  },
  {
    name: "its own node's node port, called on the node",
    fixture,
    ask: ['node-1', port(N1, 30080)],
    ...delivered,
    forward: all(`${N1} > ${D}`, ...TO_D),
    reply: all(`${D} > ${N1}`, ...FROM_D),
  },
  {
    name: 'no node port answers on ::1',
    fixture,
    ask: ['node-1', port('::1', 30080)],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: ['node-1 lo in ::1 > ::1'],
    reply: ['node-1 lo in ::1 > ::1'],
  },
  {
    name: 'a node port from the internet',
    fixture,
    ask: ['laptop', port(PUBLIC, 30080)],
    ...delivered,
    forward: [
      ...all(`${LAPTOP} > ${PUBLIC}`, 'laptop eth0 out', 'gateway wan0 in'),
      ...all(`${LAPTOP} > ${N1}`, 'gateway eth0 out', 'node-1 eth0 in'),
      ...all(`${N1} > ${D}`, ...TO_D),
    ],
    reply: [
      ...all(`${D} > ${N1}`, ...FROM_D),
      ...all(`${N1} > ${LAPTOP}`, 'node-1 eth0 out', 'gateway eth0 in'),
      ...all(`${PUBLIC} > ${LAPTOP}`, 'gateway wan0 out', 'laptop eth0 in'),
    ],
  },
  {
    name: 'out to the internet: the node masquerades, then the gateway',
    fixture,
    ask: ['pod-d', 'laptop:443'],
    ...delivered,
    forward: [
      ...all(`${D} > ${LAPTOP}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in'),
      ...all(`${N2} > ${LAPTOP}`, 'node-2 eth0 out', 'gateway eth0 in'),
      ...all(`${SHARED} > ${LAPTOP}`, 'gateway wan0 out', 'laptop eth0 in'),
    ],
    reply: [
      ...all(`${LAPTOP} > ${SHARED}`, 'laptop eth0 out', 'gateway wan0 in'),
      ...all(`${LAPTOP} > ${N2}`, 'gateway eth0 out', 'node-2 eth0 in'),
      ...all(`${LAPTOP} > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
  },
  refused('no endpoints: REJECT in FORWARD', port(NONE, 80), 'NO_ENDPOINTS', 'refused'),
  {
    name: 'no endpoints, UDP, for a process on the node: send fails with EPERM, and the error goes over lo',
    fixture,
    ask: ['node-1', 'svc/none:dns'],
    outcome: 'rejected',
    code: 'NO_ENDPOINTS',
    client: 'not-permitted',
    forward: [],
    reply: [`node-1 lo in ${N1} > ${N1}`],
  },
  {
    name: 'a firewall that rejects: EACCES, where IPv4 has EHOSTUNREACH',
    fixture,
    ask: ['pod-d', 'laptop:25'],
    outcome: 'rejected',
    code: 'FIREWALL_DENIED',
    client: 'not-permitted',
    forward: [
      ...all(`${D} > ${LAPTOP}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in'),
      ...all(`${N2} > ${LAPTOP}`, 'node-2 eth0 out', 'gateway eth0 in'),
    ],
    reply: [
      ...all(`${GATEWAY} > ${N2}`, 'gateway eth0 out', 'node-2 eth0 in'),
      ...all(`${GATEWAY} > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
  },
  {
    name: 'a firewall rule about ICMP is one about ICMPv6',
    fixture,
    ask: ['laptop', `${PUBLIC}/icmp`],
    outcome: 'dropped',
    code: 'FIREWALL_DENIED',
    client: 'time-out',
    forward: all(`${LAPTOP} > ${PUBLIC}`, 'laptop eth0 out', 'gateway wan0 in'),
  },
];

const errors: readonly Row[] = [
  {
    name: 'blackhole: silence',
    fixture,
    ask: ['pod-a', '[fd00:10:244:b::1]:80'],
    outcome: 'dropped',
    code: 'BLACKHOLE_ROUTE',
    client: 'time-out',
    forward: all(`${A} > fd00:10:244:b::1`, ...UP),
  },
  refused('unreachable: no route, for those who send through here', '[fd00:10:244:c::1]:80', 'UNREACHABLE_ROUTE', 'net-unreachable'),
  refused('prohibit: EACCES', '[fd00:10:244:d::1]:80', 'PROHIBIT_ROUTE', 'not-permitted'),
  refused('prohibit, UDP: the socket tells', '[fd00:10:244:d::1]:80/udp', 'PROHIBIT_ROUTE', 'not-permitted'),
  refused('unreachable, UDP: the socket keeps it to itself', '[fd00:10:244:c::1]:80/udp', 'UNREACHABLE_ROUTE', 'time-out'),
  refused('a next hop that nobody has', '[fd00:10:244:f::1]:80', 'NEXT_HOP_UNKNOWN', 'host-unreachable'),
  refused('a neighbour that is stated as failed', '[fd00:10:244:3::1]:80', 'NEIGHBOUR_UNREACHABLE', 'host-unreachable'),
  {
    name: 'the same for a process on the node: the error over lo',
    fixture,
    ask: ['node-1', `${N3}/icmp`],
    outcome: 'rejected',
    code: 'NEIGHBOUR_UNREACHABLE',
    client: 'host-unreachable',
    forward: [],
    reply: [`node-1 lo in ${N1} > ${N1}`],
  },
  ...(['b', 'c', 'd'] as const).map((range): Row => {
    const codes = {
      b: ['BLACKHOLE_ROUTE', 'invalid'],
      c: ['UNREACHABLE_ROUTE', 'host-unreachable'],
      d: ['PROHIBIT_ROUTE', 'not-permitted'],
    } as const;
    const [code, client] = codes[range];
    return {
      name: `${code} for a process on the node: an error of the call, unreachable as what it is`,
      fixture,
      ask: ['node-1', `[fd00:10:244:${range}::1]:80`],
      outcome: 'rejected',
      code,
      client,
      forward: [],
    };
  }),
  {
    name: "a loop: IPv6 has no martians, so a node's own packet goes round, too",
    fixture,
    ask: ['node-1', '[fd00:10:244:9::9]:80'],
    outcome: 'looped',
    code: 'ROUTING_LOOP',
    client: 'host-unreachable',
    forward: all(`${N1} > fd00:10:244:9::9`, ...ACROSS_12, ...ACROSS_21, ...ACROSS_12),
    reply: [`node-1 lo in ${N1} > ${N1}`],
  },
  {
    name: 'nobody listens: an ICMP error for a datagram',
    fixture,
    ask: ['pod-a', 'pod-d:9999/udp'],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: all(`${A} > ${D}`, ...UP, ...TO_D),
    reply: all(`${D} > ${A}`, ...FROM_D, ...DOWN),
  },
  {
    name: 'forwarding off: what is routed vanishes',
    fixture: 'kernel/ipv6-forwarding-off.yaml',
    ask: ['pod-a', 'svc/api'],
    outcome: 'dropped',
    code: 'FORWARDING_DISABLED',
    client: 'time-out',
    forward: [...all(`${A} > fd00:10:96::11`, OUT, IN), `${ABOVE} ${A} > ${D}`],
  },
  {
    name: 'forwarding off: what the bridge translates stays on it, and does not ask',
    fixture: 'kernel/ipv6-forwarding-off.yaml',
    ask: ['pod-a', 'svc/echo'],
    ...delivered,
    forward: [...all(`${A} > ${ECHO}`, OUT, IN), ...all(`${BRIDGE_1} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
    reply: [...all(`${A} > ${BRIDGE_1}`, OUT, IN), ...all(`${ECHO} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  {
    ...refused('forwarding off, no route: said all the same', '[2001:db8::1]:80', 'NO_ROUTE', 'net-unreachable'),
    fixture: 'kernel/ipv6-forwarding-off.yaml',
  },
  {
    ...refused("the NIC is down: the node's own address is gone with it", port(N1, 9999), 'LINK_DOWN', 'net-unreachable'),
    fixture: 'kernel/ipv6-eth0-down.yaml',
  },
];

const sources: readonly Row[] = [
  {
    name: 'rules by source do not see the source of a connection that chooses it: connect looks up once',
    fixture: 'kernel/ipv6-rule-from.yaml',
    ask: ['node-1', 'pod-a'],
    ...delivered,
    forward: all(`${BRIDGE_1} > ${A}`, ...DOWN),
    reply: all(`${A} > ${BRIDGE_1}`, ...UP),
  },
  {
    name: 'but where that finds no way it looks once more, with the source',
    fixture: 'kernel/ipv6-rule-from.yaml',
    ask: ['node-1', '[fd00:10:244:7::9]:80'],
    outcome: 'rejected',
    code: 'NO_ROUTE',
    client: 'net-unreachable',
    forward: all(`${BRIDGE_1} > fd00:10:244:7::9`, ...ACROSS_12),
    reply: all(`${N2} > ${BRIDGE_1}`, ...ACROSS_21),
  },
  {
    name: 'an ICMP error has a source, and the rule refuses it',
    fixture: 'kernel/ipv6-rule-from.yaml',
    ask: ['pod-a', '[fd00:10:244:9::9]:80'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: all(`${A} > fd00:10:244:9::9`, ...UP),
  },
];

const sizes: readonly Row[] = [
  {
    name: 'a datagram over the MTU of the NIC: packet too big',
    fixture: 'kernel/ipv6-mtu.yaml',
    ask: ['pod-a', 'pod-d:5353/udp'],
    more: { size: 1450 },
    outcome: 'rejected',
    code: 'MTU_EXCEEDED',
    client: 'message-too-long',
    forward: all(`${A} > ${D}`, ...UP),
    reply: all(`${BRIDGE_1} > ${A}`, ...DOWN),
  },
  {
    name: "a large answer to a ping is cut to pieces by its sender only: through another node's small bridge it does not get",
    fixture: 'kernel/ipv6-mtu-node-2.yaml',
    ask: ['pod-d', `${A}/icmp`],
    more: { size: 1450 },
    outcome: 'dropped',
    code: 'MTU_EXCEEDED',
    client: 'time-out',
    forward: all(`${D} > ${A}`, ...FROM_D, ...DOWN),
    reply: all(`${A} > ${D}`, ...UP, ...ACROSS_12),
  },
  {
    name: 'and cut to pieces it arrives, where the sender knows',
    fixture: 'kernel/ipv6-mtu-node-2.yaml',
    ask: ['node-1', `${BRIDGE_2}/icmp`],
    more: { size: 1450 },
    ...delivered,
    forward: all(`${N1} > ${BRIDGE_2}`, ...ACROSS_12),
    reply: all(`${BRIDGE_2} > ${N1}`, ...ACROSS_21),
  },
  {
    name: "a frame over the port's MTU and the bridge's: bridge netfilter says so, which IPv4's does not",
    fixture: 'kernel/ipv6-mtu-port.yaml',
    ask: ['pod-a', 'pod-b:80/udp'],
    more: { size: 1450 },
    outcome: 'rejected',
    code: 'MTU_EXCEEDED',
    client: 'message-too-long',
    forward: all(`${A} > ${B}`, OUT, IN),
    reply: all(`${BRIDGE_1} > ${A}`, ...DOWN),
  },
  {
    name: "over the port's alone: silence",
    fixture: 'kernel/ipv6-mtu-port.yaml',
    ask: ['pod-c', 'pod-d:80/udp'],
    more: { size: 1450 },
    outcome: 'dropped',
    code: 'MTU_EXCEEDED',
    client: 'time-out',
    forward: all(`${C} > ${D}`, 'pod-c eth0 out', 'node-2 veth0 in'),
  },
];

/** Both families on the same machines: each has routes and rules of its own, and VXLAN a socket and a device. */
const both: readonly Row[] = [
  ...(
    [
      ['IPv4', '10.244.1.10', '10.244.2.10', 'flannel.1', '192.168.1.11', '192.168.1.12'],
      ['IPv6', A, C, 'flannel-v6.1', N1, N2],
    ] as const
  ).map(
    ([family, from, to, tunnel, n1, n2]): Row => ({
      name: `both families: by ${family}, a tunnel of its own`,
      fixture: 'kernel/flannel-both.yaml',
      ask: ['pod-a', `${family === 'IPv6' ? `[${to}]` : to}:8080`],
      ...delivered,
      forward: [
        ...all(`${from} > ${to}`, ...UP, `node-1 ${tunnel} out`),
        ...all(`${n1} > ${n2}`, ...ACROSS_12),
        ...all(`${from} > ${to}`, `node-2 ${tunnel} in`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
      ],
      reply: [
        ...all(`${to} > ${from}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', `node-2 ${tunnel} out`),
        ...all(`${n2} > ${n1}`, ...ACROSS_21),
        ...all(`${to} > ${from}`, `node-1 ${tunnel} in`, ...DOWN),
      ],
    }),
  ),
  ...(
    [
      ['IPv4', '10.96.0.10:80', '10.96.0.10', '10.244.1.10', '10.244.1.11'],
      ['IPv6', port(WEB, 80), WEB, A, B],
    ] as const
  ).map(
    ([family, to, service, from, endpoint]): Row => ({
      name: `both families: the service by ${family}`,
      fixture: 'ipv6/dual-stack.yaml',
      ask: ['pod-a', to],
      endpoint,
      ...delivered,
      forward: [...all(`${from} > ${service}`, OUT, IN), ...all(`${from} > ${endpoint}`, 'node-1 veth1 out', 'pod-b eth0 in')],
      reply: [
        ...all(`${endpoint} > ${from}`, 'pod-b eth0 out', 'node-1 veth1 in'),
        ...all(`${service} > ${from}`, 'node-1 veth0 out', 'pod-a eth0 in'),
      ],
    }),
  ),
  {
    name: 'both families: a pod with IPv4 only has no way to an IPv6 address',
    fixture: 'ipv6/dual-stack.yaml',
    ask: ['pod-e', 'svc/new'],
    outcome: 'rejected',
    code: 'IP_FAMILY_MISMATCH',
    client: 'net-unreachable',
    forward: [],
  },
  {
    name: 'both families: a socket on 0.0.0.0 does not hear IPv6',
    fixture: 'ipv6/dual-stack.yaml',
    ask: ['pod-a', '[fd00:10:244:2::3]:8080'],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: all(`${A} > fd00:10:244:2::3`, ...UP, ...TO_D),
    reply: all(`fd00:10:244:2::3 > ${A}`, ...FROM_D, ...DOWN),
  },
];

export const ipv6: readonly Row[] = [...ways, ...discovery, ...services, ...errors, ...sources, ...sizes, ...both];
