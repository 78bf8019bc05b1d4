import type { TracedCase } from './case.ts';

/** How most of these end. */
const refused = { outcome: 'rejected', client: 'refused' } as const;
const notFound = { outcome: 'rejected', code: 'NO_SUCH_NAME', client: 'name-not-found' } as const;

/** Services, their ports and endpoints. */
export const SERVICES: Readonly<Record<string, TracedCase>> = {
  'selector-value': {
    troubles: [
      {
        from: 'client',
        to: 'svc/redis',
        ...refused,
        code: 'NO_ENDPOINTS',
        cites: 'selector: { app: redis }',
        fix: 'app=redis-master',
      },
    ],
    warns: ['selector-matches-nothing'],
    mended: [['selector: { app: redis }', 'selector: { app: redis-master }']],
  },
  'selector-key': {
    troubles: [
      {
        from: 'client',
        to: 'svc/ingress',
        ...refused,
        code: 'NO_ENDPOINTS',
        cites: 'selector: { name: ingress-nginx }',
        fix: 'the nearest are app=ingress-nginx',
      },
    ],
    warns: ['selector-matches-nothing'],
    mended: [['selector: { name: ingress-nginx }', 'selector: { app: ingress-nginx }']],
  },
  'wrong-namespace': {
    troubles: [
      {
        from: 'client',
        to: 'svc/shop',
        ...refused,
        code: 'NO_ENDPOINTS',
        cites: 'selector: { app: shop }',
        fix: 'into the namespace of its pods: shop/shop-1',
        instead: 'shop/svc/shop',
      },
    ],
    warns: ['selector-matches-nothing'],
    mended: [['{ name: shop, clusterIP', '{ name: shop, namespace: shop, clusterIP']],
  },
  'namespace-left-out': { troubles: [], works: [{ from: 'client', to: 'svc/shop' }], mended: [] },
  'target-port-renamed': {
    troubles: [
      {
        from: 'client',
        to: 'svc/metrics',
        ...refused,
        code: 'TARGET_PORT_UNRESOLVED',
        cites: 'targetPort: https',
        fix: 'main-port (4443/tcp',
      },
    ],
    warns: ['target-port-unresolved'],
    mended: [['targetPort: https', 'targetPort: main-port']],
  },
  'target-port-protocol': {
    troubles: [
      {
        from: 'client',
        to: 'svc/resolver',
        ...refused,
        code: 'TARGET_PORT_UNRESOLVED',
        cites: 'targetPort: dns',
        fix: 'dns of resolver-1 is TCP',
      },
    ],
    warns: ['target-port-unresolved'],
    mended: [['containerPort: 5353', 'containerPort: 5353, protocol: UDP']],
  },
  'target-port-number': {
    troubles: [
      {
        from: 'client',
        to: 'svc/shop',
        ...refused,
        code: 'NOBODY_LISTENS',
        cites: 'name: shop-1',
        fix: 'shop-1 listens on 8080/tcp',
      },
    ],
    works: [{ from: 'client', to: 'shop-1' }],
    mended: [['targetPort: 8081', 'targetPort: 8080']],
  },
  'undeclared-port': { troubles: [], works: [{ from: 'client', to: 'svc/shop' }], mended: [] },
  'stated-endpoint-port': {
    troubles: [
      {
        from: 'client',
        to: 'svc/database',
        ...refused,
        code: 'NOBODY_LISTENS',
        cites: 'name: database, node: node-2',
        fix: 'set the port of its stated endpoint',
      },
    ],
    mended: [['port: 5433', 'port: 5432']],
  },
  'not-ready': {
    troubles: [
      {
        from: 'client',
        to: 'svc/shop',
        ...refused,
        code: 'NO_READY_ENDPOINTS',
        cites: 'ready: false',
        fix: 'make shop-1 (not-ready.yaml:10) ready',
      },
    ],
    works: [{ from: 'client', to: 'shop-1' }],
    mended: [['ready: false', 'ready: true']],
  },
  'on-loopback': {
    troubles: ['svc/dev', 'dev-1:3000'].map((to) => ({
      from: 'client',
      to,
      ...refused,
      code: 'LISTENS_ON_LOOPBACK',
      cites: '127.0.0.1:3000',
      fix: '0.0.0.0',
    })),
    works: [{ from: 'dev-1', to: '127.0.0.1:3000' }],
    mended: [['127.0.0.1:3000', '0.0.0.0:3000']],
  },
  'wrong-kind-of-port': {
    troubles: [
      {
        from: 'client',
        to: '10.96.0.29:31645',
        outcome: 'dropped',
        code: 'NO_SUCH_PORT',
        client: 'time-out',
        cites: 'name: shop, type: NodePort',
        fix: '31645 is the node port',
        instead: '10.96.0.29:80',
      },
      {
        from: 'client',
        to: '10.96.0.29:8080',
        outcome: 'dropped',
        code: 'NO_SUCH_PORT',
        client: 'time-out',
        cites: 'name: shop, type: NodePort',
        fix: '8080 is the target port',
        instead: 'svc/shop',
      },
    ],
    works: [
      { from: 'client', to: 'shop-1:8080' },
      { from: 'client', to: '192.168.1.11:31645' },
    ],
    mended: [],
  },
  rollout: {
    troubles: [
      {
        from: 'client',
        to: 'svc/shop',
        outcome: 'mixed',
        code: 'NOBODY_LISTENS',
        client: 'refused',
        cites: 'terminating: true',
        fix: 'preStop',
        fails: [1, 2],
      },
    ],
    mended: [['\n      - { ip: 10.244.2.20, port: 8080 }', '']],
  },
  'hints-missing': {
    troubles: [],
    works: [{ from: 'client', to: 'svc/shop', on: ['node-1', 'node-2'] }],
    mended: [],
  },
  'affinity-of-two-ports': {
    troubles: [],
    works: [
      { from: 'client', to: 'svc/shop:http', on: ['node-1', 'node-2'] },
      { from: 'client', to: 'svc/shop:https', on: ['node-1', 'node-2'] },
    ],
    finds: ['affinity-per-port'],
    mended: [],
  },
  'external-name-port': {
    troubles: [
      {
        from: 'client',
        to: 'files:80',
        ...refused,
        code: 'NOBODY_LISTENS',
        cites: '- { name: store-0',
        fix: 'listens on 8080/tcp',
        instead: 'files:8080',
      },
    ],
    finds: ['external-name-target-port'],
    mended: [],
  },
  'names-of-pods': {
    troubles: [
      {
        from: 'client',
        to: 'queue-0.queue',
        ...notFound,
        cites: '{ name: queue-0,',
        fix: 'call queue-0.queue-members.default',
        instead: 'queue-0.queue-members.default',
      },
    ],
    works: [{ from: 'client', to: 'queue.default' }],
    mended: [],
  },
  'names-on-the-host-network': {
    troubles: [
      {
        from: 'agent',
        to: 'web.default:80',
        ...notFound,
        cites: 'name: agent',
        fix: 'ClusterFirstWithHostNet',
      },
    ],
    works: [{ from: 'client', to: 'web.default' }],
    mended: [['hostNetwork: true', 'hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet']],
  },
  'external-name-address': {
    troubles: [
      {
        from: 'client',
        to: 'files.default:80',
        ...notFound,
        cites: 'externalName: 192.168.1.12',
        fix: 'state 192.168.1.12 as its endpoint',
      },
    ],
    warns: ['external-name-address'],
    mended: [
      [
        '  - { name: files, type: ExternalName, externalName: 192.168.1.12 }',
        '  - { name: files, clusterIP: 10.96.0.20, ports: [{ port: 80 }] }\nendpoints: [{ service: files, addresses: [{ ip: 192.168.1.12, port: 80 }] }]',
      ],
    ],
  },
  'headless-not-ready': {
    troubles: [
      {
        from: 'member-0',
        to: 'svc/queue',
        outcome: 'rejected',
        code: 'NO_READY_ENDPOINTS',
        client: 'name-not-found',
        cites: 'clusterIP: None',
        fix: 'member-1',
      },
    ],
    works: [{ from: 'member-0', to: 'member-1' }],
    mended: [
      ['member-0, node: node-1, labels: { app: queue }, ready: false', 'member-0, node: node-1, labels: { app: queue }'],
      ['member-1, node: node-2, labels: { app: queue }, ready: false', 'member-1, node: node-2, labels: { app: queue }'],
    ],
  },
  'headless-port': {
    troubles: [
      {
        from: 'client',
        to: 'svc/shop',
        ...refused,
        code: 'NOBODY_LISTENS',
        cites: 'name: shop-1',
        fix: 'headless',
      },
    ],
    mended: [['port: 80, targetPort', 'port: 8080, targetPort']],
  },
};
