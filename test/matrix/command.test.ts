import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { MatrixConnectionDocument } from '../../src/document/matrix-schema.ts';
import { jsonSchema } from '../../src/index.ts';
import { matrixCsv } from '../../src/render/matrix-csv.ts';
import { matrixJson as jsonPieces } from '../../src/render/matrix-json.ts';
import { matrix, matrixJson, NODES } from './worlds.ts';

const asked = async (argv: string | readonly string[]) => (await matrixJson(argv)).asked;

describe('who is asked about', () => {
  test.each([
    ['--from workloads', ['Pod/batch/idle', 'Pod/shop/db', 'Pod/shop/web']],
    ['--from workloads -n shop', ['Pod/shop/db', 'Pod/shop/web']],
    ['--from namespace/batch', ['Pod/batch/idle']],
    ['--from ns/shop,nodes', ['Pod/shop/db', 'Pod/shop/web', 'Node/nodes']],
    ['--from node/node-2 --from shop/db', ['Pod/shop/db', 'Node/nodes']],
    ['--from node-2 --pods', ['Node/node-2']],
    ['--from app=web', ['Pod/shop/web']],
    ['--from app!=web,app!=idle', ['Pod/shop/db']],
    ['--from !app,shop/db', null],
    ['--from db -n shop', ['Pod/shop/db']],
    ['--from 10.244.1.10', ['Pod/shop/web']],
    // Pods and nodes that have such an address.
    ['--from 10.244.2.0/24', ['Pod/batch/idle', 'Pod/shop/db']],
    ['--from 192.168.1.0/24', ['Node/nodes']],
    ['--from internet', ['Network/internet', 'Network/192.0.2.0/25', 'Network/192.0.2.128/25']],
    // What was asked for is cut out of what is around it.
    ['--from 192.0.2.0/26,198.51.100.0/24', ['Network/192.0.2.0/26', 'Network/198.51.100.0/24']],
  ])('%s', async (argv, from) => {
    const words = [...argv.split(' '), '-f', 'outside.yaml'];
    if (from === null) expect((await matrix(words)).status).toBe(2);
    else expect((await asked(words)).from).toEqual(from);
  });

  test('labels with spaces and commas are one selector', async () => {
    expect((await asked(['-f', 'shop.yaml', '--from', 'app in (db, web),app notin (db)', '--to', '!none'])).from).toEqual(['Pod/shop/web']);
  });

  test('a service is a column only, at the name that a trace would call', async () => {
    expect((await asked('-f shop.yaml --to shop/svc/web,10.96.0.10')).to).toEqual(['Service/shop/web']);
  });

  test('members are those that were selected', async () => {
    expect((await matrixJson('-f shop.yaml --from node-2 --to workloads')).groups.at(-1)).toMatchObject({
      id: 'Node/nodes',
      members: ['node-2'],
    });
  });
});

