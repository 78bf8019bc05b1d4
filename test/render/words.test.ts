import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';
import { ask } from '../tracing.ts';

/** What a reader of a trace has to be able to trust: titles, the path that is shown, and words that fit the rules below them. */

const FILE = 'words/outside.yaml';
const bytes = readFileSync(new URL(`../../fixtures/${FILE}`, import.meta.url), 'utf8');
const shown = async (argv: string) => (await run(`${argv} -f topology.yaml`, { files: { 'topology.yaml': bytes } })).stdout;
const titles = (text: string) => text.split('\n').flatMap((line) => line.match(/^Path \d of \d, [\d.]+ %(.*)$/)?.[1] ?? []);

describe('the title of a path tells it from the others', () => {
  test.each(['table', 'trace'])('in %s, by the node when the endpoint is the same', async (format) => {
    expect(titles(await shown(`internet svc/even -o ${format}`))).toEqual([
      ' to 10.244.1.2:8080 (web-1) by node-1: delivered',
      ' to 10.244.2.2:8080 (web-2) by node-1: delivered',
      ' to 10.244.1.2:8080 (web-1) by node-2: delivered',
      ' to 10.244.2.2:8080 (web-2) by node-2: delivered',
      ' to 10.244.1.2:8080 (web-1) by node-3: delivered',
      ' to 10.244.2.2:8080 (web-2) by node-3: delivered',
    ]);
  });

  test('one that arrives nowhere has its node, and what it was translated to', async () => {
    expect(titles(await shown('internet svc/local'))).toEqual([
      ' to 10.244.1.2:8080 (web-1): delivered',
      ' towards 192.168.1.13:30082 by node-3: dropped NO_LOCAL_ENDPOINTS',
    ]);
  });

  test('different endpoints are enough', async () => {
    expect(titles(await shown('web-1 svc/even'))).toEqual([
      ' to 10.244.1.2:8080 (web-1): delivered',
      ' to 10.244.2.2:8080 (web-2): delivered',
    ]);
  });
});

