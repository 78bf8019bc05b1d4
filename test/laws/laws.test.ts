import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadNetwork, render, type TraceDocument, traceRequest, type WalkDocument } from '../../src/index.ts';
import { headersFollow } from './headers.ts';
import { type World, world } from './topologies.ts';

/** What holds for every trace, on random topologies with random routes; each is asked once, for all laws. */
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

/** How often what a law is about was met: a tame generator proves nothing. */
class Met {
  changes = 0;
  delivered = 0;
  readonly codes = new Map<string, number>();
}

const LAWS: Readonly<Record<string, (trace: TraceDocument, met: Met) => void>> = {
  "a hop's header is the previous one's plus its changes": (trace, met) => {
    for (const { hops } of walks(trace)) met.changes += headersFollow(hops);
  },

  'a delivered reply ends at the sender with addresses and ports swapped': ({ paths }, met) => {
    for (const path of paths) {
      if (path.outcome !== 'delivered') continue;
      met.delivered++;
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
  },

  'the probabilities of the paths sum to 1': ({ paths }) => {
    const sum = paths.reduce((s, p) => s + p.probability, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
  },

  'no walk is endless': (trace) => {
    for (const { hops } of walks(trace)) expect(hops.length).toBeLessThan(500);
  },

  'a failing path has a reason with a fix or a page, and points at one of its hops': ({ paths }, met) => {
    for (const path of paths) {
      const { reason } = path;
      expect(reason === null).toBe(path.outcome === 'delivered');
      if (reason === null) continue;
      met.codes.set(reason.code, (met.codes.get(reason.code) ?? 0) + 1);
      const walk = reason.walk === 'dns' ? path.dns?.forward : path[reason.walk];
      expect(walk?.hops[reason.hop]).toBeDefined();
      expect(reason.message).not.toBe('');
      if (path.outcome !== 'exits') expect(reason.fix.length, reason.code).toBeGreaterThan(0);
    }
  },
};

const CODES = [
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
];

it('the laws hold for every trace', () => {
  const met = new Met();
  fc.assert(
    fc.property(world, fc.nat(), (w, pick) => {
      for (const trace of traces(w, pick))
        for (const [law, holds] of Object.entries(LAWS)) {
          try {
            holds(trace, met);
          } catch (error) {
            throw new Error(law, { cause: error });
          }
        }
    }),
    RUNS,
  );
  expect(met.changes).toBeGreaterThan(1000);
  expect(met.delivered).toBeGreaterThan(200);
  for (const code of CODES) expect(met.codes.get(code) ?? 0, code).toBeGreaterThan(0);
});

it('the same input gives the same bytes', () => {
  const options = { color: false, width: 100, allPaths: true, reply: true, verbose: true };
  fc.assert(
    fc.property(world, fc.nat(), (w, pick) => {
      const first = traces(w, pick).map((t) => render('json', t, options));
      expect(traces(w, pick).map((t) => render('json', t, options))).toEqual(first);
    }),
    { numRuns: 50 },
  );
});
