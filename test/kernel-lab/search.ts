import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import type { Scenario } from './generate.ts';
import { machine } from './machine.ts';
import { differences, runScenario } from './run.ts';
import { add, newTally, type Tally, tallyText } from './tally.ts';

/**
 * A lab mostly waits. The table of neighbours is the whole machine's, and forgets some from so many entries on; a lab has 64 at most. CI has
 * it take more.
 */
const LIMIT = '/proc/sys/net/ipv4/neigh/default/gc_thresh2';
const NEIGHBOURS = existsSync(LIMIT) ? readFileSync(LIMIT, 'utf8') : 512;
const LABS = Number(process.env['K8S_TRACE_LABS'] ?? Math.min(8, 8 * availableParallelism(), Math.floor(Number(NEIGHBOURS) / 64)));
/** How long to look for a smaller cluster that differs too. */
const SHRINKING_MS = Number(process.env['K8S_TRACE_SHRINK_MS'] ?? 120_000);

const ONCE = { numRuns: 1, unbiased: true } as const;

export interface Search {
  /** What is drawn for a seed. */
  readonly drawn: (seed: number) => fc.Arbitrary<Scenario>;
  readonly first: number;
  readonly clusters: number;
  /** What to set to have one cluster again, besides its seed. */
  readonly again: string;
}

/** Builds clusters and sends their packets, until model and kernel differ: then null is no more the answer's second part, but a text about it. */
export async function search({ drawn, first, clusters, again }: Search): Promise<readonly [Tally, string | null]> {
  const tally = newTally();
  const found: { readonly seed: number; readonly text: string }[] = [];
  let next = first;
  const lab = async () => {
    while (next < first + clusters && found.length === 0) {
      const seed = next++;
      const outcome = await runScenario(machine, sampled(drawn(seed), seed));
      add(tally, outcome);
      const wrong = differences(outcome);
      if (wrong.length > 0) found.push({ seed, text: wrong.join('\n') });
    }
  };
  await Promise.all(Array.from({ length: LABS }, lab));
  process.stdout.write(`seeds ${first} to ${next - 1}: ${next - first} clusters, ${tallyText(tally)}\n`);
  const [one] = found;
  if (one === undefined) return [tally, null];
  const command = `${again}K8S_TRACE_SEED=${one.seed} K8S_TRACE_CLUSTERS=1 npm run test:kernel`;
  return [
    tally,
    `model and kernel differ; again with ${command}\nfirst seen:\n${one.text}\nsmallest:\n${await smallest(drawn(one.seed), one.seed)}`,
  ];
}

/** The scenario that a seed stands for. */
export function sampled(drawn: fc.Arbitrary<Scenario>, seed: number): Scenario {
  let made: Scenario | undefined;
  fc.assert(
    fc.property(drawn, (s) => {
      made = s;
    }),
    { ...ONCE, seed },
  );
  if (made === undefined) throw new Error('a property runs once');
  return made;
}

/** The same disagreement in a smaller cluster, as far as that can be had in the time. */
async function smallest(drawn: fc.Arbitrary<Scenario>, seed: number): Promise<string> {
  let last = '';
  const agrees = fc.asyncProperty(drawn, async (s) => {
    const wrong = differences(await runScenario(machine, s));
    if (wrong.length > 0) last = `${s.text}\n${JSON.stringify(s.flows)}\n${wrong.join('\n')}`;
    return wrong.length === 0;
  });
  if (SHRINKING_MS > 0) await fc.check(agrees, { ...ONCE, seed, interruptAfterTimeLimit: SHRINKING_MS });
  return last;
}
