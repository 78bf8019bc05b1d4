import { describe, expect, it } from 'vitest';
import { whyNot } from './machine.ts';
import { collectedOf, differencesOf, drawnFor } from './round-trips.ts';

/**
 * What the programs of this machine print of a cluster's nodes, read back as node state of the same cluster, gives the same traces. On
 * demand: how many clusters, and from which seed.
 */
const CLUSTERS = Number(process.env['K8S_TRACE_ROUND_TRIPS'] ?? 16);
const SEED = Number(process.env['K8S_TRACE_SEED'] ?? 1);
const AT_ONCE = 4;
const SHOWN = 20;

/** The routes to other machines, as JSON and as text. */
function withoutWays(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(text.replace(/\{"dst":"[^"]*","gateway":[^}]*\},?/g, '').replace(/^\S+ via .*\n/gm, ''));
}

describe.skipIf(whyNot !== null)(`nodes as the kernel shows them${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it(`${CLUSTERS} clusters from seed ${SEED}`, async () => {
    const wrong: string[] = [];
    let next = SEED;
    const lab = async () => {
      while (next < SEED + CLUSTERS) {
        const seed = next++;
        const scenario = drawnFor(seed);
        const differences = differencesOf(scenario, await collectedOf(scenario, seed));
        wrong.push(...differences.map((text) => `seed ${seed}: ${text}`));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lab));
    expect(wrong.slice(0, SHOWN).join('\n')).toBe('');
  });

  it('what is otherwise on the nodes is otherwise in the traces', async () => {
    const scenario = drawnFor(SEED);
    const nodeState = await collectedOf(scenario, SEED);
    const without = nodeState.map(({ node, files }) => ({ node, files: files.map((f) => ({ ...f, bytes: withoutWays(f.bytes) })) }));
    expect(differencesOf(scenario, without)).not.toEqual([]);
  });
});
