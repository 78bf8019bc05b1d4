import type { Netns } from '../datapath/netns.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { startAgent } from './agent.ts';
import { type Claim, type Verdict, verifyAll } from './attempts.ts';
import { build, checkMachine, inside, startLab } from './holder.ts';
import { listenEverywhere } from './listeners.ts';
import type { Machine } from './machine.ts';
import { allNetns, fileOf, unnamedSources } from './names.ts';
import { refusedLine } from './refused.ts';
import { labScript } from './script.ts';

export type { Claim, Verdict } from './attempts.ts';

/** Entries that are set for good stay. */
const FORGET_NEIGHBOURS = 'for netns; do ip -n "$netns" neigh flush all; done';

/** Builds the network for real, sends each trace's packet, and compares. The lab is gone when this answers, whatever happens. */
export async function verify(machine: Machine, { cluster, datapath }: Network, claims: readonly Claim[]): Promise<readonly Verdict[]> {
  checkMachine(machine);
  const { lab, holder } = await startLab(machine, `verify-${machine.uid}`);
  try {
    const traces = claims.map((c) => c.trace);
    const unnamed = unnamedSources(
      cluster,
      traces.map((t) => t.question.source),
    );
    const all = allNetns(cluster, datapath, unnamed);
    const called = traces.flatMap((t) => t.question.target.addresses);
    await build(machine, lab, labScript(cluster, all, called), (said) => refusedLine(said, cluster));
    const agent = startAgent(machine, lab);
    try {
      await listenEverywhere(agent, cluster, all, traces);
      for (const netns of all) await agent.capture(netns.name);
      const cool = async (machines: readonly Netns[]) => {
        await machine.run(inside(lab, ['sh', '-c', FORGET_NEIGHBOURS, 'sh', ...machines.map((m) => fileOf(m.name))]), '');
      };
      return await verifyAll({ agent, datapath, all, unnamed, cool }, claims);
    } finally {
      await agent.close();
    }
  } finally {
    await holder.close();
  }
}
