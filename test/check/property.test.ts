import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadNetwork, prepareTrace } from '../../src/index.ts';
import { world } from '../laws/topologies.ts';
import { documentOf } from './checking.ts';

/** What the traces of a random cluster say, written down as expectations, all holds; and with one outcome changed, that one does not. */
test('expectations made from the traces themselves hold', async () => {
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(world, fc.nat(), async ({ text, places, targets }, pick) => {
      const loaded = loadNetwork([{ name: 'random.yaml', bytes: new TextEncoder().encode(text) }]);
      if (!loaded.ok) return;
      const network = loaded.value;
      const lines = targets.flatMap((to, i) => {
        const from = places[(pick + i) % places.length] ?? '';
        const answer = prepareTrace(network, { source: from, destination: to });
        const [first, second] = answer.ok ? answer.traces : [];
        if (first === undefined || second !== undefined) return [];
        const { outcome, reason, paths } = first;
        const codes = [...new Set(paths.flatMap((p) => p.reason?.code ?? []))];
        const ping = first.question.target.pinged === true ? ['protocol: icmp'] : [];
        // A reason is asked of every path, but of those that are delivered among mixed ones.
        const because = reason === null ? [] : [`reason: [${codes.join(', ')}]`];
        return [`{ from: ${from}, to: "${to}", ${[`outcome: ${outcome}`, ...ping, ...because].join(', ')} }`];
      });
      if (lines.length === 0) return;
      asked += lines.length;
      const files = (all: readonly string[]) => [
        { name: 'random.yaml', text },
        { name: 'expect.yaml', text: `apiVersion: k8s-trace/v1\nkind: Expectations\nexpect:\n${all.map((l) => `  - ${l}\n`).join('')}` },
      ];
      expect((await documentOf(files(lines))).results.map((r) => r.status)).toEqual(lines.map(() => 'holds'));
      const wrong = lines.with(
        pick % lines.length,
        lines[pick % lines.length]?.replace(/outcome: \w+(, protocol: icmp)?.*/, 'outcome: undetermined$1 }') ?? '',
      );
      expect((await documentOf(files(wrong))).summary.fail).toBe(1);
    }),
    { numRuns: 40 },
  );
  expect(asked).toBeGreaterThan(200);
});
