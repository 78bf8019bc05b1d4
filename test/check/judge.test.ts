import { describe, expect, test } from 'vitest';
import { judge, ofTrace } from '../../src/check/judge.ts';
import { prepareTrace } from '../../src/index.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { documentOf, expecting, networkOf } from './checking.ts';

/**
 * What the packets do, derived by hand: 172.16/12 is a blackhole on node-1 (dropped); b has no socket on 81 (rejected); 1.1.1.1 is beyond
 * the gateway, and nobody known (exits); for 10.244.9/24, which is not masqueraded, the nodes name each other (looped until the TTL ends); `half` has two
 * endpoints, 8080 and 81, and nobody listens on 81 (mixed).
 */
const HOLDS = 'holds';
type Row = readonly [expectation: string, status: 'holds' | 'fails', mismatch?: RegExp];

const OUTCOMES: readonly Row[] = [
  ['{ from: a, to: b }', HOLDS],
  ['{ from: a, to: b, outcome: delivered }', HOLDS],
  ['{ from: a, to: b, outcome: blocked }', 'fails', /^expected blocked, got delivered$/],
  ['{ from: a, to: b, outcome: [dropped, delivered] }', HOLDS],
  ['{ from: a, to: b, outcome: [dropped, rejected] }', 'fails', /^expected dropped or rejected, got delivered$/],
  ['{ from: a, to: "172.16.0.1:80" }', 'fails', /^expected delivered, got dropped BLACKHOLE_ROUTE$/],
  ['{ from: a, to: "172.16.0.1:80", outcome: dropped }', HOLDS],
  ['{ from: a, to: "172.16.0.1:80", outcome: blocked }', HOLDS],
  ['{ from: a, to: "b:81", outcome: rejected }', HOLDS],
  ['{ from: a, to: "b:81", outcome: blocked }', HOLDS],
  ['{ from: a, to: "b:81", outcome: dropped }', 'fails', /^expected dropped, got rejected NOBODY_LISTENS$/],
  ['{ from: a, to: "1.1.1.1:443", outcome: exits }', HOLDS],
  ['{ from: a, to: "1.1.1.1:443" }', 'fails', /^expected delivered, got exits LEAVES_INPUT$/],
  ['{ from: a, to: "1.1.1.1:443", outcome: blocked }', 'fails', /^expected blocked, got exits/],
  ['{ from: a, to: "10.244.9.1:80", outcome: looped }', HOLDS],
  ['{ from: a, to: "10.244.9.1:80", outcome: blocked }', HOLDS],
];

const REASONS: readonly Row[] = [
  ['{ from: a, to: "172.16.0.1:80", reason: BLACKHOLE_ROUTE }', HOLDS],
  ['{ from: a, to: "172.16.0.1:80", reason: [NO_ROUTE, BLACKHOLE_ROUTE] }', HOLDS],
  ['{ from: a, to: "172.16.0.1:80", reason: NO_ROUTE }', 'fails', /^expected NO_ROUTE, got BLACKHOLE_ROUTE$/],
  ['{ from: a, to: "172.16.0.1:80", outcome: blocked, reason: NO_ROUTE }', 'fails', /^expected NO_ROUTE, got BLACKHOLE_ROUTE$/],
  ['{ from: a, to: b, reason: NO_ROUTE }', 'fails', /^expected NO_ROUTE, got no reason: it is delivered$/],
  ['{ from: a, to: b, outcome: delivered, reason: NO_ROUTE }', 'fails', /got no reason/],
];

