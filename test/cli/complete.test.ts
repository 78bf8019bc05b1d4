import { describe, expect, test } from 'vitest';
import { isPlainWord } from '../../src/cli/shell-line.ts';
import { run, type World } from './fake-io.ts';
import { BROKEN, NAMES, TWO_PODS } from './worlds.ts';

const world: World = { files: { 'topology.yaml': NAMES, 'two.yaml': TWO_PODS, 'broken.yaml': BROKEN } };

/** The last word is being typed. */
async function complete(words: readonly string[], where: World = world) {
  const { status, stdout, stderr } = await run(['__complete', ...words], where);
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  return { texts: lines.slice(0, -1).map((l) => l.replace(/\t.*/, '')), abouts: lines.slice(0, -1), directive: lines.at(-1) };
}

/** Words are split at spaces; a space at the end begins a new one. */
const typed = (line: string) => complete(line.split(' '));

describe('names of the input', () => {
  test.each([
    // A pod and a service, a pod and a node of one name: the bare name would be ambiguous, so it is not offered.
    ['p', ['policy', 'pod-a', 'portless', 'pod/web', 'pod/node-1']],
    // Policies are about pods.
    ['policy p', ['pod-a', 'portless', 'pod/web', 'pod/node-1']],
    ['policy node/', []],
    ['policy shop/', ['shop/pod-a', 'shop/cart']],
    // Rows and columns of a matrix: words, namespaces, names without ports, after a comma anew.
    ['matrix --from w', ['workloads', 'web@']],
    ['matrix --to serv', ['services']],
    ['matrix --from serv', []],
    ['matrix --to nodes,svc/a', ['nodes,svc/api']],
    ['matrix --from ns/s', ['ns/shop']],
    ['matrix --to=namespace/', ['--to=namespace/default', '--to=namespace/shop']],
    ['matrix -o m', ['markdown']],
    ['matrix --any', ['--any-port']],
    ['pod-a w', ['web@']],
    ['pod-a pod/w', ['pod/web']],
    ['pod-a svc/', ['svc/web', 'svc/api', 'svc/dns', 'svc/one']],
    ['pod-a service/a', ['service/api']],
    ['pod-a ap', ['api']],
    ['node/', ['node/node-1', 'node/node-2']],
    ['node-', ['node-2']],
    // A source is no service.
    ['svc/', []],
    ['api', []],
    // Another namespace: its name first, then what is in it.
    ['trace s', ['shop/']],
    ['shop/', ['shop/pod-a', 'shop/cart']],
    ['pod-a shop/', ['shop/pod-a', 'shop/cart', 'shop/svc/basket']],
    ['pod-a shop/svc/b', ['shop/svc/basket']],
    ['-n shop trace c', ['cart']],
    ['-n shop pod-a svc/', ['svc/basket']],
    ['-nshop pod-a svc/', ['svc/basket']],
    ['--namespace=shop pod-a svc/', ['svc/basket']],
    // What is supposed to be gone.
    ['pod-a svc/api --without no', ['node/']],
    ['pod-a svc/api --without node/', ['node/node-1', 'node/node-2']],
    ['pod-a svc/api --without pod/s', ['pod/shop/pod-a', 'pod/shop/cart']],
    ['pod-a svc/api --without=svc/a', ['--without=svc/api']],
    ['pod-a svc/api --without node/node-1,svc/w', ['node/node-1,svc/web']],
    // Containers.
    ['sidecar@', ['sidecar@pod-a']],
    ['app@shop/c', ['app@shop/cart']],
    ['sid', ['sidecar@']],
    // Addresses.
    [
      '10.244.2.1',
      ['10.244.2.10', '10.244.2.11', '10.244.2.12', '10.244.2.13', '10.244.2.14', '10.244.2.15', '10.244.2.16', '10.244.2.17'],
    ],
    ['pod-a 10.96.0.11', ['10.96.0.11']],
    // Ports.
    ['pod-a svc/api:', ['svc/api:80', 'svc/api:443']],
    ['pod-a svc/api:h', ['svc/api:http', 'svc/api:https']],
    // One number for two protocols.
    ['pod-a svc/dns:', ['svc/dns:53/udp', 'svc/dns:53/tcp']],
    ['pod-a svc/dns:53', ['svc/dns:53/udp', 'svc/dns:53/tcp']],
    ['pod-a svc/dns:53/u', ['svc/dns:53/udp']],
    ['pod-a multi:', ['multi:53', 'multi:8080', 'multi:8443']],
    ['pod-a dns@multi:', ['dns@multi:53']],
    ['pod-a 10.96.0.11:8', ['10.96.0.11:80']],
    ['pod-a shop/svc/basket:', ['shop/svc/basket:80']],
    ['pod-a nothing:', []],
    ['pod-a:', []],
    // No third name.
    ['pod-a svc/web ', []],
  ])('%s', async (line, names) => {
    const { texts, directive } = await typed(line);
    expect(texts).toEqual(names);
    expect(directive).toMatch(names.length > 0 && names.every((n) => /[/:@]$/.test(n)) ? ':6' : ':4');
  });

  test('each is said what it is', async () => {
    expect((await typed('pod-a svc/a')).abouts).toEqual(['svc/api\tservice 80/tcp, 443/tcp']);
    expect((await typed('pod-a svc/api:4')).abouts).toEqual(['svc/api:443\thttps, tcp, target port https']);
    expect((await typed('node/node-2')).abouts).toEqual(['node/node-2\tnode 192.168.1.12']);
  });

  test.each([
    ['-f two.yaml ', ['a', 'b', 'node/node-1', 'node/node-2']],
    ['-f nothing.yaml ', []],
    ['-f broken.yaml ', []],
    ['-f - ', []],
  ])('%s: the names of that input, or none', async (line, names) => {
    expect((await typed(`trace ${line}`)).texts).toEqual(names);
  });

  test.each([
    ['no file: the built-in cluster', {}, 'pod-a'],
    ['the variable', { files: { 'two.yaml': TWO_PODS }, env: { K8S_TRACE_TOPOLOGY: 'two.yaml' } }, 'a'],
    ['a file that shells would find at home', { files: { '/home/me/two.yaml': TWO_PODS }, env: { HOME: '/home/me' } }, 'a', '~/two.yaml'],
    ['a file by a variable', { files: { '/data/two.yaml': TWO_PODS }, env: { DATA: '/data' } }, 'a', '$DATA/two.yaml'],
    [
      'a file by a variable in braces',
      { files: { '/data/two.yaml': TWO_PODS }, env: { DATA: '/data' } },
      'a',
      '$'.concat('{DATA}/two.yaml'),
    ],
  ])('%s', async (_name, where: World, first, file?: string) => {
    const { texts } = await complete([...(file === undefined ? [] : ['-f', file]), 'trace', ''], where);
    expect(texts[0]).toBe(first);
  });

  test('a pipe is not read: it could be read only once, and might never end', async () => {
    const io = { kindOf: async () => 'pipe' as const, read: async () => new TextEncoder().encode(TWO_PODS) };
    expect((await complete(['-f', 'fifo', 'trace', ''], { ...world, io })).texts).toEqual([]);
  });
});

