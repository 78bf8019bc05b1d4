import { A, all, D, DOWN, type Row, UP } from './rows.ts';

const IPV4 = 'kernel/local-table.yaml';
const IPV6 = 'kernel/ipv6-local-table.yaml';
const POD6 = 'fd00:10:244:1::10';

/** Of pod-d, which is the only pod of its node here. */
const D_OUT = ['pod-d eth0 out', 'node-2 veth0 in', 'node-2 cni0 in'];
const D_IN = ['node-2 cni0 out', 'node-2 veth0 out', 'pod-d eth0 in'];

/** What the kernel itself puts beside each address: prefixes on lo, secondary addresses, broadcast and anycast addresses. */
export const localTable: readonly Row[] = [
  {
    name: 'all of a prefix on lo is the machine',
    fixture: IPV4,
    ask: ['pod-d', '10.10.0.7:80'],
    outcome: 'delivered',
    client: 'answer',
    forward: [...all(`${D} > 10.10.0.7`, ...D_OUT), ...all('192.168.1.12 > 10.10.0.7', 'node-2 eth0 out', 'node-1 eth0 in')],
    reply: [...all('10.10.0.7 > 192.168.1.12', 'node-1 eth0 out', 'node-2 eth0 in'), ...all(`10.10.0.7 > ${D}`, ...D_IN)],
  },
  {
    name: 'and itself calls it by the address that the prefix came with',
    fixture: IPV4,
    ask: ['node-1', '10.10.0.7:80'],
    outcome: 'delivered',
    client: 'answer',
    forward: ['node-1 lo in 10.10.0.1 > 10.10.0.7'],
    reply: ['node-1 lo in 10.10.0.7 > 10.10.0.1'],
  },
  {
    name: 'a second address of a prefix is called by the first one',
    fixture: IPV4,
    ask: ['node-1', '10.11.0.2:80'],
    outcome: 'delivered',
    client: 'answer',
    forward: ['node-1 lo in 10.11.0.1 > 10.11.0.2'],
    reply: ['node-1 lo in 10.11.0.2 > 10.11.0.1'],
  },
  {
    name: 'a source in a prefix on lo is no martian where nobody looks up the way back; the answer stays',
    fixture: IPV4,
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'RETURN_PATH_BROKEN',
    client: 'time-out',
    forward: all(`${A} > ${D}`, ...UP, 'node-1 eth0 out', 'node-2 eth0 in', ...D_IN),
    reply: all(`${D} > ${A}`, ...D_OUT),
  },
  {
    name: 'a node port of a service without endpoints is refused by kube-proxy there, too',
    fixture: IPV4,
    ask: ['node-1', '10.10.0.7:30080'],
    outcome: 'rejected',
    code: 'NO_ENDPOINTS',
    client: 'refused',
    forward: ['node-1 lo in 10.10.0.1 > 10.10.0.7'],
    reply: ['node-1 lo in 10.10.0.7 > 10.10.0.1'],
  },
  {
    name: 'TCP to a broadcast address: nobody answers',
    fixture: IPV4,
    ask: ['pod-a', '10.10.0.255:80'],
    outcome: 'dropped',
    code: 'MARTIAN_ADDRESS',
    client: 'time-out',
    forward: all(`${A} > 10.10.0.255`, ...UP),
  },
  {
    name: 'a ping to a broadcast address: nobody answers (icmp_echo_ignore_broadcasts)',
    fixture: IPV4,
    ask: ['pod-a', '10.11.0.255/icmp'],
    outcome: 'dropped',
    code: 'MARTIAN_ADDRESS',
    client: 'time-out',
    forward: all(`${A} > 10.11.0.255`, ...UP),
  },
  ...(
    [
      ['10.11.0.255:80', 'net-unreachable'],
      ['10.11.0.255:80/udp', 'not-permitted'],
      ['10.11.0.255/icmp', 'not-permitted'],
      ['127.255.255.255:80', 'net-unreachable'],
    ] as const
  ).map(
    ([called, client]): Row => ({
      name: `a program does not get to the broadcast address of its own link: ${called}`,
      fixture: IPV4,
      ask: ['node-1', called],
      outcome: 'rejected',
      code: 'MARTIAN_ADDRESS',
      client,
      forward: [],
    }),
  ),
  {
    name: 'a datagram to a broadcast address is heard, by whom and under which address is not known',
    fixture: IPV4,
    ask: ['pod-a', '10.11.0.255:80/udp'],
    outcome: 'undetermined',
    code: 'FACT_MISSING',
    client: 'unknown',
    forward: all(`${A} > 10.11.0.255`, ...UP),
  },
];

export const localTable6: readonly Row[] = [
  {
    name: 'IPv6: of a prefix on lo only the addresses are there, and the rest is refused',
    fixture: IPV6,
    ask: ['pod-a', '[fd00:9::7]:80'],
    outcome: 'rejected',
    code: 'NO_ROUTE',
    client: 'net-unreachable',
    forward: all(`${POD6} > fd00:9::7`, ...UP),
    reply: all(`fd00:10:244:1::1 > ${POD6}`, ...DOWN),
  },
  {
    name: 'IPv6: the machine itself is told so, too',
    fixture: IPV6,
    ask: ['node-1', '[fd00:9::7]:80'],
    outcome: 'rejected',
    code: 'NO_ROUTE',
    client: 'net-unreachable',
    forward: [],
    reply: ['node-1 lo in fd00:9::1 > fd00:9::1'],
  },
  {
    name: 'IPv6: TCP to the subnet-router anycast address: nobody answers',
    fixture: IPV6,
    ask: ['pod-a', '[fd00:8::]:80'],
    outcome: 'dropped',
    code: 'MARTIAN_ADDRESS',
    client: 'time-out',
    forward: all(`${POD6} > fd00:8::`, ...UP),
  },
  {
    name: 'IPv6: nor the machine itself, which calls in the name of its newest address there',
    fixture: IPV6,
    ask: ['node-1', '[fd00:8::]:80'],
    outcome: 'dropped',
    code: 'MARTIAN_ADDRESS',
    client: 'time-out',
    forward: ['node-1 lo in fd00:8::2 > fd00:8::'],
  },
  {
    name: 'IPv6: a ping to it is answered by another address',
    fixture: IPV6,
    ask: ['pod-a', 'fd00:8::/icmp'],
    outcome: 'undetermined',
    code: 'FACT_MISSING',
    client: 'unknown',
    forward: all(`${POD6} > fd00:8::`, ...UP),
  },
];
