import type { Case, TracedCase, Trouble } from './case.ts';

/** Routes, links and ranges between the machines. */
export const NETWORK: Readonly<Record<string, Case>> = {
  'route-not-created': {
    troubles: [toShop({ outcome: 'dropped', code: 'NO_ROUTE', client: 'time-out', cites: 'remove: [', fix: 'take 10.244.2.0/24 out' })],
    mended: [[', 10.244.2.0/24]', ']']],
  },
  'foreign-addresses-checked': {
    troubles: [
      toShop({
        outcome: 'dropped',
        code: 'SOURCE_CHECK',
        client: 'time-out',
        cites: 'sourceCheck: true',
        fix: 'underlay.sourceCheck: false',
      }),
    ],
    works: [
      { from: 'client', to: 'near' },
      { from: 'node-1', to: 'node-2' },
    ],
    mended: [['sourceCheck: true', 'sourceCheck: false']],
  },
  'router-without-pod-routes': {
    troubles: [
      toShop({
        outcome: 'dropped',
        code: 'NO_ROUTE',
        client: 'time-out',
        cites: 'name: r1',
        fix: '{ to: 10.244.2.0/24, via: 192.168.2.12 }',
      }),
    ],
    works: [{ from: 'node-1', to: 'node-2' }],
    mended: [
      ['- name: r1', '- name: r1\n      routes: [{ to: 10.244.1.0/24, via: 192.168.1.11 }, { to: 10.244.2.0/24, via: 192.168.2.12 }]'],
    ],
  },
  'not-masqueraded-enough': {
    troubles: [
      {
        from: 'client',
        to: 'database:5432',
        outcome: 'dropped',
        code: 'NO_ROUTE',
        client: 'time-out',
        cites: 'remove: [10.244.1.0/24]',
        fix: 'nonMasqueradeCIDRs has 10.0.0.0/8',
      },
    ],
    works: [{ from: 'node-1', to: 'database:5432' }],
    mended: [['[10.0.0.0/8]', '[10.244.0.0/16]']],
  },
  'stale-blackhole': stated('blackhole', { outcome: 'dropped', code: 'BLACKHOLE_ROUTE', client: 'time-out' }),
  'unreachable-route': stated('unreachable', { outcome: 'rejected', code: 'UNREACHABLE_ROUTE', client: 'host-unreachable' }),
  'prohibited-route': stated('prohibit', { outcome: 'rejected', code: 'PROHIBIT_ROUTE', client: 'host-unreachable' }),
  'next-hop-gone': {
    troubles: [
      toShop({
        outcome: 'rejected',
        code: 'NEXT_HOP_UNKNOWN',
        client: 'host-unreachable',
        cites: 'via: 192.168.1.99',
        fix: '192.168.1.12 (node-2)',
      }),
    ],
    mended: [['via: 192.168.1.99', 'via: 192.168.1.12']],
  },
  'routes-in-a-circle': {
    troubles: [
      toShop({
        outcome: 'looped',
        code: 'ROUTING_LOOP',
        client: 'host-unreachable',
        cites: 'to: 10.244.2.0/24',
        fix: 'node-2 sends 10.244.2.0/24 to 192.168.1.11',
      }),
    ],
    mended: [['\n        - { to: 10.244.2.0/24, via: 192.168.1.11 }', ' []']],
  },
  'own-packet-comes-back': {
    troubles: [
      {
        from: 'node-1',
        to: 'shop-1',
        outcome: 'dropped',
        code: 'MARTIAN_ADDRESS',
        client: 'time-out',
        cites: 'name: node-1',
        fix: 'node-2 sends 10.244.2.0/24 to 192.168.1.11',
      },
    ],
    mended: [['\n        - { to: 10.244.2.0/24, via: 192.168.1.11 }', ' []']],
  },
  'answer-ends-elsewhere': {
    troubles: [
      {
        from: 'shop-1',
        to: 'svc/shop',
        outcome: 'dropped',
        code: 'RETURN_PATH_BROKEN',
        client: 'time-out',
        cites: 'name: node-1',
        fix: '10.244.1.0/24 of node-1',
      },
    ],
    mended: [['\n        - { to: 10.244.1.0/24, via: 10.244.1.11 }', ' []']],
  },
  'neighbour-failed': {
    troubles: [
      toShop({
        outcome: 'rejected',
        code: 'NEIGHBOUR_UNREACHABLE',
        client: 'host-unreachable',
        cites: 'state: failed',
        fix: 'see that the other one is up',
      }),
    ],
    mended: [[', neighbours: [{ ip: 192.168.1.12, dev: eth0, state: failed }]', '']],
  },
  'link-down': {
    troubles: [toShop({ outcome: 'dropped', code: 'LINK_DOWN', client: 'time-out', cites: 'up: false', fix: 'ip link set cni0 up' })],
    mended: [['up: false', 'up: true']],
  },
  'strict-reverse-path': {
    troubles: [
      toShop({
        outcome: 'dropped',
        code: 'REVERSE_PATH_FILTER',
        client: 'time-out',
        cites: 'all.rp_filter: 1',
        fix: 'change the route 10.244.1.0/25 dev cni0 of node-2',
      }),
    ],
    mended: [['{ to: 10.244.1.0/25, dev: cni0 }', '{ to: 10.244.1.0/25, via: 192.168.1.11 }']],
  },
  'mtu-between-nodes': {
    troubles: [
      toShop({
        size: 1500,
        outcome: 'rejected',
        code: 'MTU_EXCEEDED',
        client: 'message-too-long',
        cites: 'name: node-1',
        fix: 'cluster.cni.mtu to 1450',
      }),
    ],
    works: [{ from: 'client', to: 'shop-1' }],
    mended: [['serviceCIDR: 10.96.0.0/12', 'serviceCIDR: 10.96.0.0/12, cni: { plugin: bridge, mtu: 1450 }']],
  },
  'resolver-behind-firewall': {
    troubles: [
      {
        from: 'new-client',
        to: 'svc/resolver',
        outcome: 'dropped',
        code: 'FIREWALL_DENIED',
        client: 'time-out',
        cites: 'default: deny',
        fix: 'ports: [53/udp]',
      },
    ],
    works: [{ from: 'old-client', to: 'svc/resolver' }],
    mended: [['10250/tcp]', '10250/tcp, 53/udp]']],
  },
  'webhook-port': {
    troubles: [
      {
        from: 'control-plane',
        to: 'svc/webhook',
        outcome: 'dropped',
        code: 'FIREWALL_DENIED',
        client: 'time-out',
        cites: 'default: deny',
        fix: 'ports: [9443/tcp]',
      },
    ],
    works: [{ from: 'node-1', to: 'svc/webhook' }],
    mended: [['10250/tcp]', '10250/tcp, 9443/tcp]']],
  },
  'node-in-pod-range': { refused: 'ranges-overlap', cites: 'ip: 192.168.1.11', says: "overlaps 192.168.0.0/16, the cluster's pod range" },
  'unmasked-range': { refused: 'bad-value', cites: 'podCIDR: 192.167.0.0/12', says: 'the prefix is 192.160.0.0/12' },
  'overlapping-node-ranges': { refused: 'ranges-overlap', cites: 'name: node-2', says: 'overlaps 10.244.0.0/23, the pod range of node-1' },
  'node-without-range': { refused: 'missing-field', cites: 'name: node-2', says: 'nodes[1].podCIDR' },
};

function toShop(more: Omit<Trouble, 'from' | 'to'>): Trouble {
  return { from: 'client', to: 'shop-1', ...more };
}

/** A route of this type on the first node, to the second one's pods. */
function stated(type: string, more: Pick<Trouble, 'outcome' | 'code' | 'client'>): TracedCase {
  return {
    troubles: [toShop({ ...more, cites: `type: ${type}`, fix: 'take the route away' })],
    works: [{ from: 'node-1', to: 'node-2' }],
    mended: [[`\n        - { to: 10.244.2.0/24, type: ${type} }`, ' []']],
  };
}
