import { describe, expect, test } from 'vitest';
import { run } from './fake-io.ts';

/** Workloads as either end: web runs on both nodes, and only n2 reaches the pods of db. */
const pod = (name: string, owner: string, app: string, node: string, ip: string) => `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: { app: ${app}, pod-template-hash: 7d9c6b8f5d }
  ownerReferences: [ { apiVersion: apps/v1, kind: ${owner}, controller: true } ]
spec: { nodeName: ${node}, containers: [ { name: app, ports: [ { containerPort: 5432 } ] } ] }
status: { phase: Running, podIP: ${ip}, podIPs: [ { ip: ${ip} } ], conditions: [ { type: Ready, status: "True" } ] }
---`;
const node = (name: string, ip: string, podCIDR: string) => `
apiVersion: v1
kind: Node
metadata: { name: ${name} }
spec: { podCIDR: ${podCIDR}, podCIDRs: [${podCIDR}] }
status: { addresses: [ { type: InternalIP, address: ${ip} } ] }
---`;
const OBJECTS = [
  node('n1', '192.168.1.11', '10.244.1.0/24'),
  node('n2', '192.168.1.12', '10.244.2.0/24'),
  pod('web-7d9c6b8f5d-aaaaa', 'ReplicaSet, name: web-7d9c6b8f5d', 'web', 'n1', '10.244.1.10'),
  pod('web-7d9c6b8f5d-bbbbb', 'ReplicaSet, name: web-7d9c6b8f5d', 'web', 'n2', '10.244.2.10'),
  pod('db-0', 'StatefulSet, name: db', 'db', 'n2', '10.244.2.11'),
  pod('db-1', 'StatefulSet, name: db', 'db', 'n2', '10.244.2.12'),
].join('\n');
const topology = (expectations: string) => `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { cni: bridge, kubeProxy: iptables }
nodes: [ { name: n1, routes: { add: [ { to: 10.244.2.0/24, type: blackhole, metric: 0 } ], remove: [ 10.244.2.0/24 ] } } ]
expect: [ ${expectations} ]
`;
const world = (expectations = '') => ({ files: { 'topology.yaml': `${OBJECTS}\n${topology(expectations)}` } });

describe('--all-sources', () => {
  const ask = 'shop/deploy/web shop/sts/db:5432';

  test('asks each pod of a workload; without it the first by name asks', async () => {
    const all = await run(`${ask} --all-sources`, world());
    expect(all.stdout.match(/^Source .*$/gm)).toEqual([
      'Source 1 of 2: shop/web-7d9c6b8f5d-aaaaa',
      'Source 2 of 2: shop/web-7d9c6b8f5d-bbbbb',
    ]);
    expect(all.stdout.match(/^(dropped BLACKHOLE_ROUTE|delivered):/gm)).toEqual(['dropped BLACKHOLE_ROUTE:', 'delivered:']);
    const one = await run(ask, world());
    expect(one.stdout).not.toMatch(/^Source/m);
    expect(one.stdout.replaceAll(/\s+/g, ' ')).toContain('has 2 pods: web-7d9c6b8f5d-aaaaa asks, the first by name');
  });

  test('the exit status is that of the worst', async () => {
    expect((await run(`${ask} --all-sources`, world())).status).toBe(1);
    expect((await run('shop/web-7d9c6b8f5d-bbbbb shop/sts/db:5432 --all-sources', world())).status).toBe(0);
    expect((await run(`${ask} --all-sources -q`, world())).stdout).toBe('');
  });

  test('JSON and YAML have all traces in one document', async () => {
    const { schemaVersion, traces } = JSON.parse((await run(`${ask} --all-sources -o json`, world())).stdout);
    expect(schemaVersion).toBe(1);
    expect(traces.map((t: { source: { name: string }; outcome: string }) => [t.source.name, t.outcome])).toEqual([
      ['web-7d9c6b8f5d-aaaaa', 'dropped'],
      ['web-7d9c6b8f5d-bbbbb', 'delivered'],
    ]);
    expect((await run(`${ask} --all-sources -o yaml`, world())).stdout).toMatch(/^schemaVersion: 1\ntraces:\n/);
  });

  test('minimal names each source', async () => {
    const { stdout } = await run(`${ask} --all-sources -o minimal`, world());
    expect(stdout.match(/^source .*$/gm)).toEqual(['source shop/web-7d9c6b8f5d-aaaaa', 'source shop/web-7d9c6b8f5d-bbbbb']);
  });

  test.each([
    ['app@shop/deploy/web shop/db-0:5432', 0, ['app@shop/web-7d9c6b8f5d-aaaaa', 'app@shop/web-7d9c6b8f5d-bbbbb']],
    ['shop/deploy/wbe shop/db-0:5432', 2, []],
    ['shop/deploy/web:80 shop/db-0:5432', 2, []],
  ])('%s', async (argv, status, names) => {
    const ran = await run(`${argv} --all-sources`, world());
    expect(ran.status === 2 ? 2 : 0).toBe(status);
    expect([...ran.stdout.matchAll(/^Source \d of \d: (.*)$/gm)].map(([, name]) => name)).toEqual(names);
  });
});

describe('check', () => {
  const results = async (expectations: string) => {
    const { status, stdout } = await run('check -o json', world(expectations));
    const document: { results: { from: string; to: string; status: string }[] } = JSON.parse(stdout);
    return { status, results: document.results.map(({ from, to, status }) => `${from} ${to} ${status}`) };
  };

  test.each([
    ['{ from: shop/deploy/web, to: "shop/db-0:5432" }', 1, ['aaaaa fails', 'bbbbb holds']],
    ['{ from: shop/deploy/web, to: "shop/sts/db:5432" }', 1, ['aaaaa fails', 'bbbbb holds']],
    ['{ from: shop/sts/db, to: "shop/web-7d9c6b8f5d-bbbbb:5432" }', 0, ['db-0 holds', 'db-1 holds']],
  ])('%s asks every pod', async (expectation, status, expected) => {
    const ran = await results(expectation);
    expect(ran.results.map((r) => r.replace(/^\S*?(aaaaa|bbbbb|db-\d) \S+ /, '$1 '))).toEqual(expected);
    expect(ran.status).toBe(status);
  });

  test('a pod of a workload is not asked about itself', async () => {
    const { results: found } = await results('{ from: shop/sts/db, to: "shop/db-0:5432" }');
    expect(found).toEqual([expect.stringMatching(/db-1 .*holds$/)]);
  });
});

describe('completion offers workloads', () => {
  test.each([
    ['dep', ['deploy/web']],
    ['sts/', ['sts/db']],
    ['statefulset/', ['statefulset/db']],
    ['deploy/web st', ['sts/db']],
    ['shop/sts/', ['shop/sts/db']],
  ])('%s', async (line, texts) => {
    const { stdout } = await run(['__complete', '-n', 'shop', ...line.split(' ')], world());
    const lines = stdout.trimEnd().split('\n').slice(0, -1);
    expect(lines.map((l) => l.replace(/\t.*/, ''))).toEqual(texts);
  });

  test('with how many pods they have', async () => {
    expect((await run(['__complete', '-n', 'shop', 'dep'], world())).stdout).toContain('deploy/web\tDeployment, 2 pods');
  });
});
