import { describe, expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { run, type World } from './fake-io.ts';
import { TWO_PODS } from './worlds.ts';

/** A cluster that is asked by kubectl: here one that answers from a table. */

interface Reply {
  readonly status?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

const list = (...items: readonly unknown[]): Reply => ({ stdout: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
const forbidden = (what: string): Reply => ({
  status: 1,
  stderr: `Error from server (Forbidden): ${what} is forbidden: User "me" cannot list resource "${what}" in API group "" at the cluster scope\n`,
});

const node = (name: string, ip: string, podCIDR: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: { podCIDR },
  status: { addresses: [{ type: 'InternalIP', address: ip }] },
});
const pod = (namespace: string, name: string, nodeName: string, podIP: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: podIP },
  spec: { nodeName, containers: [{ name: 'c', env: [{ name: 'PASSWORD', value: 'hunter2' }] }] },
  status: { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: 'True' }] },
});

const NODES = list(node('n1', '192.168.1.1', '10.244.1.0/24'), node('n2', '192.168.1.2', '10.244.2.0/24'));
const PODS = list(pod('shop', 'a', 'n1', '10.244.1.2'), pod('shop', 'b', 'n2', '10.244.2.2'));

/** What kubectl is asked for, without the flags of each call. */
const service = (namespace: string, name: string, clusterIP: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { clusterIP, selector: { app: name }, ports: [{ port: 80 }] },
});
const CLUSTER: Readonly<Record<string, Reply>> = { 'get nodes': NODES, 'get pods -A': PODS, 'config view': { stdout: 'shop' } };

interface Asking {
  readonly world: World;
  readonly commands: readonly (readonly string[])[];
}

/** The longest beginning that fits answers; nothing at all is an empty list. */
function asking(replies: Readonly<Record<string, Reply>>, world: World = {}, more: Partial<Io> = {}): Asking {
  const commands: (readonly string[])[] = [];
  const execute: Io['execute'] = async (command) => {
    commands.push(command);
    const words = command.slice(1).join(' ');
    const key = Object.keys(replies)
      .filter((k) => words.startsWith(k))
      .sort((a, b) => b.length - a.length)[0];
    const usual: Reply = words.startsWith('logs') ? { status: 1 } : words.includes('--ignore-not-found') ? {} : list();
    const { status = 0, stdout = '', stderr = '' } = (key === undefined ? null : replies[key]) ?? usual;
    return { status, stdout: new TextEncoder().encode(stdout), stderr };
  };
  return { world: { ...world, io: { execute, ...more } }, commands };
}

const READS: readonly string[] = ['config', 'get', 'logs'];

