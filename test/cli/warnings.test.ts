import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from './fake-io.ts';

/** A trace says of the files what it meets on its way, after its answer; validate says all. */

const head = 'apiVersion: k8s-trace/v1\nkind: Topology\n';

/** A warning on every line that has the code of one behind it. */
const FAULTY = `${head}cluster:
  podCIDR: 10.244.0.0/16
  serviceCIDR: 10.96.0.0/12
  clusterDNS: [10.96.0.53] # no-cluster-dns
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
  - { name: far, ip: 192.168.9.13, podCIDR: 10.244.3.0/24 } # no-common-prefix
pods:
  - { name: a, node: node-1, ip: 10.244.1.2 }
  - { name: b, node: node-2, ip: 10.244.2.2, labels: { app: web }, containers: [{ name: c, ports: [{ name: http, containerPort: 8080 }] }] }
  - { name: dots, node: node-1, ip: 10.244.1.3, dnsConfig: { options: [{ name: ndots, value: "16" }] } } # ndots-capped
  - { name: away, node: far, ip: 10.244.3.2 }
  - { name: db-0, node: node-2, ip: 10.244.2.3, hostname: db-0, subdomain: database } # subdomain-without-service
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
  - { name: typo, clusterIP: 10.96.0.11, selector: { app: wbe }, ports: [{ port: 80 }] } # selector-matches-nothing
  - { name: port, type: NodePort, clusterIP: 10.96.0.12, selector: { app: web }, ports: [{ port: 80, nodePort: 30080, targetPort: htpp }] } # target-port-unresolved
  - { name: files, type: ExternalName, externalName: 192.0.2.7 } # external-name-address
internet:
  gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }
  firewall:
    - { action: allow, ports: [443] }
    - { action: deny, ports: [443] } # firewall-rule-never-met
`;

const codes = (stderr: string) => [...stderr.matchAll(/\[([a-z-]+)\]$/gm)].map((m) => m[1]);
const warned = async (argv: string, text: string) => codes((await run(argv, { files: { 'topology.yaml': text } })).stderr);

