import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from '../../src/index.ts';
import { run } from './fake-io.ts';

const GOLDEN = join(import.meta.dirname, '../render/golden-policy');
const golden = (name: string) => readFileSync(join(GOLDEN, name), 'utf8');
const SHOP = golden('shop.yaml');
const files = { 'shop.yaml': SHOP };
const ask = (argv: string, world = {}) => run(`policy ${argv} -f shop.yaml`, { files, ...world });

describe('policy POD for people', () => {
  // Read line by line against the policies of shop.yaml.
  test.each([
    ['shop/db-0 --width 80', 'db-0-80.txt'],
    ['shop/db-0 --width 160', 'db-0-160.txt'],
    ['db-0 -n shop -v --width 120', 'db-0-all.txt'],
    ['shop/db-0 -o markdown', 'db-0.md'],
    ['10.244.2.14', 'stray.txt'],
    ['shop/pod/db-0 --network-policy none', 'nobody.txt'],
  ])('%s', async (argv, name) => {
    expect(await ask(argv)).toMatchObject({ status: 0, stdout: golden(name), stderr: '' });
  });

  test('colours say nothing that words do not', async () => {
    const { stdout } = await ask('shop/db-0 -v --color always');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
    expect(stdout.replace(/\u001b\[\d+m/g, '')).toBe((await ask('shop/db-0 -v')).stdout);
    for (const painted of ['\u001b[32mallowed', '\u001b[31mblocked here', '\u001b[31mblocked at its end'])
      expect(stdout).toContain(painted);
  });

  test('rules that let pass at the other end are told with -v', async () => {
    const world = { files: { 'shop.yaml': SHOP.replace('egress: []', 'egress: [ {} ]') } };
    expect((await ask('shop/db-0 --width 160', world)).stdout).toMatch(
      /shop\/cart, .* 5432\/tcp +allowed +NetworkPolicy shop\/db ingress\[0\] \(shop.yaml:23\)\n/,
    );
    expect((await ask('shop/db-0 -v --width 300', world)).stdout).toMatch(/shop\/cart +5432\/tcp +allowed +.*; at its end NetworkPolicy/);
    expect((await ask('default/stray --width 160', world)).stdout).toMatch(/shop\/cart +all +allowed +policies at its end\n/);
  });

  test('the built-in cluster has none, which is said', async () => {
    const { status, stdout, stderr } = await run('policy pod-a');
    expect([status, stderr]).toEqual([0, 'k8s-trace: no topology given (-f), so this is the built-in four-pod cluster\n']);
    expect(stdout).toMatch(/^default\/pod-a: .*\n {2}ingress {2}no policy is about it\n/);
  });

  test("a pod on its node's network", async () => {
    const world = { files: { 'shop.yaml': `${SHOP}`.replace('pods:\n', 'pods:\n  - { name: proxy, node: node-2, hostNetwork: true }\n') } };
    const { stdout } = await ask('proxy', world);
    expect(stdout).toMatch(/^default\/proxy is on its node's network: policies are not about it, only those about its peers count\n/);
    expect(stdout).toMatch(/Wholly kept out\nFROM +BLOCKED +BY\nshop\/cart +at its end/);
  });

  test('a policy of a kind that is not evaluated makes it unknown, and is named', async () => {
    const cilium = `
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: l7, namespace: shop }
spec: { endpointSelector: { matchLabels: { app: db } }, ingress: [ {} ] }
`;
    const { stdout } = await ask('shop/db-0 --network-policy cilium', { files: { 'shop.yaml': `${SHOP}${cilium}` } });
    expect(stdout).toMatch(/^shop\/db-0: .* not evaluated/);
    expect(stdout).toMatch(/ all +unknown +not known: what CiliumNetworkPolicy/);
  });
});

describe('policy POD for programs', () => {
  test('-o json is as `schema policy` has it, and -o yaml has the same data', async () => {
    const { status, stdout } = await ask('shop/db-0 -o json');
    expect(status).toBe(0);
    const document = JSON.parse(stdout);
    const check = new Ajv({ strictTypes: false }).compile((await jsonSchema('policy')) as object);
    expect([check(document), check.errors]).toEqual([true, null]);
    expect(check({ ...document, egress: {} })).toBe(false);
    expect(parse((await ask('shop/db-0 -o yaml')).stdout)).toEqual(document);
    expect(document).toMatchObject({ schemaVersion: 1, pod: 'shop/db-0', enforcedBy: 'calico', node: 'node-1', hostNetwork: false });
    expect(document.ingress.selected).toMatchObject([{ kind: 'NetworkPolicy', namespace: 'shop', name: 'db', tier: 'NetworkPolicy' }]);
    const cart = document.ingress.peers.filter((p: { group?: { name: string } }) => p.group?.name === 'cart');
    expect(cart[1]).toMatchObject({
      group: { id: 'Pod/shop/cart', kind: 'Pod', namespace: 'shop', name: 'cart', members: ['cart'] },
      family: 'IPv4',
      protocol: 'tcp',
      ports: ['5432'],
      verdict: 'deny',
      blockedAt: 'peer',
      decidedBy: { kind: 'NetworkPolicy', name: 'cart-egress', rule: null, action: 'Deny', source: { file: 'shop.yaml', line: 34 } },
    });
  });
});

describe('names', () => {
  test('of a workload: its first pod by name, which is said', async () => {
    const pod = (name: string, ip: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop, ownerReferences: [ { apiVersion: apps/v1, kind: StatefulSet, name: web, controller: true } ] }\nspec: { nodeName: n1, containers: [ { name: c } ] }\nstatus: { phase: Running, podIP: ${ip}, podIPs: [ { ip: ${ip} } ] }\n---\n`;
    const node =
      'apiVersion: v1\nkind: Node\nmetadata: { name: n1 }\nspec: { podCIDR: 10.1.0.0/24 }\nstatus: { addresses: [ { type: InternalIP, address: 192.168.1.1 } ] }\n';
    const world = { files: { 'shop.yaml': `${pod('web-1', '10.1.0.11')}${pod('web-0', '10.1.0.10')}${node}` } };
    const { status, stdout, stderr } = await ask('shop/sts/web --cni calico', world);
    expect(stderr).toContain('k8s-trace: shop/sts/web has 2 pods: web-0 is asked about, the first by name\n');
    expect([status, stdout.slice(0, 11)]).toEqual([0, 'shop/web-0:']);
  });

  const world = {
    files: {
      'shop.yaml': `${SHOP}services: [ { name: db, namespace: shop, clusterIP: 10.96.0.10, selector: { app: db }, ports: [ { port: 5432 } ] } ]\n`,
    },
  };
  test.each([
    ['', /of which pod\?/s],
    ['shop/db-0 shop/cart', /shop\/cart: one word too many.*k8s-trace shop\/db-0 shop\/cart/s],
    ['shop/db-9', /there is no pod "shop\/db-9" in namespace shop.*did you mean shop\/pod\/db-0/s],
    ['db-0', /there is no pod "db-0" in namespace default.*shop\/pod\/db-0/s],
    ['shop/svc/db', /shop\/svc\/db is a service.*k8s-trace policy shop\/db-0/s],
    ['10.96.0.10', /10\.96\.0\.10 is a service.*k8s-trace policy shop\/db-0/s],
    ['node-1', /node-1 is a node, and policies are about pods/s],
    ['8.8.8.8', /no pod has the address 8\.8\.8\.8/s],
    ['shop/db-0:5432', /about all of its ports.*k8s-trace policy shop\/db-0\n/s],
    ['c@shop/db-0', /not their containers.*k8s-trace policy shop\/db-0\n/s],
    ['shop/db-0 -o sarif', /-o sarif: there is no such format here.*table, json, yaml, markdown/s],
  ])('policy %s: an error that says what to ask', async (argv, says) => {
    const { status, stdout, stderr } = await run(`policy ${argv} -f shop.yaml`.replace('  ', ' '), world);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });
});
