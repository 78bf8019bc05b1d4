import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isPlainWord } from '../../src/cli/shell-line.ts';
import { run, type World } from './fake-io.ts';

const FOUR_PODS = readFileSync(new URL('../../fixtures/ipv6/four-pods.yaml', import.meta.url), 'utf8');
const withGateway = FOUR_PODS.replace(
  'gateway: { ip: "fd00:192:168:1::1" }',
  'gateway: { ip: "fd00:192:168:1::1", publicIP: "2001:db8:1::1", nat: [{ private: "fd00:192:168:1::11", public: "2001:db8:1::11" }] }',
);
const worldOf = (topology: string): World => ({ files: { 'topology.yaml': topology } });
const world = worldOf(FOUR_PODS);

/** A change to node-1: what it states, and what is called. */
const node1 = (more: string) => FOUR_PODS.replace('podCIDR: "fd00:10:244:1::/64"', `podCIDR: "fd00:10:244:1::/64", ${more}`);

describe('arguments', () => {
  test.each([
    ['pod-a fd00:10:244:2::11', /^delivered: pod-a reaches \[fd00:10:244:2::11\]:8080\/tcp,/],
    ['pod-a [fd00:10:244:2::11]:8080', /^delivered: pod-a reaches \[fd00:10:244:2::11\]:8080\/tcp,/],
    ['pod-a [fd00:10:244:2::11]:http', /^delivered: pod-a reaches \[fd00:10:244:2::11\]:8080\/tcp,/],
    ['pod-a fd00:10:244:2::11 -p 8080', /^delivered: pod-a reaches \[fd00:10:244:2::11\]:8080\/tcp,/],
    ['pod-a [fd00:10:244:2::11]/icmp', /^delivered: pod-a reaches fd00:10:244:2::11 \(icmp\),/],
    ['fd00:10:244:1::10 pod-d', /^delivered: pod-a reaches pod-d:8080\/tcp,/],
    ['[fd00:10:244:1::10] pod-d', /^delivered: pod-a reaches pod-d:8080\/tcp,/],
    ['fd00:192:168:1::11 [fd00:10:96::11]:80', /^delivered: node-1 reaches \[fd00:10:96::11\]:80\/tcp,/],
    ['pod-a http://[fd00:10:96::11]/cart', /^delivered: pod-a reaches \[fd00:10:96::11\]:80\/tcp,/],
    ['pod-a http://[fd00:10:244:2::11]:8080/cart', /^delivered: pod-a reaches \[fd00:10:244:2::11\]:8080\/tcp,/],
    ['app@pod-a app@pod-a', /\[::1\]:40000 > \[::1\]:8080/],
    ['pod-a fd00:10:244:2::11:8080', /port 8080 of fd00:10:244:2::11 is\s+\[fd00:10:244:2::11\]:8080\./],
    ['pod-a 10.244.2.11', /^rejected IP_FAMILY_MISMATCH: pod-a does not reach 10\.244\.2\.11 [\s\S]*has no IPv4 address/],
  ])('%s', async (argv, says) => {
    expect((await run(argv, world)).stdout).toMatch(says);
  });

  test.each(['2001:db8::7', '[2001:db8::7]'])('%s is a guest from the internet', async (source) => {
    const { stdout } = await run(`${source} [2001:db8:1::11]:30080`, worldOf(withGateway));
    expect(stdout).toMatch(/^delivered: 2001:db8::7 reaches \[2001:db8:1::11\]:30080\/tcp on all 2 paths/);
    expect(stdout).toMatch(/2001:db8::7 is taken to be a machine on the internet/);
  });

  test('the first address of a link is any router of it', async () => {
    const { status, stderr } = await run('pod-a fd00:10:244:2::', world);
    expect(status).toBe(2);
    expect(stderr).toMatch(/subnet-router anycast address of fd00:10:244:2::\/64/);
  });
});

test('--with-dns follows the query to an IPv6 server, and the answer has an AAAA record', async () => {
  const dns = FOUR_PODS.replace(
    'services:\n',
    `  - { name: dns, namespace: kube-system, node: node-2, ip: "fd00:10:244:2::53", labels: { app: dns } }
services:
  - { name: kube-dns, namespace: kube-system, clusterIP: "fd00:10:96::a", selector: { app: dns }, ports: [{ port: 53, protocol: UDP }] }
`,
  );
  const { status, stdout } = await run('pod-a api.default --with-dns', worldOf(dns));
  expect(status).toBe(0);
  expect(stdout).toContain('DNS query  [fd00:10:244:1::10]:40000 > [fd00:10:96::a]:53\n');
  expect(stdout).toContain('destination [fd00:10:96::a]:53 ->');
  expect(stdout).toContain('api.default.svc.cluster.local AAAA fd00:10:96::11');
});

/** An address that the gateway leads to, and that no node has. */
const UNANNOUNCED = withGateway
  .replace('type: NodePort }', 'type: NodePort, externalIPs: ["fd00:192:168:1::80"] }')
  .replace('nat: [', 'nat: [{ private: "fd00:192:168:1::80", public: "2001:db8:1::80" }, ');

