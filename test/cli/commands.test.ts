import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BUILT_IN, FORMATS, jsonSchema } from '../../src/index.ts';
import { run } from './fake-io.ts';
import { BROKEN, NAMES, TWO_PODS } from './worlds.ts';

const COMMANDS = ['trace', 'check', 'validate', 'show', 'policy', 'drift', 'snapshot', 'lab', 'explain', 'schema', 'completion', 'help'];

describe('help', () => {
  test.each(['--help', '-h', 'help'])('%s: exit status 0, on stdout, with every command, format and exit status', async (argv) => {
    const { status, stdout, stderr } = await run(argv);
    expect([status, stderr]).toEqual([0, '']);
    for (const word of [...COMMANDS, ...FORMATS]) expect(stdout).toMatch(new RegExp(`\\b${word}\\b`));
    for (const option of ['-f', '-R', '-n', '-o', '-v', '--color', '--no-color', '--width']) expect(stdout).toContain(option);
    for (const exit of [/0 delivered/, /1 not delivered/, /\b2 /, /3 undetermined/, /\b4 /]) expect(stdout).toMatch(exit);
    expect(stdout).toMatch(/Examples:\n {2}k8s-trace pod-a pod-d/);
  });

  test.each(['trace', 'check', 'validate', 'show', 'policy', 'matrix', 'lab', 'explain', 'schema', 'completion'])(
    '%s --help',
    async (command) => {
      for (const argv of [`${command} --help`, `help ${command}`]) {
        const { status, stdout } = await run(argv);
        expect([argv, status]).toEqual([argv, 0]);
        expect(stdout).toMatch(new RegExp(`^Usage: k8s-trace.*${command}`));
      }
    },
  );

  test('trace --help has the flags of a trace', async () => {
    const { stdout } = await run('trace --help');
    for (const option of ['-p, --port', '--protocol', '--size', '--all-paths', '--reply']) expect(stdout).toContain(option);
  });

  test('without arguments: help on stderr, exit status 2', async () => {
    const { status, stdout, stderr } = await run('');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: k8s-trace/);
  });

  test.each(['--version', '-V'])('%s', async (argv) => {
    expect(await run(argv)).toMatchObject({ status: 0, stdout: '1.2.3\n', stderr: '' });
  });
});

describe('a misspelt command does not become a trace', () => {
  test.each([
    ['valdate', 'validate'],
    ['valdate -f topology.yaml', 'validate'],
    ['valdate topology.yaml', 'validate'],
    ['expalin NO_ROUTE', 'explain'],
    ['shwo node node-1', 'show'],
    ['schem trace', 'schema'],
    ['hlep', 'help'],
    ['lba verify a b', 'lab'],
    ['lba down', 'lab'],
    ['traec pod-a pod-d', 'trace'],
  ])('%s: did you mean %s', async (argv, command) => {
    const { status, stdout, stderr } = await run(argv, { files: { 'topology.yaml': TWO_PODS } });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`did you mean ${command}\\b`));
  });

  test('a fault of the input is not one of the command line: both ends are there', async () => {
    const { status, stderr } = await run('shwo pod-d -f topology.yaml', { files: { 'topology.yaml': 'kind: Topology\nnodes: [\n' } });
    expect(status).toBe(2);
    expect(stderr).not.toContain('did you mean show');
  });

  test('an unknown option is an error that names it, and the nearest', async () => {
    const { status, stderr } = await run('pod-a pod-d --protocl tcp');
    expect(status).toBe(2);
    expect(stderr).toMatch(/--protocl[\s\S]*--protocol/);
  });
});

