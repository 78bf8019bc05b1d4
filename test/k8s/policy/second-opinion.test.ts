import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NaiveFlow, naive } from './naive.ts';
import { addresses, cluster, policies, questions, topologyOf } from './random.ts';
import { decide, worldOf } from './world.ts';

/** Random policies of all four kinds, as src/ and as a naive evaluator that shares nothing with it understand them: both ends of each flow. */
const RUNS = Number(process.env['K8S_TRACE_POLICY_RUNS'] ?? 1000);

describe('the second opinion', () => {
  it(
    'is the same',
    () => {
      const seen = { allow: 0, deny: 0, unknown: 0 };
      fc.assert(
        fc.property(cluster, policies, questions, (c, objects, asked) => {
          const world = worldOf([topologyOf(c), ...objects.map((o) => JSON.stringify(o))].join('\n---\n'));
          const ends = addresses(c);
          for (const { from, to, protocol, port } of asked) {
            const flow: NaiveFlow = { source: ends[from % ends.length] ?? '', destination: ends[to % ends.length] ?? '', protocol, port };
            const question = `${flow.source} > ${flow.destination} ${protocol.toLowerCase()}${port === null ? '' : ` ${port}`}`;
            for (const direction of ['egress', 'ingress'] as const) {
              const pod = c.pods.find((p) => !p.hostNetwork && p.ip === (direction === 'egress' ? flow.source : flow.destination));
              if (pod === undefined || flow.source === flow.destination) continue;
              const opinion = naive(objects, c, pod, direction, flow);
              seen[opinion]++;
              const verdict = decide(world, question, direction)?.verdict;
              expect(`${question} ${direction}: ${verdict === 'none' ? 'allow' : verdict}`).toBe(`${question} ${direction}: ${opinion}`);
            }
          }
        }),
        { numRuns: RUNS },
      );
      // Neither side agrees by allowing everything.
      const { allow, deny, unknown } = seen;
      expect(Math.min(allow, deny, unknown * 20)).toBeGreaterThan(RUNS);
    },
    RUNS * 600,
  );
});