describe('commands, flags and their values', () => {
  test.each([
    ['va', ['validate']],
    ['lab ', ['verify', 'up', 'exec', 'down', 'script', 'help']],
    ['lab v', ['verify']],
    ['-f two.yaml lab ver', ['verify']],
    ['help la', ['lab']],
    ['help lab ex', ['exec']],
    ['lab help u', ['up']],
    ['--al', ['--all-paths', '--all-sources']],
    ['show --ru', ['--rules']],
    ['ch', ['check']],
    ['sna', ['snapshot']],
    ['snapshot --pr', ['--print']],
    ['check --fa', ['--fail-on']],
    ['check --fail-on=w', ['--fail-on=warning']],
    ['validate --fa', ['--fail-on']],
    ['validate --fail-on n', ['note', 'never']],
    ['validate --ignore hair', ['hairpin-off']],
    ['check -o s', ['sarif']],
    ['schema c', ['check']],
    ['schema po', ['policy']],
    ['pol', ['policy']],
    ['policy pod-a -o m', ['markdown']],
    ['policy pod-a pod', []],
    ['validate --al', []],
    ['lab verify --al', ['--all']],
    ['pod-a pod-b --names', ['--namespace']],
    // Given already; those that may come again are offered again.
    ['-n shop --names', []],
    ['-f two.yaml --fi', ['--filename']],
    ['--hel', ['--help']],
    ['-H a:b --hea', ['--header']],
    ['-o j', ['json']],
    ['-oj', ['-ojson']],
    ['--output=j', ['--output=json']],
    ['validate -o ', ['text', 'json', 'sarif', 'github', 'junit', 'gitlab']],
    ['show -o y', ['yaml']],
    ['lab verify -o ', ['table', 'json']],
    ['lab up -o ', []],
    ['--color ', ['auto', 'always', 'never']],
    ['--color=al', ['--color=always']],
    ['--protocol u', ['udp']],
    ['--over ', ['network', 'ipc', 'volume']],
    ['--family ', ['IPv4', 'IPv6']],
    ['-n ', ['shop', 'default']],
    ['-Rn ', ['shop', 'default']],
    ['pod-a svc/api -p ', ['80', '443']],
    ['pod-a svc/api -p h', ['http', 'https']],
    ['explain HAIR', ['HAIRPIN_OFF']],
    ['explain hair', ['hairpin_off', 'hairpin-off']],
    ['schema to', ['topology']],
    ['completion ', ['bash', 'zsh', 'fish', 'powershell']],
    ['show ', ['node', 'pod', 'service', 'nodes', 'pods', 'services', 'cluster', 'topology']],
    ['explain NO_ROUTE -o ', ['text', 'markdown']],
    ['show node ', ['node-1', 'node-2']],
    ['show pod shop/', ['shop/pod-a', 'shop/cart']],
    ['show pod c', []],
    ['show -n shop pod c', ['cart']],
    ['show service/a', ['service/api']],
    ['show node node-1 ', []],
    ['lab exec udp', ['udp-only']],
    ['lab exec 10', []],
    ['lab verify pod-a ap', ['api']],
    // After a double dash come operands only.
    ['-- sid', ['sidecar@']],
  ])('%s', async (line, texts) => {
    expect(new Set((await typed(line)).texts)).toEqual(new Set(texts));
  });

  test.each([
    '-f ',
    '--filename=t',
    '-ft',
    '-o json=t',
    'validate t',
    'check t',
    'check -o junit=r',
    'snapshot -o c',
    'snapshot --kubeconfig ',
    'lab exec pod-a -- l',
  ])('%s: file names, which are the shell’s', async (line) => {
    expect(await typed(line)).toEqual({ texts: [], abouts: [], directive: ':0' });
  });

  test('the first word may be a command or a name; a pod that is called as a command is pod/NAME', async () => {
    const show = TWO_PODS.replace('name: a,', 'name: show,');
    const { texts } = await complete([''], { files: { 'topology.yaml': show } });
    expect(texts.filter((t) => t === 'show')).toHaveLength(1);
    expect(texts).toEqual(expect.arrayContaining(['trace', 'validate', 'lab', 'b', 'node/node-1']));
  });

  test('every command of the help is completed, with its description', async () => {
    const { stdout } = await run('help');
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].map((m) => m[1]);
    const { texts, abouts } = await complete([''], world);
    expect(listed.length).toBeGreaterThan(6);
    expect(texts).toEqual(expect.arrayContaining(listed));
    expect(abouts.find((a) => a.startsWith('validate\t'))).toMatch(/\tcheck the files/);
  });

  test.each(['pod-a pod-a --protocol', 'pod-a pod-a --over', 'check --fail-on', 'check --undetermined'])(
    '%s: just the values that it takes',
    async (line) => {
      const { stderr } = await run(`${line} qqqqqqqq`, world);
      const values = /expected (.*)/.exec(stderr)?.[1]?.split(', ');
      expect(values?.length).toBeGreaterThan(1);
      expect((await typed(`${line} `)).texts).toEqual(values);
    },
  );

  test.each(['trace', 'check', 'validate', 'show', 'lab verify'])('%s -o: just the formats that it takes', async (command) => {
    const operands = { trace: 'pod-a pod-a', 'lab verify': 'pod-a multi' }[command] ?? '';
    const { stderr } = await run(`${command} ${operands} -o qqqqqqqq`, world);
    const formats = /formats: (.*)/.exec(stderr)?.[1]?.split(', ');
    expect(formats?.length).toBeGreaterThan(1);
    expect((await typed(`${command} -o `)).texts).toEqual(formats);
  });
});

