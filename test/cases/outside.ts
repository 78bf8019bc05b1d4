import type { TracedCase } from './case.ts';

/** Node ports, load balancers, traffic policies, and the internet. */
export const OUTSIDE: Readonly<Record<string, TracedCase>> = {
  'load-balancer-pending': {
    troubles: [
      {
        from: 'internet',
        to: 'svc/shop',
        outcome: 'rejected',
        code: 'LOAD_BALANCER_PENDING',
        client: 'name-not-found',
        cites: 'type: LoadBalancer',
        fix: 'node port 31000',
      },
    ],
    works: [{ from: 'node-1', to: '192.168.1.11:31000' }],
    mended: [['type: LoadBalancer,', 'type: LoadBalancer, status: { loadBalancer: { ingress: [{ ip: 203.0.113.50 }] } },']],
  },
  'local-policy-some-nodes': {
    troubles: [
      {
        from: 'internet',
        to: 'svc/shop',
        outcome: 'mixed',
        code: 'NO_LOCAL_ENDPOINTS',
        client: 'time-out',
        cites: 'externalTrafficPolicy: Local',
        fix: 'externalTrafficPolicy of service shop to Cluster',
        fails: [1, 2],
      },
    ],
    mended: [['externalTrafficPolicy: Local', 'externalTrafficPolicy: Cluster']],
  },
  'internal-policy-local': {
    troubles: [
      {
        from: 'client',
        to: 'svc/agent',
        outcome: 'dropped',
        code: 'NO_LOCAL_ENDPOINTS',
        client: 'time-out',
        cites: 'internalTrafficPolicy: Local',
        fix: 'run a backend on node-1',
      },
    ],
    works: [{ from: 'node-2', to: 'svc/agent' }],
    mended: [['internalTrafficPolicy: Local', 'internalTrafficPolicy: Cluster']],
  },
  'announcer-without-pod': {
    troubles: [
      {
        from: 'internet',
        to: '203.0.113.40:80',
        outcome: 'dropped',
        code: 'NO_LOCAL_ENDPOINTS',
        client: 'time-out',
        cites: 'externalTrafficPolicy: Local',
        fix: 'announces an address',
      },
    ],
    mended: [['externalTrafficPolicy: Local', 'externalTrafficPolicy: Cluster']],
  },
  'address-not-announced': {
    troubles: [
      {
        from: 'internet',
        to: '203.0.113.40:80',
        outcome: 'rejected',
        code: 'NEIGHBOUR_UNREACHABLE',
        client: 'host-unreachable',
        cites: 'externalIPs',
        fix: 'addresses: [{ ip: 192.168.1.240, dev: lo }]',
      },
    ],
    mended: [['podCIDR: 10.244.2.0/24 }', 'podCIDR: 10.244.2.0/24, addresses: [{ ip: 192.168.1.240, dev: lo }] }']],
  },
  'source-ranges': {
    troubles: ['client', 'node-1'].map((from) => ({
      from,
      to: '203.0.113.50:80',
      outcome: 'dropped',
      code: 'SOURCE_RANGE_DENIED',
      client: 'time-out',
      cites: 'loadBalancerSourceRanges',
      fix: from === 'client' ? 'a range that holds 10.244.1.20' : 'a range that holds 192.168.1.11',
    })),
    // The node port is open to those whom the ranges keep out.
    works: [
      { from: 'office', to: '203.0.113.50:80' },
      { from: 'stranger', to: '203.0.113.11:31004' },
      { from: 'client', to: '192.168.1.11:31004' },
    ],
    mended: [['[198.51.100.0/24]', '[198.51.100.0/24, 10.244.0.0/16, 192.168.1.0/24]']],
  },
  'load-balancer-short-cut': { troubles: [], works: [{ from: 'client', to: '203.0.113.51:80' }], mended: [] },
  'node-port-firewalled': {
    troubles: [
      {
        from: 'internet',
        to: 'svc/shop',
        outcome: 'dropped',
        code: 'FIREWALL_DENIED',
        client: 'time-out',
        cites: 'default: deny',
        fix: 'to: 192.168.1.11/32, ports: [31007/tcp]',
      },
    ],
    works: [{ from: 'node-2', to: '192.168.1.11:31007' }],
    mended: [['[22/tcp, 443/tcp]', '[22/tcp, 443/tcp, 30000-32767/tcp]']],
  },
  'node-address-from-outside': {
    troubles: [
      {
        from: 'laptop',
        to: '192.168.1.12:31006',
        outcome: 'rejected',
        code: 'UNREACHABLE_ROUTE',
        client: 'host-unreachable',
        cites: 'gateway: {',
        fix: 'nat: [{ private: 192.168.1.12, public: … }]',
        instead: '203.0.113.12:31006',
      },
      {
        from: 'laptop',
        to: 'svc/shop',
        outcome: 'rejected',
        code: 'UNREACHABLE_ROUTE',
        client: 'host-unreachable',
        cites: 'gateway: {',
        fix: 'call the node port 31006',
      },
    ],
    works: [{ from: 'node-1', to: '192.168.1.12:31006' }],
    mended: [['publicIP: 203.0.113.1', 'publicIP: 203.0.113.1, nat: [{ private: 192.168.1.12, public: 203.0.113.12 }]']],
  },
  'no-masquerade': {
    troubles: [
      {
        from: 'client',
        to: 'api:443',
        outcome: 'dropped',
        code: 'PRIVATE_TO_INTERNET_WITHOUT_NAT',
        client: 'time-out',
        cites: 'gateway: {',
        fix: 'cluster.masquerade is none',
      },
    ],
    works: [{ from: 'node-1', to: 'api:443' }],
    mended: [[', masquerade: none', '']],
  },
};
