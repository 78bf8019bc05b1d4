import { expect, test } from 'vitest';
import { prepareTrace } from '../../src/index.ts';
import { randomFrom } from '../fuzz/random.ts';
import { type Breach, breachesOf, input, type Met, networkFrom } from './law.ts';
import { checkedFabric, drawnQuestion, faultyCluster, faultyOverlay } from './planted.ts';
import { policedCluster } from './policies.ts';

/** A tame generator proves nothing: fixes of these have to be met. */
const TRIED = [
  'BLACKHOLE_ROUTE edit',
  'FIREWALL_DENIED edit',
  'FORWARDING_DISABLED edit',
  'HAIRPIN_OFF edit',
  'LINK_DOWN edit',
  'LISTENS_ON_LOOPBACK edit',
  'MTU_EXCEEDED ask',
  'NEIGHBOUR_UNREACHABLE edit',
  'NEXT_HOP_UNKNOWN edit',
  'NOBODY_LISTENS ask',
  'NOBODY_LISTENS edit',
  'NO_ENDPOINTS edit',
  'NO_READY_ENDPOINTS edit',
  'NO_ROUTE edit',
  'NO_SUCH_NAME ask',
  'NO_SUCH_PORT ask',
  'PROXY_NOT_RUNNING edit',
  'SOURCE_RANGE_DENIED edit',
  'TARGET_PORT_UNRESOLVED edit',
];

const met: Met = new Map();

interface Failing extends Breach {
  readonly seed: number;
  readonly ask: string;
}

const OF_TUNNELS = ['TUNNEL_PEER_UNKNOWN edit', 'TUNNEL_MISMATCH edit', 'TUNNEL_FILTERED edit', 'LINK_DOWN edit'];

/** What is wrong with the advice about one of four questions to a cluster, the first that fails; null: none does, or the cluster cannot be read. */
function breachesIn(seed: number, draw: typeof faultyCluster, met: Met): readonly Failing[] | null {
  const r = randomFrom(seed);
  const cluster = draw(r);
  const files = input(JSON.stringify(cluster));
  const network = networkFrom(files);
  if (typeof network === 'string') return null;
  const questions = Array.from({ length: 4 }, () => drawnQuestion(cluster, r));
  const fails = questions.find((q) => {
    const answer = prepareTrace(network, q);
    return answer.ok && answer.traces.some((t) => t.outcome !== 'delivered' && t.outcome !== 'exits');
  });
  if (fails === undefined) return null;
  return breachesOf(files, network, fails, questions, met).map((b) => ({ ...b, seed, ask: `${fails.source} ${fails.destination}` }));
}

test.each([
  ['with a faulty tunnel', faultyOverlay, OF_TUNNELS, 150],
  ['whose network checks sources', checkedFabric, ['SOURCE_CHECK edit'], 150],
  ['with policies', policedCluster, ['POLICY_DEFAULT_DENY edit'], 60],
])('in clusters %s, what is advised helps, and breaks nothing that works', (_, draw, awaited, count) => {
  const ofThese: Met = new Map();
  const breaches: Failing[] = [];
  for (let seed = 1; seed <= count; seed++) breaches.push(...(breachesIn(seed, draw, ofThese) ?? []));
  expect(breaches).toEqual([]);
  for (const what of awaited) expect(ofThese.get(what) ?? 0, what).toBeGreaterThan(1);
});

/** In each of ten tests, because a busy machine takes its time; on demand, more: these are the same ones in every run. */
const CLUSTERS = Number(process.env['K8S_TRACE_ADVICE_CLUSTERS'] ?? 80);

test.each(Array.from({ length: 10 }, (_, i) => i))(
  'in random clusters with faults, what is advised helps, and breaks nothing that works (%i)',
  (batch) => {
    const breaches: Failing[] = [];
    let failing = 0;
    for (let seed = 1 + batch * 10_000; failing < CLUSTERS; seed++) {
      const found = breachesIn(seed, faultyCluster, met);
      if (found === null) continue;
      failing++;
      breaches.push(...found);
    }
    expect(breaches).toEqual([]);
  },
);

test('the random clusters have met these', () => {
  for (const what of TRIED) expect(met.get(what) ?? 0, what).toBeGreaterThan(1);
});
