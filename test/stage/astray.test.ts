import { expect, test } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

/**
 * A written neighbour entry with a MAC address that nobody has: nobody is asked, so that nobody is told. Seen in a kernel with a bridge of two
 * pods: the frame is at `cni0 out` and flooded to the ports, no pod takes it, and no error comes back; the same with the pod's eth0 down.
 */
const FILE = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, NODE }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10 }
  - { name: b, node: node-1, ip: 10.244.1.11, POD }
  - { name: d, node: node-2, ip: 10.244.2.11 }
`;
const entry = (ip: string, dev: string) => `neighbours: [{ ip: ${ip}, dev: ${dev}, state: permanent, lladdr: "02:00:00:00:00:99" }]`;

test.each([
  ['a', 'd:80', entry('192.168.1.12', 'eth0'), '', 'node-1 eth0 out'],
  ['d', 'b:80', entry('10.244.1.11', 'cni0'), '', 'node-1 cni0 out'],
  ['node-1', 'b:80', entry('10.244.1.11', 'cni0'), '', 'node-1 cni0 out'],
  ['node-1', 'b:80', entry('10.244.1.11', 'cni0'), 'devices: { eth0: { up: false } }', 'node-1 cni0 out'],
  ['b', 'a:80', '', entry('10.244.1.10', 'eth0'), 'node-1 veth1 in'],
])('%s -> %s', (from, to, node, pod, last) => {
  const { outcome, reason, paths } = askIn(
    networkOf(FILE.replace(', NODE', node && `, ${node}`).replace(', POD', pod && `, ${pod}`)),
    from,
    to,
  );
  expect([outcome, reason?.code, reason?.client]).toEqual(['dropped', 'NEIGHBOUR_UNREACHABLE', 'time-out']);
  expect(reason?.message).toContain('02:00:00:00:00:99');
  const crossings = paths[0]?.forward.hops.flatMap((h) => (h.kind === 'interface' ? [`${h.netns} ${h.device} ${h.direction}`] : []));
  expect(crossings?.at(-1)).toBe(last);
});
