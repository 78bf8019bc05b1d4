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
];
