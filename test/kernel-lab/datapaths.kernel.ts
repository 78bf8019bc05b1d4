import { describe, expect, it } from 'vitest';
import { DATAPATHS } from './datapaths.ts';
import { inFamily } from './families.ts';
import { scenarioOn } from './generate.ts';
import { whyNot } from './machine.ts';
import { search } from './search.ts';

/** On demand: how many clusters of each, from which seed, and of which only. */
const CLUSTERS = Number(process.env['K8S_TRACE_CLUSTERS'] ?? 5);
const SEED = Number(process.env['K8S_TRACE_SEED'] ?? 1);
const ONLY = process.env['K8S_TRACE_DATAPATH'];

const CASES = DATAPATHS.flatMap((datapath) =>
  (['iptables', 'nftables'] as const).map((mode) => ({ datapath, mode, name: `${datapath.name}, ${mode}` })),
).filter(({ name }) => ONLY === undefined || name.includes(ONLY));

describe.skipIf(whyNot !== null)(`random clusters of each datapath${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  // A lab mostly waits: for answers that do not come.
  it.concurrent.each(CASES)('$name', async ({ datapath, mode, name }) => {
    const of = scenarioOn(datapath, mode);
    const { families } = datapath;
    const drawn = (seed: number) => inFamily(of, families[seed % families.length] ?? 'IPv4', seed % 2 === 0 ? 'IPv4' : 'IPv6');
    const [, wrong] = await search({ drawn, first: SEED, clusters: CLUSTERS, again: `K8S_TRACE_DATAPATH='${name}' ` });
    if (wrong !== null) expect.fail(wrong);
  });
});
