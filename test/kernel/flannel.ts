import { A, all, B, C, D, DOWN, delivered, FROM_D, type Row, TO_D, UP } from './rows.ts';

/**
 * flannel. What a capture on every device of a real kernel shows (Linux 6.18), written from captures and from what the kernel does with each
 * fault. On a device that carries the tunnel it is the tunnel's own packet that is seen.
 */

const OUTER = '192.168.1.11 > 192.168.1.12';
const BACK = '192.168.1.12 > 192.168.1.11';

/** From node-1 through the tunnel to node-2, with this header inside; and back. */
const toNode2 = (inner: string) => [
  `node-1 flannel.1 out ${inner}`,
  ...all(OUTER, 'node-1 eth0 out', 'node-2 eth0 in'),
  `node-2 flannel.1 in ${inner}`,
];
const toNode1 = (inner: string) => [
  `node-2 flannel.1 out ${inner}`,
  ...all(BACK, 'node-2 eth0 out', 'node-1 eth0 in'),
  `node-1 flannel.1 in ${inner}`,
];

const IN_D = ['node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'];
const OUT_D = ['pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in'];
const IN_C = ['node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'];
const OUT_C = ['pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'];

const there = (header: string) => [...toNode2(header), ...all(header, ...IN_D)];
const andBack = (header: string) => [...all(header, ...OUT_D), ...toNode1(header)];

