import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { execute } from '../../bin/machine.ts';
import { run } from '../cli/fake-io.ts';
import { has } from '../shells/shells.ts';
import { type ApiServer, type Resource, serve } from './api-server.ts';

/** A real kubectl, and an API server with a small cluster: two nodes, `a` and `b` in shop, `db` in data, behind a service each. */

type Json = Readonly<Record<string, unknown>>;

const core = (name: string, kind: string, namespaced: boolean, items: readonly Json[]): Resource => ({
  ...{ group: '', version: 'v1', name, kind, namespaced, items },
});

const node = (n: number): Json => ({
  metadata: { name: `n${n}`, uid: `n${n}` },
  spec: { podCIDR: `10.244.${n}.0/24` },
  status: { addresses: [{ type: 'InternalIP', address: `192.168.1.${n}` }] },
});

const pod = (namespace: string, name: string, n: number, host: number, app = name): Json => ({
  metadata: { namespace, name, uid: `${n}-${host}`, labels: { app } },
  spec: { nodeName: `n${n}`, containers: [{ name: app, env: [{ name: 'PASSWORD', value: 'hunter2' }] }] },
  status: { phase: 'Running', podIP: `10.244.${n}.${host}`, conditions: [{ type: 'Ready', status: 'True' }] },
});

const service = (namespace: string, name: string, clusterIP: string): Json => ({
  metadata: { namespace, name, uid: clusterIP },
  spec: { type: 'ClusterIP', clusterIP, selector: { app: name }, ports: [{ port: 5432, protocol: 'TCP', targetPort: 5432 }] },
});

const proxy = { matchLabels: { app: 'kube-proxy' } };
const CLUSTER: readonly Resource[] = [
  core('nodes', 'Node', false, [node(1), node(2)]),
  core('namespaces', 'Namespace', false, []),
  core('pods', 'Pod', true, [
    ...[pod('shop', 'a', 1, 2), pod('shop', 'b', 2, 2), pod('data', 'db', 2, 3)],
    pod('kube-system', 'kube-proxy-x7k2p', 1, 9, 'kube-proxy'),
  ]),
  core('services', 'Service', true, [service('data', 'db', '10.96.0.10')]),
  core('endpoints', 'Endpoints', true, []),
  core('configmaps', 'ConfigMap', true, [
    {
      metadata: { namespace: 'kube-system', name: 'kubeadm-config' },
      data: { ClusterConfiguration: 'networking: { serviceSubnet: 10.96.0.0/16 }\n' },
    },
    { metadata: { namespace: 'kube-system', name: 'other' }, data: { password: 'hunter2' } },
  ]),
  core('secrets', 'Secret', true, [{ metadata: { namespace: 'shop', name: 'x' }, data: { password: 'aHVudGVyMg==' } }]),
  {
    ...{ group: 'apps', version: 'v1', name: 'daemonsets', kind: 'DaemonSet', namespaced: true },
    items: [
      {
        metadata: { namespace: 'kube-system', name: 'kube-proxy' },
        spec: {
          selector: proxy,
          template: { metadata: { labels: { app: 'kube-proxy' } }, spec: { containers: [{ name: 'kube-proxy' }] } },
        },
      },
    ],
  },
];

const LOGS = { 'kube-proxy-x7k2p': 'I1130 1 server_linux.go:66] "Using ipvs Proxier"\nI1130 1 x.go:1] "hunter2"\n' };

let folder = '';
let server: ApiServer | null = null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'k8s-trace-live-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = null;
});

/** Two contexts: `mine`, whose namespace is shop, and `bare`, which names none. */
function kubeconfig(port: number): string {
  const path = join(folder, `config-${port}`);
  const contexts = [
    { name: 'mine', context: { cluster: 'c', user: 'me', namespace: 'shop' } },
    { name: 'bare', context: { cluster: 'c', user: 'me' } },
  ];
  const clusters = [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }];
  writeFileSync(
    path,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'mine', clusters, contexts, users: [{ name: 'me', user: {} }] }),
  );
  vi.stubEnv('KUBECACHEDIR', join(folder, `cache-${port}`));
  vi.stubEnv('HOME', folder);
  return path;
}

