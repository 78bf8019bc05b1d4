import { FROM_N1, FROM_N2, GATEWAY, IN, inByNodePort, LAPTOP, N1, N2, outOneToOne, PUBLIC, TO_N1 } from './gateway.ts';
import { A, all, D, DOWN, delivered, type Row, UP } from './rows.ts';

/** Firewalls, derived by hand: the list is asked once a connection, with the addresses that FORWARD sees; what follows passes as known. */
const OUT_D = ['pod-d eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'];
const IN_D = ['node-2 cni0 out', 'node-2 veth0 out', 'pod-d eth0 in'];
const BY_R1 = ['node-1 eth0 out', 'r1 eth0 in', 'r1 eth1 out', 'node-2 eth0 in'];
const BACK_BY_R1 = ['node-2 eth0 out', 'r1 eth1 in', 'r1 eth0 out', 'node-1 eth0 in'];
const denied = { outcome: 'dropped', code: 'FIREWALL_DENIED', client: 'time-out' } as const;

const edge: readonly Row[] = [
  {
    name: 'in: the port is allowed, with the address that the gateway has translated it to; the answer is that of a known connection',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['laptop', `${PUBLIC}:30080`],
    ...delivered,
    ...inByNodePort(IN_D, OUT_D),
  },
  {
    name: 'in: no rule is about the port, and the default denies',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['laptop', `${PUBLIC}:22`],
    ...denied,
    forward: all(`${LAPTOP} > ${PUBLIC}`, ...IN),
  },
  {
    name: 'in: a ping is no port',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['laptop', `${PUBLIC}/icmp`],
    ...denied,
    forward: all(`${LAPTOP} > ${PUBLIC}`, ...IN),
  },
  {
    name: 'out: allowed by its node, before the gateway translates the source',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['pod-a', 'laptop:443'],
    ...delivered,
    ...outOneToOne,
  },
  {
    name: 'out: rejected, and told so by the gateway',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['pod-a', 'laptop:25'],
    outcome: 'rejected',
    code: 'FIREWALL_DENIED',
    client: 'host-unreachable',
    forward: [...all(`${A} > ${LAPTOP}`, ...UP), ...all(`${N1} > ${LAPTOP}`, ...FROM_N1)],
    reply: [...all(`${GATEWAY} > ${N1}`, ...TO_N1), ...all(`${GATEWAY} > ${A}`, ...DOWN)],
  },
  {
    name: 'out: a node that no rule is about',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['pod-d', 'laptop:443'],
    ...denied,
    forward: [...all(`${D} > ${LAPTOP}`, ...OUT_D), ...all(`${N2} > ${LAPTOP}`, ...FROM_N2)],
  },
];

/** Rules of a node's own know no connections; kube-proxy's FORWARD rules let marked packets pass, and what belongs to a connection. */
const ownRules: readonly Row[] = [
  {
    name: "a node's own rules: FORWARD drops what no rule accepts",
    fixture: 'kernel/host-firewall.yaml',
    ask: ['pod-a', 'pod-d:8080'],
    outcome: 'dropped',
    code: 'FILTER_DROP',
    client: 'time-out',
    forward: all(`${A} > ${D}`, ...UP, 'node-1 eth0 out', 'node-2 eth0 in'),
  },
  {
    name: "a node's own rules: marked by kube-proxy for masquerade, a packet passes FORWARD all the same",
    fixture: 'kernel/host-firewall.yaml',
    ask: ['node-1', `${N2}:30081`],
    ...delivered,
    forward: [...all(`${N1} > ${N2}`, 'node-1 eth0 out', 'node-2 eth0 in'), ...all(`10.244.2.1 > ${D}`, ...IN_D)],
    reply: [
      ...all(`${D} > 10.244.2.1`, 'pod-d eth0 out', 'node-2 veth0 in'),
      ...all(`${D} > ${N1}`, 'node-2 cni0 in'),
      ...all(`${N2} > ${N1}`, 'node-2 eth0 out', 'node-1 eth0 in'),
    ],
  },
  {
    name: "a node's own rules: refused in INPUT, and told so",
    fixture: 'kernel/host-firewall.yaml',
    ask: ['node-1', `${N2}:7000`],
    outcome: 'rejected',
    code: 'FILTER_REJECT',
    client: 'host-unreachable',
    forward: all(`${N1} > ${N2}`, 'node-1 eth0 out', 'node-2 eth0 in'),
    reply: all(`${N2} > ${N1}`, 'node-2 eth0 out', 'node-1 eth0 in'),
  },
  {
    name: "a node's own rules: a datagram is dropped in INPUT",
    fixture: 'kernel/host-firewall.yaml',
    ask: ['node-1', `${N2}:7001/udp`],
    outcome: 'dropped',
    code: 'FILTER_DROP',
    client: 'time-out',
    forward: all(`${N1} > ${N2}`, 'node-1 eth0 out', 'node-2 eth0 in'),
  },
  {
    name: "a node's own rules: the first that fits decides",
    fixture: 'kernel/host-firewall.yaml',
    ask: ['node-1', `${N2}:7002`],
    ...delivered,
    forward: all(`${N1} > ${N2}`, 'node-1 eth0 out', 'node-2 eth0 in'),
    reply: all(`${N2} > ${N1}`, 'node-2 eth0 out', 'node-1 eth0 in'),
  },
];

