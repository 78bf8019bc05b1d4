import type { Case, Trouble } from './case.ts';

/** What policies keep from passing, and what they only seem to. */

const denied = { outcome: 'dropped', code: 'POLICY_DEFAULT_DENY', client: 'time-out' } as const;
const isolated = (trouble: Pick<Trouble, 'from' | 'to' | 'cites' | 'fix'>): Trouble => ({ ...denied, ...trouble });
const letsThrough = (...works: readonly { readonly from: string; readonly to: string }[]): Case => ({ troubles: [], works, mended: [] });

const TO_API_SERVER = { ipBlock: '{ to: [{ ipBlock: { cidr: 192.168.1.11/32 } }], ports: [{ port: 443 }] }' };

export const POLICIES: Readonly<Record<string, Case>> = {
  'policy-names-service-port': {
    troubles: [
      isolated({
        from: 'client',
        to: 'openshift-dns/svc/dns-default:53/udp',
        cites: '- name: client\n    podSelector',
        fix: 'add { protocol: UDP, port: 5353 } and { protocol: TCP, port: 5353 } to the ports of egress[0]',
      }),
    ],
    mended: [['- { ports: [{ port: 53', '- { ports: [{ port: 5353, protocol: UDP }, { port: 53']],
  },
  'policy-api-server-port': {
    troubles: [
      isolated({
        from: 'cert-manager',
        to: 'svc/kubernetes',
        cites: '- name: cert-manager\n    podSelector',
        fix: 'add { protocol: TCP, port: 6443 } to the ports of egress[0]',
      }),
    ],
    mended: [['- { ports: [{ port: 443 }]', '- { ports: [{ port: 443 }, { port: 6443 }]']],
  },
  'policy-api-server-managed': {
    troubles: [
      isolated({
        from: 'cert-manager',
        to: 'svc/kubernetes',
        cites: '- { name: cert-manager, podSelector',
        fix: 'add the egress rule { to: [{ ipBlock: { cidr: 192.168.1.11/32 } }], ports: [{ protocol: TCP, port: 443 }] }',
      }),
    ],
    mended: [['egress: [', `egress: [${TO_API_SERVER.ipBlock}, `]],
  },
  'policy-before-translation': {
    troubles: [
      isolated({
        from: 'client',
        to: 'svc/kubernetes',
        cites: '- { name: client, podSelector',
        fix: 'add the egress rule { to: [{ ipBlock: { cidr: 10.96.0.1/32 } }], ports: [{ protocol: TCP, port: 443 }] }',
      }),
    ],
    mended: [['egress: [', `egress: [${TO_API_SERVER.ipBlock.replace('192.168.1.11', '10.96.0.1')}, `]],
  },
  'policy-or-instead-of-and': letsThrough({ from: 'team-web/client', to: 'shop:8080' }, { from: 'team-web/other', to: 'shop:8080' }),
  'policy-host-network-controller': {
    troubles: [
      isolated({
        from: 'ingress-nginx/controller',
        to: 'shop:8080',
        cites: '- name: shop\n    podSelector',
        fix: 'add { ipBlock: { cidr: 192.168.1.11/32 } } to ingress[0].from',
      }),
    ],
    mended: [['- { from: [', '- { from: [{ ipBlock: { cidr: 192.168.1.11/32 } }, ']],
  },
  'policy-client-behind-node-port': {
    troubles: [
      isolated({
        from: 'office',
        to: '203.0.113.11:30080',
        cites: '- name: shop\n    podSelector',
        fix: 'externalTrafficPolicy: Local on service default/shop',
      }),
    ],
    // The node that has the pod may always reach it.
    works: [{ from: 'office', to: '203.0.113.12:30080' }],
    mended: [['- { from: [', '- { from: [{ ipBlock: { cidr: 192.168.1.11/32 } }, ']],
  },
  'policy-node-identity': {
    troubles: [
      isolated({
        from: 'node/node-1',
        to: 'shop:8080',
        cites: '- { name: shop, podSelector',
        fix: 'add the ingress rule { ports: [{ protocol: TCP, port: 8080 }] }',
      }),
    ],
    works: [{ from: 'node/node-2', to: 'shop:8080' }],
    mended: [['ingress: [', 'ingress: [{ ports: [{ port: 8080 }] }, ']],
  },
  'policy-except-elsewhere': letsThrough({ from: 'client', to: 'shop:8080' }),
  'policy-self-and-own-node': letsThrough(
    { from: 'shop', to: 'shop:8080' },
    { from: 'agent', to: 'shop:8080' },
    { from: 'node/node-1', to: 'shop:8080' },
  ),
  'policy-without-dns': {
    troubles: [
      {
        ...isolated({
          from: 'client',
          to: 'shop.default',
          cites: '- { name: client, podSelector',
          fix: 'ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]',
        }),
        client: 'name-not-found',
      },
    ],
    works: [{ from: 'client', to: 'svc/shop' }],
    mended: [['egress: [', 'egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: UDP }, { port: 53 }] }, ']],
  },
  'policy-of-administrators': {
    troubles: [
      {
        from: 'client',
        to: 'shop/shop:8080',
        outcome: 'dropped',
        code: 'POLICY_EXPLICIT_DENY',
        client: 'time-out',
        cites: '- { name: others',
        fix: 'have the administrators put { action: Pass, from: [{ pods: {',
      },
    ],
    mended: [
      [
        '- { name: others',
        '- { action: Pass, from: [{ namespaces: { matchLabels: { kubernetes.io/metadata.name: default } } }] }\n    - { name: others',
      ],
    ],
  },
};