export const flannel: readonly Row[] = [
  {
    name: 'VXLAN: from node to node in a packet of the nodes',
    fixture: 'kernel/flannel-vxlan.yaml',
    ask: ['pod-a', 'pod-d:http'],
    ...delivered,
    forward: [...all(`${A} > ${D}`, ...UP), ...there(`${A} > ${D}`)],
    reply: [...andBack(`${D} > ${A}`), ...all(`${D} > ${A}`, ...DOWN)],
  },
  {
    name: 'VXLAN: a pod of the same node is reached on the bridge',
    fixture: 'kernel/flannel-vxlan.yaml',
    ask: ['pod-a', 'pod-b'],
    ...delivered,
    forward: all(`${A} > ${B}`, 'pod-a eth0 out', 'node-1 veth0 in', 'node-1 veth1 out', 'pod-b eth0 in'),
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 veth0 out', 'pod-a eth0 in'),
  },
  {
    name: "VXLAN: a process of a node calls in the name of the tunnel's device",
    fixture: 'kernel/flannel-vxlan.yaml',
    ask: ['node-1', 'pod-d:http'],
    ...delivered,
    forward: there(`10.244.1.0 > ${D}`),
    reply: andBack(`${D} > 10.244.1.0`),
  },
  {
    name: 'VXLAN: a service with its endpoint on another node',
    fixture: 'kernel/flannel-vxlan.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: C,
    ...delivered,
    forward: [
      ...all(`${A} > 10.96.0.10`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all(`${A} > ${C}`, 'node-1 cni0 in'),
      ...toNode2(`${A} > ${C}`),
      ...all(`${A} > ${C}`, ...IN_C),
    ],
    reply: [...all(`${C} > ${A}`, ...OUT_C), ...toNode1(`${C} > ${A}`), ...all(`10.96.0.10 > ${A}`, ...DOWN)],
  },
  {
    name: "VXLAN: what a node masquerades into the tunnel has its device's address",
    fixture: 'kernel/flannel-vxlan.yaml',
    ask: ['node-2', '192.168.1.11:30080'],
    endpoint: C,
    ...delivered,
    forward: [
      ...all('192.168.1.12 > 192.168.1.11', 'node-2 eth0 out', 'node-1 eth0 in'),
      ...toNode2(`10.244.1.0 > ${C}`),
      ...all(`10.244.1.0 > ${C}`, ...IN_C),
    ],
    reply: [
      ...all(`${C} > 10.244.1.0`, ...OUT_C),
      ...toNode1(`${C} > 10.244.1.0`),
      ...all('192.168.1.11 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in'),
    ],
  },
  {
    name: 'VXLAN: an address that no pod has: the other node asks for it and says so, in the tunnel',
    fixture: 'kernel/flannel-vxlan.yaml',
    ask: ['pod-a', '10.244.2.99:80'],
    outcome: 'rejected',
    code: 'NEIGHBOUR_UNREACHABLE',
    client: 'host-unreachable',
    forward: [...all(`${A} > 10.244.2.99`, ...UP), ...toNode2(`${A} > 10.244.2.99`)],
    reply: [...toNode1(`10.244.2.0 > ${A}`), ...all(`10.244.2.0 > ${A}`, ...DOWN)],
  },
  {
    name: 'the forwarding entry is lost: silence after the tunnel device',
    fixture: 'kernel/flannel-fdb-lost.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'TUNNEL_PEER_UNKNOWN',
    client: 'time-out',
    forward: [...all(`${A} > ${D}`, ...UP), `node-1 flannel.1 out ${A} > ${D}`],
  },
  {
    name: 'the forwarding entry is lost: the answer is, too',
    fixture: 'kernel/flannel-fdb-lost.yaml',
    ask: ['pod-d', 'pod-a'],
    outcome: 'dropped',
    code: 'TUNNEL_PEER_UNKNOWN',
    client: 'time-out',
    forward: [...andBack(`${D} > ${A}`), ...all(`${D} > ${A}`, ...DOWN)],
    reply: [...all(`${A} > ${D}`, ...UP), `node-1 flannel.1 out ${A} > ${D}`],
  },
  {
    name: 'the neighbour entry is lost: nobody can be asked, and the node says so',
    fixture: 'kernel/flannel-neighbour-lost.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'rejected',
    code: 'TUNNEL_PEER_UNKNOWN',
    client: 'host-unreachable',
    forward: all(`${A} > ${D}`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  {
    name: 'a MAC address that the other end does not have: its device sees the frame, and that is all',
    fixture: 'kernel/flannel-wrong-mac.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'TUNNEL_MISMATCH',
    client: 'time-out',
    forward: [...all(`${A} > ${D}`, ...UP), ...toNode2(`${A} > ${D}`)],
  },
  {
    name: 'a forwarding entry that leads to another node: the frame is not for its device',
    fixture: 'kernel/flannel-wrong-node.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'TUNNEL_MISMATCH',
    client: 'time-out',
    forward: [
      ...all(`${A} > ${D}`, ...UP),
      `node-1 flannel.1 out ${A} > ${D}`,
      ...all('192.168.1.11 > 192.168.1.13', 'node-1 eth0 out', 'node-3 eth0 in'),
      `node-3 flannel.1 in ${A} > ${D}`,
    ],
  },
  {
    name: 'a third node hands on what it gets by the tunnel, in its own name: it works',
    fixture: 'kernel/flannel-third-node.yaml',
    ask: ['pod-a', 'pod-d:http'],
    ...delivered,
    forward: [
      ...all(`${A} > ${D}`, ...UP),
      `node-1 flannel.1 out ${A} > ${D}`,
      ...all('192.168.1.11 > 192.168.1.13', 'node-1 eth0 out', 'node-3 eth0 in'),
      `node-3 flannel.1 in ${A} > ${D}`,
      `node-3 flannel.1 out 10.244.3.0 > ${D}`,
      ...all('192.168.1.13 > 192.168.1.12', 'node-3 eth0 out', 'node-2 eth0 in'),
      `node-2 flannel.1 in 10.244.3.0 > ${D}`,
      ...all(`10.244.3.0 > ${D}`, ...IN_D),
    ],
    reply: [
      ...all(`${D} > 10.244.3.0`, ...OUT_D),
      `node-2 flannel.1 out ${D} > 10.244.3.0`,
      ...all('192.168.1.12 > 192.168.1.13', 'node-2 eth0 out', 'node-3 eth0 in'),
      `node-3 flannel.1 in ${D} > 10.244.3.0`,
      `node-3 flannel.1 out ${D} > ${A}`,
      ...all('192.168.1.13 > 192.168.1.11', 'node-3 eth0 out', 'node-1 eth0 in'),
      `node-1 flannel.1 in ${D} > ${A}`,
      ...all(`${D} > ${A}`, ...DOWN),
    ],
  },
  {
    name: 'another VNI: no device takes it',
    fixture: 'kernel/flannel-vni.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'TUNNEL_MISMATCH',
    client: 'time-out',
    forward: [...all(`${A} > ${D}`, ...UP), `node-1 flannel.1 out ${A} > ${D}`, ...all(OUTER, 'node-1 eth0 out', 'node-2 eth0 in')],
  },
  {
    name: 'another UDP port: the other node refuses, and only node-1 hears of it',
    fixture: 'kernel/flannel-port.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'TUNNEL_MISMATCH',
    client: 'time-out',
    forward: [...all(`${A} > ${D}`, ...UP), `node-1 flannel.1 out ${A} > ${D}`, ...all(OUTER, 'node-1 eth0 out', 'node-2 eth0 in')],
  },
  {
    name: "the other end's device is down",
    fixture: 'kernel/flannel-down.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'LINK_DOWN',
    client: 'time-out',
    forward: [...all(`${A} > ${D}`, ...UP), `node-1 flannel.1 out ${A} > ${D}`, ...all(OUTER, 'node-1 eth0 out', 'node-2 eth0 in')],
  },
  {
    name: 'a public address that no machine has: the pod hears nothing',
    fixture: 'kernel/flannel-public-ip.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'TUNNEL_PEER_UNKNOWN',
    client: 'time-out',
    forward: [...all(`${A} > ${D}`, ...UP), `node-1 flannel.1 out ${A} > ${D}`],
  },
  {
    name: 'too large for the tunnel device: the pod is told',
    fixture: 'kernel/flannel-overlay-mtu.yaml',
    ask: ['pod-a', 'pod-d:dns'],
    more: { size: 1400 },
    outcome: 'rejected',
    code: 'MTU_EXCEEDED',
    client: 'message-too-long',
    forward: all(`${A} > ${D}`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  {
    name: "the NICs have no room for the tunnel's headers: its packet goes in two pieces, and the one inside arrives whole",
    fixture: 'kernel/flannel-nic-mtu.yaml',
    ask: ['pod-a', 'pod-d:dns'],
    more: { size: 1450 },
    ...delivered,
    forward: [...all(`${A} > ${D}`, ...UP), ...there(`${A} > ${D}`)],
    reply: [...andBack(`${D} > ${A}`), ...all(`${D} > ${A}`, ...DOWN)],
  },
  {
    name: "the route to a node is lost: by the default route, in the pod's own name, and lost outside",
    fixture: 'kernel/flannel-route-lost.yaml',
    ask: ['pod-a', 'pod-d:http'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: all(`${A} > ${D}`, ...UP, 'node-1 eth0 out', 'gateway eth0 in', 'gateway wan0 out'),
  },
  {
    name: 'directRouting: a node on the same link is the next hop',
    fixture: 'kernel/flannel-direct.yaml',
    ask: ['pod-a', 'pod-d:http'],
    ...delivered,
    forward: all(`${A} > ${D}`, ...UP, ...TO_D),
    reply: all(`${D} > ${A}`, ...FROM_D, ...DOWN),
  },
  {
    name: 'directRouting: a node on another link is reached by the tunnel, over the router',
    fixture: 'kernel/flannel-direct.yaml',
    ask: ['pod-a', 'pod-e'],
    ...delivered,
    forward: [
      ...all(`${A} > 10.244.3.10`, ...UP, 'node-1 flannel.1 out'),
      ...all('192.168.1.11 > 192.168.2.13', 'node-1 eth0 out', 'router eth0 in', 'router eth1 out', 'node-3 eth0 in'),
      ...all(`${A} > 10.244.3.10`, 'node-3 flannel.1 in', 'node-3 cni0 out', 'node-3 veth0 out', 'pod-e eth0 in'),
    ],
    reply: [
      ...all(`10.244.3.10 > ${A}`, 'pod-e eth0 out', 'node-3 veth0 in', 'node-3 cni0 in', 'node-3 flannel.1 out'),
      ...all('192.168.2.13 > 192.168.1.11', 'node-3 eth0 out', 'router eth1 in', 'router eth0 out', 'node-1 eth0 in'),
      ...all(`10.244.3.10 > ${A}`, 'node-1 flannel.1 in', ...DOWN),
    ],
  },
  {
    name: 'host-gw: nodes are next hops, and pods keep their addresses among each other',
    fixture: 'kernel/flannel-host-gw.yaml',
    ask: ['pod-a', 'pod-d:http'],
    ...delivered,
    forward: all(`${A} > ${D}`, ...UP, ...TO_D),
    reply: all(`${D} > ${A}`, ...FROM_D, ...DOWN),
  },
  {
    name: "host-gw: a node's process calls a pod of another node, masqueraded to what it is already",
    fixture: 'kernel/flannel-host-gw.yaml',
    ask: ['node-1', 'pod-d:http'],
    ...delivered,
    forward: all(`192.168.1.11 > ${D}`, ...TO_D),
    reply: all(`${D} > 192.168.1.11`, ...FROM_D),
  },
  {
    name: 'host-gw: a pod calls a node, masqueraded',
    fixture: 'kernel/flannel-host-gw.yaml',
    ask: ['pod-a', 'node-2:22'],
    ...delivered,
    forward: [...all(`${A} > 192.168.1.12`, ...UP), ...all('192.168.1.11 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in')],
    reply: [...all('192.168.1.12 > 192.168.1.11', 'node-2 eth0 out', 'node-1 eth0 in'), ...all(`192.168.1.12 > ${A}`, ...DOWN)],
  },
  {
    name: 'host-gw: a node on another link has no route, and its pods are looked for by the default one',
    fixture: 'kernel/flannel-host-gw-two-links.yaml',
    ask: ['pod-a', 'pod-e'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: all(`${A} > 10.244.3.10`, ...UP, 'node-1 eth0 out', 'gateway eth0 in', 'gateway wan0 out'),
  },
];
