import { BACK, FROM_N1, FROM_N2, GATEWAY, IN, inByNodePort, LAPTOP, N1, N2, outOneToOne, PUBLIC, TO_N1, TO_N2 } from './gateway.ts';
import { A, all, B, C, D, DOWN, delivered, type Row, UP } from './rows.ts';

/** In from the internet and out to it, derived by hand: the gateway translates at wan0, the node before it goes on or comes back. */
const SHARED = '203.0.113.1';
const BRIDGE = '10.244.1.1';
const VIP = '203.0.113.10';
const PROXY = '203.0.113.20';

const OUT_C = ['pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'];
const IN_C = ['node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'];
const IN_D = ['node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'];
const OUT_D = ['pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in'];

const publicNodes: readonly Row[] = [
  {
    name: "a node port by the node's own public address: routed in, masqueraded to the endpoint's node",
    fixture: 'kernel/internet-public-nodes.yaml',
    ask: ['laptop', `${PUBLIC}:30080`],
    ...delivered,
    forward: [
      ...all(`${LAPTOP} > ${PUBLIC}`, ...IN, ...TO_N1),
      ...all(`${PUBLIC} > 10.244.2.2`, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth0 out', 'pod-b eth0 in'),
    ],
    reply: [
      ...all(`10.244.2.2 > ${PUBLIC}`, 'pod-b eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in'),
      ...all(`${PUBLIC} > ${LAPTOP}`, ...FROM_N1, ...BACK),
    ],
  },
];

const EXTERNAL = '203.0.115.50';
const PUBLIC_POD = '203.0.112.10';
const UNUSED = '203.0.112.77';
const HERE = ['node-1 cni0 out', 'node-1 veth0 out', 'pod-a eth0 in'];
const FROM_HERE = ['pod-a eth0 out', 'node-1 veth0 in', 'node-1 cni0 in'];

/** On the internet's link the gateway answers for what it routes inward. */
const routed: readonly Row[] = [
  {
    name: "an external address of a service, which the gateway's route leads to a node: translated and masqueraded there",
    fixture: 'kernel/internet-routed.yaml',
    ask: ['laptop', `${EXTERNAL}:80`],
    ...delivered,
    forward: [...all(`${LAPTOP} > ${EXTERNAL}`, ...IN, ...TO_N1), ...all(`203.0.112.1 > ${PUBLIC_POD}`, ...HERE)],
    // The masquerade is undone on the bridge, where netfilter sees the frame first.
    reply: [
      ...all(`${PUBLIC_POD} > 203.0.112.1`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all(`${PUBLIC_POD} > ${LAPTOP}`, 'node-1 cni0 in'),
      ...all(`${EXTERNAL} > ${LAPTOP}`, ...FROM_N1, ...BACK),
    ],
  },
  {
    name: "a pod's public address, in a range that the gateway has a route to",
    fixture: 'kernel/internet-routed.yaml',
    ask: ['laptop', `${PUBLIC_POD}:8080`],
    ...delivered,
    forward: all(`${LAPTOP} > ${PUBLIC_POD}`, ...IN, ...TO_N1, ...HERE),
    reply: all(`${PUBLIC_POD} > ${LAPTOP}`, ...FROM_HERE, ...FROM_N1, ...BACK),
  },
  {
    name: 'out with such an address, and the answer finds back',
    fixture: 'kernel/internet-routed.yaml',
    ask: ['pod-a', 'laptop:443'],
    ...delivered,
    forward: all(`${PUBLIC_POD} > ${LAPTOP}`, ...FROM_HERE, ...FROM_N1, ...BACK),
    reply: all(`${LAPTOP} > ${PUBLIC_POD}`, ...IN, ...TO_N1, ...HERE),
  },
  {
    name: 'an address in such a range that nobody has: it comes as far as the node',
    fixture: 'kernel/internet-routed.yaml',
    ask: ['laptop', `${UNUSED}:80`],
    outcome: 'rejected',
    code: 'NEIGHBOUR_UNREACHABLE',
    client: 'host-unreachable',
    forward: all(`${LAPTOP} > ${UNUSED}`, ...IN, ...TO_N1),
    reply: all(`${N1} > ${LAPTOP}`, ...FROM_N1, ...BACK),
  },
  {
    name: 'an address beyond all routes inward: nobody that the input knows answers for it',
    fixture: 'kernel/internet-routed.yaml',
    ask: ['laptop', '203.0.116.64:80'],
    outcome: 'exits',
    code: 'LEAVES_INPUT',
    client: 'unknown',
    forward: all(`${LAPTOP} > 203.0.116.64`, 'laptop eth0 out'),
    reply: [],
  },
];

/** hostPort, as the plugin portmap does it. */
const hostPorts: readonly Row[] = [
  {
    name: "from another node's pod, masqueraded by its own node: translated where it arrives, the client's node is seen",
    fixture: 'kernel/host-port.yaml',
    ask: ['pod-c', `${N1}:9090`],
    ...delivered,
    forward: [
      ...all(`${C} > ${N1}`, ...OUT_C),
      ...all(`${N2} > ${N1}`, 'node-2 eth0 out', 'node-1 eth0 in'),
      ...all(`${N2} > ${B}`, 'node-1 cni0 out', 'node-1 veth1 out', 'pod-b eth0 in'),
    ],
    reply: [
      ...all(`${B} > ${N2}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 cni0 in'),
      ...all(`${N1} > ${N2}`, 'node-1 eth0 out', 'node-2 eth0 in'),
      ...all(`${N1} > ${C}`, ...IN_C),
    ],
  },
  {
    name: 'from a pod of the same node: masqueraded, or the answer would stay on the bridge',
    fixture: 'kernel/host-port.yaml',
    ask: ['pod-a', `${N1}:9090`],
    ...delivered,
    forward: [...all(`${A} > ${N1}`, 'pod-a eth0 out', 'node-1 veth0 in'), ...all(`${BRIDGE} > ${B}`, 'node-1 veth1 out', 'pod-b eth0 in')],
    // Undone on the bridge, where the frame then stays.
    reply: [...all(`${B} > ${BRIDGE}`, 'pod-b eth0 out', 'node-1 veth1 in'), ...all(`${N1} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  {
    name: 'from the node itself, by 127.0.0.1',
    fixture: 'kernel/host-port.yaml',
    ask: ['node-1', '127.0.0.1:9090'],
    ...delivered,
    forward: all(`${BRIDGE} > ${B}`, 'node-1 cni0 out', 'node-1 veth1 out', 'pod-b eth0 in'),
    reply: [...all(`${B} > ${BRIDGE}`, 'pod-b eth0 out', 'node-1 veth1 in'), ...all(`${B} > 127.0.0.1`, 'node-1 cni0 in')],
  },
];

/** What the gateway's own addresses are for, and what nobody outside can be called by, or answer. */
const edge: readonly Row[] = [
  {
    name: "another node's public address, called from inside: the gateway translates it at wan0 only, and has no such port itself",
    fixture: 'kernel/internet.yaml',
    ask: ['pod-c', `${PUBLIC}:30080`],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: [...all(`${C} > ${PUBLIC}`, ...OUT_C), ...all(`${N2} > ${PUBLIC}`, ...FROM_N2)],
    reply: [...all(`${PUBLIC} > ${N2}`, ...TO_N2), ...all(`${PUBLIC} > ${C}`, ...IN_C)],
  },
  {
    name: 'the address that all share, called from outside: nothing listens on it',
    fixture: 'kernel/internet-shared.yaml',
    ask: ['laptop', `${SHARED}:443`],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: all(`${LAPTOP} > ${SHARED}`, ...IN),
    reply: all(`${SHARED} > ${LAPTOP}`, ...BACK),
  },
  {
    name: 'out by a gateway of whose NAT nothing is said, to somebody who is known: he cannot answer a private address',
    fixture: 'kernel/internet-untranslated.yaml',
    ask: ['pod-a', 'laptop:443'],
    outcome: 'dropped',
    code: 'PRIVATE_TO_INTERNET_WITHOUT_NAT',
    client: 'time-out',
    forward: [...all(`${A} > ${LAPTOP}`, ...UP), ...all(`${N1} > ${LAPTOP}`, ...FROM_N1, ...BACK)],
  },
  {
    name: 'a private address that nobody in the input has leaves by wan0, and nobody out there has it either',
    fixture: 'kernel/internet-shared.yaml',
    ask: ['pod-a', '192.168.5.5:80'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: [
      ...all(`${A} > 192.168.5.5`, ...UP),
      ...all(`${N1} > 192.168.5.5`, ...FROM_N1),
      ...all(`${SHARED} > 192.168.5.5`, 'gateway wan0 out'),
    ],
  },
  {
    name: 'the same by a gateway without NAT: the destination is at fault, not the source',
    fixture: 'kernel/internet-untranslated.yaml',
    ask: ['pod-a', '10.9.9.9:80'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: [...all(`${A} > 10.9.9.9`, ...UP), ...all(`${N1} > 10.9.9.9`, ...FROM_N1, 'gateway wan0 out')],
  },
];

/** Pods that keep their addresses up to the gateway: it has to know the way back to them. */
const flat: readonly Row[] = [
  {
    name: "out with a pod's own address, to whose range the gateway has a route",
    fixture: 'kernel/internet-flat.yaml',
    ask: ['pod-a', 'laptop:443'],
    ...delivered,
    forward: [...all(`${A} > ${LAPTOP}`, ...UP, ...FROM_N1), ...all(`${SHARED} > ${LAPTOP}`, ...BACK)],
    reply: [...all(`${LAPTOP} > ${SHARED}`, ...IN), ...all(`${LAPTOP} > ${A}`, ...TO_N1, ...DOWN)],
  },
  {
    name: 'without one the answer leaves again by wan0',
    fixture: 'kernel/internet-flat.yaml',
    ask: ['pod-c', 'laptop:443'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: [...all(`${C} > ${LAPTOP}`, ...OUT_C, ...FROM_N2), ...all(`${SHARED} > ${LAPTOP}`, ...BACK)],
    reply: [...all(`${LAPTOP} > ${SHARED}`, ...IN), ...all(`${LAPTOP} > ${C}`, 'gateway wan0 out')],
  },
  {
    name: 'and so would that of anybody else',
    fixture: 'kernel/internet-flat.yaml',
    ask: ['pod-c', '8.8.8.8:443'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: [...all(`${C} > 8.8.8.8`, ...OUT_C, ...FROM_N2), ...all(`${SHARED} > 8.8.8.8`, 'gateway wan0 out')],
  },
  {
    name: 'which may well come back where there is a route',
    fixture: 'kernel/internet-flat.yaml',
    ask: ['pod-a', '8.8.8.8:443'],
    outcome: 'exits',
    code: 'LEAVES_INPUT',
    client: 'unknown',
    forward: [...all(`${A} > 8.8.8.8`, ...UP, ...FROM_N1), ...all(`${SHARED} > 8.8.8.8`, 'gateway wan0 out')],
  },
];

export const internet: readonly Row[] = [
  ...publicNodes,
  ...routed,
  ...hostPorts,
  ...edge,
  ...flat,
  {
    name: 'to a node port by the public address of its node: DNAT at the gateway, DNAT and masquerade at the node',
    fixture: 'kernel/internet.yaml',
    ask: ['laptop', `${PUBLIC}:30080`],
    ...delivered,
    ...inByNodePort(IN_D, OUT_D),
  },
  {
    name: 'a service as the internet sees it: its node port where a node has a public address',
    fixture: 'kernel/internet.yaml',
    ask: ['internet', 'svc/api'],
    ...delivered,
    ...inByNodePort(IN_D, OUT_D),
  },
  {
    name: 'out: the node masquerades, the gateway translates one to one',
    fixture: 'kernel/internet.yaml',
    ask: ['pod-a', 'laptop:443'],
    ...delivered,
    ...outOneToOne,
  },
  {
    name: 'out from a node that the gateway has no address for: the request arrives, the answer has nowhere to go',
    fixture: 'kernel/internet.yaml',
    ask: ['pod-c', 'laptop:443'],
    outcome: 'dropped',
    code: 'PRIVATE_TO_INTERNET_WITHOUT_NAT',
    client: 'time-out',
    forward: [...all(`${C} > ${LAPTOP}`, ...OUT_C), ...all(`${N2} > ${LAPTOP}`, ...FROM_N2, ...BACK)],
  },
  {
    name: 'out by the one address that all share',
    fixture: 'kernel/internet-shared.yaml',
    ask: ['pod-c', 'laptop:443'],
    ...delivered,
    forward: [...all(`${C} > ${LAPTOP}`, ...OUT_C), ...all(`${N2} > ${LAPTOP}`, ...FROM_N2), ...all(`${SHARED} > ${LAPTOP}`, ...BACK)],
    reply: [...all(`${LAPTOP} > ${SHARED}`, ...IN), ...all(`${LAPTOP} > ${N2}`, ...TO_N2), ...all(`${LAPTOP} > ${C}`, ...IN_C)],
  },
  {
    name: 'a private address is not routed on the internet',
    fixture: 'kernel/internet-shared.yaml',
    ask: ['laptop', `${N1}:30080`],
    outcome: 'rejected',
    code: 'UNREACHABLE_ROUTE',
    client: 'host-unreachable',
    forward: [],
  },
  {
    name: 'a load balancer that hands packets on: the node knows its address, and the client is seen',
    fixture: 'kernel/internet-balancer.yaml',
    ask: ['laptop', `${VIP}:80`],
    ...delivered,
    forward: [...all(`${LAPTOP} > ${VIP}`, ...IN, ...TO_N2), ...all(`${LAPTOP} > ${D}`, ...IN_D)],
    reply: [...all(`${D} > ${LAPTOP}`, ...OUT_D), ...all(`${VIP} > ${LAPTOP}`, ...FROM_N2, ...BACK)],
  },
  {
    name: 'a load balancer that is a proxy: to the node port of the only healthy node, in its own name',
    fixture: 'kernel/internet-balancer.yaml',
    ask: ['laptop', `${PROXY}:80`],
    ...delivered,
    forward: [...all(`${LAPTOP} > ${PROXY}`, ...IN), ...all(`${GATEWAY} > ${N2}`, ...TO_N2), ...all(`${GATEWAY} > ${D}`, ...IN_D)],
    reply: [...all(`${D} > ${GATEWAY}`, ...OUT_D), ...all(`${N2} > ${GATEWAY}`, ...FROM_N2), ...all(`${PROXY} > ${LAPTOP}`, ...BACK)],
  },
];
