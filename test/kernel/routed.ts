import { A, all, B, C, D, delivered, type Row } from './rows.ts';

/**
 * Plugins that route to each pod by itself, as captured (Linux 6.18): no bridge is crossed, and nothing of a node's range is on a link.
 */
const WEB = '10.96.0.10';
const ECHO = '10.96.0.12';

/** From node-1 to pod-d, and back. */
const TO_D = ['node-1 eth0 out', 'node-2 eth0 in', 'node-2 veth1 out', 'pod-d eth0 in'];
const FROM_D = ['pod-d eth0 out', 'node-2 veth1 in', 'node-2 eth0 out', 'node-1 eth0 in'];

export const kindnet: readonly Row[] = [
  {
    name: 'kindnet, same node: from veth to veth',
    fixture: 'kernel/kindnet.yaml',
    ask: ['pod-a', 'pod-b'],
    ...delivered,
    forward: all(`${A} > ${B}`, 'pod-a eth0 out', 'node-1 veth0 in', 'node-1 veth1 out', 'pod-b eth0 in'),
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 veth0 out', 'pod-a eth0 in'),
  },
  {
    name: 'kindnet, other node',
    fixture: 'kernel/kindnet.yaml',
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    forward: all(`${A} > ${D}`, 'pod-a eth0 out', 'node-1 veth0 in', ...TO_D),
    reply: all(`${D} > ${A}`, ...FROM_D, 'node-1 veth0 out', 'pod-a eth0 in'),
  },
  {
    name: 'kindnet, ClusterIP with its endpoint on the same node: routed, so no bridge netfilter is asked',
    fixture: 'kernel/kindnet.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: B,
    ...delivered,
    forward: [...all(`${A} > ${WEB}`, 'pod-a eth0 out', 'node-1 veth0 in'), ...all(`${A} > ${B}`, 'node-1 veth1 out', 'pod-b eth0 in')],
    reply: [...all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in'), ...all(`${WEB} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  {
    name: 'kindnet, a pod calls itself by a service: masqueraded to the address of its own veth',
    fixture: 'kernel/kindnet.yaml',
    ask: ['pod-a', 'svc/echo'],
    ...delivered,
    forward: [
      ...all(`${A} > ${ECHO}`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all(`10.244.1.1 > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in'),
    ],
    reply: [
      ...all(`${A} > 10.244.1.1`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all(`${ECHO} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in'),
    ],
  },
  {
    name: "kindnet, another node's own address: masqueraded, for it is not in the pod range",
    fixture: 'kernel/kindnet.yaml',
    ask: ['pod-a', '192.168.1.12:9000'],
    ...delivered,
    forward: [
      ...all(`${A} > 192.168.1.12`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all('192.168.1.11 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in'),
    ],
    reply: [
      ...all('192.168.1.12 > 192.168.1.11', 'node-2 eth0 out', 'node-1 eth0 in'),
      ...all(`192.168.1.12 > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in'),
    ],
  },
  {
    name: "kindnet, an address of the node's own range that no pod has: out by the default route, not masqueraded",
    fixture: 'kernel/kindnet.yaml',
    ask: ['pod-a', '10.244.1.99:8080'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: all(`${A} > 10.244.1.99`, 'pod-a eth0 out', 'node-1 veth0 in', 'node-1 eth0 out', 'gateway eth0 in', 'gateway wan0 out'),
  },
  {
    name: 'kindnet, a process of the node calls a pod elsewhere in the name of its own NIC',
    fixture: 'kernel/kindnet.yaml',
    ask: ['node-1', 'pod-c'],
    ...delivered,
    forward: all(`192.168.1.11 > ${C}`, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 veth0 out', 'pod-c eth0 in'),
    reply: all(`${C} > 192.168.1.11`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 eth0 out', 'node-1 eth0 in'),
  },
  {
    name: 'kindnet, the way back to a pod that asks for its gateway is another one: nobody answers, as long as the node has not asked first',
    fixture: 'kernel/rp-filter-rule.yaml',
    ask: ['pod-a', 'pod-b'],
    outcome: 'rejected',
    code: 'REVERSE_PATH_FILTER',
    client: 'host-unreachable',
    forward: [],
    reply: all(`${A} > ${A}`, 'pod-a lo in'),
  },
];

/** The host ends of the four pods. */
const [HOST_A, HOST_B, HOST_C, HOST_D] = ['cali5e1c4d6c68c', 'cali2f5353dd8c5', 'cali3754a2f57f6', 'calid6b219bf875'];
const OUT_A = ['pod-a eth0 out', `node-1 ${HOST_A} in`];
const IN_A = [`node-1 ${HOST_A} out`, 'pod-a eth0 in'];

export const calico: readonly Row[] = [
  {
    name: 'Calico, same node: from host end to host end',
    fixture: 'kernel/calico.yaml',
    ask: ['pod-a', 'pod-b'],
    ...delivered,
    forward: all(`${A} > ${B}`, ...OUT_A, `node-1 ${HOST_B} out`, 'pod-b eth0 in'),
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', `node-1 ${HOST_B} in`, ...IN_A),
  },
  {
    name: 'Calico, other node',
    fixture: 'kernel/calico.yaml',
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    forward: all(`${A} > ${D}`, ...OUT_A, 'node-1 eth0 out', 'node-2 eth0 in', `node-2 ${HOST_D} out`, 'pod-d eth0 in'),
    reply: all(`${D} > ${A}`, 'pod-d eth0 out', `node-2 ${HOST_D} in`, 'node-2 eth0 out', 'node-1 eth0 in', ...IN_A),
  },
  {
    name: "Calico, a pod calls itself by a service: its host end has no address, so it is masqueraded to the node's",
    fixture: 'kernel/calico.yaml',
    ask: ['pod-a', 'svc/echo'],
    ...delivered,
    forward: [...all(`${A} > ${ECHO}`, ...OUT_A), ...all(`192.168.1.11 > ${A}`, ...IN_A)],
    reply: [...all(`${A} > 192.168.1.11`, ...OUT_A), ...all(`${ECHO} > ${A}`, ...IN_A)],
  },
  {
    name: "Calico, another node's own address: natOutgoing, for it is in no pool",
    fixture: 'kernel/calico.yaml',
    ask: ['pod-a', '192.168.1.12:9000'],
    ...delivered,
    forward: [...all(`${A} > 192.168.1.12`, ...OUT_A), ...all('192.168.1.11 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in')],
    reply: [...all('192.168.1.12 > 192.168.1.11', 'node-2 eth0 out', 'node-1 eth0 in'), ...all(`192.168.1.12 > ${A}`, ...IN_A)],
  },
  {
    name: "Calico, an address of the node's own block that no pod has: its blackhole",
    fixture: 'kernel/calico.yaml',
    ask: ['pod-a', '10.244.1.99:8080'],
    outcome: 'dropped',
    code: 'BLACKHOLE_ROUTE',
    client: 'time-out',
    forward: all(`${A} > 10.244.1.99`, ...OUT_A),
  },
  {
    name: 'Calico, the same from a process of the node: an error of its call',
    fixture: 'kernel/calico.yaml',
    ask: ['node-1', '10.244.1.99:8080'],
    outcome: 'rejected',
    code: 'BLACKHOLE_ROUTE',
    client: 'invalid',
    forward: [],
  },
  {
    name: 'Calico, a process of the node calls a pod beside it in the name of its NIC',
    fixture: 'kernel/calico.yaml',
    ask: ['node-2', 'pod-c'],
    ...delivered,
    forward: all(`192.168.1.12 > ${C}`, `node-2 ${HOST_C} out`, 'pod-c eth0 in'),
    reply: all(`${C} > 192.168.1.12`, 'pod-c eth0 out', `node-2 ${HOST_C} in`),
  },
  {
    name: 'Calico without proxy_arp: the pod gets no answer for 169.254.1.1, and hears it from itself',
    fixture: 'kernel/calico-no-proxy-arp.yaml',
    ask: ['pod-a', 'pod-b'],
    outcome: 'rejected',
    code: 'NEXT_HOP_UNKNOWN',
    client: 'host-unreachable',
    forward: [],
    reply: all(`${A} > ${A}`, 'pod-a lo in'),
  },
  {
    name: 'Calico without a default route on the node: its host ends have no other way to 169.254.1.1, and do not answer',
    fixture: 'kernel/calico-no-gateway.yaml',
    ask: ['pod-a', 'pod-b'],
    outcome: 'rejected',
    code: 'NEXT_HOP_UNKNOWN',
    client: 'host-unreachable',
    forward: [],
    reply: all(`${A} > ${A}`, 'pod-a lo in'),
  },
  {
    name: "Calico with a block's route lost: by the default route, and masqueraded as nothing between pods is",
    fixture: 'kernel/calico-no-route.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: all(`${A} > ${D}`, ...OUT_A, 'node-1 eth0 out', 'gateway eth0 in', 'gateway wan0 out'),
  },
];

/** IPv6 has no 169.254.1.1 that a route could name. */
export const calicoIpv4: readonly Row[] = [
  {
    name: 'Calico, a pod that sends in the name of another address: dropped on its way in',
    fixture: 'kernel/calico-foreign-source.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'FILTER_DROP',
    client: 'time-out',
    forward: all(`10.244.1.77 > ${D}`, ...OUT_A),
  },
];

/** From pod-a to pod-d and back: the tunnel's device shows the inner packet, the NIC the outer one. */
const through = (device: string) => ({
  forward: [
    ...all(`${A} > ${D}`, ...OUT_A, `node-1 ${device} out`),
    ...all('192.168.1.11 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in'),
    ...all(`${A} > ${D}`, `node-2 ${device} in`, `node-2 ${HOST_D} out`, 'pod-d eth0 in'),
  ],
  reply: [
    ...all(`${D} > ${A}`, 'pod-d eth0 out', `node-2 ${HOST_D} in`, `node-2 ${device} out`),
    ...all('192.168.1.12 > 192.168.1.11', 'node-2 eth0 out', 'node-1 eth0 in'),
    ...all(`${D} > ${A}`, `node-1 ${device} in`, ...IN_A),
  ],
});

export const calicoTunnels: readonly Row[] = [
  {
    name: 'Calico with VXLAN, other node: the inner packet in one between the nodes',
    fixture: 'kernel/calico-vxlan.yaml',
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    ...through('vxlan.calico'),
  },
  {
    name: "Calico with VXLAN, a process of the node: in the name of the tunnel's device, the first address of its block",
    fixture: 'kernel/calico-vxlan.yaml',
    ask: ['node-1', 'pod-c'],
    ...delivered,
    forward: [
      ...all(`10.244.1.0 > ${C}`, 'node-1 vxlan.calico out'),
      ...all('192.168.1.11 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in'),
      ...all(`10.244.1.0 > ${C}`, 'node-2 vxlan.calico in', `node-2 ${HOST_C} out`, 'pod-c eth0 in'),
    ],
    reply: [
      ...all(`${C} > 10.244.1.0`, 'pod-c eth0 out', `node-2 ${HOST_C} in`, 'node-2 vxlan.calico out'),
      ...all('192.168.1.12 > 192.168.1.11', 'node-2 eth0 out', 'node-1 eth0 in'),
      ...all(`${C} > 10.244.1.0`, 'node-1 vxlan.calico in'),
    ],
  },
  {
    name: 'Calico with VXLAN between segments only: beside each other without',
    fixture: 'kernel/calico-cross-subnet.yaml',
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    forward: all(`${A} > ${D}`, ...OUT_A, 'node-1 eth0 out', 'node-2 eth0 in', `node-2 ${HOST_D} out`, 'pod-d eth0 in'),
    reply: all(`${D} > ${A}`, 'pod-d eth0 out', `node-2 ${HOST_D} in`, 'node-2 eth0 out', 'node-1 eth0 in', ...IN_A),
  },
];

/** Calico's host ends, and flannel's network between the nodes. */
export const canal: readonly Row[] = [
  {
    name: "canal, other node: from Calico's host end into flannel's tunnel",
    fixture: 'kernel/canal.yaml',
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    ...through('flannel.1'),
  },
  {
    name: 'canal, same node: from host end to host end',
    fixture: 'kernel/canal.yaml',
    ask: ['pod-a', 'pod-b'],
    ...delivered,
    forward: all(`${A} > ${B}`, ...OUT_A, `node-1 ${HOST_B} out`, 'pod-b eth0 in'),
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', `node-1 ${HOST_B} in`, ...IN_A),
  },
  {
    name: "canal, another node's own address: FLANNEL-POSTRTG masquerades, for Calico has no pool",
    fixture: 'kernel/canal.yaml',
    ask: ['pod-a', '192.168.1.12:9000'],
    ...delivered,
    forward: [...all(`${A} > 192.168.1.12`, ...OUT_A), ...all('192.168.1.11 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in')],
    reply: [...all('192.168.1.12 > 192.168.1.11', 'node-2 eth0 out', 'node-1 eth0 in'), ...all(`192.168.1.12 > ${A}`, ...IN_A)],
  },
  {
    name: "canal, an address of the node's own range that no pod has: no blackhole, but out by the default route",
    fixture: 'kernel/canal.yaml',
    ask: ['pod-a', '10.244.1.99:8080'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: all(`${A} > 10.244.1.99`, ...OUT_A, 'node-1 eth0 out', 'gateway eth0 in', 'gateway wan0 out'),
  },
];

/** As documents have it: the kernel of the captures has no IPIP. */
export const calicoIpip: readonly Row[] = [
  {
    name: 'Calico with IPIP, other node',
    fixture: 'kernel/calico-ipip.yaml',
    ask: ['pod-a', 'pod-d'],
    ...delivered,
    ...through('tunl0'),
  },
];
