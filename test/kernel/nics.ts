import { A, all, DOWN, delivered, type Row, UP } from './rows.ts';

const FIXTURE = 'kernel/nics.yaml';

/** A NIC beside eth0: its link is routed by it, and what a pod sends there gets its address. */
export const nics: readonly Row[] = [
  {
    name: 'a node to the address of another one on the second link',
    fixture: FIXTURE,
    ask: ['node-1', '192.168.2.32:22'],
    ...delivered,
    forward: all('192.168.2.31 > 192.168.2.32', 'node-1 eth1 out', 'node-2 eth1 in'),
    reply: all('192.168.2.32 > 192.168.2.31', 'node-2 eth1 out', 'node-1 eth1 in'),
  },
  {
    name: 'a pod to a machine that is on the second link only is masqueraded to the address there',
    fixture: FIXTURE,
    ask: ['pod-a', '192.168.2.40:2049'],
    ...delivered,
    forward: [...all(`${A} > 192.168.2.40`, ...UP), ...all('192.168.2.31 > 192.168.2.40', 'node-1 eth1 out', 'filer eth0 in')],
    reply: [...all('192.168.2.40 > 192.168.2.31', 'filer eth0 out', 'node-1 eth1 in'), ...all(`192.168.2.40 > ${A}`, ...DOWN)],
  },
  {
    name: 'the machine there has no way to the first link',
    fixture: FIXTURE,
    ask: ['filer', '192.168.1.11:22'],
    outcome: 'rejected',
    code: 'NO_ROUTE',
    client: 'net-unreachable',
    forward: [],
  },
];
