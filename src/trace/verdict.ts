import { isDnatted } from '../datapath/conntrack.ts';
import type { PolicyPacket, PolicyPoint } from '../datapath/policy-point.ts';
import { type Context, calledService } from '../diagnose/context.ts';
import { foreignPoliced } from '../diagnose/foreign-policies.ts';
import { metBy, reliedOnBy } from '../diagnose/relied-on.ts';
import { walksOf } from '../diagnose/walks.ts';
import type { Client, Code } from '../hop/code.ts';
import { MET } from '../hop/met.ts';
import { servicesSharing, sharedBy } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { contradictions } from '../k8s/endpoints.ts';
import { packetFamily } from '../net/packet.ts';
import type { Question } from '../query/question.ts';
import { IN_FULL, type Manner } from '../stage/skb.ts';
import type { Flow, FlowPath, Outcome, WalkName } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import { understand } from './explain.ts';
import type { Receiver } from './leg.ts';
import { asNamed } from './named-pods.ts';
import { connect } from './no-packet.ts';
import { absentSource, endpointOf, flowsOf, overall, sourceOf, type Trace, type TracePath, trace } from './trace.ts';

/** A path of a connection, by its end alone. */
export interface VerdictPath {
  readonly probability: number;
  readonly outcome: Outcome;
  readonly client: Client;
  /** Null: delivered. */
  readonly code: Code | null;
  /** As a trace has it. */
  readonly endpoint: Receiver | null;
  /** The request's walk: by its end; and by its hops, where these were asked for or needed. */
  readonly forward: Walk;
  /** It hangs on something that the input does not state. */
  readonly assumed: boolean;
  /** The questions to policy points that were recorded, in their order: those of a path that fails come before that. */
  readonly asked: readonly Asked[];
}

/** A policy point that decides over a packet: `point.judge(packet)` says how. */
export interface Asked {
  readonly walk: WalkName;
  readonly point: PolicyPoint;
  readonly packet: PolicyPacket;
}

export interface Verdict {
  readonly question: Question;
  readonly outcome: Trace['outcome'];
  readonly paths: readonly VerdictPath[];
}

/**
 * What `trace` says of outcome, code and receiver, for whoever asks thousands of questions: without hops, words and advice. With policies that are `recorded` the
 * packet goes on as if each policy point had let it pass, and the questions to them are in the paths; only of what is asked straight, by no URL and no query for a name.
 */
export const verdict = (network: Network, question: Question, policies: Manner['policies'] = 'judged'): Verdict =>
  answered(network, question, { hops: false, policies });

/** The same with the hops of each path, for whoever looks at the way. */
export const verdictOnWay = (network: Network, question: Question): Verdict => answered(network, question, IN_FULL);

function answered(given: Network, question: Question, manner: Manner): Verdict {
  const network = asNamed(given, question);
  const context: Context = { ...network, question };
  const paths = isStraight(context) ? straight(context, manner) : trace(given, question).paths.map((p) => told(context, p));
  return { question, outcome: overall(paths.map((p) => p.outcome)), paths };
}

/** One connection, and nothing before it that has to be told of. */
function isStraight({ cluster, question }: Context): boolean {
  const { http, dnsServer, over, target, destinationContainer } = question;
  const isCalled = over === 'network' && target.addresses.length > 0 && destinationContainer === null;
  return isCalled && http === null && dnsServer === null && absentSource(cluster, question) === null;
}

function straight(context: Context, manner: Manner): readonly VerdictPath[] {
  const { question } = context;
  const flows = flowsOf(question, sourceOf(context, question));
  return flows.flatMap((flow) => {
    const paths = (manner.hops ? null : byEnds(context, flow, manner)) ?? inFull(context, flow, manner);
    return flows.length === 1 ? paths : paths.map((p) => ({ ...p, probability: p.probability / flows.length }));
  });
}

const inFull = (context: Context, flow: Flow, { policies }: Manner): readonly VerdictPath[] =>
  connect(context.question, flow, { hops: true, policies }).map((path) => {
    const understood = understand(context, path);
    return told(context, { ...understood, endpoint: endpointOf(context.cluster, path) });
  });

/** Without hops, where the ends alone say all; null: they do not. */
function byEnds(context: Context, flow: Flow, manner: Manner): readonly VerdictPath[] | null {
  if (!mayEndPlainly(context, flow)) return null;
  const paths = connect(context.question, flow, manner);
  if (!paths.every((p) => endsPlainly(context, p))) return null;
  return paths.map((p) => ended(context, p, endpointOf(context.cluster, p), metOf(p)));
}

/** What is said of a delivered connection (`explain.ts`) beside that it is: where one of these may be, it is walked in full. */
function mayEndPlainly({ cluster, question: { resolution, size } }: Context, { destination }: Flow): boolean {
  const isGuessed = cluster.cni.guess !== null || cluster.kubeProxy.guess !== null;
  return !isGuessed && resolution === null && size === null && servicesSharing(cluster, destination).length === 0;
}

function endsPlainly(context: Context, path: FlowPath): boolean {
  const { cluster } = context;
  const { outcome, forward } = path;
  if (outcome !== 'delivered' || walksOf(path).some(({ walk }) => walk.tie !== null)) return false;
  if (forward.netns.role === 'gateway' || forward.netns.role === 'router') return false;
  if (sharedBy(cluster, forward.packet.destination).length > 0 || mayBeContradicted(cluster, forward)) return false;
  return foreignPoliced(context, path) === path;
}

/** Did it pass a service with endpoints of which the input says different things? */
function mayBeContradicted(cluster: Cluster, { connections, packet }: Walk): boolean {
  for (let c = connections; c !== null; c = c.older) {
    const port = isDnatted(c.entry) ? calledService(cluster, c.entry.original)?.port : null;
    if (port != null && contradictions(port, packetFamily(packet)).size > 0) return true;
  }
  return false;
}

/** One that was walked in full, or that is read off a trace. */
const told = (context: Context, path: Pick<TracePath, keyof FlowPath | 'endpoint'>): VerdictPath =>
  ended(context, path, path.endpoint, metBy([path]));

function ended(context: Context, path: FlowPath, endpoint: Receiver | null, met: number): VerdictPath {
  const { probability, outcome, client, failure, forward } = path;
  const assumed = (met & MET.assumed) !== 0 || hangsOn(context, path, met);
  return { probability, outcome, client, code: failure?.code ?? null, endpoint, forward, assumed, asked: askedOn(path) };
}

/** On a fact that is taken for granted, or on another usual setting of a machine. */
const hangsOn = (context: Context, path: FlowPath, met: number): boolean =>
  path.otherwise !== undefined ||
  (path.outcome === 'delivered' && walksOf(path).some(({ walk }) => walk.doubts.length > 0)) ||
  reliedOnBy(context, met).length > 0;

function askedOn(path: FlowPath): readonly Asked[] {
  const asked: Asked[] = [];
  for (const { name, walk } of walksOf(path))
    for (let a = walk.asked, at = asked.length; a !== null; a = a.older)
      asked.splice(at, 0, { walk: name, point: a.point, packet: a.packet });
  return asked;
}

const metOf = (path: FlowPath): number => walksOf(path).reduce((met, { walk }) => met | walk.met, 0);