describe('what cannot be asked is named, with what was meant', () => {
  test.each([
    ['--to shop/pod/wbe', /--to shop\/pod\/wbe: there is no pod "shop\/pod\/wbe" in namespace shop\n {2}did you mean shop\/pod\/web\?/],
    ['--from app=wbe', /--from app=wbe: no pod has these labels\n {2}did you mean app=web\?/],
    ['--from tier=x -n shop', /no pod in namespace shop has these labels\n {2}labels of pods: /],
    ['--from app==', null],
    ['--from a=b=c', /"a=b=c" is no requirement of labels\n {2}as app=web, /],
    ['--from namespace/shp', /no pod is there in a namespace shp\n {2}did you mean shop\?/],
    ['--from svc/web -n shop', /--from svc\/web: services do not send\n {2}name the workloads behind them/],
    ['--from services', /--from services: services do not send/],
    ['-n shp', /-n shp: the input has no such namespace\n {2}did you mean shop\?/],
    ['-n nosuch --to services', /-n nosuch: the input has no such namespace\n {2}namespaces: batch, default, /],
    ['--to shop/svc/away', /another name for example.com, and has no address/],
    ['--to services -n batch', /--to services: namespace batch has none/],
    ['--to shop/pod/web:8080', /a port is asked of all that are called, by -p\n {2}-p 8080/],
    ['--to c@shop/db', /the containers of a pod have one network\n {2}name the pod: shop\/db/],
    ['--to internet', /the input has no way to the internet\n {2}state one/],
    ['--from 203.0.113.9', /--from 203.0.113.9: nobody has an address of it and could send/],
    ['--to nodes,,internet', /--to "": a name is missing/],
    ['-p 0', /-p 0: a port is a number \(1 to 65535\) or a name, or icmp/],
    ['-p 80-90', /all ports, as ranges: --any-port/],
    ['--any-port -p 80', /--any-port asks all ports, and -p names some\n {2}leave one of them out/],
    ['-p htp', /no container and no service has a port of this name\n {2}did you mean http\?/],
    ['-p http/udp', /the ports of this name are tcp\n {2}write -p http\/tcp/],
    ['-p 80/tpc', /the protocol is tcp, udp, sctp or icmp\n {2}did you mean tcp\?/],
    ['-p 80/udp --protocol tcp', /-p 80\/udp names udp, but --protocol is tcp/],
    ['-p 80 --protocol icmp', /ICMP has no ports\n {2}write -p icmp/],
    ['--protocol tpc', /--protocol tpc: expected tcp, udp, sctp, icmp/],
    ['-4 -6', /-4 and -6: one of them at most/],
    ['-o tabel', /-o tabel: there is no such format here\n {2}did you mean table\?/],
    ['shop/db', /shop\/db: one word too many\n {2}who reaches it: k8s-trace matrix --to shop\/db/],
  ])('%s', async (argv, says) => {
    const { status, stdout, stderr } = await matrix(`-f shop.yaml ${argv}`);
    expect([status, stdout]).toEqual([2, '']);
    if (says !== null) expect(stderr).toMatch(says);
  });

  test('a workload by its bare name: with its kind', async () => {
    const { stderr } = await matrix('-f objects.yaml --to web -n shop');
    expect(stderr).toMatch(/did you mean deploy\/web\?/);
  });

  test('a matrix of more than ten million cells, and what would group them', async () => {
    const pods = Array.from({ length: 3200 }, (_, i) => `  - { name: p${i}, node: node-1, ip: 10.244.${i >> 8}.${i & 255} }`);
    const text = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, cni: bridge }
nodes: [ { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.0.0/16 } ]
pods:
${pods.slice(2).join('\n')}
`;
    const { status, stderr } = await matrix('-f large.yaml --from workloads --to workloads', { files: { 'large.yaml': text } });
    expect([status, stderr]).toEqual([
      2,
      `k8s-trace: this matrix has 10,227,204 cells (3,198 rows, 3,198 columns), and 10,000,000 are the most without --force
  fewer rows or columns: --from or --to namespace/NAME, or a selector; all the same: --force
`,
    ]);
  });
});

const GOLDEN = join(import.meta.dirname, '../render/golden-matrix');
const golden = (name: string) => readFileSync(join(GOLDEN, name), 'utf8');

describe('for people', () => {
  const shop = (argv: string) => matrix(`-f shop.yaml ${argv}`, { files: { 'shop.yaml': golden('shop.yaml') } });

  // Read cell by cell against the policies of shop.yaml.
  test.each([
    ['--width 100', 'shop-100.txt'],
    ['--width 60', 'shop-60.txt'],
    ['--blocked --width 120', 'blocked-120.txt'],
    ['--to shop/db --blocked --width 100', 'db-blocked.txt'],
    ['-o markdown', 'shop.md'],
    ['-o markdown -v --blocked', 'blocked.md'],
  ])('%s', async (argv, name) => {
    expect(await shop(argv)).toMatchObject({ status: 0, stdout: golden(name), stderr: '' });
  });

  test.each(['', '-v', '--width 60 --blocked'])('colours say nothing that words do not: %s', async (argv) => {
    const { stdout } = await shop(`${argv} --color always`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
    expect(stdout.replace(/\u001b\[\d+m/g, '')).toBe((await shop(argv)).stdout);
    expect(stdout).toContain('\u001b[32m');
  });

  // Nothing says who enforces: the policy lets web alone reach db, and whether idle does hangs on that.
  describe('what is undetermined is counted without --blocked, too', () => {
    const deployment = (name: string, port: string) =>
      `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: ${name} }, spec: { selector: { matchLabels: { app: ${name} } }, template: { metadata: { labels: { app: ${name} } }, spec: { containers: [ { name: c, image: i${port} } ] } } } }`;
    const manifests = [
      deployment('web', ''),
      deployment('idle', ''),
      deployment('db', ', ports: [ { containerPort: 5432 } ]'),
      '{ apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: { name: db }, spec: { podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { podSelector: { matchLabels: { app: web } } } ] } ] } }',
    ].join('\n---\n');
    const said = async (argv: string) =>
      (await matrix(`-f open.yaml --from workloads --to deploy/db ${argv}`, { files: { 'open.yaml': manifests } })).stdout;

    test('in the heading, and of each destination', async () => {
      const text = await said('');
      expect(text).toContain('default/deploy/db is reached from 1 of 2 groups; 1 undetermined.\n');
      expect(text).toMatch(/^ +5432\/tcp {2}1 group +undetermined$/m);
      expect(text).toMatch(/--cni or\s--network-policy says it/);
      expect(await said('--network-policy calico')).not.toContain('undetermined');
    });

    test('in Markdown', async () => {
      const text = await said('-o markdown');
      expect(text).toContain('**default/deploy/db is reached from 1 of 2 groups; 1 undetermined.**\n');
      expect(text).toContain('|  | 5432/tcp | 1 group | undetermined |\n');
    });

    test('in a grid', async () => {
      expect(await said('--to deploy/web -p 5432')).toMatch(/^deploy\/idle .*\?/m);
    });

    test('other formats have what arrives only', async () => {
      const { asked, connections } = JSON.parse(await said('-o json'));
      expect([asked.blocked, connections.map((c: { outcome: string }) => c.outcome)]).toEqual([false, ['delivered']]);
      expect(await said('-o csv')).not.toContain('undetermined');
    });

    test('where parts are joined', async () => {
      const part = await said('--shard 1/1');
      const { stdout } = await matrix('--merge part.json', { files: { 'part.json': part } });
      expect(stdout).toBe(await said(''));
    });
  });

  test('no line is wider than it may be', async () => {
    for (const width of [60, 80, 160])
      for (const argv of ['', '-v --blocked', '--to services,workloads'])
        for (const line of (await shop(`${argv} --width ${width}`)).stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  test('of many callers those are named that are missing', async () => {
    const pods = Array.from({ length: 9 }, (_, i) => `  - { name: p${i}, node: node-1, ip: 10.244.1.${i + 2}, labels: { app: a${i} } }`);
    const text = `${NODES.replace('cni: bridge', 'cni: bridge, networkPolicy: kube-router')}pods:
${pods.join('\n')}
  - { name: db, node: node-2, ip: 10.244.2.2, labels: { app: db }, containers: [ { name: c, ports: [ { containerPort: 5432 } ] } ] }
networkPolicies:
  - { name: db, podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { podSelector: { matchExpressions: [ { key: app, operator: NotIn, values: [ a3, a7 ] } ] } } ] } ] }
