import { delivered, type Row } from './rows.ts';

/** Containers of one pod, over lo. Derived by hand: 127.0.0.1 is both ends' address, and lo is crossed once each way. */
const fixture = 'kernel/one-pod.yaml';
const refused = { outcome: 'rejected', client: 'refused' } as const;

const onLo = (netns: string, to = '127.0.0.1', from = '127.0.0.1') => ({
  forward: [`${netns} lo in ${from} > ${to}`],
  reply: [`${netns} lo in ${to} > ${from}`],
});

export const containers: readonly Row[] = [
  { name: "a container's port, on all addresses", fixture, ask: ['sidecar@pod-a', 'app@pod-a'], ...delivered, ...onLo('pod-a') },
  { name: 'a socket on 127.0.0.1', fixture, ask: ['app@pod-a', 'sidecar@pod-a'], ...delivered, ...onLo('pod-a') },
  { name: 'a datagram', fixture, ask: ['app@pod-a', 'sidecar@pod-a:5353/udp'], ...delivered, ...onLo('pod-a') },
  {
    name: 'more than lo would take at once',
    fixture,
    ask: ['app@pod-a', 'sidecar@pod-a'],
    more: { size: 9000 },
    ...delivered,
    ...onLo('pod-a'),
  },
  {
    name: 'a socket on another loopback address is called there',
    fixture,
    ask: ['sidecar@pod-a', 'app@pod-a:9200'],
    ...delivered,
    ...onLo('pod-a', '127.0.0.2', '127.0.0.1'),
  },
  {
    name: "a socket on the pod's own address does not hear 127.0.0.1",
    fixture,
    ask: ['app@pod-a', 'sidecar@pod-a:9100'],
    ...refused,
    code: 'NOBODY_LISTENS',
    ...onLo('pod-a'),
  },
  {
    name: 'nobody listens: a reset',
    fixture,
    ask: ['app@pod-a', 'sidecar@pod-a:9999'],
    ...refused,
    code: 'NOBODY_LISTENS',
    ...onLo('pod-a'),
  },
  {
    name: 'nobody listens: an ICMP error for a datagram',
    fixture,
    ask: ['app@pod-a', 'sidecar@pod-a:9999/udp'],
    ...refused,
    code: 'NOBODY_LISTENS',
    ...onLo('pod-a'),
  },
  {
    name: 'from outside, a socket on loopback is not there',
    fixture,
    ask: ['host-a', 'sidecar@pod-a:9000'],
    ...refused,
    code: 'LISTENS_ON_LOOPBACK',
    forward: ['node-1 cni0 out', 'node-1 veth0 out', 'pod-a eth0 in'].map((p) => `${p} 10.244.1.1 > 10.244.1.10`),
    reply: ['pod-a eth0 out', 'node-1 veth0 in', 'node-1 cni0 in'].map((p) => `${p} 10.244.1.10 > 10.244.1.1`),
  },
  { name: 'a container without a port: 127.0.0.1 is pinged', fixture, ask: ['app@pod-a', 'mute@pod-a'], ...delivered, ...onLo('pod-a') },
  {
    name: 'lo is down: lost in silence',
    fixture,
    ask: ['app@pod-b', 'sidecar@pod-b'],
    outcome: 'dropped',
    code: 'LINK_DOWN',
    client: 'time-out',
    forward: [],
  },
  {
    name: "pods on the host network share their node's lo",
    fixture,
    ask: ['app@host-a', 'app@host-b'],
    ...delivered,
    ...onLo('node-1'),
  },
  {
    name: 'the same with a port on all addresses',
    fixture,
    ask: ['app@host-b', 'app@host-a'],
    ...delivered,
    ...onLo('node-1'),
  },
];
