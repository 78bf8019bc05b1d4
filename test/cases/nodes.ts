import type { TracedCase, Trouble } from './case.ts';

/** One machine's settings, bridge and connection tracking. */
export const NODES: Readonly<Record<string, TracedCase>> = {
  'kube-proxy-missing': {
    troubles: [
      {
        from: 'client',
        to: 'svc/shop',
        outcome: 'dropped',
        code: 'PROXY_NOT_RUNNING',
        client: 'time-out',
        cites: 'running: false',
        fix: 'let kube-proxy run on node-1',
      },
    ],
    works: [
      { from: 'client', to: 'shop-1' },
      { from: 'elsewhere', to: 'svc/shop' },
    ],
    mended: [['running: false', 'running: true']],
  },
  'asymmetric-route': {
    troubles: [
      {
        from: 'client',
        to: 'shop-1',
        outcome: 'dropped',
        code: 'CONNTRACK_INVALID',
        client: 'time-out',
        cites: 'via: 192.168.1.13',
        fix: 'node-1 sends 10.244.2.0/24 to 192.168.1.13',
      },
    ],
    mended: [['\n        - { to: 10.244.2.0/24, via: 192.168.1.13 }', ' []']],
  },
  'hairpin-off': {
    troubles: [hairpin({ outcome: 'dropped' })],
    mended: [['hairpinMode: false', 'hairpinMode: true']],
  },
  'hairpin-sometimes': {
    troubles: [hairpin({ outcome: 'mixed', fails: [1, 3] })],
    mended: [['hairpinMode: false', 'hairpinMode: true']],
  },
  'bridge-netfilter-off': {
    troubles: [
      {
        from: 'client',
        to: 'svc/shop',
        outcome: 'dropped',
        code: 'ASYMMETRIC_NAT',
        client: 'time-out',
        cites: 'bridge-nf-call-iptables: 0',
        fix: 'set net.bridge.bridge-nf-call-iptables to 1 on node-1',
      },
    ],
    works: [
      { from: 'client', to: 'shop-1' },
      { from: 'elsewhere', to: 'svc/shop' },
    ],
    mended: [['bridge-nf-call-iptables: 0', 'bridge-nf-call-iptables: 1']],
  },
  'forwarding-off': {
    troubles: [
      {
        from: 'client',
        to: 'shop-1',
        outcome: 'dropped',
        code: 'FORWARDING_DISABLED',
        client: 'time-out',
        cites: 'ip_forward: 0',
        fix: 'set net.ipv4.ip_forward to 1 on node-2',
      },
    ],
    works: [{ from: 'node-1', to: 'node-2' }],
    mended: [['ip_forward: 0', 'ip_forward: 1']],
  },
};

function hairpin(more: Pick<Trouble, 'outcome' | 'fails'>): Trouble {
  return {
    from: 'shop-1',
    to: 'svc/shop',
    code: 'HAIRPIN_OFF',
    client: 'time-out',
    cites: 'hairpinMode: false',
    fix: 'hairpinMode: true',
    ...more,
  };
}
