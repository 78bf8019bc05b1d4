import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topologyInBoth, twins } from './both.ts';
import { type Scenario, scenario } from './generate.ts';
import { inIpv6, topologyInIpv6 } from './ipv6.ts';
import { machine, whyNot } from './machine.ts';
import { differences, runScenario } from './run.ts';
import { add, hardlyDrawn, newTally, tallyText, tooRare } from './tally.ts';

/** On demand: how many clusters, from which seed, and how many labs at once. A cluster's seed is the first one plus its number. */
const CLUSTERS = Number(process.env['K8S_TRACE_CLUSTERS'] ?? 400);
const SEED = Number(process.env['K8S_TRACE_SEED'] ?? 1);
/** Every fourth cluster has IPv6 addresses, every fourth both families; on demand all have IPv4, IPv6 or both. */
const FAMILY = process.env['K8S_TRACE_FAMILY'];
/** A mode of kube-proxy, in place of iptables. */
const PROXY = process.env['K8S_TRACE_KUBE_PROXY'];
/** No more than eight: the table of neighbours is the whole machine's, and forgets some from 512 entries on (neigh/default/gc_thresh2). */
const LABS = Number(process.env['K8S_TRACE_LABS'] ?? Math.min(8, 4 * availableParallelism()));
/** A generator that hardly ever meets a failure proves nothing about it. */
const ENOUGH_FLOWS = 3000;
const LEAST = 10;
/** Nor does one that hardly ever draws what it says it draws. */
const LEAST_DRAWN = 5;
/** How long to look for a smaller cluster that differs too. */
const SHRINKING_MS = Number(process.env['K8S_TRACE_SHRINK_MS'] ?? 120_000);

interface Found {
  readonly seed: number;
  readonly text: string;
}

describe.skipIf(whyNot !== null)(`random clusters against the kernel${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it(`${CLUSTERS} clusters from seed ${SEED}`, async () => {
    const tally = newTally();
    const found: Found[] = [];
    let next = SEED;
    const lab = async () => {
      while (next < SEED + CLUSTERS && found.length === 0) {
        const seed = next++;
        const outcome = await runScenario(machine, sampled(seed));
        add(tally, outcome);
        const wrong = differences(outcome);
        if (wrong.length > 0) found.push({ seed, text: wrong.join('\n') });
      }
    };
    await Promise.all(Array.from({ length: LABS }, lab));
    process.stdout.write(`seeds ${SEED} to ${next - 1}: ${next - SEED} clusters, ${tallyText(tally)}\n`);
    const [first] = found;
    if (first !== undefined) expect.fail(await smallest(first));
    if (tally.flows >= ENOUGH_FLOWS) expect(hardlyDrawn(tally, LEAST_DRAWN), 'what was hardly drawn').toEqual([]);
    if (tally.flows >= ENOUGH_FLOWS) expect(tooRare(tally, LEAST, FAMILY === 'IPv6'), 'reason codes that were met too rarely').toEqual([]);
  });
});

const ONCE = { numRuns: 1, unbiased: true } as const;

/** What is drawn for a seed. */
function drawn(seed: number): fc.Arbitrary<Scenario> {
  return inFamily(seed).map((s) =>
    PROXY === undefined ? s : { ...s, text: s.text.replace(/(?<=kubeProxy:\s*(?:\{\s*)?"?mode"?:\s*"?)iptables/, PROXY) },
  );
}

function inFamily(seed: number): fc.Arbitrary<Scenario> {
  const family = FAMILY ?? (['IPv6', 'IPv4', 'both', 'IPv4'] as const)[seed % 4];
  if (family === 'both') return scenario.map((s) => withBoth(s, seed % 8 < 4 ? 'IPv4' : 'IPv6'));
  return family === 'IPv6' ? scenario.map(withIpv6) : scenario;
}

const withBoth = ({ text, flows, ...rest }: Scenario, first: 'IPv4' | 'IPv6'): Scenario => ({
  ...rest,
  text: topologyInBoth(text, first),
  flows: flows.flatMap((f) => twins(f.destination).map((destination) => ({ ...f, destination }))),
});

const withIpv6 = ({ text, flows, ...rest }: Scenario): Scenario => ({
  ...rest,
  text: topologyInIpv6(text),
  flows: flows.map((f) => ({ ...f, destination: inIpv6(f.destination) })),
});

/** The scenario that a seed stands for. */
export function sampled(seed: number): Scenario {
  let made: Scenario | undefined;
  fc.assert(
    fc.property(drawn(seed), (s) => {
      made = s;
    }),
    { ...ONCE, seed },
  );
  if (made === undefined) throw new Error('a property runs once');
  return made;
}

/** The same disagreement in a smaller cluster, as far as that can be had in the time. */
async function smallest({ seed, text }: Found): Promise<string> {
  let last = text;
  const agrees = fc.asyncProperty(drawn(seed), async (s) => {
    const wrong = differences(await runScenario(machine, s));
    if (wrong.length > 0) last = `${s.text}\n${wrong.join('\n')}`;
    return wrong.length === 0;
  });
  if (SHRINKING_MS > 0) await fc.check(agrees, { ...ONCE, seed, interruptAfterTimeLimit: SHRINKING_MS });
  return `model and kernel differ; again with K8S_TRACE_SEED=${seed} K8S_TRACE_CLUSTERS=1 npm run test:kernel\nfirst seen:\n${text}\nsmallest:\n${last}`;
}
