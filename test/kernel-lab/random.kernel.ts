import type fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inFamily } from './families.ts';
import { type Scenario, scenario } from './generate.ts';
import { whyNot } from './machine.ts';
import { search } from './search.ts';
import { hardlyDrawn, tooRare } from './tally.ts';

/** On demand: how many clusters, and from which seed. A cluster's seed is the first one plus its number. */
const CLUSTERS = Number(process.env['K8S_TRACE_CLUSTERS'] ?? 400);
const SEED = Number(process.env['K8S_TRACE_SEED'] ?? 1);
/** Every fourth cluster has IPv6 addresses, every fourth both families; on demand all have IPv4, IPv6 or both. */
const FAMILY = process.env['K8S_TRACE_FAMILY'];
/** A mode of kube-proxy, in place of iptables. */
const PROXY = process.env['K8S_TRACE_KUBE_PROXY'];
/** A generator that hardly ever meets a failure proves nothing about it. */
const ENOUGH_FLOWS = 3000;
const LEAST = 10;
/** Nor does one that hardly ever draws what it says it draws. */
const LEAST_DRAWN = 5;

const drawn = (seed: number): fc.Arbitrary<Scenario> =>
  inFamily(scenario, FAMILY ?? (['IPv6', 'IPv4', 'both', 'IPv4'] as const)[seed % 4] ?? 'IPv4', seed % 8 < 4 ? 'IPv4' : 'IPv6').map((s) =>
    PROXY === undefined ? s : { ...s, text: s.text.replace(/(?<=kubeProxy:\s*(?:\{\s*)?"?mode"?:\s*"?)iptables/, PROXY) },
  );

describe.skipIf(whyNot !== null)(`random clusters against the kernel${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it(`${CLUSTERS} clusters from seed ${SEED}`, async () => {
    const [tally, wrong] = await search({ drawn, first: SEED, clusters: CLUSTERS, again: '' });
    if (wrong !== null) expect.fail(wrong);
    if (tally.flows < ENOUGH_FLOWS) return;
    expect(hardlyDrawn(tally, LEAST_DRAWN), 'what was hardly drawn').toEqual([]);
    expect(tooRare(tally, LEAST, FAMILY === 'IPv6'), 'reason codes that were met too rarely').toEqual([]);
  });
});