describe('many names', () => {
  const pods = (names: readonly string[]) =>
    `${TWO_PODS}${names.map((name) => `  - { name: ${name}, node: node-1 }\n`).join('')}`
      .replace('podCIDR: 10.244.1.0/24', 'podCIDR: 10.244.4.0/22')
      .replace('ip: 10.244.1.10', 'ip: 10.244.4.10');
  const names = ['web', 'api', 'db'].flatMap((app) => Array.from({ length: 100 }, (_, i) => `${app}-${i}`));
  const many: World = { files: { 'topology.yaml': pods(names) } };

  test('become their beginnings, which get no space', async () => {
    const { texts, abouts, directive } = await complete(['trace', ''], many);
    expect(texts).toEqual(['a', 'b', 'web-', 'api-', 'db-', 'node/']);
    expect(abouts).toContain('web-\t100 names');
    expect(directive).toBe(':6');
  });

  test('and are all there when they are few enough', async () => {
    expect((await complete(['trace', 'web-'], many)).texts).toHaveLength(100);
    expect((await complete(['trace', 'web-9'], many)).texts).toHaveLength(11);
  });

  test('no name is out of reach: beginnings cover all, also where there is no dash', async () => {
    const plain = Array.from({ length: 400 }, (_, i) => `p${1000 + i}`);
    const { texts } = await complete(['trace', 'p'], { files: { 'topology.yaml': pods(plain) } });
    expect(texts).toEqual(['p10', 'p11', 'p12', 'p13']);
  });
});

