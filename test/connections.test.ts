import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exitStatus, type Network, type Request, render, traceRequest } from '../src/index.ts';
import { documentOf } from './check/checking.ts';
import { askIn, networkOf } from './tracing.ts';

/** A question is the list of the connections that a program would try: one for each IP family that both ends have. */

const read = (name: string) => readFileSync(new URL(`../fixtures/ipv6/${name}`, import.meta.url), 'utf8');
const CUT = read('one-family-cut.yaml');
const cut = networkOf(CUT, 'cut.yaml');
const dual = networkOf(read('dual-stack.yaml'), 'dual-stack.yaml');

const OPTIONS = { color: false, width: 400, allPaths: false, reply: false, verbose: false };
const GLIBC = /glibc sorts addresses by a table of its own/;

describe('the order is that of RFC 6724', () => {
  /** Two nodes and two pods, with the IPv6 addresses of one prefix, a client outside and what node-1 states. */
  const cluster = ({ prefix = 'fd00:1', client = '2001:db8:7::7', node = '' }) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [10.244.0.0/16, "${prefix}:244::/48"], serviceCIDRs: [10.96.0.0/12, "${prefix}:96::/112"] }
nodes:
  - { name: node-1, ips: [192.168.1.11, "${prefix}:168::11"], podCIDRs: [10.244.1.0/24, "${prefix}:244:1::/64"]${node} }
  - { name: node-2, ips: [192.168.1.12, "${prefix}:168::12"], podCIDRs: [10.244.2.0/24, "${prefix}:244:2::/64"] }
pods:
  - { name: a, node: node-1, containers: [{ name: app, ports: [{ containerPort: 80 }] }, { name: side, listen: ["127.0.0.1:9000"] }] }
  - { name: b, node: node-2, containers: [{ name: app, ports: [{ containerPort: 80 }] }] }
internet: { gateway: { ips: [192.168.1.1, "${prefix}:168::1"], publicIPs: [203.0.113.1, "2001:db8:1::1"] }, clients: [{ name: far, ips: [198.51.100.7, "${client}"] }] }
`;
  const noIpv6 = ', routes: { remove: ["::/0"] }';

  // [what is called, of which cluster, the order, whether glibc has another one]. Rules of RFC 6724, 6, by number.
  test.each([
    ['IPv4 before fc00::/7 (6)', {}, 'a', 'b', ['IPv4', 'IPv6'], true],
    ['global IPv6 before IPv4 (6)', { prefix: '2001:db8' }, 'a', 'b', ['IPv6', 'IPv4'], false],
    ['IPv4 before 6to4 (6)', { prefix: '2002:101' }, 'a', 'b', ['IPv4', 'IPv6'], true],
    ['IPv4 where only its source is alike: fc00::/7 calls a global address (5)', {}, 'a', 'far:80', ['IPv4', 'IPv6'], false],
    ['global IPv6 from a global source (5, 6)', { prefix: '2001:db8' }, 'a', 'far:80', ['IPv6', 'IPv4'], false],
    ['IPv4 where IPv6 has no route (1)', { prefix: '2001:db8', node: noIpv6 }, 'node-1', 'far:80', ['IPv4', 'IPv6'], false],
    ['::1 before 127.0.0.1 (6)', {}, 'a', 'app@a', ['IPv6', 'IPv4'], false],
    ['a socket of one loopback address is called by that one', {}, 'a', 'side@a:9000', [], false],
  ] as const)('%s', (_, changes, source, destination, order, noted) => {
    const { families = [], assumptions } = askIn(networkOf(cluster(changes)), source, destination);
    expect(families.map((f) => f.family)).toEqual(order);
    expect(assumptions.filter((a) => GLIBC.test(a.message)).length).toBe(noted ? 1 : 0);
  });
});

describe('a family that is cut off', () => {
  const trace = askIn(cut, 'a', 'svc/web');

  test('makes the whole mixed: paths are those of the first, the reason is that of the one that fails', () => {
    expect(trace).toMatchObject({
      outcome: 'mixed',
      source: { ip: '10.244.1.2' },
      destination: { ip: '10.96.0.10' },
      reason: { code: 'NO_ROUTE', family: 'IPv6', path: 0 },
      paths: [{ outcome: 'delivered' }],
      families: [
        { family: 'IPv4', source: '10.244.1.2', destination: '10.96.0.10', outcome: 'delivered', reason: null },
        { family: 'IPv6', source: 'fd00:10:244:1::2', destination: 'fd00:10:96::10', outcome: 'dropped', reason: { code: 'NO_ROUTE' } },
      ],
    });
    expect(exitStatus(trace.outcome)).toBe(1);
    expect(trace.families?.[0]?.paths).toEqual(trace.paths);
  });

  test.each(['table', 'trace'] as const)('%s shows it in full, and a line for the other', (format) => {
    const [verdict, other, ...lines] = render(format, trace, OPTIONS).split('\n');
    expect(verdict).toMatch(/^mixed NO_ROUTE: a does not reach service web:80\/tcp over IPv6\. node-1 has no route/);
    expect(other).toBe('IPv4 delivered: a reaches service web:80/tcp over IPv4, and the answer comes back.');
    expect(lines.join('\n')).toContain('[fd00:10:244:1::2]:40000');
    expect(lines.join('\n')).not.toContain('10.244.1.2:40000');
  });

  test('minimal has a heading for each further family, and ends with the whole', () => {
    const lines = render('minimal', trace, OPTIONS).trimEnd().split('\n');
    const ends = lines.filter((l) => /^(path|family|delivered|dropped|mixed)/.test(l));
    expect(ends).toEqual([
      ...['path 1 forward', 'path 1 reply', 'path 1 ack', 'delivered'],
      ...['family IPv6', 'path 1 forward', 'dropped NO_ROUTE', 'mixed NO_ROUTE'],
    ]);
  });

  test.each([
    ['IPv4', 'delivered', 'a reaches service web:80/tcp, and'],
    ['IPv6', 'dropped', 'a does not reach service web:80/tcp.'],
  ] as const)('%s alone is %s', (family, outcome, said) => {
    const alone = askIn(cut, 'a', 'svc/web', { family });
    expect(alone.outcome).toBe(outcome);
    expect(alone).not.toHaveProperty('families');
    expect(alone.reason ?? {}).not.toHaveProperty('family');
    expect(render('table', alone, OPTIONS)).toContain(said);
  });
});

test('families that both work are said to, once each', () => {
  const [verdict, other] = render('table', askIn(dual, 'pod-a', 'pod-b'), OPTIONS).split('\n');
  expect([verdict, other]).toEqual([
    'delivered: pod-a reaches pod-b:8080/tcp over IPv4, and the answer comes back.',
    'IPv6 delivered: pod-a reaches pod-b:8080/tcp over IPv6, and the answer comes back.',
  ]);
});

test('shared memory is asked once, whatever families the pods have', () => {
  expect(askIn(dual, 'pod-a', 'pod-b', { over: 'ipc' })).not.toHaveProperty('families');
});

describe('only one family is asked', () => {
  const why = (source: string, destination: string, family: 'IPv4' | 'IPv6', of: Network = dual) => {
    const { reason, outcome } = askIn(of, source, destination, { family });
    return [outcome, reason?.code, reason?.message.replace(/ \(it has.*/, '')].join(' ');
  };

  test.each([
    ['pod-a', 'pod-e', 'IPv6', 'pod-e has no IPv6 address, and only IPv6 is asked for'],
    ['pod-e', 'pod-a', 'IPv6', 'pod-e has no IPv6 address'],
    ['pod-e', 'pod-e:80', 'IPv6', 'pod-e has no IPv6 address, and only IPv6 is asked for'],
    ['pod-a', 'old', 'IPv6', 'service old has no IPv6 address, and only IPv6 is asked for'],
    ['pod-a', 'new.default.svc.cluster.local', 'IPv4', 'service new has no IPv4 address, and only IPv4 is asked for'],
    ['node-1', 'pod-f', 'IPv4', 'pod-f has no IPv4 address, and only IPv4 is asked for'],
  ] as const)('%s to %s by %s', (source, destination, family, text) => {
    expect(why(source, destination, family)).toBe(`rejected IP_FAMILY_MISMATCH ${text}`);
  });

  test.each([
    [{ source: 'pod-a', destination: '10.96.0.10:80', family: 'IPv6' }, '--family IPv6: 10.96.0.10:80 is IPv4'],
    [{ source: 'fd00:10:244:1::10', destination: 'pod-b', family: 'IPv4' }, '--family IPv4: fd00:10:244:1::10 is IPv6'],
    [{ source: 'pod-a', destination: 'http://[fd00:10:96::10]/', family: 'IPv4' }, '--family IPv4: http://[fd00:10:96::10]/ is IPv6'],
    [
      { source: 'pod-a', destination: 'pod-b', over: 'ipc', family: 'IPv4' },
      '--family is about a packet, and --over ipc asks for shared memory',
    ],
  ] as const satisfies readonly (readonly [Request, string])[])('%j is refused', (request, message) => {
    expect(traceRequest(dual, request)).toMatchObject({ ok: false, message });
  });
});

describe('an expectation', () => {
  const checked = (expectation: string) =>
    documentOf([{ name: 'cut.yaml', text: CUT.replace(/expect:[\s\S]*/, `expect:\n  - ${expectation}\n`) }]);

  test('demands every family, and each connection is judged alone', async () => {
    const { summary, results } = await documentOf([{ name: 'cut.yaml', text: CUT }]);
    expect(summary).toEqual({ expectations: 2, expectationsHold: 0, checks: 4, hold: 2, fail: 2, undetermined: 0 });
    expect(results.map((r) => [r.name, r.family, r.status, r.mismatches])).toEqual([
      ['by service', 'IPv4', 'holds', []],
      ['by service', 'IPv6', 'fails', ['expected delivered, got dropped NO_ROUTE (IPv6)']],
      ['by name', 'IPv4', 'holds', []],
      ['by name', 'IPv6', 'fails', ['expected delivered, got dropped NO_ROUTE (IPv6)']],
    ]);
  });

  test.each([
    ['the family that it names', '{ from: a, to: svc/web, family: IPv4 }', { IPv4: 'holds' }],
    ['the other one', '{ from: a, to: svc/web, family: IPv6, outcome: dropped }', { IPv6: 'holds' }],
    ['an address by that of its own family', '{ from: a, to: "[fd00:10:96::10]:80", outcome: dropped }', { IPv6: 'holds' }],
    ['a source address for its own family', '{ from: node-2, to: web-1, source: 10.244.2.1 }', { IPv4: 'holds', IPv6: 'holds' }],
    ['one that is wrong there', '{ from: node-2, to: web-1, source: 10.244.2.9 }', { IPv4: 'fails', IPv6: 'holds' }],
    [
      'a receiver by its address for its own family',
      '{ from: node-2, to: web-1, at: "fd00:10:244:2::9" }',
      { IPv4: 'holds', IPv6: 'fails' },
    ],
    ['a way by an address for its own family', '{ from: node-2, to: web-1, via: 192.168.1.11 }', { IPv4: 'fails', IPv6: 'holds' }],
    ['a receiver by its name for each', '{ from: node-2, to: web-1, at: a }', { IPv4: 'fails', IPv6: 'fails' }],
  ])('asks %s', async (_, expectation, statuses) => {
    const { results } = await checked(expectation);
    expect(Object.fromEntries(results.map((r) => [r.family, r.status]))).toEqual(statuses);
  });
});
