import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../src/check/check.ts';
import { candidates, loadNetwork, type Request, show, traceRequest } from '../src/index.ts';
import { routeLines } from '../src/lab/routes.ts';
import type { IpFamily } from '../src/net/address.ts';
import { showText } from '../src/render/show.ts';
import { file } from './topology/sources.ts';

function network(change: (text: string) => string = (t) => t, name = 'dual-stack.yaml') {
  const text = readFileSync(new URL(`../fixtures/ipv6/${name}`, import.meta.url), 'utf8');
  const loaded = loadNetwork([file(change(text), name)]);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  return loaded.value;
}

const both = network();

function ask(source: string, destination: string, more: Partial<Request> = {}, of = both) {
  const asked = traceRequest(of, { source, destination, ...more });
  if (!asked.ok) return asked.message;
  const { trace } = asked;
  const from = trace.source.ip;
  return [trace.reason?.code ?? trace.outcome, from, ...trace.paths.map((p) => p.endpoint?.ip ?? '-')].join(' ');
}

/**
 * pod-a to pod-d have both families, pod-e IPv4 only, pod-f IPv6 only; service web has both, old IPv4 only, new IPv6 only; pod-d listens on
 * 0.0.0.0. The addresses are those of the file; those that it leaves out are the next free ones: ::2 for pod-c, ::3 and .2 for pod-d.
 */
describe('a question is asked', () => {
  test.each([
    ['in the primary family where both ends have it', 'pod-a', 'pod-b', 'delivered 10.244.1.10 10.244.1.11'],
    ['in the other one where only that is common', 'pod-a', 'pod-f', 'delivered fd00:10:244:1::10 fd00:10:244:2::21'],
    ['in that one the other way, too', 'pod-f', 'pod-a:80', 'delivered fd00:10:244:2::21 fd00:10:244:1::10'],
    ['in the family of an address', 'pod-a', '[fd00:10:244:1::11]:8080', 'delivered fd00:10:244:1::10 fd00:10:244:1::11'],
    ['in the family of the source', 'fd00:10:244:1::10', 'pod-b', 'delivered fd00:10:244:1::10 fd00:10:244:1::11'],
    ['of a service in the primary family', 'pod-a', 'web', 'delivered 10.244.1.10 10.244.1.11 10.244.2.10'],
    ['of a service by its other address', 'pod-a', '[fd00:10:96::10]:80', 'delivered fd00:10:244:1::10 fd00:10:244:1::11 fd00:10:244:2::2'],
    ['of a service that has the other one only', 'pod-a', 'new', 'delivered fd00:10:244:1::10 fd00:10:244:2::21'],
    ['from a pod that has the other one only', 'pod-f', 'web', 'delivered fd00:10:244:2::21 fd00:10:244:1::11 fd00:10:244:2::2'],
    ['by a name that has one address', 'pod-a', 'new.default.svc.cluster.local', 'delivered fd00:10:244:1::10 fd00:10:244:2::21'],
    // RFC 6724, rule 5: the address of the device that it leaves by.
    ['from a node', 'node-1', 'pod-f:80', 'delivered fd00:192:168:1::11 fd00:10:244:2::21'],
    ['with an error about the end that is found', 'pod-f', 'nobody', 'there is no pod, service or node "nobody" in namespace default'],
    ['with an error about the port, by the family that has both ends', 'pod-f', 'pod-b:ftp', 'pod-b has no port named ftp'],
    // Whether IPv6 is on in the namespace of a pod without such an address is not in the input.
    ['of ::1 by a pod that has IPv4 only', 'pod-e', '[::1]:80', 'FACT_MISSING 10.244.2.20 -'],
    ['of 127.0.0.1 by a pod that has IPv6 only', 'pod-f', '127.0.0.1:80', 'delivered 127.0.0.1 127.0.0.1'],
    ['where a socket hears IPv4', 'pod-a', '10.244.2.2:8080', 'delivered 10.244.1.10 10.244.2.2'],
    ['where it does not hear IPv6', 'pod-a', '[fd00:10:244:2::3]:8080', 'NOBODY_LISTENS fd00:10:244:1::10 -'],
    ['in none where the ends have none in common', 'pod-e', 'pod-f', 'IP_FAMILY_MISMATCH 10.244.2.20 -'],
    ['in none of an IPv4 service by an IPv6 pod', 'pod-f', 'old', 'IP_FAMILY_MISMATCH fd00:10:244:2::21 -'],
    ['in none of an IPv6 address by an IPv4 pod', 'pod-e', '[fd00:10:244:1::11]:8080', 'IP_FAMILY_MISMATCH 10.244.2.20 -'],
  ])('%s: %s to %s', (_, source, destination, expected) => {
    expect(ask(source, destination)).toBe(expected);
  });
});

