import type { MatrixConnectionDocument, MatrixGroupDocument, MatrixResult } from '../../src/document/matrix-schema.ts';

/** `Deployment/shop/web` with so many pods. */
export function workload(id: string, size = 1): MatrixGroupDocument {
  const [kind = '', namespace = '', name = ''] = id.split('/');
  return { id, kind, namespace, name, members: Array.from({ length: size }, (_, i) => `${name}-${i}`) };
}

const NODES: MatrixGroupDocument = { id: 'Node/nodes', kind: 'Node', namespace: null, name: 'nodes', members: ['node-1', 'node-2'] };
const INTERNET: MatrixGroupDocument = {
  id: 'Network/internet',
  kind: 'Network',
  namespace: null,
  name: 'internet',
  members: [],
  cidrs: ['0.0.0.0/1', '128.0.0.0/1'],
};

/** Everybody calls everybody. */
export const askedOf = (groups: readonly MatrixGroupDocument[]): MatrixResult['asked'] => {
  const ids = groups.map(({ id }) => id);
  return { from: ids, to: ids, families: ['IPv4'], ports: null, protocol: null, anyPort: false, blocked: true };
};

type Told = Partial<MatrixConnectionDocument>;

export const connection = (from: MatrixGroupDocument, to: MatrixGroupDocument, told: Told = {}): MatrixConnectionDocument => ({
  from: from.id,
  to: to.id,
  family: 'IPv4',
  protocol: 'tcp',
  ports: ['80'],
  outcome: 'delivered',
  code: null,
  share: 1,
  assumed: false,
  ...told,
});

export const DENIED: Told = { outcome: 'dropped', code: 'POLICY_DEFAULT_DENY' };

const [web, api, db, cache, job] = [
  'Deployment/shop/web',
  'Deployment/shop/api',
  'StatefulSet/data/db',
  'Deployment/data/cache',
  'Job/batch/nightly',
].map((id, i) => workload(id, 1 + (i % 2))) as [
  MatrixGroupDocument,
  MatrixGroupDocument,
  MatrixGroupDocument,
  MatrixGroupDocument,
  MatrixGroupDocument,
];

const FIVE_GROUPS = [web, api, db, cache, job, NODES, INTERNET];

/** Five workloads in three namespaces: each kind of cell is there once at least. */
export const FIVE: MatrixResult = {
  asked: askedOf(FIVE_GROUPS),
  groups: FIVE_GROUPS,
  connections: [
    connection(web, api, { ports: ['8080'] }),
    connection(web, api, { ports: ['8080'], family: 'IPv6' }),
    connection(web, db, { ports: ['5432'], ...DENIED }),
    connection(web, INTERNET, { ports: ['443'], outcome: 'exits', code: 'LEAVES_INPUT' }),
    connection(api, db, { ports: ['5432'], assumed: true }),
    connection(api, db, { ports: ['9187'], ...DENIED }),
    connection(api, cache, { ports: ['6379'], share: 0.5 }),
    connection(api, cache, { ports: ['6379'], share: 0.5, outcome: 'rejected', code: 'NO_ROUTE' }),
    connection(db, cache, { ports: ['6379'], outcome: 'undetermined', code: 'FACT_MISSING' }),
    connection(job, db, { ports: ['53'], protocol: 'udp' }),
    connection(job, NODES, { ports: [], protocol: 'icmp' }),
  ],
  notAsked: ['shop/idle'],
};

const NAMESPACES = 20;

/** So many workloads in namespaces of their own kind: those of the same one reach each other, and each fifth reaches all. */
export function many(count: number): MatrixResult {
  const groups = Array.from({ length: count }, (_, i) => workload(`Deployment/ns-${Math.floor((i * NAMESPACES) / count)}/app-${i}`, 2));
  const connections = groups.flatMap((from, i) =>
    groups.map((to) => connection(from, to, from.namespace === to.namespace || i % 5 === 0 ? {} : DENIED)),
  );
  return { asked: askedOf(groups), groups, connections, notAsked: [] };
}
