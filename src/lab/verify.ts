import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';
import type { Trace } from '../trace.ts';
import { type Agent, type Shot, startAgent } from './agent.ts';
import { observe } from './capture.ts';
import { type Comparison, compare } from './compare.ts';
import { build, checkMachine, startLab } from './holder.ts';
import { listenEverywhere } from './listeners.ts';
import type { Machine } from './machine.ts';
import { allNetns } from './names.ts';
import { readSaw } from './saw.ts';
import { labScript } from './script.ts';
import { neighbourShots } from './warm.ts';

/** A trace that the kernel is to confirm. */
export interface Claim {
  readonly trace: Trace;
  readonly protocol: Shot['protocol'];
}

/** What the kernel did with the packet of one trace, to one of its addresses. */
export interface Verdict {
  readonly trace: Trace;
  readonly address: IpAddress;
  readonly comparison: Comparison;
}

interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** Builds the network for real, sends each trace's packet, and compares. The lab is gone when this answers, whatever happens. */
export async function verify(machine: Machine, { cluster, datapath }: Network, claims: readonly Claim[]): Promise<readonly Verdict[]> {
  checkMachine(machine);
  const { lab, holder } = await startLab(machine, `verify-${machine.uid}`);
  try {
    const all = allNetns(cluster, datapath);
    await build(machine, lab, labScript(all));
    const agent = startAgent(machine, lab);
    try {
      await listenEverywhere(
        agent,
        cluster,
        all,
        claims.map((c) => c.trace),
      );
      for (const netns of all) await agent.capture(netns.name);
      return await verifyAll(agent, datapath, all, claims);
    } finally {
      await agent.close();
    }
  } finally {
    await holder.close();
  }
}

/** One packet to send: a trace to a headless service has one for each address. */
interface Attempt {
  readonly claim: Claim;
  readonly address: IpAddress;
}

/** So many are sent one by one after the ways of all of them were warmed; more would need too many sockets at once. */
const AT_ONCE = 100;

async function verifyAll(agent: Agent, datapath: Datapath, all: readonly Netns[], claims: readonly Claim[]): Promise<readonly Verdict[]> {
  for (const shot of neighbourShots(all)) await agent.warm(shot);
  await agent.settle(ARP_MS);
  const attempts = claims.flatMap((claim) => claim.trace.question.target.addresses.map((address): Attempt => ({ claim, address })));
  const verdicts: Verdict[] = [];
  for (let i = 0; i < attempts.length; i += AT_ONCE) verdicts.push(...(await verifySome(agent, datapath, attempts.slice(i, i + AT_ONCE))));
  return verdicts;
}

/** Three probes, 0.1 s apart, and some more for a busy machine. */
const ARP_MS = 500;
/** How long silence has to last to be silence; TCP sends its SYN again after a second. */
const SILENCE_MS = 700;
/** A kernel that has told one sender of five lost packets tells it of one more each second: what differs is asked again, with time. */
const PATIENCE = [
  { pause: 1300, silence: 1500 },
  { pause: 6000, silence: 5000 },
];

async function verifySome(agent: Agent, datapath: Datapath, attempts: readonly Attempt[]): Promise<readonly Verdict[]> {
  const ports = portsFrom(WARM_PORT);
  for (const attempt of attempts) if (!isRefused(attempt)) await agent.warm(shotOf(attempt, ports(), 0));
  await agent.settle(ARP_MS);
  const next = portsFrom(FIRST_PORT);
  const verdicts: Verdict[] = [];
  for (const attempt of attempts) verdicts.push(await verifyOne(agent, datapath, attempt, next(), SILENCE_MS));
  for (const { pause, silence } of PATIENCE)
    for (const [i, attempt] of attempts.entries()) {
      if (verdicts[i]?.comparison.agrees !== false) continue;
      await agent.settle(pause);
      verdicts[i] = await verifyOne(agent, datapath, attempt, next(), silence);
    }
  return verdicts;
}

/** Sending what is refused uses up what the kernel is willing to tell. */
const isRefused = ({ claim }: Attempt) => claim.trace.paths.some((p) => p.outcome === 'rejected');

const WARM_PORT = 20000;
/** As the model has it; each later packet has one of its own, so that no machine knows its connection yet. */
const FIRST_PORT = 40000;

function portsFrom(first: number): () => number {
  let port = first;
  return () => port++;
}

function shotOf({ claim, address }: Attempt, sourcePort: number, size: number): Shot {
  const { question } = claim.trace;
  const { source, target } = question;
  return { netns: source.netns, protocol: claim.protocol, sourcePort, destination: address, port: target.port ?? 0, size };
}

async function verifyOne(agent: Agent, datapath: Datapath, attempt: Attempt, sourcePort: number, silence: number): Promise<Verdict> {
  const { trace, protocol } = attempt.claim;
  const shot = shotOf(attempt, sourcePort, trace.question.size ?? 0);
  const { frames, saw } = await agent.fire(shot, silence);
  const observed = observe(frames, { protocol, sourcePort }, datapath);
  return { trace, address: attempt.address, comparison: compare(trace.paths, observed, readSaw(saw, protocol)) };
}
