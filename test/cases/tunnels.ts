import type { Case, Trouble } from './case.ts';

/** What goes wrong between the ends of a tunnel. */
const toShop = (trouble: Omit<Trouble, 'from' | 'to'> & Partial<Pick<Trouble, 'from'>>): Trouble => ({
  from: 'client',
  to: 'shop-1',
  ...trouble,
});

export const TUNNELS: Readonly<Record<string, Case>> = {
  'overlay-port-closed': {
    troubles: [
      toShop({
        outcome: 'dropped',
        code: 'TUNNEL_FILTERED',
        client: 'time-out',
        cites: 'name: rest',
        fix: 'UDP port 8472 between the nodes',
      }),
    ],
    works: [
      { from: 'near', to: 'shop-1' },
      { from: 'node-1', to: 'node-2:22' },
    ],
    mended: [
      [
        '        - { name: rest',
        '        - { action: allow, from: 192.168.1.11/32, to: 192.168.1.12/32, ports: [8472/udp] }\n        - { name: rest',
      ],
    ],
  },
  'overlay-port-differs': {
    troubles: [
      toShop({
        outcome: 'dropped',
        code: 'TUNNEL_MISMATCH',
        client: 'time-out',
        cites: 'port: 4789',
        fix: 'the UDP port of the other nodes: take port away',
      }),
    ],
    mended: [[' port: 4789 ', ' ']],
  },
  'overlay-by-another-nic': {
    troubles: [
      toShop({ outcome: 'dropped', code: 'NO_ROUTE', client: 'time-out', cites: 'name: node-1', fix: 'take publicIP of the tunnel away' }),
    ],
    mended: [['tunnel: { publicIP: 10.0.2.15 }', '']],
  },
  'overlay-entry-lost': {
    troubles: [
      toShop({
        outcome: 'dropped',
        code: 'TUNNEL_PEER_UNKNOWN',
        client: 'time-out',
        cites: 'node: node-2, state: absent',
        fix: 'its forwarding entry',
      }),
      toShop({
        from: 'client-3',
        outcome: 'rejected',
        code: 'TUNNEL_PEER_UNKNOWN',
        client: 'host-unreachable',
        cites: 'ip: 10.244.2.0',
        fix: 'its neighbour entry',
      }),
    ],
    works: [{ from: 'client', to: 'client-3' }],
    mended: [
      ['\n    fdb: [{ dev: flannel.1, node: node-2, state: absent }]', ''],
      ['\n    neighbours: [{ ip: 10.244.2.0, dev: flannel.1, state: absent }]', ''],
    ],
  },
};
