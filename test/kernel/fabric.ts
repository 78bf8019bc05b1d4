import { all, delivered, type Row } from './rows.ts';

/** Networks that deliver to pods by themselves. Host ends: the first 11 digits of `printf default.pod-a | sha1sum`. */
const A = '192.168.1.101';
const B = '192.168.1.102';
const D = '192.168.1.104';
const [ENI_A, ENI_B, ENI_D] = ['eni5e1c4d6c68c', 'eni2f5353dd8c5', 'enid6b219bf875'];
const LAPTOP = '198.51.100.1';

/** From outside to the node port, up to where n1 has translated it. */
const CALLED = [
  `internet eth0 out ${LAPTOP} > 203.0.113.11`,
  `gateway wan0 in ${LAPTOP} > 203.0.113.11`,
  `gateway eth0 out ${LAPTOP} > 192.168.1.11`,
  `n1 eth0 in ${LAPTOP} > 192.168.1.11`,
];

export const aws: readonly Row[] = [
  {
    name: 'what a pod of the second NIC sends leaves by it, whose table knows the router of its subnet only (rule 1536)',
    fixture: 'kernel/aws-vpc-cni.yaml',
    ask: ['pod-b', 'pod-d:8080'],
    ...delivered,
    forward: all(
      `${B} > ${D}`,
      ...['pod-b eth0 out', `n1 ${ENI_B} in`, 'n1 eth1 out', 'gateway eth0 in', 'gateway eth0 out'],
      ...['n2 eth1 in', `n2 ${ENI_D} out`, 'pod-d eth0 in'],
    ),
    reply: all(
      `${D} > ${B}`,
      ...['pod-d eth0 out', `n2 ${ENI_D} in`, 'n2 eth1 out', 'gateway eth0 in', 'gateway eth0 out'],
      ...['n1 eth1 in', `n1 ${ENI_B} out`, 'pod-b eth0 in'],
    ),
  },
  {
    name: 'its host end is down: the MAC of its gateway is written down, so that nobody is asked, and the device without a carrier is silent',
    fixture: 'kernel/aws-host-end-down.yaml',
    ask: ['pod-b', 'pod-d:8080'],
    outcome: 'dropped',
    code: 'LINK_DOWN',
    client: 'time-out',
    forward: [],
  },
  {
    name: 'a pod of the primary NIC asks for the address on its link, and the network answers with the NIC that has it',
    fixture: 'kernel/aws-vpc-cni.yaml',
    ask: ['pod-a', 'pod-d:8080'],
    ...delivered,
    forward: all(`${A} > ${D}`, ...['pod-a eth0 out', `n1 ${ENI_A} in`, 'n1 eth0 out', 'n2 eth1 in', `n2 ${ENI_D} out`, 'pod-d eth0 in']),
    reply: all(
      `${D} > ${A}`,
      ...['pod-d eth0 out', `n2 ${ENI_D} in`, 'n2 eth1 out', 'gateway eth0 in', 'gateway eth0 out'],
      ...['n1 eth0 in', `n1 ${ENI_A} out`, 'pod-a eth0 in'],
    ),
  },
  {
    name: "a router's address on another segment: the network takes the packet to the NIC that has it",
    fixture: 'kernel/aws-router.yaml',
    ask: ['pod-a', '192.168.1.254:443'],
    ...delivered,
    forward: all('10.1.0.101 > 192.168.1.254', 'pod-a eth0 out', `n1 ${ENI_A} in`, 'n1 eth1 out', 'r1 eth0 in'),
    reply: all('192.168.1.254 > 10.1.0.101', 'r1 eth1 out', 'n1 eth1 in', `n1 ${ENI_A} out`, 'pod-a eth0 in'),
  },
  {
    name: "an address that a node has beside its own on its first NIC: the packet comes by that one, not by the node's NIC on the sender's segment",
    fixture: 'kernel/aws-router.yaml',
    ask: ['pod-a', '192.168.1.60:22'],
    ...delivered,
    forward: all('10.1.0.101 > 192.168.1.60', 'pod-a eth0 out', `n1 ${ENI_A} in`, 'n1 eth1 out', 'n2 eth0 in'),
    reply: all('192.168.1.60 > 10.1.0.101', 'n2 eth0 out', 'r1 eth0 in', 'r1 eth1 out', 'n1 eth1 in', `n1 ${ENI_A} out`, 'pod-a eth0 in'),
  },
  {
    name: 'pods of one node: by its rule 512, whatever their NICs',
    fixture: 'kernel/aws-vpc-cni.yaml',
    ask: ['pod-b', 'pod-a:8080'],
    ...delivered,
    forward: all(`${B} > ${A}`, 'pod-b eth0 out', `n1 ${ENI_B} in`, `n1 ${ENI_A} out`, 'pod-a eth0 in'),
    reply: all(`${A} > ${B}`, 'pod-a eth0 out', `n1 ${ENI_A} in`, `n1 ${ENI_B} out`, 'pod-b eth0 in'),
  },
  {
    name: 'the answer of a node port leaves by the NIC that the question came in by (connmark), though the pod has another',
    fixture: 'kernel/aws-vpc-cni.yaml',
    ask: ['internet', '203.0.113.11:30080'],
    ...delivered,
    forward: [...CALLED, ...all(`${LAPTOP} > ${B}`, `n1 ${ENI_B} out`, 'pod-b eth0 in')],
    reply: [
      ...all(`${B} > ${LAPTOP}`, 'pod-b eth0 out', `n1 ${ENI_B} in`),
      ...all(`192.168.1.11 > ${LAPTOP}`, 'n1 eth0 out', 'gateway eth0 in'),
      ...all(`203.0.113.11 > ${LAPTOP}`, 'gateway wan0 out', 'internet eth0 in'),
    ],
  },
  {
    name: 'out of the VPC a pod of the second NIC leaves by the primary one, in its name',
    fixture: 'kernel/aws-vpc-cni.yaml',
    ask: ['pod-b', 'internet:443'],
    ...delivered,
    forward: [
      ...all(`${B} > ${LAPTOP}`, 'pod-b eth0 out', `n1 ${ENI_B} in`),
      ...all(`192.168.1.11 > ${LAPTOP}`, 'n1 eth0 out', 'gateway eth0 in'),
      ...all(`203.0.113.11 > ${LAPTOP}`, 'gateway wan0 out', 'internet eth0 in'),
    ],
    reply: [
      ...all(`${LAPTOP} > 203.0.113.11`, 'internet eth0 out', 'gateway wan0 in'),
      ...all(`${LAPTOP} > 192.168.1.11`, 'gateway eth0 out', 'n1 eth0 in'),
      ...all(`${LAPTOP} > ${B}`, `n1 ${ENI_B} out`, 'pod-b eth0 in'),
    ],
  },
  {
    name: 'without its rule the pod leaves by the primary NIC, of which its address is none',
    fixture: 'kernel/aws-rule-lost.yaml',
    ask: ['pod-b', 'pod-d:8080'],
    outcome: 'dropped',
    code: 'SOURCE_CHECK',
    client: 'time-out',
    forward: all(`${B} > ${D}`, 'pod-b eth0 out', `n1 ${ENI_B} in`, 'n1 eth0 out'),
  },
  {
    name: "without the mark's rule the answer leaves by the pod's NIC, in the name of the other one",
    fixture: 'kernel/aws-mark-lost.yaml',
    ask: ['internet', '203.0.113.11:30080'],
    outcome: 'dropped',
    code: 'SOURCE_CHECK',
    client: 'time-out',
    forward: [...CALLED, ...all(`${LAPTOP} > ${B}`, `n1 ${ENI_B} out`, 'pod-b eth0 in')],
    reply: [...all(`${B} > ${LAPTOP}`, 'pod-b eth0 out', `n1 ${ENI_B} in`), `n1 eth1 out 192.168.1.11 > ${LAPTOP}`],
  },
  {
    name: 'rp_filter asks with the destination as source, rules included: strict drops what is for a pod of the second NIC',
    fixture: 'kernel/aws-strict.yaml',
    ask: ['internet', '203.0.113.11:30080'],
    outcome: 'dropped',
    code: 'REVERSE_PATH_FILTER',
    client: 'time-out',
    forward: CALLED,
  },
];

