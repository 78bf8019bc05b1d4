import { A, all, B, C, D, DOWN, delivered, type Row, UP } from './rows.ts';

/** Policies in FORWARD and INPUT, with the addresses that are there. */
const N1 = '192.168.1.11';
const N2 = '192.168.1.12';
const N3 = '192.168.1.13';
const BRIDGE_1 = '10.244.1.1';
const BRIDGE_2 = '10.244.2.1';
const refused = { outcome: 'rejected', code: 'POLICY_DEFAULT_DENY', client: 'refused' } as const;

const nodePort: readonly Row[] = [
  {
    name: "a node port on the endpoint's own node: the policy sees the client, for masquerade comes later",
    fixture: 'kernel/policy-node-port.yaml',
    ask: ['node-3', `${N2}:30080`],
    ...delivered,
    forward: [
      ...all(`${N3} > ${N2}`, 'node-3 eth0 out', 'node-2 eth0 in'),
      ...all(`${BRIDGE_2} > ${C}`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    ],
    reply: [
      ...all(`${C} > ${BRIDGE_2}`, 'pod-c eth0 out', 'node-2 veth0 in'),
      ...all(`${C} > ${N3}`, 'node-2 cni0 in'),
      ...all(`${N2} > ${N3}`, 'node-2 eth0 out', 'node-3 eth0 in'),
    ],
  },
  {
    name: 'the same node port through another node: the policy sees that node, and keeps the same client out',
    fixture: 'kernel/policy-node-port.yaml',
    ask: ['node-3', `${N1}:30080`],
    outcome: 'dropped',
    code: 'POLICY_DEFAULT_DENY',
    client: 'time-out',
    forward: [...all(`${N3} > ${N1}`, 'node-3 eth0 out', 'node-1 eth0 in'), ...all(`${N1} > ${C}`, 'node-1 eth0 out', 'node-2 eth0 in')],
  },
  {
    name: "the pod's own node always may",
    fixture: 'kernel/policy-node-port.yaml',
    ask: ['node-2', `${C}:9090`],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: all(`${BRIDGE_2} > ${C}`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    reply: all(`${C} > ${BRIDGE_2}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'),
  },
];

const refusals: readonly Row[] = [
  {
    name: 'a frame that the bridge switches is refused: the refusal is routed, and leaves by cni0, where the frame never was',
    fixture: 'kernel/policy-reject.yaml',
    ask: ['pod-a', `${B}:8080`],
    ...refused,
    forward: all(`${A} > ${B}`, 'pod-a eth0 out', 'node-1 veth0 in'),
    reply: all(`${BRIDGE_1} > ${A}`, ...DOWN),
  },
  {
    name: "refused on the receiver's node",
    fixture: 'kernel/policy-reject.yaml',
    ask: ['pod-a', `${D}:8080`],
    ...refused,
    forward: [...all(`${A} > ${D}`, ...UP, 'node-1 eth0 out', 'node-2 eth0 in')],
    reply: [...all(`${N2} > ${A}`, 'node-2 eth0 out', 'node-1 eth0 in', ...DOWN)],
  },
  {
    name: "refused on the sender's node, before it leaves",
    fixture: 'kernel/policy-reject.yaml',
    ask: ['pod-c', `${B}:8080`],
    ...refused,
    forward: all(`${C} > ${B}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'),
    reply: all(`${BRIDGE_2} > ${C}`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
  },
  {
    name: 'a pod to its own node is asked, in INPUT',
    fixture: 'kernel/policy-reject.yaml',
    ask: ['pod-c', `${N2}:8080`],
    ...refused,
    forward: all(`${C} > ${N2}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'),
    reply: all(`${N2} > ${C}`, 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
  },
  {
    name: 'an answer passes where its sender may not begin',
    fixture: 'kernel/policy-reject.yaml',
    ask: ['pod-a', `${C}:8080`],
    ...delivered,
    forward: [...all(`${A} > ${C}`, ...UP, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in')],
    reply: [...all(`${C} > ${A}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in', ...DOWN)],
  },
];

export const policies: readonly Row[] = [...nodePort, ...refusals];