`;
    const { stdout } = await matrix('-f but.yaml --to db --from workloads', { files: { 'but.yaml': text } });
    expect(stdout).toMatch(/^db {2}5432\/tcp {2}all 9 workloads \(not p3, not p7\)$/m);
  });

  test('destinations that the same can reach are one line', async () => {
    const pods = Array.from(
      { length: 13 },
      (_, i) => `  - { name: p${i}, node: node-1, ip: 10.244.1.${i + 2}, containers: [ { name: c, ports: [ { containerPort: 80 } ] } ] }`,
    );
    const { stdout } = await matrix('-f many.yaml', { files: { 'many.yaml': `${NODES}pods:\n${pods.join('\n')}\n` } });
    expect(stdout).toContain('p0, p1, p10 and 10 more  80/tcp  all 12 workloads, nodes\n');
  });

  test('a comment that would be long is folded by namespace', async () => {
    const pods = Array.from(
      { length: 24 },
      (_, i) =>
        `  - { name: p${i}, namespace: ns-${i % 3}, node: node-1, ip: 10.244.1.${i + 2}, containers: [ { name: c, ports: [ { containerPort: ${80 + i} } ] } ] }`,
    );
    const { stdout } = await matrix('-f many.yaml -o markdown', { files: { 'many.yaml': `${NODES}pods:\n${pods.join('\n')}\n` } });
    expect(stdout.match(/^<details><summary>ns-\d \(8\)<\/summary>$/gm)).toHaveLength(3);
    expect(stdout).toContain('| p0 | 80/tcp | all 23 workloads, nodes | delivered |');
  });
});

describe('forms', () => {
  test('JSON is what the schema says, and YAML the same', async () => {
    const { stdout } = await matrix('-f outside.yaml --blocked -o json');
    const document: unknown = JSON.parse(stdout);
    const validate = new Ajv({ strict: false }).compile((await jsonSchema('matrix')) as object);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(parse((await matrix('-f outside.yaml --blocked -o yaml')).stdout)).toEqual(document);
  });

  test('two formats at once say the same; the second goes to a file', async () => {
    const alone = await matrix('-f shop.yaml -o csv');
    const both = await matrix('-f shop.yaml -o csv -o json=m.json');
    expect(both.stdout).toBe(alone.stdout);
    expect(both.written['m.json']).toBe((await matrix('-f shop.yaml -o json')).stdout);
  });

  test('CSV of RFC 4180', async () => {
    const { stdout } = await matrix('-f shop.yaml -o csv --from shop/pod/web --to shop/db --blocked');
    expect(stdout).toBe(
      [
        'fromKind,fromNamespace,from,toKind,toNamespace,to,family,protocol,ports,outcome,code,share,assumed',
        'Pod,shop,web,Pod,shop,db,IPv4,tcp,5432,delivered,,1,false',
        'Pod,shop,web,Pod,shop,db,IPv4,tcp,9187,rejected,POLICY_DEFAULT_DENY,1,false',
        '',
      ].join('\r\n'),
    );
  });

  test.each([
    ['=cmd|x', "'=cmd|x"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['a,"b"', '"a,""b"""'],
    ['=1,2', `"'=1,2"`],
    ['two\nlines', '"two\nlines"'],
    ['plain-name', 'plain-name'],
  ])('a spreadsheet runs nothing: %j', (name, cell) => {
    const group = { id: 'a', kind: 'Pod', namespace: null, name, members: [name] };
    const pieces = matrixCsv({ asked: NOTHING, groups: [group], connections: [CONNECTION], notAsked: [] });
    expect([...pieces][1]).toBe(`Pod,,${cell},Pod,,${cell},IPv4,tcp,1,delivered,,1,false\r\n`);
  });

  test('a connection is written before the next one is made', () => {
    let made = 0;
    function* endless(): Iterable<MatrixConnectionDocument> {
      for (;;) {
        made++;
        yield CONNECTION;
      }
    }
    const pieces = jsonPieces({ asked: NOTHING, groups: [], connections: endless(), notAsked: [] });
    expect([...take(pieces, 12)].join('')).toContain('"ports":["1"]');
    expect(made).toBeLessThan(15);
  });
});

const CONNECTION: MatrixConnectionDocument = {
  from: 'a',
  to: 'a',
  family: 'IPv4',
  protocol: 'tcp',
  ports: ['1'],
  outcome: 'delivered',
  code: null,
  share: 1,
  assumed: false,
};

const NOTHING = { from: [], to: [], families: [], ports: null, protocol: null, anyPort: false, blocked: true };

function* take<T>(all: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const one of all) {
    if (left-- <= 0) return;
    yield one;
  }
}

describe('while it works', () => {
  /** A clock that goes on by so many milliseconds each time that it is looked at. */
  const clock = (step: number) => {
    let time = 0;
    return () => (time += step);
  };

  test('a terminal hears of it after a second, and the line is gone at the end', async () => {
    const { stderr, stdout } = await matrix('-f shop.yaml', { terminal: 100, io: { now: clock(300) } });
    expect(stderr).toMatch(/matrix: \d+ %, \d+ of 16 cells/);
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
    expect(stdout).toContain('pairs connect');
  });

  test('a second is not over', async () => {
    expect((await matrix('-f shop.yaml', { terminal: 100, io: { now: clock(1) } })).stderr).toBe('');
  });

  test('a pipe hears nothing', async () => {
    expect((await matrix('-f shop.yaml', { io: { now: clock(5000) } })).stderr).toBe('');
  });
});