const POD_A = '10.244.1.10';
const POD_D = '10.244.2.11';

export const fabric: readonly Row[] = [
  {
    name: 'a node knows no pods of other nodes: the gateway does',
    fixture: 'kernel/gke.yaml',
    ask: ['pod-a', 'pod-d:80'],
    ...delivered,
    forward: all(
      `${POD_A} > ${POD_D}`,
      ...['pod-a eth0 out', 'n1 gke5e1c4d6c68c in', 'n1 eth0 out', 'gateway eth0 in', 'gateway eth0 out'],
      ...['n2 eth0 in', 'n2 gked6b219bf875 out', 'pod-d eth0 in'],
    ),
    reply: all(
      `${POD_D} > ${POD_A}`,
      ...['pod-d eth0 out', 'n2 gked6b219bf875 in', 'n2 eth0 out', 'gateway eth0 in', 'gateway eth0 out'],
      ...['n1 eth0 in', 'n1 gke5e1c4d6c68c out', 'pod-a eth0 in'],
    ),
  },
  {
    name: 'the network answers for a NIC that is down, and nobody hears of what it sends there',
    fixture: 'kernel/gke-nic-down.yaml',
    ask: ['pod-a', 'pod-d:80'],
    outcome: 'dropped',
    code: 'LINK_DOWN',
    client: 'time-out',
    forward: all(
      `${POD_A} > ${POD_D}`,
      ...['pod-a eth0 out', 'n1 gke5e1c4d6c68c in', 'n1 eth0 out', 'gateway eth0 in', 'gateway eth0 out'],
    ),
  },
  {
    name: 'without a gateway the network takes it to the NIC at once, on another segment, too',
    fixture: 'kernel/kubenet.yaml',
    ask: ['pod-a', 'pod-d:80'],
    ...delivered,
    forward: all(
      `${POD_A} > ${POD_D}`,
      ...['pod-a eth0 out', 'n1 veth0 in', 'n1 cbr0 in', 'n1 eth0 out', 'n2 eth0 in', 'n2 cbr0 out', 'n2 veth0 out', 'pod-d eth0 in'],
    ),
    reply: all(
      `${POD_D} > ${POD_A}`,
      ...['pod-d eth0 out', 'n2 veth0 in', 'n2 cbr0 in', 'n2 eth0 out', 'n1 eth0 in', 'n1 cbr0 out', 'n1 veth0 out', 'pod-a eth0 in'],
    ),
  },
  {
    name: 'what it knows nobody for, it discards in silence',
    fixture: 'kernel/kubenet.yaml',
    ask: ['pod-a', '203.0.113.99:80'],
    outcome: 'dropped',
    code: 'NO_ROUTE',
    client: 'time-out',
    forward: [...all(`${POD_A} > 203.0.113.99`, 'pod-a eth0 out', 'n1 veth0 in', 'n1 cbr0 in'), 'n1 eth0 out 192.168.1.11 > 203.0.113.99'],
  },
];
