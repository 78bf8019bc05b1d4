import type { ChangeDocument, DiffDocument } from '../../src/document/diff-schema.ts';
import { workload } from './matrices.ts';

const DELIVERED = { outcome: 'delivered', code: null, share: 1 } as const;
const DROPPED = { outcome: 'dropped', code: 'POLICY_DEFAULT_DENY', share: 1 } as const;

const place = (file: string, line: number, text: string) => ({ file, line, column: 1, text });

const OPENED = {
  object: 'NetworkPolicy/data/db',
  change: 'changed',
  before: place('db.yaml', 14, '- podSelector: {}'),
  after: place('db.yaml', 14, '- namespaceSelector: {}'),
} as const;
const ADDED = {
  object: 'NetworkPolicy/shop/deny',
  change: 'added',
  before: null,
  after: place('deny.yaml', 1, 'kind: NetworkPolicy'),
} as const;

const change = (from: string, to: string, more: Partial<ChangeDocument>): ChangeDocument => ({
  kind: 'gained',
  from,
  to,
  family: 'IPv4',
  protocol: 'tcp',
  ports: ['5432'],
  before: DROPPED,
  after: DELIVERED,
  what: 'now delivered; before dropped (POLICY_DEFAULT_DENY)',
  causes: [OPENED],
  ...more,
});

const LOST: Partial<ChangeDocument> = {
  kind: 'lost',
  before: DELIVERED,
  after: DROPPED,
  what: 'now dropped (POLICY_DEFAULT_DENY); before delivered',
  causes: [ADDED],
};
const MOVED: Partial<ChangeDocument> = {
  kind: 'changed',
  before: DELIVERED,
  what: 'received by Pod/data/db-1:5432; before by Pod/data/db-0:5432',
  causes: [],
};

const [web, db] = ['Deployment/shop/web', 'StatefulSet/data/db'];

/** One of each kind, two in one cell; in the order of a document: not by pairs. */
export const CHANGES: DiffDocument = {
  schemaVersion: 1,
  same: false,
  groups: { added: [workload('Deployment/shop/new', 2)], removed: [] },
  changes: [
    change('Deployment/shop/new', 'Network/203.0.113.0/24', { ...LOST, ports: ['443'] }),
    change(web, db, { ...LOST, ports: ['9187'] }),
    change(web, db, {}),
    change('Node/nodes', db, MOVED),
    change('Deployment/shop/api', db, {}),
  ],
  withoutEffect: [{ ...ADDED, object: 'Service/shop/web' }],
  notCompared: 3,
};

export const SAME: DiffDocument = {
  ...CHANGES,
  same: true,
  groups: { added: [], removed: [] },
  changes: [],
  withoutEffect: [],
  notCompared: 0,
};
