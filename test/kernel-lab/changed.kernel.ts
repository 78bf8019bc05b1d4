import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ChangedCluster, type ChangedOutcome, changesOf, runChanged } from './changed.ts';
import { isUndetermined, openOf, outcomesOf } from './changed-tally.ts';
import { FORMS } from './collected.ts';
import { DATAPATHS } from './datapaths.ts';
import { inFamily } from './families.ts';
import { type Scenario, scenarioOn, soundScenarioOn } from './generate.ts';
import { whyNot } from './machine.ts';
import { explain } from './run.ts';
import { sampled } from './search.ts';

/**
 * Nodes that somebody changed by hand: what their programs print is read back, and the walk with it is compared with the kernel. On demand:
 * how many clusters, from which seed, whether what differs is looked for in fewer changes, and where to keep what was printed.
 */
const CLUSTERS = Number(process.env['K8S_TRACE_CHANGED'] ?? 8);
const SEED = Number(process.env['K8S_TRACE_SEED'] ?? 108);
const AT_ONCE = Number(process.env['K8S_TRACE_LABS'] ?? 8);
const SHRINKS = process.env['K8S_TRACE_SHRINK'] === '1';
const KEPT_IN = process.env['K8S_TRACE_KEEP'];

/** One that knows nothing is never wrong: of so many packets one may be undetermined. */
const OF = 10;

/** A lab makes neighbours silent by rules, which would be the nodes'. */
const NOT_SHOWN = /neighbour/;

function drawnFor(seed: number): Scenario {
  const datapath = DATAPATHS[seed % DATAPATHS.length];
  if (datapath === undefined) throw new Error('there are datapaths');
  const mode = (seed + Math.floor(seed / DATAPATHS.length)) % 2 === 0 ? 'iptables' : 'nftables';
  const of = seed % 4 === 0 ? scenarioOn(datapath, mode) : soundScenarioOn(datapath, mode);
  const family = seed % 3 === 0 ? (datapath.families[Math.floor(seed / 3) % datapath.families.length] ?? 'IPv4') : 'IPv4';
  const shown = inFamily(of, family, seed % 2 === 0 ? 'IPv4' : 'IPv6').filter((s) => !s.faults.some((f) => NOT_SHOWN.test(f)));
  return sampled(shown, seed);
}

const changedFor = (seed: number): ChangedCluster => {
  const scenario = drawnFor(seed);
  return { scenario, nodes: changesOf(scenario, seed), commands: seed % 5 < 3 ? FORMS.text : FORMS.JSON };
};

const wrongIn = ({ verdicts }: ChangedOutcome) => verdicts.filter((v) => !v.comparison.agrees && !isUndetermined(v));

/** With as few changes as show it still. */
async function smallest(of: ChangedCluster): Promise<ChangedCluster> {
  let small = of;
  for (const { node, changes } of of.nodes)
    for (const change of [...changes].reverse()) {
      const nodes = small.nodes.map((n) => (n.node === node ? { node, changes: n.changes.filter((c) => c !== change) } : n));
      if (wrongIn(await runChanged({ ...small, nodes })).length > 0) small = { ...small, nodes };
    }
  return small;
}

async function wordsOf(of: ChangedCluster, outcome: ChangedOutcome): Promise<readonly string[]> {
  if (wrongIn(outcome).length === 0) return [];
  const small = SHRINKS ? await smallest(of) : of;
  const shown = SHRINKS ? await runChanged(small) : outcome;
  const done = SHRINKS ? small.nodes.flatMap(({ node, changes }) => [node, ...changes.flat().map((line) => `   ${line}`)]) : [];
  return [...done, ...wrongIn(shown).map(explain)];
}

/** For a person who looks into a difference. */
function keep(seed: number, { scenario, nodes }: ChangedCluster, { printed }: ChangedOutcome): void {
  if (KEPT_IN === undefined) return;
  const directory = `${KEPT_IN}/${seed}`;
  for (const { node, files } of printed) {
    mkdirSync(`${directory}/state/${node}`, { recursive: true });
    for (const { name, bytes } of files) writeFileSync(`${directory}/state/${name}`, bytes);
  }
  writeFileSync(`${directory}/cluster.yaml`, scenario.text);
  writeFileSync(`${directory}/changes`, nodes.flatMap((n) => [n.node, ...n.changes.flat()]).join('\n'));
}

async function differencesFor(seed: number, met: ChangedOutcome[]): Promise<readonly string[]> {
  const of = changedFor(seed);
  const outcome = await runChanged(of);
  met.push(outcome);
  keep(seed, of, outcome);
  return [...outcome.told, ...(await wordsOf(of, outcome))];
}

describe.skipIf(whyNot !== null)(`nodes that were changed${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it(`${CLUSTERS} clusters from seed ${SEED}`, async () => {
    const wrong: string[] = [];
    const met: ChangedOutcome[] = [];
    let next = SEED;
    const lab = async () => {
      while (next < SEED + CLUSTERS) {
        const seed = next++;
        try {
          wrong.push(...(await differencesFor(seed, met)).map((text) => `seed ${seed}: ${text}`));
        } catch (error) {
          wrong.push(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lab));
    const verdicts = met.flatMap((m) => m.verdicts);
    const [lines, refused] = [met.reduce((n, m) => n + m.lines, 0), met.reduce((n, m) => n + m.refused, 0)];
    process.stdout.write(
      `seeds ${SEED} to ${next - 1}: ${lines} lines, ${refused} refused; ${verdicts.length} flows: ${outcomesOf(verdicts)}\n`,
    );
    for (const open of openOf(verdicts)) process.stdout.write(`  open: ${open}\n`);
    expect(wrong.join('\n')).toBe('');
    expect(verdicts.filter(isUndetermined).length, 'undetermined').toBeLessThanOrEqual(verdicts.length / OF);
  });
});