describe('what is misspelt', () => {
  test.each([
    ['help trce', 'k8s-trace: there is no command trce\n  did you mean trace?\n'],
    ['help zzzzzzzzz', /^k8s-trace: there is no command zzzzzzzzz\n {2}commands: trace, check, .*\n$/],
    ['pod-a pod-d --prot tcp', "k8s-trace: unknown option '--prot' (Did you mean --protocol?)\n"],
    ['lab verify pod-a pod-d --prot tcp', "k8s-trace: unknown option '--prot' (Did you mean --protocol?)\n"],
    ['--widt 80 pod-a pod-d', "k8s-trace: unknown option '--widt' (Did you mean --width?)\n"],
    ['pod-a pod-d --prto tcp', /unknown option '--prto' \(Did you mean --port\?\)/],
    ['a b -4 -6', 'k8s-trace: -4 and -6: one of them at most\n  without any, each family that both ends have is asked\n'],
    ['a b --family IPv4 -6', /-6 and --family IPv4: one of them at most/],
    ['a b --family ipv4', 'k8s-trace: --family ipv4: expected IPv4, IPv6\n  did you mean IPv4?\n'],
    ['a 10.0.0.1:80 -6', 'k8s-trace: --family IPv6: 10.0.0.1:80 is IPv4\n  leave --family out, or call it by its name\n'],
    ['a http:///cart', 'k8s-trace: http:///cart: the host is missing\n  write it as https://shop.example.com/cart\n'],
  ])('%s: exit status 2, and what was meant', async (argv, says) => {
    const { status, stdout, stderr } = await run(argv, { files: { 'topology.yaml': TWO_PODS } });
    expect([status, stdout]).toEqual([2, '']);
    if (typeof says === 'string') expect(stderr).toBe(says);
    else expect(stderr).toMatch(says);
  });
});

describe('completion', () => {
  test('prints the script of a shell, and names the nearest', async () => {
    expect(await run('completion bash')).toMatchObject({ status: 0, stdout: '# for bash\n', stderr: '' });
    const { status, stdout, stderr } = await run('completion bsh');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/bsh[\s\S]*did you mean bash\?/);
    expect((await run('completion tcsh')).stderr).toMatch(/shells: bash, zsh, fish, powershell/);
  });
});

describe('called by kubectl', () => {
  const io = { name: 'kubectl k8s-trace' } as const;
  test('help and hints say what to type', async () => {
    const { stdout } = await run('help', { io });
    expect(stdout).toMatch(/^Usage: kubectl k8s-trace \[trace\] SOURCE/);
    expect(stdout).toMatch(/\n {2}kubectl k8s-trace pod-a pod-d /);
    expect(stdout).not.toMatch(/(?<!kubectl )k8s-trace [a-z]/);
    expect((await run('show node', { io })).stderr).toContain('\n  kubectl k8s-trace show lists all\n');
    expect((await run('show node')).stderr).toContain('\n  k8s-trace show lists all\n');
  });

  test('nothing else is renamed', async () => {
    expect((await run('show node', { io })).stderr).toMatch(/^k8s-trace: show node: which one/);
    expect((await run('help', { io })).stdout).toMatch(/a fault in k8s-trace\.\n/);
  });
});

describe('explain', () => {
  const pages = { NO_ROUTE: '# NO_ROUTE\n\nNo route.' };
  test.each(['NO_ROUTE', 'no_route', 'no-route'])('%s prints the page', async (code) => {
    expect(await run(`explain ${code}`, { pages })).toMatchObject({ status: 0, stdout: 'NO_ROUTE\n\n  No route.\n', stderr: '' });
    const raw = { status: 0, stdout: `${pages.NO_ROUTE}\n`, stderr: '' };
    expect(await run(`explain ${code} -o markdown`, { pages })).toMatchObject(raw);
  });

  test('-o markdown=FILE writes the page, and colour stays on the terminal', async () => {
    const { written, stdout } = await run('explain NO_ROUTE -o markdown=no-route.md -o text --color always', { pages });
    expect([written['no-route.md'], stdout]).toEqual([`${pages.NO_ROUTE}\n`, '\u001b[1mNO_ROUTE\u001b[22m\n\n  No route.\n']);
  });

  test.each(['json', 'table', 'yaml'])('-o %s is no format of it', async (format) => {
    expect(await run(`explain NO_ROUTE -o ${format}`, { pages })).toMatchObject({
      status: 2,
      stdout: '',
      stderr: /formats: text, markdown/,
    });
  });

  test.each([
    ['NO_RUTE', /did you mean NO_ROUTE/],
    ['XYZZY', /k8s-trace explain lists them all/],
    ['../secret', /no code/],
  ])('%s is no code', async (code, says) => {
    const { status, stdout, stderr } = await run(`explain ${code}`, { pages });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });

  test('takes one code', async () => {
    expect((await run('explain NO_ROUTE NO_ROUTE', { pages })).status).toBe(2);
  });
});