const PATHS: readonly Row[] = [
  ['{ from: a, to: svc/half }', 'fails', /^expected delivered, got rejected NOBODY_LISTENS$/],
  ['{ from: a, to: svc/half, paths: some }', HOLDS],
  ['{ from: a, to: svc/half, outcome: rejected, paths: some }', HOLDS],
  ['{ from: a, to: svc/half, outcome: dropped, paths: some }', 'fails', /^expected dropped, got delivered$/],
  ['{ from: a, to: svc/half, outcome: mixed }', HOLDS],
  ['{ from: a, to: svc/half, outcome: mixed, reason: NOBODY_LISTENS }', HOLDS],
  ['{ from: a, to: svc/half, outcome: mixed, reason: NO_ROUTE }', 'fails', /^expected NO_ROUTE, got NOBODY_LISTENS$/],
  ['{ from: a, to: svc/half, outcome: mixed, via: node-2 }', HOLDS],
  ['{ from: a, to: svc/web, outcome: mixed }', 'fails', /^expected mixed, got delivered$/],
  ['{ from: a, to: svc/half, outcome: [delivered, rejected] }', HOLDS],
];

const WAYS: readonly Row[] = [
  ['{ from: a, to: c, via: node-2 }', HOLDS],
  ['{ from: a, to: b, via: node-2 }', 'fails', /^expected to pass node-2, and does not$/],
  ['{ from: a, to: b, via: [node-1, cni0] }', HOLDS],
  ['{ from: a, to: b, via: [node-1, node-2] }', 'fails', /pass node-2/],
  ['{ from: a, to: b, notVia: node-2 }', HOLDS],
  ['{ from: a, to: c, notVia: node-2 }', 'fails', /^expected not to pass node-2, and does$/],
  ['{ from: a, to: c, notVia: [gateway, b] }', HOLDS],
  ['{ from: a, to: c, via: node-2 cni0 }', HOLDS],
  ['{ from: a, to: b, via: node-1 eth0 }', 'fails', /pass node-1 eth0/],
  ['{ from: a, to: b, via: eth0 }', HOLDS],
  ['{ from: a, to: "1.1.1.1:443", outcome: exits, via: gateway }', HOLDS],
  ['{ from: a, to: "1.1.1.1:443", outcome: exits, via: gateway wan0 }', HOLDS],
  ['{ from: a, to: b, notVia: wan0 }', HOLDS],
  ['{ from: a, to: "1.1.1.1:443", outcome: exits, via: wan0 }', HOLDS],
  ['{ from: a, to: b, via: gateway }', 'fails', /^expected to pass gateway, and does not$/],
  ['{ from: a, to: b, via: a }', HOLDS],
  ['{ from: a, to: svc/web, via: svc/web, paths: some }', HOLDS],
  ['{ from: a, to: c, notVia: svc/web }', HOLDS],
  ['{ from: c, to: "node-1:30080", via: svc/node-port }', HOLDS],
  ['{ from: c, to: "a:8080", notVia: svc/node-port }', HOLDS],
  ['{ from: a, to: 10.244.2.10, via: 192.168.1.12 }', HOLDS],
];

const RECEIVERS: readonly Row[] = [
  ['{ from: a, to: b, at: b }', HOLDS],
  ['{ from: a, to: svc/web, at: [b, c] }', HOLDS],
  ['{ from: a, to: svc/web, at: b }', 'fails', /^expected to be received by b, and is by c$/],
  ['{ from: a, to: svc/web, at: b, paths: some }', HOLDS],
  ['{ from: a, to: svc/web, at: svc/headless }', HOLDS],
  ['{ from: a, to: b, at: svc/node-port }', 'fails', /^expected to be received by svc\/node-port, and is by b$/],
  ['{ from: a, to: laptop, port: 443, at: laptop }', HOLDS],
  ['{ from: a, to: b, at: laptop }', 'fails', /received by laptop, and is by b/],
  ['{ from: a, to: c, at: node-2 }', HOLDS],
  ['{ from: a, to: c, at: node-1 }', 'fails', /received by node-1, and is by c/],
  ['{ from: a, to: b, at: 10.244.1.11 }', HOLDS],
  ['{ from: a, to: "172.16.0.1:80", outcome: dropped, at: b }', 'fails', /received by b, and is by nobody/],
  ['{ from: a, to: c, source: a }', HOLDS],
  ['{ from: a, to: c, source: 10.244.1.10 }', HOLDS],
  ['{ from: a, to: c, source: node-1 }', 'fails', /^expected the receiver to see 192.168.1.11, and it sees 10.244.1.10$/],
  // A node port masquerades what comes from elsewhere.
  ['{ from: c, to: "node-1:30080", source: node-1 }', 'fails', /^expected the receiver to see 192.168.1.11, and it sees 10.244.1.1$/],
  ['{ from: a, to: laptop, port: 443, outcome: [delivered, exits], source: 203.0.113.1 }', HOLDS],
  ['{ from: a, to: "172.16.0.1:80", outcome: dropped, source: a }', 'fails', /and it sees nothing/],
];