async function ask(argv: string, forbidden: RegExp | null = null) {
  server = await serve(CLUSTER, { forbidden, logs: LOGS });
  return run(`${argv} --kubeconfig ${kubeconfig(server.port)}`, { io: { execute } });
}

describe.skipIf(!has('kubectl'))('a real kubectl', () => {
  test("a trace of the context's namespace; kinds that the server does not have are passed over; it only reads", async () => {
    const { status, stdout, stderr } = await ask('a b --live -o minimal');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^shop\/a eth0 out 10\.244\.1\.2 > 10\.244\.2\.2$/m);
    expect(server?.requests.filter((r) => !r.startsWith('GET '))).toEqual([]);
    expect(server?.requests.filter((r) => /secret/i.test(r))).toEqual([]);
  });

  test('a context that is passed on, and has no namespace', async () => {
    const { status, stderr } = await ask('a b --live --context bare');
    expect(status).toBe(2);
    expect(stderr).toMatch(/shop\/a/);
  });

  test('kinds that are forbidden are said, and the rest is read', async () => {
    const { status, stderr } = await ask('a data/svc/db --live -q', /\/(namespaces|daemonsets)$/);
    expect([status, stderr]).toEqual([0, 'k8s-trace: not seen: namespaces, daemonsets.apps: forbidden\n']);
  });

  test('where all namespaces at once are forbidden, those of both ends are asked', async () => {
    const { status, stdout, stderr } = await ask('a data/pod/db --live -o minimal', /^\/api\/v1\/(pods|services|endpoints)$/);
    expect([status, stderr]).toEqual([
      0,
      'k8s-trace: not seen: pods, services, endpoints of other namespaces than shop, data: forbidden\n',
    ]);
    expect(stdout).toContain('> 10.244.2.3');
    for (const path of ['pods', 'shop/pods', 'data/pods'])
      expect(server?.requests.some((r) => r.endsWith(path === 'pods' ? '/v1/pods' : `/v1/namespaces/${path}`))).toBe(true);
  });

  test('a snapshot has no Secret, no password, and says what there is none of', async () => {
    const { status, stdout } = await ask('snapshot');
    expect([status, stdout.includes('hunter2'), stdout.includes('aHVudGVyMg')]).toEqual([0, false, false]);
    const items: readonly { readonly kind: string; readonly metadata: Json; readonly lines?: unknown }[] = JSON.parse(stdout).items;
    expect(items.filter((i) => i.kind.endsWith('List')).map((i) => i.kind)).toEqual(['NamespaceList', 'EndpointsList']);
    expect(items.filter((i) => i.kind === 'ConfigMap').map((i) => i.metadata['name'])).toEqual(['kubeadm-config']);
    expect(items.at(-1)?.lines).toEqual(['I1130 1 server_linux.go:66] "Using ipvs Proxier"']);
  });

  test('a server that cannot be reached: one sentence, with the reason that kubectl has', async () => {
    const gone = await serve([], { forbidden: null, logs: {} });
    await gone.close();
    const { status, stdout, stderr } = await run(`a b --live --kubeconfig ${kubeconfig(gone.port)}`, { io: { execute } });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')[0]).toBe(
      `k8s-trace: kubectl cannot read the cluster: The connection to the server 127.0.0.1:${gone.port} was refused - did you specify the right host or port?`,
    );
  });

  test('a context that is not there', async () => {
    const { status, stderr } = await ask('a b --live --context nowhere');
    expect(status).toBe(2);
    expect(stderr.split('\n')[0]).toMatch(/^k8s-trace: kubectl cannot read the cluster: .*nowhere/);
  });
});