describe('schema', () => {
  test.each(['topology', 'expectations', 'trace', 'check', 'policy', 'matrix', 'drift', 'lab'] as const)(
    '%s is JSON Schema, draft 7',
    async (name) => {
      const { status, stdout, stderr } = await run(`schema ${name}`);
      expect([status, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toEqual(await jsonSchema(name));
      expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
    },
  );

  test.each([
    ['schema topolgy', /did you mean topology/],
    ['schema pods', /topology, expectations, trace, check, policy, matrix, diff, drift, lab/],
    ['schema', /missing required argument 'name'/],
  ])('%s', async (argv, says) => {
    const { status, stdout, stderr } = await run(argv);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });
});

describe('show', () => {
  const world = { files: { 'topology.yaml': NAMES } };

  test.each([
    ['where there is no file', {}],
    ['beside a file that the shell has just made', { 'topology.yaml': '' }],
    ['beside another one', { 'topology.yaml': NAMES }],
  ])('topology is the built-in file, %s', async (_name, files) => {
    const io = { read: async () => Promise.reject(new Error('nothing is read')) };
    const env = { K8S_TRACE_TOPOLOGY: 'missing.yaml' };
    expect(await run('show topology', { files, io, env })).toMatchObject({ status: 0, stdout: BUILT_IN, stderr: '' });
  });

  test.each(['-f topology.yaml', '-o json', '-o yaml=out.yaml', '-v', '-R', '--rules', 'node-1'])('topology takes no %s', async (more) => {
    expect(await run(`show topology ${more}`, world)).toMatchObject({ status: 2, stdout: '' });
  });

  test.each([
    ['show', [/node-1 +192\.168\.1\.11 +10\.244\.1\.0\/24 +1/, /shop\/basket +ClusterIP +10\.96\.0\.14 +- +80\/tcp +1/]],
    ['show cluster', [/podCIDR +10\.244\.0\.0\/16 +stated +Topology cluster\.podCIDR/, /^\d+ pods, 5 services: /m]],
    ['show nodes', [/^Nodes\nNAME +IP +PODCIDR +PODS\nnode-1/]],
    ['show po', [/^Pods\nNAME +READY +STATUS +IP +NODE\n/, /shop\/cart +yes +Running +10\.244\.2\.17 +node-2/]],
    ['show services', [/^Services\nNAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +ENDPOINTS\n/]],
    ['show node node-1', [/cni0 +bridge +10\.244\.1\.1\/24/, /10\.244\.2\.0\/24 via 192\.168\.1\.12 dev eth0/]],
    ['show node/node-1', [/cni0 +bridge/]],
    ['show nodes node-2', [/veth7/]],
    ['show pod multi', [/eth0 +veth +10\.244\.2\.10\/24/, /default via 10\.244\.2\.1 dev eth0/, /53\/udp/]],
    ['show po/multi', [/10\.244\.2\.10\/24/]],
    ['show pod shop/cart', [/10\.244\.2\.17\/24/]],
    ['show pod cart -n shop', [/10\.244\.2\.17\/24/]],
    ['show svc api', [/10\.96\.0\.11/, /KUBE-SVC-/, /10\.244\.2\.10:8443 +default\/multi +node-2 +yes +KUBE-SEP-/]],
    ['show node node-1 --rules', [/^\*nat$/m, /^-A KUBE-SERVICES .*10\.96\.0\.10\/32/m, /^COMMIT$/m]],
  ])('%s', async (argv, says) => {
    const { status, stdout } = await run(argv, world);
    expect(status).toBe(0);
    for (const pattern of says) expect(stdout).toMatch(pattern);
  });

  test.each([
    ['show -n shop', ['shop/pod-a', 'shop/cart', 'shop/basket']],
    ['show pods -n shop', ['shop/pod-a', 'shop/cart']],
    ['show svc -n shop', ['shop/basket']],
  ])('%s: what is in that namespace alone', async (argv, names) => {
    const { status, stdout } = await run(argv, world);
    expect(status).toBe(0);
    expect(stdout.match(/^[a-z-]+\/[a-z-]+/gm)).toEqual(names);
  });

  test('cluster is the whole cluster, whatever the namespace', async () => {
    expect((await run('show cluster -n shop', world)).stdout).toBe((await run('show cluster', world)).stdout);
  });

  test('a flag wins over the Topology, and both are facts', async () => {
    const { stdout } = await run('show cluster --cluster-domain example.org -o json', world);
    const facts: { fact: string; value: unknown; confidence: string; source: unknown }[] = JSON.parse(stdout).facts;
    expect(facts.find((f) => f.fact === 'clusterDomain')).toMatchObject({ value: 'example.org', confidence: 'stated', source: null });
    const source = { file: 'topology.yaml', object: 'Topology', field: 'cluster.podCIDR' };
    expect(facts.find((f) => f.fact === 'podCIDR')).toMatchObject({ value: ['10.244.0.0/16'], confidence: 'stated', source });
  });

  test('a flag that brings several facts along is said once', async () => {
    const flannel = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: flannel }
nodes: [ { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 } ]
`;
    const { stderr } = await run('show cluster --cni kindnet', { files: { 'topology.yaml': flannel } });
    expect(stderr.match(/counts, and not/g)).toHaveLength(1);
    expect(stderr).toContain('--cni kindnet counts, and not flannel of the Topology (topology.yaml:3)');
  });

  test('URLs, and who serves them', async () => {
    const text = readFileSync(new URL('../../fixtures/http/gateway.yaml', import.meta.url), 'utf8');
    const { stdout } = await run('show cluster --width 120', { files: { 'topology.yaml': text } });
    expect(stdout).toMatch(/HTTPRoute +shop\/to-https +shop\.example\.com +infra\/public +infra\/envoy/);
    expect(stdout).toMatch(/HTTPRoute +shop\/orphan +orphan\.example\.com +nobody +-/);
    expect((await run('show cluster', world)).stdout).not.toMatch(/URLs/);
  });

  test('-o json and yaml have a schema version', async () => {
    expect(JSON.parse((await run('show node node-1 -o json', world)).stdout)).toMatchObject({
      schemaVersion: 1,
      kind: 'Node',
      name: 'node-1',
    });
    expect((await run('show -o yaml', world)).stdout).toMatch(/^schemaVersion: 1\nkind: Cluster\n/);
  });

  test.each([
    ['show node node-9', /did you mean node-1 or node-2/],
    ['show pod mlti', /did you mean multi/],
    ['show pod cart', /shop\/cart/],
    ['show svc nothing', /web, api/],
    ['show nod node-1', /did you mean node/],
    ['show node', /which one/],
    ['show -n shp', /there is nothing in namespace shp\n +did you mean shop/],
    ['show services -n nowhere', /there is nothing in namespace nowhere\n +namespaces: default, shop/],
    ['show pods web api', /one word too many/],
    ['show node node-1 node-2', /one word too many/],
    ['show pod multi --rules', /--rules is about a node/],
  ])('%s: exit status 2', async (argv, says) => {
    const { status, stdout, stderr } = await run(argv, world);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });

  test('a broken topology is told like everywhere', async () => {
    const { status, stderr } = await run('show', { files: { 'topology.yaml': BROKEN } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^topology\.yaml:10:1: error: unknown field/);
  });
});