describe('a live cluster', () => {
  test('is read, and nothing else is done to it', async () => {
    const { world, commands } = asking(CLUSTER);
    expect(await run('a b --live', world)).toMatchObject({ status: 0, stderr: '' });
    expect(commands.length).toBeGreaterThan(20);
    for (const [program, verb = '', noun] of commands) {
      expect([program, READS.includes(verb)]).toEqual(['kubectl', true]);
      if (verb === 'config') expect(noun).toBe('view');
      expect(noun).not.toMatch(/secret/i);
    }
  });

  test.each([
    ['a b --live', {}],
    ['a b', { name: 'kubectl k8s-trace' as const }],
  ])("%s: names without a namespace are of the context's", async (argv, io) => {
    const { status, stdout } = await run(`${argv} -o json`, asking(CLUSTER, {}, io).world);
    expect([status, JSON.parse(stdout).source.namespace]).toEqual([0, 'shop']);
  });

  test('as the plugin, a file of -f is the input instead', async () => {
    const { world, commands } = asking(CLUSTER, { files: { 't.yaml': TWO_PODS } }, { name: 'kubectl k8s-trace' });
    expect(await run('a b -f t.yaml -q', world)).toMatchObject({ status: 0 });
    expect(commands).toEqual([]);
  });

  test('-n wins over the context', async () => {
    expect(await run('a b --live -n other', asking(CLUSTER).world)).toMatchObject({ status: 2 });
  });

  test('--context and --kubeconfig are passed on in every call, and -v prints each', async () => {
    const { world, commands } = asking(CLUSTER);
    const { stderr } = await run('a b --live -v --context=east --kubeconfig=/k', world);
    for (const command of commands) {
      expect(command).toEqual(expect.arrayContaining(['--context=east', '--kubeconfig=/k']));
      expect(stderr).toContain(`${command.join(' ')}\n`);
    }
    expect(stderr).toContain('kubectl get pods -A -o json --context=east --kubeconfig=/k\n');
  });

  test('a kind that is unknown is passed over, and one that is forbidden is said', async () => {
    const unknown: Reply = { status: 1, stderr: 'error: the server doesn\'t have a resource type "gateways"\n' };
    const { world } = asking({
      ...CLUSTER,
      'get gateways': unknown,
      'get namespaces': forbidden('namespaces'),
      'get ingressclasses': forbidden('ingressclasses'),
    });
    const { status, stderr } = await run('a b --live', world);
    expect([status, stderr]).toEqual([0, 'k8s-trace: not seen: namespaces, ingressclasses.networking.k8s.io: forbidden\n']);
  });

  test('where pods of all namespaces are forbidden, those of both ends and of the context are asked for', async () => {
    const { world, commands } = asking({
      ...CLUSTER,
      'get pods -A': forbidden('pods'),
      'get pods -n shop': list(pod('shop', 'a', 'n1', '10.244.1.2')),
      'get pods -n data': list(pod('data', 'db', 'n2', '10.244.2.2')),
    });
    const { status, stderr } = await run('a data/db --live', world);
    expect([status, stderr]).toEqual([0, 'k8s-trace: not seen: pods of other namespaces than shop, data: forbidden\n']);
    const asked = commands.filter((c) => c[2] === 'pods').map((c) => c.slice(3, 5).join(' '));
    expect(asked.sort()).toEqual(['-A -o', '-n data', '-n shop']);
  });

  test('that one namespace has none of a kind says nothing of the cluster', async () => {
    const { stdout } = await run('snapshot', asking({ ...CLUSTER, 'get services -A': forbidden('services') }).world);
    const kinds = JSON.parse(stdout).items.map((i: { readonly kind: string }) => i.kind);
    expect([kinds.includes('ServiceList'), kinds.includes('EndpointSliceList')]).toEqual([false, true]);
  });

  test('that some namespaces have some says no more, in a snapshot neither', async () => {
    const own = list(service('shop', 'api', '10.96.0.20'));
    const { world } = asking({ ...CLUSTER, 'get services -A': forbidden('services'), 'get services -n shop': own });
    const { stdout: text } = await run('snapshot -n shop', world);
    const items: { readonly kind: string; readonly kinds?: readonly string[] }[] = JSON.parse(text).items;
    expect(items.flatMap((i) => i.kinds ?? [])).toEqual(['Service']);
    const again = await run('snapshot -f cluster.json', { files: { 'cluster.json': text } });
    expect(again.stdout).toBe(text);
    const unknown = await run('a 10.96.0.99:80 -n shop -f cluster.json -o json', { files: { 'cluster.json': text } });
    expect(JSON.parse(unknown.stdout).reason?.code).toBe('FACT_MISSING');
    const whole = JSON.stringify({ ...JSON.parse(text), items: items.filter((i) => i.kind !== 'Unseen') });
    const known = await run('a 10.96.0.99:80 -n shop -f cluster.json -o json', { files: { 'cluster.json': whole } });
    expect(JSON.parse(known.stdout).reason?.code).not.toBe('FACT_MISSING');
  });

  test("kube-proxy's log is read for its mode", async () => {
    const log = { stdout: 'I1130 1 server_linux.go:66] "Using ipvs Proxier"\n', stderr: 'Found 2 pods, using pod/kube-proxy-x7k2p\n' };
    const { stdout } = await run('snapshot', asking({ ...CLUSTER, logs: log }).world);
    expect(JSON.parse(stdout).items.at(-1)).toEqual({
      apiVersion: 'k8s-trace.snapshot/v1',
      kind: 'PodLog',
      metadata: { name: 'kube-proxy-x7k2p', namespace: 'kube-system' },
      lines: ['I1130 1 server_linux.go:66] "Using ipvs Proxier"'],
    });
  });
});

describe('a cluster that cannot be read', () => {
  test('no kubectl', async () => {
    const { status, stdout, stderr } = await run('a b --live');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'k8s-trace: there is no kubectl here\n  install it, or hand over files with -f; k8s-trace snapshot --print says which\n',
    );
  });

  test.each([
    ['The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?'],
    ['error: You must be logged in to the server (Unauthorized)'],
  ])('%s', async (reason) => {
    const failing: Reply = { status: 1, stderr: `E1130 memcache.go:265] "Unhandled Error" err="…"\n${reason}\n` };
    const { world } = asking({ get: failing });
    const { status, stdout, stderr } = await run('a b --live', world);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')[0]).toBe(`k8s-trace: kubectl cannot read the cluster: ${reason}`);
    expect(stderr).not.toContain('memcache');
  });

  test('once a call has failed, no more are begun', async () => {
    const { world, commands } = asking({ ...CLUSTER, 'get nodes': { status: 1, stderr: 'Unable to connect to the server: EOF\n' } });
    expect((await run('a b --live', world)).status).toBe(2);
    expect(commands.length).toBeLessThan(15);
  });

  test('nothing is allowed', async () => {
    const { status, stderr } = await run('a b --live', asking({ get: forbidden('all') }).world);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^k8s-trace: kubectl reads nothing from the cluster\n {2}nodes, namespaces, pods, .*: forbidden\n$/);
  });
});

