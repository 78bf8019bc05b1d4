import { describe, expect, it } from 'vitest';
import { startAgent } from '../../src/lab/agent.ts';
import { observe } from '../../src/lab/capture.ts';
import { readClientView } from '../../src/lab/client-view.ts';
import { compare } from '../../src/lab/compare.ts';
import { build, startLab } from '../../src/lab/holder.ts';
import { labScript } from '../../src/lab/script.ts';
import type { TracePath } from '../../src/trace/trace.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import { conditions, targets } from '../kernel/iptables-text.ts';
import { type RulesRow, rulesRows } from '../kernel/netfilter.ts';
import { twoHosts } from '../stage/two-hosts.ts';
import { machine, whyNot } from './machine.ts';

const PORTS = [80, 81, 82, 8080, 9090];
const FIRST_PORT = 40000;
const SILENCE_MS = 700;

/** A lab with the row's rules: what its client sees, and by which devices its packets go. */
async function agrees({ program, ask, overrides }: RulesRow): Promise<void> {
  const { all, flow } = twoHosts(program, ask, overrides);
  const { netns, protocol, port, destination } = flow;
  if (protocol === 'sctp') throw new Error('SCTP is not sent');
  const { lab, holder } = await startLab(machine, 'rules');
  try {
    await build(machine, lab, labScript(null, all, [destination]));
    const agent = startAgent(machine, lab);
    try {
      for (const at of all)
        for (const { address } of [...at.devices.values()].filter((d) => d.kind === 'nic').flatMap((d) => d.addresses))
          for (const p of PORTS) for (const kind of ['tcp', 'udp'] as const) await agent.listen(at.name, kind, address, p);
      for (const at of all) await agent.capture(at.name);
      const probe = { netns: netns.name, protocol, destination, port, size: 0 };
      await agent.warm({ ...probe, sourcePort: FIRST_PORT - 1 });
      await agent.settle(SILENCE_MS);
      const { frames, saw } = await agent.fire({ ...probe, sourcePort: FIRST_PORT }, SILENCE_MS);
      const netnsOf = (name: string) => all.find((n) => n.name === name);
      const datapath = { netns: netnsOf, asCompiled: netnsOf };
      const observed = observe(frames, { protocol, sourcePort: FIRST_PORT }, datapath);
      // A trace's path has the explanation besides, which is not compared.
      const paths = traceFlow(flow) as unknown as readonly TracePath[];
      const comparison = compare(paths, observed, readClientView(saw, protocol, 'IPv4'));
      expect({ walks: comparison.walks.filter((w) => !w.agrees), client: comparison.client }).toEqual({
        walks: [],
        client: { ...comparison.client, agrees: true, kernel: comparison.client.model },
      });
    } finally {
      await agent.close();
    }
  } finally {
    await holder.close();
  }
}

describe.skipIf(whyNot !== null)(`rules of iptables and nft${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  // A busy machine answers late, which looks like silence.
  it.concurrent.each(rulesRows.map((row) => [row.name, row] as const))('%s', { retry: 2 }, async (_name, row) => agrees(row));
  it.concurrent.each([...conditions, ...targets].map((row) => [row.name, row] as const))('as text: %s', { retry: 2 }, async (_name, row) =>
    agrees(row),
  );
});
