import { describe, expect, it } from 'vitest';
import { loadNetwork, type Network, prepareTrace } from '../../src/index.ts';
import { verify } from '../../src/lab/verify.ts';
import { CLUSTER, REAL_RULESETS, REFUSED, type RealRuleset } from '../kernel/real-rulesets.ts';
import { machine, whyNot } from './machine.ts';
import { claimOf, explain } from './run.ts';

/** The walk from files of a node, beside the kernel that has loaded the same files. */
function networkWith(files: RealRuleset['files']): Network {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const nodeState = [
    { node: 'node-1', files: Object.entries(files).map(([name, text]) => ({ name: `node-1/${name}`, bytes: bytes(text) })) },
  ];
  const loaded = loadNetwork([{ name: 'cluster.yaml', bytes: bytes(CLUSTER) }], { nodeState });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('; '));
  expect(loaded.warnings.filter((d) => d.code.startsWith('node-state-unread') || d.code.startsWith('node-state-unusable'))).toEqual([]);
  return loaded.value;
}

function tracesOf(network: Network, asks: RealRuleset['asks']) {
  return asks.flatMap(([source, destination]) => {
    const answer = prepareTrace(network, { source, destination });
    if (!answer.ok) throw new Error(answer.message);
    return answer.traces;
  });
}

describe(`rulesets of real nodes`, () => {
  it.each(REAL_RULESETS.map((row) => [row.name, row] as const))('%s: the walk', (_name, { files, asks }) => {
    const ends = tracesOf(networkWith(files), asks).map(({ paths }) =>
      [...new Set(paths.map((p) => [p.outcome, ...(p.reason === null ? [] : [p.reason.code])].join(' ')))].join(', '),
    );
    expect(ends).toEqual(asks.map(([, , end]) => end));
  });
});

describe.skipIf(whyNot !== null)(`rulesets of real nodes, loaded as they are${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it.concurrent.each(REAL_RULESETS.map((row) => [row.name, row] as const))('%s', async (_name, { files, asks }) => {
    const network = networkWith(files);
    const verdicts = await verify(machine, network, tracesOf(network, asks).map(claimOf));
    expect(verdicts.filter((v) => !v.comparison.agrees).map(explain)).toEqual([]);
    expect(verdicts).toHaveLength(asks.length);
  });

  it('a rule that this machine does not know is named with its line', async () => {
    const network = networkWith({ 'iptables-save': REFUSED });
    await expect(verify(machine, network, [])).rejects.toThrow(/^node-1\/iptables-save:7: -A FORWARD -m nosuchmodule --really -j DROP: /);
  });
});