describe('what comes from files is data', () => {
  const HOSTILE = ['$(touch pwned)', '`touch pwned`', 'a b', 'a;b', "a'b", 'a"b', 'x\\ty', '*', 'a\nb', '~a!', 'a>b', ''];

  test.each(HOSTILE)('%j is no plain word, and no name', async (name) => {
    expect(isPlainWord(name)).toBe(false);
    const client = `${TWO_PODS}internet: { gateway: { ip: 192.168.1.1 }, clients: [{ name: ${JSON.stringify(name)}, ip: 198.51.100.7 }] }\n`;
    for (const topology of [client, TWO_PODS.replace('name: a,', `name: ${JSON.stringify(name)},`)])
      expect((await complete(['trace', ''], { files: { 'topology.yaml': topology } })).texts).toEqual([]);
  });

  test.each(['pod-a', 'shop/svc/web:http', 'app@pod-a', '--output=json', '10.96.0.10:53/udp'])('%s is', (word) => {
    expect(isPlainWord(word)).toBe(true);
  });
});

describe('bash, whose words are cut', () => {
  const BREAKS = '"\'@><=;|&(:\n\t ';
  test.each([
    ['k8s-trace pod-a svc/a', ['svc/api'], 4],
    ['k8s-trace pod-a svc/api:4', ['443'], 4],
    ['k8s-trace sidecar@', ['@pod-a'], 4],
    ['k8s-trace pod-a dns@multi:', ['53'], 4],
    ['k8s-trace --output=j', ['json'], 4],
    ['k8s-trace pod-a "svc/api:4', ['svc/api:443'], 4],
    ["k8s-trace -f 'two.yaml' b '", ['a', 'b', 'node/node-1', 'node/node-2'], 4],
    ['k8s-trace -f two\\.yaml trace ', ['a', 'b', 'node/node-1', 'node/node-2'], 4],
    ['k8s-trace pod-a svc/web > t', [], 0],
    ['k8s-trace pod-a 2>err svc/on', ['svc/one'], 4],
    ['k8s-trace -f <(cat two.yaml) b svc/', [], 4],
    ['k8s-trace -f ', [], 0],
    ['k8s-trace sh', ['show', 'shop/'], 4],
  ])('%s', async (line, texts, directive) => {
    const { status, stdout, stderr } = await run(['__complete-bash', line, BREAKS], world);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe([...texts, `:${directive}`, ''].join('\n'));
  });
});

describe('contexts, as kubectl has them', () => {
  const asked: (readonly string[])[] = [];
  const kubectl: World = {
    ...world,
    io: {
      execute: async (command) => {
        asked.push(command);
        return { status: 0, stdout: new TextEncoder().encode('kind-test\nadmin@prod\n'), stderr: '' };
      },
    },
  };
  test.each([
    ['--context ', ['kind-test', 'admin@prod']],
    ['pod-a svc/web --context k', ['kind-test']],
    ['--context=a', ['--context=admin@prod']],
  ])('%s', async (line, texts) => {
    expect((await complete(line.split(' '), kubectl)).texts).toEqual(texts);
  });
  test('of the file that is named', async () => {
    await complete(['--kubeconfig', 'other.conf', '--context', ''], kubectl);
    expect(asked.at(-1)).toEqual(['kubectl', 'config', 'get-contexts', '-o', 'name', '--kubeconfig=other.conf']);
  });
  test('without kubectl there are none', async () => {
    expect((await typed('--context ')).texts).toEqual([]);
  });
});
