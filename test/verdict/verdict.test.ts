import { describe, expect, it } from 'vitest';
import { reliedOn } from '../../src/diagnose/relied-on.ts';
import { walksOf } from '../../src/diagnose/walks.ts';
import { type TracePath, trace } from '../../src/trace/trace.ts';
import { type Verdict, verdict } from '../../src/trace/verdict.ts';
import { type Asked, ofFixtures, ofPlanted, ofScenarios } from './asked.ts';

/** More on demand. */
const RUNS = Number(process.env['K8S_TRACE_VERDICT_RUNS'] ?? 1);

const judged = (question: Asked): Verdict => verdict(question.network, question.question);

/** What a trace says, in a verdict's terms. */
function ofTrace({ network, question }: Asked) {
  const { outcome, paths } = trace(network, question);
  return {
    outcome,
    paths: paths.map((path) => {
      const { probability, outcome: ended, client, reason, endpoint } = path;
      return { probability, outcome: ended, client, code: reason?.code ?? null, endpoint, assumed: isAssumed({ network, question }, path) };
    }),
  };
}

function isAssumed({ network, question }: Pick<Asked, 'network' | 'question'>, path: TracePath): boolean {
  const walks = walksOf(path).map((w) => w.walk);
  return (
    walks.some((w) => w.hops.some((h) => h.origin.evidence === 'assumed')) ||
    path.otherwise !== undefined ||
    (path.outcome === 'delivered' && walks.some((w) => w.doubts.length > 0)) ||
    reliedOn({ ...network, question }, [path]).length > 0
  );
}

const plain = ({ outcome, paths }: Verdict) => ({ outcome, paths: paths.map(({ asked: _, forward: __, ...path }) => path) });

describe('a verdict is what the trace says, path by path', () => {
  it.each([
    ['fixtures', () => ofFixtures(2 * RUNS), ['delivered', 'dropped', 'rejected', 'exits', 'looped', 'undetermined']],
    ['clusters with planted faults', () => ofPlanted(12 * RUNS), ['delivered', 'dropped', 'rejected', 'undetermined']],
    ["the kernel's clusters", () => ofScenarios(2 * RUNS), ['delivered', 'dropped', 'rejected']],
  ])('in %s', (_, questions, awaited) => {
    const met = new Map<string, number>();
    for (const asked of questions()) {
      const expected = ofTrace(asked);
      expect({ from: asked.from, ...plain(judged(asked)) }).toEqual({ from: asked.from, ...expected });
      for (const { outcome } of expected.paths) met.set(outcome, (met.get(outcome) ?? 0) + 1);
    }
    for (const outcome of awaited) expect(met.get(outcome) ?? 0, outcome).toBeGreaterThan(0);
  });
});

describe('policies that are recorded', () => {
  it('are judged afterwards as on the way', () => {
    let denied = 0;
    for (const asked of [...ofPlanted(12 * RUNS), ...ofScenarios(2 * RUNS)]) {
      const { paths } = verdict(asked.network, asked.question, 'recorded');
      const expected = shares(judged(asked).paths.map((p) => [`${p.code}`, p.probability]));
      if ([...expected.keys()].some((code) => code === 'FACT_MISSING')) continue;
      const found = shares(paths.map((p) => [`${deniedBy(p) ?? p.code}`, p.probability]));
      expect({ from: asked.from, shares: found }).toEqual({ from: asked.from, shares: expected });
      denied += paths.filter((p) => deniedBy(p) !== null).length;
    }
    expect(denied).toBeGreaterThan(5);
  });
});

function deniedBy({ asked }: Verdict['paths'][number]): string | null {
  for (const { point, packet } of asked) {
    const { decision } = point.judge(packet);
    if (decision?.verdict === 'deny') return decision.decidedBy?.rule == null ? 'POLICY_DEFAULT_DENY' : 'POLICY_EXPLICIT_DENY';
  }
  return null;
}

function shares(ends: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const [code, share] of ends) all.set(code, (all.get(code) ?? 0) + share);
  return new Map([...all].sort().map(([code, share]) => [code, Math.round(share * 1e9)]));
}
