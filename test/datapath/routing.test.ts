import { describe, expect, it } from 'vitest';
import { ask, crossings } from '../tracing.ts';

describe('ECMP', () => {
  const trace = ask('kernel/ecmp.yaml', 'pod-a', 'pod-d:80');

  it('is a branch a next hop, with shares by weight', () => {
    expect(trace.paths.map((p) => p.probability)).toEqual([0.75, 0.25]);
    expect(trace.paths.map((p) => crossings(p.forward).some((c) => c.startsWith('node-3')))).toEqual([false, true]);
  });

  it('sends all packets of a flow the same way: the handshake goes on where it began', () => {
    expect(trace.paths).toHaveLength(2);
    for (const path of trace.paths) {
      const ack = crossings(path.ack);
      // The one by node-3 is dropped there; as far as it gets, it is the same way.
      expect(ack.length).toBeGreaterThanOrEqual(5);
      expect(ack).toEqual(crossings(path.forward).slice(0, ack.length));
    }
  });

  it('by the third machine the handshake fails, as on any asymmetric path', () => {
    expect(trace.paths.map((p) => p.reason?.code)).toEqual([undefined, 'CONNTRACK_INVALID']);
    expect(trace.outcome).toBe('mixed');
  });
});

describe('policy routing', () => {
  it.each([
    ['pod-a', 'pod-d:80', 'PROHIBIT_ROUTE', 'the rule for its source comes before the main table'],
    ['pod-a', 'pod-e:80', undefined, 'throw goes on with the next rule'],
    ['pod-b', 'pod-d:80', undefined, 'the rule is not for others'],
    ['node-1', 'pod-d:80', 'UNREACHABLE_ROUTE', 'iif lo is what is sent from here'],
    ['pod-b', 'pod-f:80', 'UNREACHABLE_ROUTE', 'of two routes with one prefix the lower metric wins'],
  ])('%s to %s: %s, for %s', (source, destination, code, _why) => {
    expect(ask('kernel/policy-routing.yaml', source, destination).reason?.code).toBe(code);
  });
});