/** RFC 1812, 4.3.2.3: 576 bytes; RFC 4443, 2.4 (c): 1280. */
test.each([
  ['10.244.2.2:9/udp', 576],
  ['[fd00:10:244:2::3]:9/udp', 1280],
])('an ICMP error about a large datagram to %s has %i bytes', (destination, size) => {
  const asked = traceRequest(both, { source: 'pod-a', destination, size: 1400 });
  expect(asked.ok && asked.trace.paths[0]?.reply?.hops[0]?.packet.size).toBe(size);
});

describe('what one family has not, the other one may have', () => {
  const more = network((text) =>
    text
      .replace(
        'labels: { app: client } }',
        'labels: { app: client }, hostAliases: [{ ip: "fd00:10:244:2::21", hostnames: [web.default] }] }',
      )
      .replace(
        'services:',
        'services:\n  - { name: members, clusterIP: None, ipFamilyPolicy: PreferDualStack, selector: { app: new }, ports: [{ port: 80 }] }',
      ),
  );
  test.each([
    ['the only endpoint of a headless service', 'svc/members:80', 'delivered fd00:10:244:1::10 fd00:10:244:2::21'],
    // glibc asks no server for a name that /etc/hosts has, in whichever family (nsswitch.conf: files dns).
    ['the line of /etc/hosts', 'web.default:80', 'delivered fd00:10:244:1::10 fd00:10:244:2::21'],
  ])('%s', (_, destination, expected) => {
    expect(ask('pod-a', destination, {}, more)).toBe(expected);
  });
});

test('the first pod range decides nothing about the order in which addresses are called', () => {
  const swapped = network((t) => t.replace('[10.244.0.0/16, "fd00:10:244::/56"]', '["fd00:10:244::/56", 10.244.0.0/16]'));
  expect(ask('pod-a', 'pod-b', {}, swapped)).toBe('delivered 10.244.1.10 10.244.1.11');
});

test.each([
  ['web', 'clusterIP 10.96.0.10 fd00:10:96::10,'],
  ['old', 'clusterIP 10.96.0.11,'],
  ['new', 'clusterIP fd00:10:96::12,'],
])('service %s is shown with all its addresses', (name, said) => {
  const view = show(both, { kind: 'service', name: `default/${name}`, rules: false });
  if (view === null) throw new Error('no such service');
  expect(showText(view, { color: false, width: 100 })).toContain(said);
});

test('a machine has the addresses, routes and rules of both families, and its settings once', () => {
  const view = show(both, { kind: 'node', name: 'node-1', rules: true });
  if (view?.kind !== 'Node') throw new Error('no such node');
  expect(view.devices.find((d) => d.name === 'cni0')?.addresses).toEqual(['10.244.1.1/24', 'fd00:10:244:1::1/64']);
  expect(view.routes.map((r) => r.route)).toEqual(
    expect.arrayContaining([
      '10.244.2.0/24 via 192.168.1.12 dev eth0',
      'fd00:10:244:2::/64 via fd00:192:168:1::12 dev eth0 metric 1024',
      'default via 192.168.1.1 dev eth0',
      'default via fd00:192:168:1::1 dev eth0 metric 1024',
    ]),
  );
  expect(view.ruleset).toContain('-d 10.96.0.10/32');
  expect(view.ruleset).not.toContain('fd00:');
  expect(view.ip6Ruleset).toContain('-d fd00:10:96::10/128');
  expect(view.ip6Ruleset).not.toContain('10.96.');
  // The names of the chains do not depend on the family: their hash is of the service port alone.
  const chain = /-A KUBE-SERVICES .*"default\/web:http cluster IP".* -j (KUBE-SVC-\w+)/;
  expect(chain.exec(view.ip6Ruleset ?? '')?.[1]).toBe(chain.exec(view.ruleset ?? '')?.[1]);
  expect(new Set(view.sysctls.map((s) => s.name)).size).toBe(view.sysctls.length);
});