test('of equal shares the first path is shown, whatever the last digit of the product', async () => {
  const shares = ask(FILE, 'internet', 'svc/even').paths.map((p) => p.probability);
  expect(new Set(shares).size).toBeGreaterThan(1);
  const lines = (await shown('internet svc/even')).split('\n');
  const first = lines.findIndex((line) => line.startsWith('Path 1'));
  expect(lines.slice(first + 1, first + 3)).toEqual(['', expect.stringMatching(/^# +NODE/)]);
});

describe('what is about the packet of a tunnel says so', () => {
  const tunnel = readFileSync(new URL('../../fixtures/cases/overlay-port-closed.yaml', import.meta.url), 'utf8');
  const asked = async (argv: string) =>
    (await run(`client shop-1 ${argv} -f topology.yaml`, { files: { 'topology.yaml': tunnel } })).stdout;
  const lines = async (argv: string) => (await asked(argv)).split('\n').filter((line) => line.includes('outer packet: '));

  test('in a table, from the packing to the end', async () => {
    const steps = (await lines('--width 160')).map((line) => line.match(/(route|out|network|in|filter|drop) +outer packet: /)?.[1]);
    expect(steps).toEqual(['route', 'out', 'network', 'in', 'filter', 'drop']);
  });

  test('in a trace, behind the device', async () => {
    const found = await lines('-o trace --width 160');
    expect(found).toContainEqual(expect.stringMatching(/^ +route {3}eth0, outer packet: 192\.168\.1\.0\/24 dev eth0/));
    expect(found).toContainEqual(expect.stringMatching(/^ +in {6}outer packet: comes in by eth0/));
  });
});

describe('MASQUERADE', () => {
  const last = (from: string, to: string) => {
    const hops = ask(FILE, from, to).paths.flatMap((p) => p.forward.hops);
    return hops.find((h) => h.kind === 'skip' && h.mechanism === 'masquerade')?.text;
  };

  test('to the address that the packet has is not said to have been asked for by nobody', () => {
    expect(last('node/node-3', '203.0.113.21:443')).toBe(
      'POSTROUTING -> KUBE-POSTROUTING: MASQUERADE changes nothing: the source is 192.168.1.13 already',
    );
  });

  test('that did not match still says why not', () => {
    expect(last('web-1', 'svc/even')).toMatch(/^no masquerade: the mark 0x4000 is not set/);
  });
});

describe('a closed port: only what answers on the address that was called is offered', () => {
  const PLACE = 'words/outside.yaml:11';
  test.each([
    [
      'web-1',
      'tool:9999',
      `tool listens on 80/tcp, 9000/tcp at 127.0.0.1 only, 9100/tcp (${PLACE}): call 80/tcp or 9100/tcp`,
      'or add containerPort: 9999 to a container',
    ],
    [
      'shell@tool',
      'localhost:9001',
      `tool listens on 80/tcp, 9000/tcp, 9100/tcp at 10.244.1.3 only (${PLACE}): call 80/tcp or 9000/tcp`,
      'or add containerPort: 9001 to a container',
    ],
    ['web-1', 'web-2:81', 'web-2 listens on 8080/tcp (words/outside.yaml:10): call 8080/tcp', 'or add containerPort: 81 to a container'],
  ])('%s calls %s', (from, to, ...fixes) => {
    expect(ask(FILE, from, to).reason?.fix).toEqual(fixes);
  });

  test.each([
    ['web-1', 'tool:9100', 'delivered'],
    ['shell@tool', 'localhost:9000', 'delivered'],
    ['shell@tool', 'localhost:9100', 'rejected'],
  ])('%s calls %s: %s', (from, to, outcome) => {
    expect(ask(FILE, from, to).outcome).toBe(outcome);
  });
});

/** What docs/reasons/NO_LOCAL_ENDPOINTS.md says of pods: on their own node any endpoint will do, at another one they come from outside. */
test.each([
  ['web-1', 'node/node-1:30082', 'delivered'],
  ['web-1', 'node/node-3:30082', 'dropped'],
])('externalTrafficPolicy: Local, %s calls %s: %s', (from, to, outcome) => {
  expect(ask(FILE, from, to).outcome).toBe(outcome);
});

describe('-o minimal says which path fails, and its share, when paths end differently', () => {
  const endings = async (argv: string) =>
    (await shown(`${argv} -o minimal`)).split('\n').filter((line) => /^(path \d (dropped|delivered)|mixed|delivered)/.test(line));

  test('mixed', async () => {
    expect(await endings('internet svc/local')).toEqual([
      'path 1 delivered 0.5',
      'path 2 dropped NO_LOCAL_ENDPOINTS 0.5',
      'mixed NO_LOCAL_ENDPOINTS',
    ]);
  });

  test('all delivered', async () => {
    expect(await endings('web-1 svc/even')).toEqual(['delivered']);
  });
});

describe('a line begins with a capital, but for a name', () => {
  const node = (name: string, ip: string, more = '') => `  - { name: ${name}, ip: ${ip}, podCIDR: 10.244.${ip.slice(-1)}.0/24${more} }\n`;
  const file = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
${node('the', '192.168.1.11', ', routes: { remove: [10.244.2.0/24] }')}${node('a', '192.168.1.12')}pods:
  - { name: all, node: the, containers: [{ name: a, listen: ['127.0.0.1:80'] }] }
  - { name: far, node: a }
  - { name: name, node: the }
`;
  const lines = async (argv: string) => {
    const { stdout } = await run(`${argv} -f topology.yaml`, { files: { 'topology.yaml': file } });
    return ['Why', 'Fix'].map((title) =>
      stdout
        .split('\n')
        .find((line) => line.startsWith(`${title} `))
        ?.slice(9),
    );
  };

  test.each([
    ['all far:80', /^the has no route to 10\.244\.2\./, /^Put the route back/],
    ['name all:80', /^a@all listens on 127\.0\.0\.1 only/, /^Let the process listen on 0\.0\.0\.0/],
    ['name all:81', /^Nothing in default\/all listens on/, /^all listens on 80\/tcp at 127\.0\.0\.1 only/],
  ])('%s', async (argv, why, fix) => {
    const [first, second] = await lines(argv);
    expect(first).toMatch(why);
    expect(second).toMatch(fix);
  });
});

test('a network that looks at sources begins its sentence with a capital: that is no name', async () => {
  const file = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]
underlay: { sourceCheck: true }
`;
  const { stdout } = await run('a b:80 -f topology.yaml', { files: { 'topology.yaml': file } });
  expect(stdout).toMatch(/^Why {6}The network drops what eth0 of node-1 sends/m);
});