describe('progress', () => {
  /** A clock that has passed the time as soon as it is set, or never does. */
  const clock = (passes: boolean): Pick<Io, 'after'> => ({
    after: (milliseconds, act) => {
      expect(milliseconds).toBe(1000);
      if (passes) act();
      return () => {};
    },
  });
  const LINE = 'k8s-trace: reading the cluster by kubectl …\n';

  test.each([
    [true, 80, LINE],
    [true, undefined, ''],
    [false, 80, ''],
  ])('a second has passed: %s, columns of the terminal: %s', async (passes, terminal, expected) => {
    const { world } = asking(CLUSTER, terminal === undefined ? {} : { terminal }, clock(passes));
    expect((await run('a b --live -q', world)).stderr).toBe(expected);
  });
});

describe('snapshot', () => {
  test('asks the cluster, whatever topology lies here, and -f reads what it writes', async () => {
    const { world } = asking(CLUSTER, { files: { 'topology.yaml': TWO_PODS }, env: { K8S_TRACE_TOPOLOGY: 'topology.yaml' } });
    const { status, stdout, stderr, written } = await run('snapshot -o cluster.json', world);
    expect([status, stdout, stderr, Object.keys(written)]).toEqual([0, '', '', ['cluster.json']]);
    const text = written['cluster.json'] ?? '';
    expect(text).not.toContain('hunter2');
    const items: readonly { readonly kind: string }[] = JSON.parse(text).items;
    expect(items.map((i) => i.kind)).toEqual(expect.arrayContaining(['Node', 'Pod', 'ServiceList', 'IPPoolList', 'ENIConfigList']));
    const again = await run('shop/a shop/b -f cluster.json -o minimal', { files: { 'cluster.json': text } });
    expect(again.stdout).toBe((await run('a b --live -o minimal', world)).stdout);
    expect(again.stdout).toMatch(/\ndelivered\n$/);
  });

  test.each(['snapshot', 'snapshot -o -', 'snapshot -o /dev/stdout'])('%s: to standard output', async (argv) => {
    const { stdout, written } = await run(argv, asking(CLUSTER).world);
    expect([JSON.parse(stdout).kind, written]).toEqual(['List', {}]);
  });

  test('of files, no cluster is asked', async () => {
    const { world, commands } = asking(CLUSTER, { files: { 'dump.json': PODS.stdout ?? '', 't.yaml': TWO_PODS } });
    const { stdout, stderr } = await run('snapshot -f dump.json -f t.yaml', world);
    expect(JSON.parse(stdout).items).toHaveLength(2);
    expect(stderr).toBe('k8s-trace: t.yaml is left out: a Topology stands beside a snapshot, with another -f\n');
    expect(commands).toEqual([]);
  });

  test.each([
    ['snapshot -o json', /^k8s-trace: -o json: a snapshot has one form/],
    ['snapshot -o a.json -o b.json', /^k8s-trace: -o b\.json: a snapshot goes to one file/],
    ['snapshot -f dump.json -o dump.json', /^k8s-trace: dump\.json: this file is read/],
    ['snapshot -f t.yaml', /no Kubernetes object in the input/],
    ['snapshot -f cut.json', /cut\.json:1:/],
    ['snapshot extra', /too many arguments/],
    ['snapshot --cni calico', /no option --cni: it writes what objects say/],
    ['snapshot -f dump.json --nodes 3', /no option --nodes/],
  ])('%s is refused', async (argv, message) => {
    const files = { 'dump.json': PODS.stdout ?? '', 't.yaml': TWO_PODS, 'cut.json': '{"apiVersion":"v1","kind":"List","items":[{' };
    const { status, stdout, stderr, written } = await run(argv, asking(CLUSTER, { files }).world);
    expect([status, stdout, written]).toEqual([2, '', {}]);
    expect(stderr).toMatch(message);
  });

  test('--print: the commands that would be run, and none is', async () => {
    const { world, commands } = asking(CLUSTER);
    const { stdout } = await run(['snapshot', '--print', '--context', "ada's"], world);
    expect(commands).toEqual([]);
    const lines = stdout.split('\n');
    expect(lines).toContain("  kubectl get pods -A -o json '--context=ada'\\''s'");
    expect(lines.at(-2)).toBe('} > cluster.json');
    await run(['snapshot', '--context', "ada's"], world);
    const printed = lines
      .filter((l) => l.startsWith('  kubectl '))
      .map((l) => l.replace("'--context=ada'\\''s'", "--context=ada's").trim());
    expect(printed).toEqual(
      commands
        .map((c) => c.join(' '))
        .filter((c) => !c.startsWith('kubectl config'))
        .sort(inOrderOf(printed)),
    );
  });
});

/** Calls are made in parallel. */
const inOrderOf = (order: readonly string[]) => (a: string, b: string) => order.indexOf(a) - order.indexOf(b);