/** What a person is told to change, for a fault of node-1 or the cluster. */
describe('what to change', () => {
  test.each([
    ['a sysctl', node1('sysctls: { net.ipv6.conf.all.forwarding: 0 }'), 'pod-a pod-d', /sysctl -w net\.ipv6\.conf\.all\.forwarding=1/],
    [
      'bridge netfilter',
      node1('sysctls: { net.bridge.bridge-nf-call-ip6tables: 0 }'),
      'pod-a svc/web',
      /Set net\.bridge\.bridge-nf-call-ip6tables to 1 on node-1/,
    ],
    [
      'a route',
      node1('routes: { remove: ["fd00:10:244:2::/64"] }'),
      'pod-a pod-d',
      /take fd00:10:244:2::\/64 out of routes\.remove \(topology\.yaml:6\)/,
    ],
    [
      'a firewall',
      withGateway.replace('internet: {', 'internet: { firewall: [{ action: deny, ports: [30080/tcp] }],'),
      'internet [2001:db8:1::11]:30080',
      /\{ action: allow, from: 2001:db8::1\/128, to: fd00:192:168:1::11\/128, ports: \[30080\/tcp\] \}/,
    ],
    [
      'a socket',
      FOUR_PODS.replace(/(name: pod-d.*name: app, )/, '$1listen: ["[::1]:9000"], '),
      'pod-a pod-d:9000',
      /Let the process listen on :: instead of a loopback address/,
    ],
    ['an announcement', UNANNOUNCED, 'internet [2001:db8:1::80]:80', /addresses: \[\{ ip: fd00:192:168:1::80, dev: eth0 \}\]/],
  ])('%s', async (_name, topology, argv, says) => {
    const { stdout, stderr } = await run(`${argv} --width 400`, worldOf(topology));
    expect(stderr).toBe('');
    expect(stdout).toMatch(says);
  });
});

test.each([
  ['lo', 'rejected'],
  ['eth0', 'delivered'],
])('an address on %s: %s, for neighbour discovery asks the device', async (device, outcome) => {
  const announced = UNANNOUNCED.replace('2::/64" }', `2::/64", addresses: [{ ip: "fd00:192:168:1::80", dev: ${device} }] }`);
  expect((await run('internet [2001:db8:1::80]:80', worldOf(announced))).stdout).toMatch(new RegExp(`^${outcome}`));
});

describe('completion', () => {
  const complete = async (line: string) =>
    (await run(['__complete', ...line.split(' ')], world)).stdout
      .trimEnd()
      .split('\n')
      .slice(0, -1)
      .map((l) => l.replace(/\t.*/, ''));

  test.each([
    ['fd00:10:244:1', ['fd00:10:244:1::10', 'fd00:10:244:1::11']],
    ['pod-a fd00:10:96', ['fd00:10:96::10', 'fd00:10:96::11', 'fd00:10:96::12']],
    ['pod-a [fd00:10:244:2::1', ['[fd00:10:244:2::10]:', '[fd00:10:244:2::11]:']],
    ['pod-a [fd00:10:244:2::11]:', ['[fd00:10:244:2::11]:8080']],
    ['pod-a [fd00:10:244:2::11]:h', ['[fd00:10:244:2::11]:http']],
    ['[fd00:10:244:1::10', ['[fd00:10:244:1::10]']],
    ['pod-a fd00:10:244:2::11 -p ', ['8080']],
    ['pod-a [fd00:10:244:2::11] -p ', ['8080']],
    ['pod-a [fd00:10:244:2::11]:80 -p ', []],
    ['pod-a [fd00::zz', []],
    ['pod-a fd00::zz:', []],
  ])('%s', async (line, texts) => {
    expect(await complete(line)).toEqual(texts);
  });

  test('bash gets what comes after the last colon', async () => {
    const { stdout } = await run(['__complete-bash', 'k8s-trace pod-a [fd00:10:244:2::11]:80', '"\'@><=;|&(: '], world);
    expect(stdout).toBe('8080\n:4\n');
  });

  test.each(['[fd00::1]:80', '[fd00::1]'])('%s is a word', (word) => expect(isPlainWord(word)).toBe(true));
  test.each(['[a-z]', '[fd00::1]*', 'a[fd00::1]', '', '[fd00::1'])('%j is none', (word) => expect(isPlainWord(word)).toBe(false));
});

describe('check', () => {
  const FORMATS = ['text', 'markdown', 'github', 'sarif', 'junit', 'tap', 'gitlab', 'json'];
  const expectations = `${node1('routes: { remove: ["fd00:10:244:2::/64"] }')}expect:
  - { from: "fd00:10:244:1::10", to: "fd00:10:244:2::11", port: 8080, source: "fd00:10:244:1::10" }
  - { from: "[fd00:10:244:1::10]", to: "fd00:10:244:1::11", protocol: icmp }
  - { from: pod-a, to: "http://[fd00:10:96::12]/", via: "fd00:10:96::12", at: "fd00:10:244:1::10" }
`;

  /** As people see it, whatever the format had to escape. */
  const unescaped = (text: string) => text.replace(/&?#(\d+);/g, (_, code) => String.fromCharCode(code)).replaceAll('%3A', ':');

  test.each(FORMATS)('-o %s', async (format) => {
    const { status, stdout, stderr } = await run(`check topology.yaml -o ${format}`, {
      ...worldOf(expectations),
      pages: { NO_ROUTE: '# NO_ROUTE\n\nA.\n' },
    });
    expect([status, stderr]).toEqual([1, '']);
    expect(unescaped(stdout)).toContain('[fd00:10:244:2::11]:8080');
    expect(unescaped(stdout)).not.toMatch(/fd00:10:244:[12]::1[01]:(8080|40000)/);
  });

  test('addresses and URLs are names as on the command line', async () => {
    const { stdout } = await run('check topology.yaml -o json', worldOf(expectations));
    expect(JSON.parse(stdout).results.map((r: { to: string; status: string }) => [r.to, r.status])).toEqual([
      ['[fd00:10:244:2::11]:8080', 'fails'],
      ['fd00:10:244:1::11 (icmp)', 'holds'],
      ['http://[fd00:10:96::12]/', 'holds'],
    ]);
  });
});