describe('a routing rule without addresses is about both families', () => {
  const node = 'ips: [192.168.1.11, "fd00:192:168:1::11"]';
  const rules = [
    '{ priority: 100, to: "fd00:7::/64", table: 60 }',
    '{ priority: 100, iif: cni0, table: 50 }',
    '{ priority: 100, to: 10.7.0.0/16, table: 60 }',
  ];
  const blackholes = ['10.244.2.0/24', '"fd00:10:244:2::/64"'].map((to) => `{ to: ${to}, type: blackhole, table: 50 }`);
  const ruled = network((t) => t.replace(node, `${node}, rules: [${rules.join(', ')}], routes: { add: [${blackholes.join(', ')}] }`));

  test.each([
    ['10.244.2.10:80', 'BLACKHOLE_ROUTE 10.244.1.10 -'],
    ['[fd00:10:244:2::2]:80', 'BLACKHOLE_ROUTE fd00:10:244:1::10 -'],
  ])('on the way to %s', (destination, expected) => {
    expect(ask('pod-a', destination, {}, ruled)).toBe(expected);
  });

  test('it is there once, in the order of the file', () => {
    const view = show(ruled, { kind: 'node', name: 'node-1', rules: false });
    if (view?.kind !== 'Node') throw new Error('no such node');
    const own = view.rules.filter((r) => r.priority === 100);
    expect(own.map((r) => r.selector)).toEqual(['from all to fd00:7::/64', 'from all iif cni0', 'from all to 10.7.0.0/16']);
  });

  test('the lab states it for each family, and every other one for its own', () => {
    const netns = ruled.datapath.netns('node-1');
    if (netns === undefined) throw new Error('no such node');
    const linesOf = (family: IpFamily) => routeLines(netns, family).filter((l) => l.startsWith('rule add'));
    expect(linesOf('IPv4')).toEqual(['rule add pref 100 iif cni0 table 50', 'rule add pref 100 to 10.7.0.0/16 table 60']);
    expect(linesOf('IPv6')).toEqual(['rule add pref 100 to fd00:7::/64 table 60', 'rule add pref 100 iif cni0 table 50']);
  });
});

/** The kernel makes such a route for each device that is up, and takes another one of this prefix and metric behind it only: `File exists`. */
test('routes to the links of devices are put in the place of the ones that the kernel has made', () => {
  const node = 'ips: [192.168.1.11, "fd00:192:168:1::11"]';
  const links = ['eth0', 'cni0'].map((dev) => `{ to: "fe80::/64", dev: ${dev}, metric: 256 }`);
  const netns = network((t) => t.replace(node, `${node}, routes: { add: [${links.join(', ')}] }`)).datapath.netns('node-1');
  if (netns === undefined) throw new Error('no such node');
  expect(routeLines(netns, 'IPv6').filter((l) => l.includes('fe80'))).toEqual([
    'route flush exact fe80::/64 dev eth0',
    'route flush exact fe80::/64 dev cni0',
    'route append fe80::/64 metric 256 dev eth0',
    'route append fe80::/64 metric 256 dev cni0',
  ]);
});

