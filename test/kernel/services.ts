import { A, all, B, C, D, DOWN, delivered, FROM_D, type Row, TO_D, UP } from './rows.ts';

/**
 * Services from outside, and pods on their node's network. The expectations were derived by hand from captures of each building block
 * and from what kube-proxy writes, and then held against captures of the whole (Linux 6.18).
 */
const N1 = '192.168.1.11';
const N2 = '192.168.1.12';
const N3 = '192.168.1.13';
/** The bridges' addresses: what is masqueraded on its way to a pod of the same node has these. */
const BRIDGE_1 = '10.244.1.1';
const BRIDGE_2 = '10.244.2.1';
const WEB = '10.96.0.10';
const API = '10.96.0.11';
const VIP = '203.0.113.10';
const EXTERNAL = '192.168.1.50';

/** The first crossings of a packet of pod-a that PREROUTING translates: in front of it, and behind. */
const [OUT, IN, ABOVE] = UP as [string, string, string];
const ACROSS_12 = ['node-1 eth0 out', 'node-2 eth0 in'];
const ACROSS_21 = ['node-2 eth0 out', 'node-1 eth0 in'];
const TO_B = ['node-1 veth1 out', 'pod-b eth0 in'];
const FROM_B = ['pod-b eth0 out', 'node-1 veth1 in'];
const TO_C = [...ACROSS_12, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'];
const FROM_C = ['pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', ...ACROSS_21];

const silent = { outcome: 'dropped', client: 'time-out' } as const;
const unserved = { outcome: 'rejected', code: 'NOBODY_LISTENS', client: 'refused' } as const;
const refused = { outcome: 'rejected', code: 'NO_ENDPOINTS', client: 'refused' } as const;

const nodePorts: readonly Row[] = [
  {
    name: "a pod to its own node's node port, endpoint on another node: DNAT before cni0, masquerade after it",
    fixture: 'kernel/node-port.yaml',
    ask: ['pod-a', `${N1}:30080`],
    endpoint: C,
    ...delivered,
    forward: [...all(`${A} > ${N1}`, OUT, IN), ...all(`${A} > ${C}`, ABOVE), ...all(`${N1} > ${C}`, ...TO_C)],
    reply: [...all(`${C} > ${N1}`, ...FROM_C), ...all(`${N1} > ${A}`, ...DOWN)],
  },
  {
    name: "a pod to its own node's node port, endpoint on the same bridge: the frame stays on it, masqueraded to the bridge's address",
    fixture: 'kernel/node-port.yaml',
    ask: ['pod-a', `${N1}:30080`],
    endpoint: B,
    ...delivered,
    forward: [...all(`${A} > ${N1}`, OUT, IN), ...all(`${BRIDGE_1} > ${B}`, ...TO_B)],
    reply: [...all(`${B} > ${BRIDGE_1}`, ...FROM_B), ...all(`${N1} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  {
    name: 'a pod to its own service by node port: hairpin',
    fixture: 'kernel/node-port.yaml',
    ask: ['pod-a', `${N1}:30082`],
    ...delivered,
    forward: [...all(`${A} > ${N1}`, OUT, IN), ...all(`${BRIDGE_1} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
    reply: [...all(`${A} > ${BRIDGE_1}`, OUT, IN), ...all(`${N1} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  {
    name: "a pod to another node's node port, endpoint there: masqueraded twice, undone twice",
    fixture: 'kernel/node-port.yaml',
    ask: ['pod-a', `${N2}:30080`],
    endpoint: C,
    ...delivered,
    forward: [
      ...all(`${A} > ${N2}`, ...UP),
      ...all(`${N1} > ${N2}`, ...ACROSS_12),
      ...all(`${BRIDGE_2} > ${C}`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    ],
    reply: [
      ...all(`${C} > ${BRIDGE_2}`, 'pod-c eth0 out', 'node-2 veth0 in'),
      ...all(`${C} > ${N1}`, 'node-2 cni0 in'),
      ...all(`${N2} > ${N1}`, ...ACROSS_21),
      ...all(`${N2} > ${A}`, ...DOWN),
    ],
  },
  {
    name: "a pod to another node's node port, endpoint on its own node: there and back again, both ways",
    fixture: 'kernel/node-port.yaml',
    ask: ['pod-a', `${N2}:30080`],
    endpoint: B,
    ...delivered,
    forward: [
      ...all(`${A} > ${N2}`, ...UP),
      ...all(`${N1} > ${N2}`, ...ACROSS_12),
      ...all(`${N2} > ${B}`, ...ACROSS_21, 'node-1 cni0 out', ...TO_B),
    ],
    reply: [
      ...all(`${B} > ${N2}`, ...FROM_B, 'node-1 cni0 in', ...ACROSS_12),
      ...all(`${N2} > ${N1}`, ...ACROSS_21),
      ...all(`${N2} > ${A}`, ...DOWN),
    ],
  },
  {
    name: "a node to another node's node port, endpoint on its own",
    fixture: 'kernel/node-port.yaml',
    ask: ['node-1', `${N2}:30080`],
    endpoint: B,
    ...delivered,
    forward: [...all(`${N1} > ${N2}`, ...ACROSS_12), ...all(`${N2} > ${B}`, ...ACROSS_21, 'node-1 cni0 out', ...TO_B)],
    reply: [...all(`${B} > ${N2}`, ...FROM_B, 'node-1 cni0 in', ...ACROSS_12), ...all(`${N2} > ${N1}`, ...ACROSS_21)],
  },
  // To a process on the node its own address and 127.0.0.1 are the same but for the answer's destination.
  ...[N1, '127.0.0.1'].flatMap((called): readonly Row[] => [
    {
      name: `a node to its own node port by ${called}, endpoint on another node`,
      fixture: 'kernel/node-port.yaml',
      ask: ['node-1', `${called}:30080`],
      endpoint: C,
      ...delivered,
      forward: all(`${N1} > ${C}`, ...TO_C),
      reply: all(`${C} > ${N1}`, ...FROM_C),
    },
    {
      name: `a node to its own node port by ${called}, endpoint on it`,
      fixture: 'kernel/node-port.yaml',
      ask: ['node-1', `${called}:30080`],
      endpoint: B,
      ...delivered,
      forward: all(`${BRIDGE_1} > ${B}`, 'node-1 cni0 out', ...TO_B),
      reply: [...all(`${B} > ${BRIDGE_1}`, ...FROM_B), ...all(`${B} > ${called}`, 'node-1 cni0 in')],
    },
  ]),
  {
    name: 'a node port without endpoints: refused in INPUT, by the address that was called',
    fixture: 'kernel/node-port.yaml',
    ask: ['pod-a', `${N1}:30083`],
    ...refused,
    forward: all(`${A} > ${N1}`, ...UP),
    reply: all(`${N1} > ${A}`, ...DOWN),
  },
  {
    name: 'the same from another node',
    fixture: 'kernel/node-port.yaml',
    ask: ['node-2', `${N1}:30083`],
    ...refused,
    forward: all(`${N2} > ${N1}`, ...ACROSS_21),
    reply: all(`${N1} > ${N2}`, ...ACROSS_12),
  },
  {
    name: 'the same from the node itself: over lo, and refused in INPUT too',
    fixture: 'kernel/node-port.yaml',
    ask: ['node-1', `${N1}:30083`],
    ...refused,
    forward: [`node-1 lo in ${N1} > ${N1}`],
    reply: [`node-1 lo in ${N1} > ${N1}`],
  },
  {
    name: "nodePortAddresses without the node's address: no translation, and no process of the node listens there",
    fixture: 'kernel/node-port-addresses.yaml',
    ask: ['pod-a', `${N1}:30081`],
    ...unserved,
    forward: all(`${A} > ${N1}`, ...UP),
    reply: all(`${N1} > ${A}`, ...DOWN),
  },
  {
    name: 'nodePortAddresses without 127.0.0.1: the same',
    fixture: 'kernel/node-port-addresses.yaml',
    ask: ['node-1', '127.0.0.1:30081'],
    ...unserved,
    forward: ['node-1 lo in 127.0.0.1 > 127.0.0.1'],
    reply: ['node-1 lo in 127.0.0.1 > 127.0.0.1'],
  },
  {
    name: "nodePortAddresses with the bridge's address",
    fixture: 'kernel/node-port-addresses.yaml',
    ask: ['pod-a', `${BRIDGE_1}:30081`],
    ...delivered,
    forward: [...all(`${A} > ${BRIDGE_1}`, OUT, IN), ...all(`${A} > ${D}`, ABOVE), ...all(`${N1} > ${D}`, ...TO_D)],
    reply: [...all(`${D} > ${N1}`, ...FROM_D), ...all(`${BRIDGE_1} > ${A}`, ...DOWN)],
  },
];

const policies: readonly Row[] = [
  {
    name: 'internalTrafficPolicy Local on a node without an endpoint: dropped in FORWARD',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['pod-a', 'svc/api'],
    ...silent,
    code: 'NO_LOCAL_ENDPOINTS',
    forward: all(`${A} > ${API}`, ...UP),
  },
  {
    name: 'the same from the node itself: dropped in OUTPUT, TCP tries again until it gives up',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['node-1', 'svc/api'],
    ...silent,
    code: 'NO_LOCAL_ENDPOINTS',
    forward: [],
  },
  {
    name: 'internalTrafficPolicy Local on a node with an endpoint',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['pod-c', 'svc/api'],
    ...delivered,
    forward: [...all(`${C} > ${API}`, 'pod-c eth0 out', 'node-2 veth0 in'), ...all(`${C} > ${D}`, 'node-2 veth1 out', 'pod-d eth0 in')],
    reply: [...all(`${D} > ${C}`, 'pod-d eth0 out', 'node-2 veth1 in'), ...all(`${API} > ${C}`, 'node-2 veth0 out', 'pod-c eth0 in')],
  },
  {
    name: 'externalTrafficPolicy Local on a node with an endpoint: the source is kept, which here is the masquerade of the other node',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['pod-a', `${N2}:30081`],
    ...delivered,
    forward: [
      ...all(`${A} > ${N2}`, ...UP),
      ...all(`${N1} > ${N2}`, ...ACROSS_12),
      ...all(`${N1} > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
    reply: [
      ...all(`${D} > ${N1}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in'),
      ...all(`${N2} > ${N1}`, ...ACROSS_21),
      ...all(`${N2} > ${A}`, ...DOWN),
    ],
  },
  {
    name: 'the same from a node',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['node-1', `${N2}:30081`],
    ...delivered,
    forward: [...all(`${N1} > ${N2}`, ...ACROSS_12), ...all(`${N1} > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in')],
    reply: [...all(`${D} > ${N1}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in'), ...all(`${N2} > ${N1}`, ...ACROSS_21)],
  },
  {
    name: 'externalTrafficPolicy Local on a node without an endpoint, from a node: dropped in INPUT',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['node-2', `${N1}:30081`],
    ...silent,
    code: 'NO_LOCAL_ENDPOINTS',
    forward: all(`${N2} > ${N1}`, ...ACROSS_21),
  },
  {
    name: "the same from another node's pod: masqueraded on its way, it is no pod any more",
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['pod-c', `${N1}:30081`],
    ...silent,
    code: 'NO_LOCAL_ENDPOINTS',
    forward: [...all(`${C} > ${N1}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'), ...all(`${N2} > ${N1}`, ...ACROSS_21)],
  },
  {
    name: 'the same from a pod of the node: pods may use all endpoints, and keep their address',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['pod-a', `${N1}:30081`],
    ...delivered,
    forward: [...all(`${A} > ${N1}`, OUT, IN), ...all(`${A} > ${D}`, ABOVE, ...TO_D)],
    reply: [...all(`${D} > ${A}`, ...FROM_D), ...all(`${N1} > ${A}`, ...DOWN)],
  },
  {
    name: 'the same from the node itself: all endpoints, masqueraded',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['node-1', `${N1}:30081`],
    ...delivered,
    forward: all(`${N1} > ${D}`, ...TO_D),
    reply: all(`${D} > ${N1}`, ...FROM_D),
  },
  {
    name: 'the same by 127.0.0.1',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['node-1', '127.0.0.1:30081'],
    ...delivered,
    forward: all(`${N1} > ${D}`, ...TO_D),
    reply: all(`${D} > ${N1}`, ...FROM_D),
  },
  {
    name: "externalTrafficPolicy Local on a node with an endpoint, from itself: masqueraded to the bridge's address",
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['node-2', `${N2}:30081`],
    ...delivered,
    forward: all(`${BRIDGE_2} > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    reply: [...all(`${D} > ${BRIDGE_2}`, 'pod-d eth0 out', 'node-2 veth1 in'), ...all(`${D} > ${N2}`, 'node-2 cni0 in')],
  },
  {
    name: 'externalTrafficPolicy Local, an endpoint that calls its own node: hairpin is masqueraded all the same',
    fixture: 'kernel/traffic-policy.yaml',
    ask: ['pod-d', `${N2}:30081`],
    ...delivered,
    forward: [
      ...all(`${D} > ${N2}`, 'pod-d eth0 out', 'node-2 veth1 in'),
      ...all(`${BRIDGE_2} > ${D}`, 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
    reply: [...all(`${D} > ${BRIDGE_2}`, 'pod-d eth0 out', 'node-2 veth1 in'), ...all(`${N2} > ${D}`, 'node-2 veth1 out', 'pod-d eth0 in')],
  },
  {
    name: 'masqueradeAll, endpoint on another node: the pod has its node for a source',
    fixture: 'kernel/masquerade-all.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: C,
    ...delivered,
    forward: [...all(`${A} > ${WEB}`, OUT, IN), ...all(`${A} > ${C}`, ABOVE), ...all(`${N1} > ${C}`, ...TO_C)],
    reply: [...all(`${C} > ${N1}`, ...FROM_C), ...all(`${WEB} > ${A}`, ...DOWN)],
  },
  {
    name: 'masqueradeAll, endpoint on the same bridge',
    fixture: 'kernel/masquerade-all.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: B,
    ...delivered,
    forward: [...all(`${A} > ${WEB}`, OUT, IN), ...all(`${BRIDGE_1} > ${B}`, ...TO_B)],
    reply: [...all(`${B} > ${BRIDGE_1}`, ...FROM_B), ...all(`${WEB} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  ...[B, C].map((endpoint): Row => {
    const near = endpoint === B;
    return {
      name: `sessionAffinity, a client's first connection, to ${endpoint}`,
      fixture: 'kernel/affinity.yaml',
      ask: ['pod-a', 'svc/web'],
      endpoint,
      ...delivered,
      forward: [...all(`${A} > ${WEB}`, OUT, IN), ...all(`${A} > ${endpoint}`, ...(near ? TO_B : [ABOVE, ...TO_C]))],
      reply: [
        ...all(`${endpoint} > ${A}`, ...(near ? FROM_B : FROM_C)),
        ...all(`${WEB} > ${A}`, ...(near ? ['node-1 veth0 out', 'pod-a eth0 in'] : DOWN)),
      ],
    };
  }),
];

const addresses: readonly Row[] = [
  {
    name: "a load balancer's address, from a pod in a source range",
    fixture: 'kernel/load-balancer.yaml',
    ask: ['pod-a', `${VIP}:80`],
    ...delivered,
    forward: [...all(`${A} > ${VIP}`, OUT, IN), ...all(`${A} > ${D}`, ABOVE), ...all(`${N1} > ${D}`, ...TO_D)],
    reply: [...all(`${D} > ${N1}`, ...FROM_D), ...all(`${VIP} > ${A}`, ...DOWN)],
  },
  {
    name: 'the same from a pod in none: dropped in FORWARD, untranslated',
    fixture: 'kernel/load-balancer.yaml',
    ask: ['pod-c', `${VIP}:80`],
    ...silent,
    code: 'SOURCE_RANGE_DENIED',
    forward: all(`${C} > ${VIP}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'),
  },
  {
    name: 'the same from a node in a range',
    fixture: 'kernel/load-balancer.yaml',
    ask: ['node-1', `${VIP}:80`],
    ...delivered,
    forward: all(`${N1} > ${D}`, ...TO_D),
    reply: all(`${D} > ${N1}`, ...FROM_D),
  },
  {
    name: 'the same from a node in none: dropped in OUTPUT',
    fixture: 'kernel/load-balancer.yaml',
    ask: ['node-2', `${VIP}:80`],
    ...silent,
    code: 'SOURCE_RANGE_DENIED',
    forward: [],
  },
  {
    name: 'source ranges are not about node ports',
    fixture: 'kernel/load-balancer.yaml',
    ask: ['pod-c', `${N2}:30081`],
    ...delivered,
    forward: [
      ...all(`${C} > ${N2}`, 'pod-c eth0 out', 'node-2 veth0 in'),
      ...all(`${BRIDGE_2} > ${D}`, 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
    reply: [...all(`${D} > ${BRIDGE_2}`, 'pod-d eth0 out', 'node-2 veth1 in'), ...all(`${N2} > ${C}`, 'node-2 veth0 out', 'pod-c eth0 in')],
  },
  {
    name: 'an external address, from a pod',
    fixture: 'kernel/external-ip.yaml',
    ask: ['pod-a', `${EXTERNAL}:80`],
    ...delivered,
    forward: [...all(`${A} > ${EXTERNAL}`, OUT, IN), ...all(`${A} > ${D}`, ABOVE), ...all(`${N1} > ${D}`, ...TO_D)],
    reply: [...all(`${D} > ${N1}`, ...FROM_D), ...all(`${EXTERNAL} > ${A}`, ...DOWN)],
  },
  {
    name: 'an external address, from a node',
    fixture: 'kernel/external-ip.yaml',
    ask: ['node-1', `${EXTERNAL}:80`],
    ...delivered,
    forward: all(`${N1} > ${D}`, ...TO_D),
    reply: all(`${D} > ${N1}`, ...FROM_D),
  },
  {
    name: 'an external address without endpoints, from a pod: refused in FORWARD',
    fixture: 'kernel/external-ip.yaml',
    ask: ['pod-a', '192.168.1.51:80'],
    ...refused,
    forward: all(`${A} > 192.168.1.51`, ...UP),
    reply: all(`${BRIDGE_1} > ${A}`, ...DOWN),
  },
  {
    name: 'the same from a node: no rule in OUTPUT refuses it, so that it is ARP that fails',
    fixture: 'kernel/external-ip.yaml',
    ask: ['node-1', '192.168.1.51:80'],
    outcome: 'rejected',
    code: 'NO_ENDPOINTS',
    client: 'host-unreachable',
    forward: [],
    reply: [`node-1 lo in ${N1} > ${N1}`],
  },
];

const hostNetwork: readonly Row[] = [
  {
    name: 'a hostNetwork pod calls a pod of another node',
    fixture: 'kernel/host-network.yaml',
    ask: ['pod-d', 'pod-a'],
    ...delivered,
    forward: all(`${N2} > ${A}`, ...ACROSS_21, ...DOWN),
    reply: all(`${A} > ${N2}`, ...UP, ...ACROSS_12),
  },
  {
    name: 'a hostNetwork pod calls a pod of its own node: the source is the bridge',
    fixture: 'kernel/host-network.yaml',
    ask: ['pod-d', 'pod-c'],
    ...delivered,
    forward: all(`${BRIDGE_2} > ${C}`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    reply: all(`${C} > ${BRIDGE_2}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'),
  },
  {
    name: 'a hostNetwork pod calls a service: its source is in no pod range, and masqueraded',
    fixture: 'kernel/host-network.yaml',
    ask: ['pod-d', 'svc/web'],
    endpoint: B,
    ...delivered,
    forward: all(`${N2} > ${B}`, ...ACROSS_21, 'node-1 cni0 out', ...TO_B),
    reply: all(`${B} > ${N2}`, ...FROM_B, 'node-1 cni0 in', ...ACROSS_12),
  },
  {
    name: 'a pod calls a hostNetwork pod of another node: out of the pod range, so masqueraded',
    fixture: 'kernel/host-network.yaml',
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    forward: [...all(`${A} > ${N2}`, ...UP), ...all(`${N1} > ${N2}`, ...ACROSS_12)],
    reply: [...all(`${N2} > ${N1}`, ...ACROSS_21), ...all(`${N2} > ${A}`, ...DOWN)],
  },
  {
    name: 'a service whose endpoint is a hostNetwork pod of another node: the same, by the ClusterIP',
    fixture: 'kernel/host-network.yaml',
    ask: ['pod-a', 'svc/api'],
    ...delivered,
    forward: [...all(`${A} > ${API}`, OUT, IN), ...all(`${A} > ${N2}`, ABOVE), ...all(`${N1} > ${N2}`, ...ACROSS_12)],
    reply: [...all(`${N2} > ${N1}`, ...ACROSS_21), ...all(`${API} > ${A}`, ...DOWN)],
  },
  {
    name: 'the same on its own node: up and into INPUT, with the address that the pod has',
    fixture: 'kernel/host-network.yaml',
    ask: ['pod-c', 'svc/api'],
    ...delivered,
    forward: [...all(`${C} > ${API}`, 'pod-c eth0 out', 'node-2 veth0 in'), ...all(`${C} > ${N2}`, 'node-2 cni0 in')],
    reply: all(`${API} > ${C}`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
  },
  {
    name: 'the same from another node',
    fixture: 'kernel/host-network.yaml',
    ask: ['node-1', 'svc/api'],
    ...delivered,
    forward: all(`${N1} > ${N2}`, ...ACROSS_12),
    reply: all(`${N2} > ${N1}`, ...ACROSS_21),
  },
  {
    name: 'a hostNetwork pod calls its own service: over lo, where the answer has the ClusterIP already',
    fixture: 'kernel/host-network.yaml',
    ask: ['pod-d', 'svc/api'],
    ...delivered,
    forward: [`node-2 lo in ${N2} > ${N2}`],
    reply: [`node-2 lo in ${API} > ${N2}`],
  },
];

const chosen: readonly Row[] = [
  {
    name: 'a terminating endpoint has no share while another one is ready',
    fixture: 'kernel/terminating.yaml',
    ask: ['pod-d', 'svc/web'],
    ...delivered,
    forward: [
      ...all(`${D} > ${WEB}`, 'pod-d eth0 out', 'node-2 veth1 in'),
      ...all(`${D} > ${B}`, 'node-2 cni0 in', ...ACROSS_21, 'node-1 cni0 out', ...TO_B),
    ],
    reply: [
      ...all(`${B} > ${D}`, ...FROM_B, 'node-1 cni0 in', ...ACROSS_12),
      ...all(`${WEB} > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
  },
  {
    name: 'a terminating endpoint serves where none is ready',
    fixture: 'kernel/terminating.yaml',
    ask: ['pod-a', 'svc/api'],
    ...delivered,
    forward: [...all(`${A} > ${API}`, OUT, IN), ...all(`${A} > ${D}`, ABOVE, ...TO_D)],
    reply: [...all(`${D} > ${A}`, ...FROM_D), ...all(`${API} > ${A}`, ...DOWN)],
  },
  {
    name: 'a terminating endpoint that does not serve is none',
    fixture: 'kernel/terminating.yaml',
    ask: ['pod-b', 'svc/echo'],
    outcome: 'rejected',
    code: 'NO_READY_ENDPOINTS',
    client: 'refused',
    forward: all(`${B} > 10.96.0.12`, ...FROM_B, 'node-1 cni0 in'),
    reply: all(`${BRIDGE_1} > ${B}`, 'node-1 cni0 out', ...TO_B),
  },
  ...(
    [
      ['PreferSameNode: the endpoint of the node', 'web', WEB],
      ['PreferSameZone: the endpoint of the zone', 'zoned', '10.96.0.13'],
    ] as const
  ).map(
    ([name, service, ip]): Row => ({
      name,
      fixture: 'kernel/hints.yaml',
      ask: ['pod-d', `svc/${service}`],
      ...delivered,
      forward: [...all(`${D} > ${ip}`, 'pod-d eth0 out', 'node-2 veth1 in'), ...all(`${D} > ${C}`, 'node-2 veth0 out', 'pod-c eth0 in')],
      reply: [...all(`${C} > ${D}`, 'pod-c eth0 out', 'node-2 veth0 in'), ...all(`${ip} > ${D}`, 'node-2 veth1 out', 'pod-d eth0 in')],
    }),
  ),
  {
    name: 'PreferSameNode on a node without an endpoint: that of the zone',
    fixture: 'kernel/hints.yaml',
    ask: ['node-3', 'svc/web'],
    ...delivered,
    forward: all(`${N3} > ${C}`, 'node-3 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    reply: all(`${C} > ${N3}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-3 eth0 in'),
  },
  {
    name: 'one endpoint without a hint, and none counts: also the one that is meant for the other zone gets traffic',
    fixture: 'kernel/hints.yaml',
    ask: ['pod-d', 'svc/half'],
    endpoint: B,
    ...delivered,
    forward: [
      ...all(`${D} > 10.96.0.14`, 'pod-d eth0 out', 'node-2 veth1 in'),
      ...all(`${D} > ${B}`, 'node-2 cni0 in', ...ACROSS_21, 'node-1 cni0 out', ...TO_B),
    ],
    reply: [
      ...all(`${B} > ${D}`, ...FROM_B, 'node-1 cni0 in', ...ACROSS_12),
      ...all(`10.96.0.14 > ${D}`, 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
  },
];

export const services: readonly Row[] = [...nodePorts, ...policies, ...addresses, ...hostNetwork, ...chosen];
