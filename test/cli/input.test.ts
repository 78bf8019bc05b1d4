import { describe, expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { BUILT_IN } from '../../src/index.ts';
import { run, traceOf, type World } from './fake-io.ts';
import { NO_ROUTE, TWO_PODS } from './worlds.ts';

/** Three clusters that tell each other apart by the node of pod `a`. */
const cluster = (node: string) => TWO_PODS.replaceAll('node-1', node);
const nodeOf = async (argv: string, world: World) => (await traceOf(argv, world)).source['node'];

describe('where the topology comes from', () => {
  const files = {
    'one.yaml': cluster('one'),
    'env.yaml': cluster('env'),
    'topology.yaml': cluster('cwd'),
    'k8s-trace.yaml': cluster('second'),
  };
  const { 'topology.yaml': _left, ...withoutTopology } = files;

  test.each([
    ['-f comes first', 'a b:80 -f one.yaml', { files, env: { K8S_TRACE_TOPOLOGY: 'env.yaml' } }, 'one'],
    ['--filename is its long form', 'a b:80 --filename=one.yaml', { files }, 'one'],
    ['then K8S_TRACE_TOPOLOGY', 'a b:80', { files, env: { K8S_TRACE_TOPOLOGY: 'env.yaml' } }, 'env'],
    ['an empty variable is none', 'a b:80', { files, env: { K8S_TRACE_TOPOLOGY: '' } }, 'cwd'],
    ['then topology.yaml', 'a b:80', { files }, 'cwd'],
    ['then k8s-trace.yaml', 'a b:80', { files: withoutTopology }, 'second'],
    ['- is standard input', 'a b:80 -f -', { files, stdin: cluster('stdin') }, 'stdin'],
    ['options may stand before the names', '-f one.yaml a b:80', { files }, 'one'],
    ['and before the command', '-f one.yaml trace a b:80', { files }, 'one'],
    ['and after the command', 'trace -f one.yaml a b:80', { files }, 'one'],
    ['and between', 'a -f one.yaml b:80', { files }, 'one'],
  ])('%s', async (_name, argv, world, node) => {
    expect(await nodeOf(argv, world)).toBe(node);
  });

  const BUILT_IN_LINE = /built-in/;
  test.each([
    ['trace', 'pod-a pod-d', 0],
    ['show', 'show', 0],
  ])('%s falls back to the built-in cluster, and says so in one line on stderr', async (_name, argv, status) => {
    const ran = await run(argv);
    expect(ran.status).toBe(status);
    expect(ran.stderr).toMatch(BUILT_IN_LINE);
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a file is traced without such a line, and validate has no fallback', async () => {
    expect(await run('pod-a pod-d -f f.yaml', { files: { 'f.yaml': BUILT_IN } })).toMatchObject({ status: 0, stderr: '' });
    const validate = await run('validate');
    expect([validate.status, validate.stdout]).toEqual([2, '']);
    expect(validate.stderr).not.toMatch(BUILT_IN_LINE);
  });

  test('the variable may not name a file that is not there', async () => {
    const { status, stderr } = await run('pod-a pod-d', { env: { K8S_TRACE_TOPOLOGY: 'gone.yaml' } });
    expect(status).toBe(2);
    expect(stderr).toContain('gone.yaml');
  });
});

describe('files and directories', () => {
  const files = {
    'top/b.yaml': 'apiVersion: v1\nkind: Pod\n',
    'top/a.yml': 'apiVersion: v1\nkind: Pod\n',
    'top/c.json': '{"kind":"Pod"}',
    'top/readme.md': '# not for us: {',
    'top/deep/d.yaml': 'kind: Pod\n',
    'empty/readme.md': '',
    'empty/deep/topology.yaml': TWO_PODS,
    'topology.yaml': TWO_PODS,
  };
  const filesTold = (stdout: string) => [...new Set([...stdout.matchAll(/^(\S+?):\d+:\d+: /gm)].map((m) => m[1]))];

  test.each([
    ['a directory: its *.yaml, *.yml and *.json in name order', 'validate -f top', ['top/a.yml', 'top/b.yaml', 'top/c.json']],
    ['a slash at its end changes nothing', 'validate -f top/', ['top/a.yml', 'top/b.yaml', 'top/c.json']],
    ['with -R below it too', 'validate -R -f top', ['top/a.yml', 'top/b.yaml', 'top/c.json', 'top/deep/d.yaml']],
    ['several -f, in the order given', 'validate -f top/c.json -f top/a.yml', ['top/c.json', 'top/a.yml']],
  ])('%s', async (_name, argv, names) => {
    const { stdout, status } = await run(argv, { files });
    expect([status, filesTold(stdout)]).toEqual([2, names]);
  });

  test('of a directory: JSON Lines, compressed files, and the logs of a cluster-info dump; in no other place logs', async () => {
    const names = ['pods.jsonl', 'a.json.gz', 'b.yaml.gz', 'logs.txt', 'notes.txt', 'kubelet.log', 'dump.tar.gz'];
    const read: string[] = [];
    const io: Partial<Io> = {
      kindOf: async (path) => (path === 'dump' ? 'directory' : 'file'),
      list: async () => names,
      read: async (path) => {
        read.push(path);
        return new TextEncoder().encode('kind: Nothing\n');
      },
    };
    await run('validate -f dump', { io });
    expect(read).toEqual(names.slice(0, 4).map((name) => `dump/${name}`));
  });

  test('a directory that has YAML only further down: needs -R, and says so', async () => {
    const flat = await run('validate -f empty', { files });
    expect([flat.status, flat.stdout]).toEqual([2, '']);
    expect(flat.stderr).toMatch(/empty.*no \*\.yaml[\s\S]*-R/);
    expect((await run('validate -f empty -R', { files })).status).toBe(0);
  });

  test.each([
    ['topolgy.yaml', 'topology.yaml'],
    ['./topolgy.yaml', 'topology.yaml'],
    ['top/bb.yaml', 'b.yaml'],
  ])('%s is not there: the nearest name is %s', async (name, nearest) => {
    const { status, stderr } = await run(`validate -f ${name}`, { files });
    expect(status).toBe(2);
    expect(stderr).toContain(name);
    expect(stderr).toMatch(new RegExp(`did you mean.*${nearest.replace('.', '\\.')}`));
  });

  test('standard input can be read once only', async () => {
    const { status, stderr } = await run('validate -f - -f -', { stdin: TWO_PODS });
    expect(status).toBe(2);
    expect(stderr).toMatch(/standard input.*once|twice/);
  });

  test('two files with a Topology each: both are named', async () => {
    const { status, stderr } = await run('a b:80 -f one.yaml -f two.yaml', { files: { 'one.yaml': TWO_PODS, 'two.yaml': NO_ROUTE } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/two\.yaml:2:7.*one\.yaml:2/);
  });

  test('errors of all files at once, on stderr; nothing on stdout', async () => {
    const world = { files: { 'one.yaml': 'a: [1\n', 'two.yaml': 'b: {\n' } };
    const { status, stdout, stderr } = await run('a b:80 -f one.yaml -f two.yaml', world);
    expect([status, stdout]).toEqual([2, '']);
    expect(filesTold(stderr)).toEqual(['one.yaml', 'two.yaml']);
  });

  const apart = { files: { 'topology.yaml': TWO_PODS.replace('192.168.1.12', '192.168.2.12') } };

  test('warnings go to stderr and the trace goes on', async () => {
    const { stdout, stderr } = await run('a b:80', apart);
    expect(stderr).toMatch(/^topology\.yaml:6:\d+: warning: /);
    expect(stdout).toMatch(/a .*b:80/);
    expect(stdout).not.toContain('warning');
  });

  // The kernel takes no route via an address that is on no link of its own ('Nexthop has invalid gateway').
  test('a warning that two nodes cannot reach each other is not followed by a trace that gets there', async () => {
    expect((await run('a b:80', apart)).stderr).toMatch(/cannot reach each other/);
    expect((await traceOf('a b:80', apart)).outcome).not.toBe('delivered');
  });
});

describe('validate', () => {
  test('says in one line what is there', async () => {
    const { stdout, stderr } = await run('validate', { files: { 'topology.yaml': TWO_PODS } });
    expect(stdout).toBe('topology.yaml: valid: 2 nodes, 2 pods, 0 services\n');
    expect(stderr).toBe('');
  });

  test.each([
    [TWO_PODS, true, 0, 0],
    [TWO_PODS.replace('192.168.1.12', '192.168.2.12'), true, 1, 0],
    [`${TWO_PODS}nodez: 1\npodz: 2\n`, false, 2, 2],
  ])('-o json: %#', async (text, valid, count, status) => {
    const ran = await run('validate -o json', { files: { 'topology.yaml': text } });
    const json = JSON.parse(ran.stdout);
    expect([ran.status, json.schemaVersion, json.valid, json.diagnostics.length]).toEqual([status, 1, valid, count]);
  });
});
