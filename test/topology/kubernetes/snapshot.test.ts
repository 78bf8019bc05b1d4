import { describe, expect, it, test } from 'vitest';
import { type InputFile, loadNetwork, traceRequest } from '../../../src/index.ts';
import { makeSnapshot } from '../../../src/topology/snapshot.ts';

/** What is kept of objects for somebody else to read, and what is not. */

type Json = Readonly<Record<string, unknown>>;

const file = (...items: readonly unknown[]): InputFile => ({
  name: 'dump.json',
  bytes: new TextEncoder().encode(JSON.stringify({ apiVersion: 'v1', kind: 'List', items })),
});

function itemsOf(...files: readonly InputFile[]): readonly unknown[] {
  const made = makeSnapshot(files);
  if (!made.ok) throw new Error(made.diagnostics.map((d) => d.message).join('\n'));
  return made.value.items;
}

const object = (kind: string, name: string, fields: Json = {}, metadata: Json = {}) => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name, ...metadata },
  ...fields,
});

const podWith = (container: Json, metadata: Json = {}, spec: Json = {}) =>
  object('Pod', 'p', { spec: { containers: [{ name: 'c', ...container }], ...spec } }, metadata);

describe('of a container', () => {
  it.each<readonly [string, Json, Json]>([
    [
      'a variable of a plugin is kept, a password is not',
      {
        env: [
          { name: 'WEAVE_MTU', value: '1410' },
          { name: 'PASSWORD', value: 'hunter2' },
        ],
      },
      { env: [{ name: 'WEAVE_MTU', value: '1410' }] },
    ],
    ['variables alone of others leave none', { env: [{ name: 'TOKEN', value: 'hunter2' }] }, {}],
    [
      'a variable may refer to a ConfigMap',
      { env: [{ name: 'WEAVE_MTU', valueFrom: { configMapKeyRef: { name: 'weave', key: 'mtu', optional: true } } }] },
      { env: [{ name: 'WEAVE_MTU', valueFrom: { configMapKeyRef: { name: 'weave', key: 'mtu' } } }] },
    ],
    [
      'of a command line the flags that are read',
      { command: ['kube-proxy', '--cluster-cidr', '10.244.0.0/16'], args: ['--token=hunter2', '--proxy-mode=ipvs'] },
      { args: ['--cluster-cidr=10.244.0.0/16', '--proxy-mode=ipvs'] },
    ],
    ['of other flags that there are some', { args: ['--token=hunter2', '--v', '2'] }, { args: ['--token'] }],
    ['of a command without flags nothing', { command: ['sh', 'run'], image: 'registry.example.com/x' }, {}],
    [
      'the token that the API server mounts is left out',
      {
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'kube-api-access-x7k2p', mountPath: '/var/run' },
        ],
      },
      { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    ],
  ])('%s', (_, container, kept) => {
    expect(itemsOf(file(podWith(container)))).toEqual([podWith(kept)]);
  });
});

describe('of the states of containers', () => {
  const containers = (state: Json) => ({ containerStatuses: [{ name: 'c', state }] });
  const waiting = containers({ waiting: { reason: 'CrashLoopBackOff' } });
  const withStatus = (status: Json) => object('Pod', 'p', { spec: { containers: [{ name: 'c' }] }, status });

  it('those of a pod are kept where none runs', () => {
    const more = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } };
    expect(itemsOf(file(withStatus(containers(more))))).toEqual([withStatus(waiting)]);
    expect(itemsOf(file(withStatus(waiting)))).toEqual([withStatus(waiting)]);
    expect(itemsOf(file(withStatus(containers({ running: { startedAt: 'x' } }))))).toEqual([withStatus({})]);
  });
});

