import { expect, test } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

/** An address and port in several entries is one endpoint: the entry that is not terminating counts, and of several such nobody knows which. */

const topology = (addresses: readonly string[], more = '') => `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16 }
nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }, { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }]
pods: [{ name: c1, node: node-1 }, { name: c2, node: node-2 }, { name: other, node: node-1, ip: 10.244.1.9 }]
services: [{ name: web, clusterIP: 10.96.0.10, ports: [{ port: 80 }]${more} }]
endpoints: [{ service: web, addresses: [${addresses.join(', ')}] }]
internet: { gateway: { ip: 192.168.1.1 } }
`;

const copy = (more: string) => `{ ip: 192.168.1.12, port: 80, ${more} }`;
const ON_1 = copy('nodeName: node-1, ready: true');
const ON_2 = copy('nodeName: node-2, ready: true');
const NOT_READY = copy('nodeName: node-2, ready: false');
const LEAVING_1 = copy('nodeName: node-1, ready: false, terminating: true');
const LEAVING_2 = copy('nodeName: node-2, ready: false, serving: true, terminating: true');
const OTHER = '{ ip: 10.244.1.9, port: 80 }';
const LOCAL = ', internalTrafficPolicy: Local';

interface Row {
  readonly what: string;
  readonly addresses: readonly string[];
  readonly more?: string;
  /** Of c1 on node-1, and of c2 on node-2. */
  readonly outcomes: readonly [string, string];
}

const ROWS: readonly Row[] = [
  { what: 'alike', addresses: [ON_2, ON_2], outcomes: ['delivered', 'delivered'] },
  { what: 'alike, three times', addresses: [ON_2, ON_2, ON_2], outcomes: ['delivered', 'delivered'] },
  { what: 'one terminating', addresses: [LEAVING_1, ON_2], outcomes: ['delivered', 'delivered'] },
  { what: 'one terminating, the other one not ready', addresses: [LEAVING_2, NOT_READY], outcomes: ['rejected', 'rejected'] },
  { what: 'one terminating, the others alike', addresses: [LEAVING_1, ON_2, ON_2], outcomes: ['delivered', 'delivered'] },
  { what: 'ready and not', addresses: [ON_2, NOT_READY], outcomes: ['undetermined', 'undetermined'] },
  {
    what: 'one terminating, the others ready and not',
    addresses: [LEAVING_1, ON_2, NOT_READY],
    outcomes: ['undetermined', 'undetermined'],
  },
  { what: 'on two nodes', addresses: [ON_1, ON_2], outcomes: ['undetermined', 'undetermined'] },
  { what: 'on two nodes, of which each uses its own', addresses: [ON_1, ON_2], more: LOCAL, outcomes: ['undetermined', 'undetermined'] },
  { what: 'both terminating', addresses: [LEAVING_1, LEAVING_2], outcomes: ['undetermined', 'undetermined'] },
  { what: 'beside another endpoint', addresses: [ON_2, NOT_READY, OTHER], outcomes: ['undetermined', 'undetermined'] },
  {
    what: 'not used here',
    addresses: [ON_2, copy('nodeName: node-2, ready: true, hints: { forZones: [a] }'), OTHER],
    more: LOCAL,
    outcomes: ['delivered', 'undetermined'],
  },
  { what: 'none of them ready', addresses: [NOT_READY, copy('nodeName: node-1, ready: false')], outcomes: ['rejected', 'rejected'] },
];

/** All orders of a list. */
function orders<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length < 2) return [list];
  return list.flatMap((first, i) => orders(list.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
}

test.each(ROWS)('$what: $outcomes', ({ addresses, more, outcomes }) => {
  for (const order of orders(addresses))
    for (const asked of orders(['c1', 'c2'])) {
      const network = networkOf(topology(order, more));
      const answers = new Map(asked.map((from) => [from, askIn(network, from, 'svc/web')]));
      expect([answers.get('c1')?.outcome, answers.get('c2')?.outcome]).toEqual(outcomes);
    }
});

test('an entry that terminates says nothing of one that is not ready', () => {
  expect(askIn(networkOf(topology([LEAVING_2, NOT_READY])), 'c1', 'svc/web').reason?.code).toBe('NO_READY_ENDPOINTS');
});

test('what it says, and what to do', () => {
  const trace = askIn(networkOf(topology([ON_2, NOT_READY, OTHER])), 'c1', 'svc/web');
  expect(trace.paths.map((p) => [p.outcome, p.endpoint?.ip])).toEqual([
    ['delivered', '10.244.1.9'],
    ['undetermined', '192.168.1.12'],
  ]);
  expect(trace.reason).toMatchObject({
    code: 'FACT_MISSING',
    client: 'unknown',
    message: 'service web has 192.168.1.12:80 in 2 entries that are not alike, and kube-proxy takes whichever it comes to last',
  });
  expect(trace.reason?.fix[0]).toMatch(/^leave one entry for it and take the others away \(x\.yaml:8\)/);
});