export const firewalls: readonly Row[] = [
  ...edge,
  ...ownRules,
  {
    name: 'between segments: allowed, and the answer comes back though its own direction is denied',
    fixture: 'kernel/firewall-routers.yaml',
    ask: ['pod-a', 'pod-d:8080'],
    ...delivered,
    forward: all(`${A} > ${D}`, ...UP, ...BY_R1, ...IN_D),
    reply: all(`${D} > ${A}`, ...OUT_D, ...BACK_BY_R1, ...DOWN),
  },
  {
    name: 'between segments: the first rule that fits decides, though a later one allows',
    fixture: 'kernel/firewall-routers.yaml',
    ask: ['pod-a', 'pod-d:8085'],
    ...denied,
    forward: all(`${A} > ${D}`, ...UP, 'node-1 eth0 out', 'r1 eth0 in'),
  },
  {
    name: 'between segments: a range of TCP ports is not about UDP',
    fixture: 'kernel/firewall-routers.yaml',
    ask: ['pod-a', 'pod-d:8085/udp'],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: all(`${A} > ${D}`, ...UP, ...BY_R1, ...IN_D),
    // The error is about a connection that the router knows.
    reply: all(`${D} > ${A}`, ...OUT_D, ...BACK_BY_R1, ...DOWN),
  },
  {
    name: 'between segments: the other way round is denied',
    fixture: 'kernel/firewall-routers.yaml',
    ask: ['pod-d', 'pod-a:8080'],
    ...denied,
    forward: all(`${D} > ${A}`, ...OUT_D, 'node-2 eth0 out', 'r1 eth1 in'),
  },
  {
    name: 'between segments: UDP that is rejected is told so',
    fixture: 'kernel/firewall-routers.yaml',
    ask: ['pod-d', 'pod-a:5353/udp'],
    outcome: 'rejected',
    code: 'FIREWALL_DENIED',
    client: 'host-unreachable',
    forward: all(`${D} > ${A}`, ...OUT_D, 'node-2 eth0 out', 'r1 eth1 in'),
    reply: all(`192.168.2.254 > ${D}`, 'r1 eth1 out', 'node-2 eth0 in', ...IN_D),
  },
  {
    name: 'an answer by another router: no connection that its firewall has seen begin',
    fixture: 'kernel/firewall-asymmetric.yaml',
    ask: ['pod-a', 'pod-d:8080'],
    ...denied,
    forward: all(`${A} > ${D}`, ...UP, ...BY_R1, ...IN_D),
    reply: all(`${D} > ${A}`, ...OUT_D, 'node-2 eth0 out', 'r2 eth1 in'),
  },
  {
    name: 'the same with UDP: there the answer looks like a request, which no rule is about',
    fixture: 'kernel/firewall-asymmetric.yaml',
    ask: ['pod-a', 'pod-d:5353/udp'],
    ...denied,
    forward: all(`${A} > ${D}`, ...UP, ...BY_R1, ...IN_D),
    reply: all(`${D} > ${A}`, ...OUT_D, 'node-2 eth0 out', 'r2 eth1 in'),
  },
];