describe.each([
  ['outcome', OUTCOMES],
  ['reason', REASONS],
  ['paths', PATHS],
  ['via and notVia', WAYS],
  ['at and source', RECEIVERS],
])('%s', (_name, rows) => {
  test.each(rows.map(([line, status, mismatch = /./]) => ({ line, status, mismatch })))(
    '$line: $status',
    async ({ line, status, mismatch }) => {
      const [result, more] = (await documentOf(expecting(line))).results;
      expect(more).toBeUndefined();
      expect([result?.status, result?.mismatches]).toEqual([status, status === HOLDS ? [] : [expect.stringMatching(mismatch)]]);
      expect(result?.trace === null).toBe(status === HOLDS);
    },
  );
});

describe('undetermined', () => {
  /** No input makes one yet, so a trace is given a path that is: the first. */
  function judged(line: string, paths: readonly Partial<Trace['paths'][number]>[], outcome: Trace['outcome']) {
    const network = networkOf(expecting(line));
    const [expectation] = network.cluster.expectations;
    const answer = prepareTrace(network, { source: 'a', destination: 'b' });
    const [first] = answer.ok ? answer.traces : [];
    const [path] = first?.paths ?? [];
    if (first === undefined || expectation === undefined || path === undefined) throw new Error('a reaches b');
    const trace: Trace = { ...first, outcome, paths: paths.map((p) => ({ ...path, ...p })) };
    return judge({ expectation, via: [], notVia: [], at: [], source: null }, ofTrace(trace));
  }
  const unknown = { outcome: 'undetermined' } as const;
  const dropped = { outcome: 'dropped' } as const;
  const delivered = {};

  test.each([
    ['{ from: a, to: b }', [unknown], 'undetermined', 'undetermined'],
    ['{ from: a, to: b, outcome: blocked }', [unknown], 'undetermined', 'undetermined'],
    ['{ from: a, to: b, outcome: undetermined }', [unknown], 'undetermined', 'holds'],
    ['{ from: a, to: b, outcome: [delivered, undetermined] }', [unknown], 'undetermined', 'holds'],
    ['{ from: a, to: b, reason: NO_ROUTE }', [unknown], 'undetermined', 'undetermined'],
    // A failure decides, whatever else is not known; one that is as expected does too, where one is enough.
    ['{ from: a, to: b }', [unknown, dropped], 'mixed', 'fails'],
    ['{ from: a, to: b }', [unknown, delivered], 'undetermined', 'undetermined'],
    ['{ from: a, to: b, paths: some }', [unknown, delivered], 'undetermined', 'holds'],
    ['{ from: a, to: b, paths: some }', [dropped, unknown], 'mixed', 'undetermined'],
    ['{ from: a, to: b, outcome: mixed }', [unknown, dropped], 'mixed', 'holds'],
  ] as const)('%s', (line, paths, outcome, status) => {
    expect(judged(line, paths, outcome).status).toBe(status);
  });

  test('the decisive path is the one that fails', () => {
    expect(judged('{ from: a, to: b }', [unknown, delivered, dropped], 'mixed').path).toBe(2);
  });
});
