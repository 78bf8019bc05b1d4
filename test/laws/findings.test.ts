import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type FindingCode, type LintCode, linting, loadNetwork, type Network, type PathDocument, traceRequest } from '../../src/index.ts';
import { world } from './topologies.ts';

/**
 * A finding is true whatever the traffic: in random clusters each is shown by a trace that fails for it, and where a trace dies for want
 * of a route there is a finding. What decides is the walk, which the kernel has been asked about.
 */

interface Asked {
  readonly network: Network;
  readonly nodeOf: ReadonlyMap<string, string>;
  /** What was asked already: findings and routes are about the same pairs. */
  readonly known: Map<string, readonly PathDocument[]>;
}

const namesIn = (text = '') => text.replace(/ and \d+ more$/, '').split(/, | and /);
const podsOn = ({ nodeOf }: Asked, node: string) => [...nodeOf].flatMap(([pod, n]) => (n === node ? [pod] : []));

function paths({ network, known }: Asked, source: string, destination: string): readonly PathDocument[] {
  const question = `${source} ${destination}`;
  const before = known.get(question);
  if (before !== undefined) return before;
  const result = traceRequest(network, { source, destination });
  if (!result.ok) throw new Error(result.message);
  known.set(question, result.trace.paths);
  return result.trace.paths;
}

const fails = (found: readonly PathDocument[]) => found.some((p) => p.outcome !== 'delivered');
/** For one of these endpoints, or before there was any. */
const failsAt = (found: readonly PathDocument[], pods: readonly string[]) =>
  fails(found.filter((p) => p.endpoint === null || pods.some((pod) => p.endpoint?.pod === `default/${pod}`)));
const pairs = (asked: Asked, from: string, to: string) =>
  podsOn(asked, from).flatMap((source) => podsOn(asked, to).map((target) => [source, target] as const));

/** Is what this message says so? */
const SHOWN: Partial<Record<FindingCode, (message: string, asked: Asked) => boolean>> = {
  'pod-range-unreachable'(message, asked) {
    const [, to, from] = /^the pods of (.*) cannot be reached from (.*?): /.exec(message) ?? [];
    const calls = namesIn(from).flatMap((f) =>
      namesIn(to).flatMap((t) => (f === t ? podsOn(asked, t).map((pod) => [`node/${f}`, pod] as const) : pairs(asked, f, t))),
    );
    return calls.some(([source, target]) => fails(paths(asked, source, `${target}:8080`)));
  },
  'forwarding-off'(message, asked) {
    const [node = ''] = message.split(' ');
    const others = [...new Set(asked.nodeOf.values())].filter((n) => n !== node);
    return others.every((other) =>
      pairs(asked, node, other).every(
        ([here, there]) =>
          (!message.includes('gets out of it') || fails(paths(asked, here, `${there}:8080`))) &&
          (!message.includes('gets to its pods') || fails(paths(asked, there, `${here}:8080`))),
      ),
    );
  },
  'hairpin-off'(message, asked) {
    const [, pods] = /^(.*) cannot reach /.exec(message) ?? [];
    return namesIn(pods).every((pod) => failsAt(paths(asked, pod, 'svc/all:http'), [pod]));
  },
  'bridge-nf-off'(message, asked) {
    const [, node = ''] = /^pods on (\S+) /.exec(message) ?? [];
    const here = podsOn(asked, node);
    return here.some((pod) =>
      failsAt(
        paths(asked, pod, 'svc/all:http'),
        here.filter((other) => other !== pod),
      ),
    );
  },
  'kube-proxy-not-running'(message, asked) {
    const [, node = ''] = /works on (\S+),/.exec(message) ?? [];
    return podsOn(asked, node).every((pod) => fails(paths(asked, pod, 'svc/all:http')));
  },
  'no-ready-endpoints': (_message, asked) => [...asked.nodeOf.keys()].every((pod) => fails(paths(asked, pod, 'svc/all:http'))),
  'selector-matches-nothing': (_message, asked) => [...asked.nodeOf.keys()].every((pod) => fails(paths(asked, pod, 'svc/none'))),
};

const WANT_OF_A_ROUTE = ['NO_ROUTE', 'BLACKHOLE_ROUTE', 'UNREACHABLE_ROUTE', 'PROHIBIT_ROUTE'];

it('each finding is shown by a trace, and each lack of a route between nodes has its finding', async () => {
  const { lint } = await linting();
  const met = new Map<string, number>();
  const meet = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(world, ({ text }) => {
      const file = { name: 'random.yaml', bytes: new TextEncoder().encode(text) };
      const loaded = loadNetwork([file]);
      if (!loaded.ok) return;
      const { findings } = lint(loaded, [file], { select: [], ignore: [] });
      const nodeOf = new Map([...loaded.value.cluster.pods.values()].map((p) => [p.name, p.node ?? '']));
      const asked = { network: loaded.value, nodeOf, known: new Map() };
      for (const { code, message } of findings) {
        meet(code);
        expect([message, SHOWN[code]?.(message, asked) ?? true]).toEqual([message, true]);
      }
      for (const [source, from] of nodeOf)
        for (const [target, to] of nodeOf) {
          if (from === to) continue;
          const dead = paths(asked, source, `${target}:8080`).find(
            (p) => p.reason?.walk === 'forward' && WANT_OF_A_ROUTE.includes(p.reason.code),
          );
          if (dead === undefined) continue;
          meet('want of a route');
          const told = findings.some(
            (d) => d.code === 'pod-range-unreachable' && namesIn(/of (.*) cannot/.exec(d.message)?.[1]).includes(to),
          );
          expect([source, target, dead.reason?.message, told]).toEqual([source, target, dead.reason?.message, true]);
        }
    }),
    { numRuns: 100 },
  );
  // A tame generator proves nothing: these must all have been met.
  const wanted: readonly (LintCode | 'want of a route')[] = [
    'pod-range-unreachable',
    'forwarding-off',
    'hairpin-off',
    'bridge-nf-off',
    'kube-proxy-not-running',
    'selector-matches-nothing',
    'want of a route',
  ];
  for (const what of wanted) expect(met.get(what) ?? 0, what).toBeGreaterThan(2);
});
