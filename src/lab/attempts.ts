import type { Datapath, Netns } from '../datapath/netns.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Trace } from '../trace/trace.ts';
import type { Agent, Probe } from './agent.ts';
import { observe } from './capture.ts';
import { readClientView } from './client-view.ts';
import { type Comparison, compare } from './compare.ts';
import { fileOf } from './names.ts';
import { neighbourProbes, podProbes } from './neighbour-probes.ts';

/** A trace that the kernel is to confirm. */
export interface Claim {
  readonly trace: Trace;
  readonly protocol: Probe['protocol'];
}

/** The kernel's way with the packet of one trace, to one of its addresses. */
export interface Verdict {
  readonly trace: Trace;
  readonly address: IpAddress;
  readonly comparison: Comparison;
}

/** A lab that is built, with its sockets. */
export interface LabTargets {
  readonly agent: Agent;
  readonly datapath: Datapath;
  readonly all: readonly Netns[];
  /** Machines on the internet that the input does not name: each is there for the packets that it sends itself, and for no others. */
  readonly unnamed: readonly string[];
  /** Makes these machines forget their neighbours. */
  cool(machines: readonly Netns[]): Promise<void>;
}

/** One packet to send: a trace to a headless service has one for each address. */
interface Attempt {
  readonly claim: Claim;
  readonly address: IpAddress;
}

/** So many are sent one by one after the ways of all of them were warmed; more would need too many sockets at once. */
const AT_ONCE = 100;

export async function verifyAll(ground: LabTargets, claims: readonly Claim[]): Promise<readonly Verdict[]> {
  for (const shot of neighbourProbes(ground.all)) await ground.agent.warm(shot);
  await ground.agent.settle(ARP_MS);
  const attempts = claims.flatMap((claim) => claim.trace.question.target.addresses.map((address): Attempt => ({ claim, address })));
  const verdicts: Verdict[] = [];
  for (let i = 0; i < attempts.length; i += AT_ONCE) verdicts.push(...(await verifySome(ground, attempts.slice(i, i + AT_ONCE))));
  return verdicts;
}

/** Three probes, 0.1 s apart, and some more for a busy machine. */
const ARP_MS = 500;
/** How long silence has to last to be silence; TCP sends its SYN again after a second. */
const SILENCE_MS = 700;

async function verifySome(ground: LabTargets, attempts: readonly Attempt[]): Promise<readonly Verdict[]> {
  const { agent } = ground;
  const warming = portsFrom(WARM_PORT);
  for (const attempt of attempts) if (!isRefused(attempt)) await agent.warm(probeOf(attempt, warming(), 0));
  await agent.settle(ARP_MS);
  const ports = portsFrom(FIRST_PORT);
  const verdicts: Verdict[] = [];
  for (const attempt of attempts) verdicts.push(await verifyOne(ground, attempt, ports(), SILENCE_MS));
  for (const patience of PATIENCE)
    for (const [i, attempt] of attempts.entries())
      if (verdicts[i]?.comparison.agrees === false) verdicts[i] = await verifyAlone(ground, attempt, [warming(), ports()], patience);
  return verdicts;
}

interface Patience {
  readonly pause: number;
  readonly silence: number;
}

/** A kernel that has told one sender of five lost packets tells it of one more each second: what differs is asked again, with time. */
const PATIENCE: readonly Patience[] = [
  { pause: 1300, silence: 1500 },
  { pause: 6000, silence: 5000 },
];

/**
 * The trace is about one connection on its own, but a machine that was asked for its MAC knows the asker: so what differs is asked
 * again by itself, in a lab that knows nothing but the nodes' own pods. These forget who has asked for them.
 */
async function verifyAlone(
  ground: LabTargets,
  attempt: Attempt,
  [warming, port]: readonly [number, number],
  { pause, silence }: Patience,
): Promise<Verdict> {
  const { agent, all, cool } = ground;
  await cool(all);
  for (const shot of podProbes(all)) await agent.warm(shot);
  await agent.settle(ARP_MS);
  await cool(all.filter(({ name, node }) => name !== node));
  await agent.warm(probeOf(attempt, warming, 0));
  await agent.settle(pause);
  return verifyOne(ground, attempt, port, silence);
}

/** A packet that is refused uses up a part of the errors that the kernel is willing to send. */
const isRefused = ({ claim }: Attempt) => claim.trace.paths.some((p) => p.outcome === 'rejected');

const WARM_PORT = 20000;
/** As the model has it; each later packet has one of its own, so that no machine knows its connection yet. */
const FIRST_PORT = 40000;

function portsFrom(first: number): () => number {
  let port = first;
  return () => port++;
}

function probeOf({ claim, address }: Attempt, sourcePort: number, size: number): Probe {
  const { source, target } = claim.trace.question;
  return { netns: source.netns, protocol: claim.protocol, sourcePort, destination: address, port: target.port ?? 0, size };
}

async function verifyOne(targets: LabTargets, attempt: Attempt, sourcePort: number, silence: number): Promise<Verdict> {
  const { agent, datapath, unnamed } = targets;
  const { trace, protocol } = attempt.claim;
  const { frames, saw } = await agent.fire(probeOf(attempt, sourcePort, trace.question.size ?? 0), silence);
  const others = new Set(unnamed.filter((name) => name !== trace.question.source.netns).map(fileOf));
  const described = frames.filter((f) => !others.has(f.file));
  const observed = observe(described, { protocol, sourcePort }, datapath);
  return {
    trace,
    address: attempt.address,
    comparison: compare(trace.paths, observed, readClientView(saw, protocol, familyOf(attempt.address))),
  };
}