describe('warnings of a trace are about what it passes', () => {
  test('the file has one of each line', async () => {
    const { stdout } = await run('validate', { files: { 'topology.yaml': FAULTY } });
    for (const [, code] of FAULTY.matchAll(/# ([a-z-]+)$/gm)) expect(codes(stdout)).toContain(code);
  });

  test.each([
    ['a b', []],
    ['a svc/web', []],
    ['a svc/web:80', []],
    ['a svc/typo', ['selector-matches-nothing']],
    ['a 10.96.0.11:80', ['selector-matches-nothing']],
    ['a svc/port', ['target-port-unresolved']],
    ['a node/node-2:30080', ['target-port-unresolved']],
    ['a node/node-2:30081', []],
    ['dots b', ['ndots-capped']],
    ['b dots:80', ['ndots-capped']],
    ['b 10.244.1.3:80', ['ndots-capped']],
    // Node-1 knows no way to the node on which it runs, which is what the warning says: the packet goes to the gateway instead.
    ['a away:80', ['no-common-prefix', 'firewall-rule-never-met']],
    ['away b', ['no-common-prefix']],
    ['a node/far:22', ['no-common-prefix', 'firewall-rule-never-met']],
    ['a db-0:80', ['subdomain-without-service']],
    // Nobody has the server's address, so the query leaves by the gateway.
    ['a web.default:80 --with-dns', ['no-cluster-dns', 'firewall-rule-never-met']],
    ['a files.default:80', ['no-cluster-dns', 'external-name-address']],
    ['a 198.51.100.9:443', ['firewall-rule-never-met']],
    ['a 192.168.1.1:22', []],
  ])('%s', async (argv, expected) => {
    expect(new Set(await warned(argv, FAULTY))).toEqual(new Set(expected));
  });

  const overlapping = readFileSync(new URL('../../fixtures/lint/ranges-overlap-on-paper.yaml', import.meta.url), 'utf8');
  test.each([
    ['app svc/web', ['ranges-overlap-on-paper']],
    ['app other:80', []],
  ])('ranges that overlap concern who uses the later one: %s', async (argv, expected) => {
    expect(await warned(argv, overlapping)).toEqual(expected);
  });

  const firewall = `${head}cluster: { podCIDR: 10.244.0.0/16 }
nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }, { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }]
pods: [{ name: a, node: node-1 }, { name: b, node: node-1 }, { name: c, node: node-2 }]
underlay: { firewall: [{ action: deny, ports: [22] }] }
`;
  test.each([
    ['a c:22', ['firewall-without-a-place']],
    ['a b:22', []],
  ])('a firewall that nobody asks concerns who crosses the network: %s', async (argv, expected) => {
    expect(await warned(argv, firewall)).toEqual(expected);
  });
});

describe('of a URL', () => {
  const path = (name: string, at: string) =>
    `{ path: ${at}, pathType: Prefix, backend: { service: { name: ${name}, port: { number: 80 } } } }`;
  const ingress = (name: string, host: string, ...paths: readonly string[]) =>
    `  - { name: ${name}, ingressClassName: nginx, rules: [{ host: ${host}, http: { paths: [${paths.join(', ')}] } }] }\n`;
  const text = `${head}cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }]
pods:
  - { name: a, node: node-1 }
  - { name: controller, node: node-1, labels: { app: nginx }, containers: [{ name: nginx, ports: [{ containerPort: 80 }] }] }
  - { name: web, node: node-1, labels: { app: web }, containers: [{ name: c, ports: [{ containerPort: 80 }] }] }
services:
  - { name: front, clusterIP: 10.96.0.9, selector: { app: nginx }, ports: [{ port: 80 }] }
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80 }] }
ingressClasses: [{ name: nginx, service: default/front }]
ingresses:
${ingress('good', 'good.example.com', path('web', '/'))}${ingress('bad', 'bad.example.com', path('wbe', '/'))}`;

  test.each([
    ['a http://good.example.com/', []],
    ['a http://bad.example.com/', ['unknown-backend']],
    // The controller has looked at all rules.
    ['a http://other.example.com/', ['unknown-backend']],
    ['a web', []],
  ])('%s', async (argv, expected) => {
    expect(await warned(argv, text)).toEqual(expected);
  });
});

describe('how they are printed', () => {
  const files = { 'topology.yaml': FAULTY };

  test('after the answer, on standard error', async () => {
    let both = '';
    const stream = (name: string) => ({ write: (text: string) => (both += `<${name}>${text}`), isTerminal: false, columns: undefined });
    const io = { stdout: stream('out'), stderr: stream('err') };
    await run('a svc/typo', { files, io });
    expect(both).toMatch(/^<out>[^<]*NO_ENDPOINTS[^<]*<err>topology\.yaml:19:\d+: warning: [^<]*$/s);
  });

  test('in a terminal, apart from the answer', async () => {
    expect((await run('a svc/typo', { files, terminal: 80 })).stderr).toMatch(/^\n\S*topology\.yaml:19/);
    expect((await run('a b', { files, terminal: 80 })).stderr).toBe('');
  });

  test.each([40, 80, 160])('wrapped at %d columns, in one piece', async (width) => {
    const { stderr } = await run(`a svc/port --width ${width}`, { files });
    for (const line of stderr.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(stderr.replace(/\n {4}(?! *=)/g, ' ')).toContain(
      'warning: none of the selected pods has a container port named htpp (services[2].ports[0].targetPort) [target-port-unresolved]',
    );
  });

  test('colour changes nothing but the colour', async () => {
    const plain = await run('a svc/port --width 80', { files });
    const colored = await run('a svc/port --width 80 --color always', { files });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
    expect(colored.stderr.replace(/\u001b\[\d+m/g, '')).toBe(plain.stderr);
    expect(colored.stderr).toContain('\u001b[33mwarning\u001b[39m');
  });

  test('errors of the files come instead of an answer, each on a line that editors read', async () => {
    const { status, stderr } = await run('a b --width 40', { files: { 'topology.yaml': `${FAULTY}podds: []\n` } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^topology\.yaml:27:1: error: unknown field \(podds\) \[unknown-field\]$/m);
  });
});