/** An Ingress is asked in the client's family; its controller calls a service of the other one all the same, for it has both. */
describe('a request to an Ingress', () => {
  const ingress = network((t) => t, 'ingress.yaml');
  test.each([
    ['laptop', 'IPv4', '/', '203.0.113.80', '10.244.2.2'],
    ['laptop', 'IPv4', '/six', '203.0.113.80', 'fd00:10:244:2::66'],
    ['laptop', 'IPv4', '/four', '203.0.113.80', '10.244.2.2'],
    ['laptop', 'IPv6', '/', '2001:db8:80::1', 'fd00:10:244:2::2'],
    ['phone', undefined, '/', '2001:db8:80::1', 'fd00:10:244:2::2'],
    ['phone', undefined, '/six', '2001:db8:80::1', 'fd00:10:244:2::66'],
    ['phone', undefined, '/four', '2001:db8:80::1', '10.244.2.2'],
    ['six-1', undefined, '/', '2001:db8:80::1', 'fd00:10:244:2::2'],
  ] as const)('of %s by %s for %s goes to %s, and on to %s', (source, family, path, called, endpoint) => {
    const narrowed = family === undefined ? {} : { family };
    const asked = traceRequest(ingress, { source, destination: `http://shop.example.com${path}`, ...narrowed });
    if (!asked.ok) throw new Error(asked.message);
    const { outcome, paths } = asked.trace;
    expect(outcome).toBe('delivered');
    expect(new Set(paths.map((p) => p.forward.hops[0]?.packet.destination))).toEqual(new Set([called]));
    expect(new Set(paths.map((p) => p.endpoint?.ip))).toEqual(new Set([endpoint]));
  });
});

describe('an expectation', () => {
  test.each([
    ['holds by an address of the other family', '{ from: pod-a, to: "[fd00:10:96::10]:80", source: pod-a, at: [pod-b, pod-c] }', 'holds'],
    ['holds for a pod that has that one only', '{ from: pod-f, to: web, source: pod-f, via: [pod-f, svc/web] }', 'holds'],
    ['holds for a service that has that one only', '{ from: pod-a, to: new, at: svc/new, via: [pod-f], source: pod-a }', 'holds'],
    ['holds of what has no family in common', '{ from: pod-e, to: new, outcome: blocked, reason: IP_FAMILY_MISMATCH }', 'holds'],
    ['fails when another one sends, in either', '{ from: pod-a, to: pod-b, source: pod-f }', 'fails'],
    ['fails when another one receives, in either', '{ from: pod-a, to: "[fd00:10:96::10]:80", at: [pod-f, svc/new] }', 'fails'],
  ])('%s', (_, expectation, status) => {
    const checked = check(
      network((text) => `${text}expect: [ ${expectation} ]\n`),
      'default',
    );
    expect([...new Set(checked.map((c) => ('pair' in c ? c.judgement.status : c.message)))]).toEqual([status]);
  });

  test('for all pods stands for those of both families', () => {
    const checked = check(
      network((text) => `${text}expect: [ { from: "*", to: pod-a, protocol: icmp } ]\n`),
      'default',
    );
    const sources = checked.map((c) => ('pair' in c ? c.pair.request.source : c.message));
    expect(sources).toEqual(['pod-b', 'pod-b', 'pod-c', 'pod-c', 'pod-d', 'pod-d', 'pod-e', 'pod-f']);
  });
});

describe('a word is completed', () => {
  test.each([
    ['pod-', 'source', ['pod-a', 'pod-b', 'pod-c', 'pod-d', 'pod-e', 'pod-f']],
    ['ne', 'destination', ['new']],
    ['new:', 'destination', ['new:80']],
    ['[fd00:10:96::1', 'destination', ['[fd00:10:96::10]:', '[fd00:10:96::12]:']],
    ['[fd00:10:96::10]:', 'destination', ['[fd00:10:96::10]:80']],
    ['[fd00:10:244:2::21', 'destination', ['[fd00:10:244:2::21]:']],
  ] as const)('%s as %s, whichever family has it', async (typed, role, expected) => {
    const { completeName } = await candidates();
    expect(completeName(both.cluster, typed, role, 'default').map((c) => c.text)).toEqual(expected);
  });
});

test('the n-th pod of a node has the veth of that number, whichever families the pods before it have', () => {
  for (const pod of ['pod-e', 'pod-f'])
    expect(show(both, { kind: 'pod', name: `default/${pod}`, rules: false })).toMatchObject({
      devices: [{}, { details: expect.stringContaining(pod === 'pod-e' ? 'veth2' : 'veth3') }],
    });
});
