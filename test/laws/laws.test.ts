import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNetwork, render, type TraceDocument, traceRequest, type WalkDocument } from '../../src/index.ts';
import { headersFollow } from './headers.ts';
import { type World, world } from './topologies.ts';

/** What holds for every trace, on random topologies with random routes. */
const RUNS = { numRuns: 150 };

function traces(w: World, pick: number): readonly TraceDocument[] {
  const loaded = loadNetwork([{ name: 'random.yaml', bytes: new TextEncoder().encode(w.text) }]);
  // A random next hop may be the node itself, which the kernel refuses, and so does the loader: such a world asks nothing.
  if (!loaded.ok) {
    expect(loaded.diagnostics.every((d) => d.code === 'bad-next-hop')).toBe(true);
    return [];
  }
  return w.targets.flatMap((destination, i) => {
    const source = w.places[(pick + i) % w.places.length] ?? '';
    const result = traceRequest(loaded.value, { source, destination });
    return result.ok ? [result.trace] : [];
  });
}

const walks = (t: TraceDocument) =>
  t.paths.flatMap((p) => [p.forward, p.reply, p.ack, p.data].filter((w): w is WalkDocument => w !== null));

describe('laws', () => {
  it("a hop's header is the previous one's plus its changes", () => {
    let changed = 0;
    fc.assert(
      fc.property(world, fc.nat(), (w, pick) => {
        for (const trace of traces(w, pick)) for (const { hops } of walks(trace)) changed += headersFollow(hops);
      }),
      RUNS,
    );
    expect(changed).toBeGreaterThan(1000);
  });

  it('a delivered reply ends at the sender with addresses and ports swapped', () => {
    let delivered = 0;
    fc.assert(
      fc.property(world, fc.nat(), (w, pick) => {
        for (const trace of traces(w, pick))
          for (const path of trace.paths) {
            if (path.outcome !== 'delivered') continue;
            delivered++;
            const sent = path.forward.hops[0]?.packet;
            const got = path.reply?.hops.at(-1);
            expect(got?.kind).toBe('socket');
            expect(got?.netns).toBe(path.forward.hops[0]?.netns);
            expect([got?.packet.source, got?.packet.sourcePort, got?.packet.destination, got?.packet.destinationPort]).toEqual([
              sent?.destination,
              sent?.destinationPort,
              sent?.source,
              sent?.sourcePort,
            ]);
            if (sent?.protocol === 'tcp') expect(path.ack?.hops.at(-1)?.kind).toBe('socket');
          }
      }),
      RUNS,
    );
    expect(delivered).toBeGreaterThan(200);
  });

  it('the probabilities of the paths sum to 1', () => {
    fc.assert(
      fc.property(world, fc.nat(), (w, pick) => {
        for (const trace of traces(w, pick)) {
          const sum = trace.paths.reduce((s, p) => s + p.probability, 0);
          expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
        }
      }),
      RUNS,
    );
  });

  it('the same input gives the same bytes, and no walk is endless', () => {
    const options = { color: false, width: 100, allPaths: true, reply: true, verbose: true };
    fc.assert(
      fc.property(world, fc.nat(), (w, pick) => {
        const first = traces(w, pick);
        const second = traces(w, pick);
        expect(second.map((t) => render('json', t, options))).toEqual(first.map((t) => render('json', t, options)));
        for (const trace of first) for (const { hops } of walks(trace)) expect(hops.length).toBeLessThan(500);
      }),
      { numRuns: 50 },
    );
  });

  it('a failing path has a reason with a fix or a page, and points at one of its hops', () => {
    const codes = new Map<string, number>();
    fc.assert(
      fc.property(world, fc.nat(), (w, pick) => {
        for (const trace of traces(w, pick))
          for (const path of trace.paths) {
            const { reason } = path;
            expect(reason === null).toBe(path.outcome === 'delivered');
            if (reason === null) continue;
            codes.set(reason.code, (codes.get(reason.code) ?? 0) + 1);
            const walk = reason.walk === 'dns' ? path.dns?.forward : path[reason.walk];
            expect(walk?.hops[reason.hop]).toBeDefined();
            expect(reason.message).not.toBe('');
            if (path.outcome !== 'exits') expect(reason.fix.length, reason.code).toBeGreaterThan(0);
          }
      }),
      RUNS,
    );
    // A tame generator proves nothing: these must all have been met.
    for (const code of [
      'NO_ROUTE',
      'BLACKHOLE_ROUTE',
      'UNREACHABLE_ROUTE',
      'PROHIBIT_ROUTE',
      'NEXT_HOP_UNKNOWN',
      'NEIGHBOUR_UNREACHABLE',
      'FORWARDING_DISABLED',
      'NO_ENDPOINTS',
      'ASYMMETRIC_NAT',
      'HAIRPIN_OFF',
      'PROXY_NOT_RUNNING',
      'NO_SUCH_PORT',
    ])
      expect(codes.get(code) ?? 0, code).toBeGreaterThan(0);
  });
});