describe('of an object', () => {
  it.each<readonly [string, unknown, readonly unknown[]]>([
    [
      'fields that are null, or that nobody reads, are left out',
      object('Service', 's', { spec: { type: 'ClusterIP', selector: null, sessionAffinity: 'None', allocateLoadBalancerNodePorts: true } }),
      [object('Service', 's', { spec: { type: 'ClusterIP', sessionAffinity: 'None' } })],
    ],
    [
      'annotations that are read, and of a node those that tell its plugin',
      object(
        'Node',
        'n',
        {},
        { annotations: { 'projectcalico.org/IPv4Address': '10.0.0.1/24', 'projectcalico.org/x': 'y', note: 'secret' } },
      ),
      [object('Node', 'n', {}, { annotations: { 'projectcalico.org/IPv4Address': '10.0.0.1/24', 'projectcalico.org/x': '' } })],
    ],
    [
      'no other annotations',
      podWith({}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"password":"hunter2"}', 'k3s.io/x': 'y' } }),
      [podWith({})],
    ],
    [
      'of a volume what tells whose files it has',
      podWith(
        {},
        {},
        {
          volumes: [
            { name: 's', secret: { secretName: 'hunter2' } },
            { name: 'd', emptyDir: { medium: 'Memory' } },
          ],
        },
      ),
      [
        podWith(
          {},
          {},
          {
            volumes: [
              { name: 's', secret: {} },
              { name: 'd', emptyDir: { medium: 'Memory' } },
            ],
          },
        ),
      ],
    ],
    ['no Secret', object('Secret', 'x', { data: { password: 'aHVudGVyMg==' } }), []],
    ['no ConfigMap of an application', object('ConfigMap', 'settings', { data: { password: 'hunter2' } }, { namespace: 'shop' }), []],
    [
      'the ConfigMap of kube-proxy',
      object('ConfigMap', 'kube-proxy', { data: { 'config.conf': 'mode: ipvs' } }, { namespace: 'kube-system' }),
      [object('ConfigMap', 'kube-proxy', { data: { 'config.conf': 'mode: ipvs' } }, { namespace: 'kube-system' })],
    ],
    [
      'an empty list says that there is none',
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList', items: [] },
      [{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList', items: [] }],
    ],
    [
      'the template of a workload is a pod, too',
      object('Deployment', 'd', {
        spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', env: [{ name: 'A', value: 'b' }] }] } } },
      }),
      [object('Deployment', 'd', { spec: { replicas: 2, template: { metadata: {}, spec: { containers: [{ name: 'c' }] } } } })],
    ],
  ])('%s', (_, given, kept) => {
    expect(itemsOf(file(given))).toEqual(kept);
  });
});

test('the documents of a Topology are left out, and their files named', () => {
  const topology = new TextEncoder().encode('apiVersion: k8s-trace/v1\nkind: Topology\nnodes: []\n');
  const made = makeSnapshot([file(podWith({})), { name: 't.yaml', bytes: topology }]);
  expect(made).toMatchObject({ ok: true, value: { left: ['t.yaml'], items: [{ kind: 'Pod' }] } });
});

const node = (n: number) =>
  object('Node', `n${n}`, {
    spec: { podCIDR: `10.244.${n}.0/24` },
    status: { addresses: [{ type: 'InternalIP', address: `192.168.1.${n}` }] },
  });

const pod = (name: string, n: number, host: number, ready = 'True') =>
  object(
    'Pod',
    name,
    {
      spec: { nodeName: `n${n}`, containers: [{ name: 'c', env: [{ name: 'PASSWORD', value: 'hunter2' }] }] },
      status: {
        phase: 'Running',
        podIP: `10.244.${n}.${host}`,
        conditions: [
          { type: 'Ready', status: ready },
          { type: 'Initialized', status: 'True' },
        ],
      },
    },
    { namespace: 'shop', uid: `${n}-${host}`, labels: { app: name.slice(0, 1) } },
  );

const service = (name: string, ip: string, selector?: Json) =>
  object(
    'Service',
    name,
    { spec: { type: 'ClusterIP', clusterIP: ip, selector, ports: [{ port: 80, protocol: 'TCP' }] } },
    { namespace: 'shop' },
  );

const PROXY_LOG = `==== START logs for container kube-proxy of pod kube-system/kube-proxy-x ====
I1130 13:00:00.000000 1 server_linux.go:66] "Using iptables proxy"
I1130 13:00:00.000000 1 server.go:1] "a line that nobody reads"
==== END logs for container kube-proxy of pod kube-system/kube-proxy-x ====
`;

/** Two nodes, a service with a pod that is not ready, one without pods, one without a selector where there are no EndpointSlices. */
const CLUSTER: readonly InputFile[] = [
  file(
    ...[node(1), node(2), pod('a', 1, 2), pod('b', 2, 3), pod('b2', 1, 3, 'False')],
    ...[service('b', '10.96.0.1', { app: 'b' }), service('none', '10.96.0.2', { app: 'x' }), service('bare', '10.96.0.3')],
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList', items: [] },
  ),
  { name: 'log.txt', bytes: new TextEncoder().encode(PROXY_LOG) },
];

function answers(files: readonly InputFile[]) {
  const loaded = loadNetwork(files);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  const network = loaded.value;
  const asked = ['shop/pod/b:80', 'svc/b:80', 'shop/svc/none:80', 'shop/svc/bare:80'].map((name) =>
    name.startsWith('shop') ? name : `shop/${name}`,
  );
  return {
    outcomes: asked.map((destination) => {
      const answer = traceRequest(network, { source: 'shop/a', destination });
      return answer.ok ? [answer.trace.outcome, answer.trace.reason?.code ?? null, answer.trace.paths.length] : answer.message;
    }),
    mode: (network.cluster.facts ?? []).filter((f) => f.fact === 'kubeProxy.mode').map((f) => [f.value, f.confidence]),
  };
}

test('a snapshot says what the dump says, and a snapshot of it is the same', () => {
  const items = itemsOf(...CLUSTER);
  const expected = {
    outcomes: [
      ['delivered', null, 1],
      ['delivered', null, 1],
      ['rejected', 'NO_ENDPOINTS', 1],
      ['rejected', 'NO_ENDPOINTS', 1],
    ],
    mode: [['iptables', 'observed']],
  };
  expect(answers(CLUSTER)).toEqual(expected);
  expect(answers([file(...items)])).toEqual(expected);
  expect(JSON.stringify(itemsOf(file(...items)))).toBe(JSON.stringify(items));
  expect(JSON.stringify(items)).not.toMatch(/hunter2|nobody reads|Initialized/);
});
