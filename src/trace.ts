import type { Datapath, Netns } from './datapath/netns.ts';
import type { Assumption } from './diagnose/assumptions.ts';
import { assumptionsOf } from './diagnose/assumptions.ts';
import { type Context, podAt } from './diagnose/context.ts';
import { atTheEdge } from './diagnose/edge.ts';
import { unserved } from './diagnose/http-failure.ts';
import { interpret } from './diagnose/interpret.ts';
import { alsoBlocking, type ExplainedPath, type Reason, reasonOf } from './diagnose/reason.ts';
import { type Flow, type FlowPath, type Outcome, traceFlow } from './flow.ts';
import { journey } from './journey.ts';
import { type Cluster, key } from './k8s/cluster.ts';
import type { IpAddress } from './net/address.ts';
import type { Protocol } from './net/packet.ts';
import { declared } from './origin.ts';
import type { Question } from './query/question.ts';
import { sharingPath, withSharing } from './sharing.ts';
import { sourceTowards } from './stage/routing.ts';
import type { Failure } from './stage/skb.ts';
import type { Walk } from './walk.ts';

export interface TracePath extends ExplainedPath {
  /** Who received the request, when somebody did. */
  readonly endpoint: { readonly ip: IpAddress; readonly port: number | null; readonly netns: string; readonly node: string } | null;
}

export interface Trace {
  readonly question: Question;
  readonly sourceIp: IpAddress;
  readonly outcome: Outcome | 'mixed';
  /** Of the first path that fails; null when none does. */
  readonly reason: (Reason & { readonly path: number }) | null;
  readonly paths: readonly TracePath[];
  readonly alsoBlockedBy: readonly Reason[];
  readonly assumptions: readonly Assumption[];
}

/** Follows the packet, what comes back and what follows, through every branch, and says what it means in the cluster. */
export function trace(cluster: Cluster, datapath: Datapath, question: Question): Trace {
  const netns = datapath.netns(question.source.netns);
  if (netns === undefined) throw new Error(`no namespace ${question.source.netns}`);
  const { addresses, protocol, port } = question.target;
  const flows = addresses.map((destination): Flow => flowTo(question, netns, destination, protocol, port));
  const context = { cluster, datapath, question };
  const found = question.http !== null && flows.length > 0 ? journey(context, question.http, flows) : straight(context, netns, flows);
  const failing = found.paths.findIndex((p) => p.reason !== null);
  const first = found.paths[failing]?.reason ?? null;
  return {
    question,
    sourceIp: flows[0]?.source ?? question.source.ip,
    outcome: overall(found.paths.map((p) => p.outcome)),
    reason: first === null ? null : { ...first, path: failing },
    ...found,
  };
}

/** One connection, or none when there is no address to call, or when only what containers share was asked for. */
function straight(context: Context, netns: Netns, flows: readonly Flow[]): Pick<Trace, 'paths' | 'alsoBlockedBy' | 'assumptions'> {
  const { cluster, question } = context;
  const paths = rawPaths(context, netns, flows).map((p): TracePath => {
    const understood = interpret(context, p);
    const path = atTheEdge(cluster, understood);
    return { ...path, reason: reasonOf(context, path), endpoint: question.over === 'network' ? endpointOf(context, understood) : null };
  });
  const failing = paths.findIndex((p) => p.reason !== null);
  return { paths, alsoBlockedBy: alsoBlocking(context, paths, failing), assumptions: assumptionsOf(context, paths) };
}

function rawPaths({ cluster, question }: Context, netns: Netns, flows: readonly Flow[]): readonly FlowPath[] {
  if (question.over !== 'network') return [sharingPath(cluster, question, netns)];
  if (flows.length === 0) return [unresolved(question, netns)];
  return flows.flatMap((flow) =>
    traceFlow(flow).map((p) => withSharing(cluster, question, { ...p, probability: p.probability / flows.length })),
  );
}

function flowTo({ source, size }: Question, netns: Netns, destination: IpAddress, protocol: Protocol, port: number | null): Flow {
  const address = sourceTowards(netns, destination) ?? source.ip;
  return { netns, process: source.process, source: address, destination, port: port ?? 0, protocol, size };
}

/** Any failure beside another outcome makes it mixed; else doubt wins over departure, and departure over delivery. */
export function overall(outcomes: readonly Outcome[]): Outcome | 'mixed' {
  const [first] = outcomes;
  if (first === undefined) return 'undetermined';
  const all = outcomes.every((o) => o === first);
  if (all) return first;
  if (outcomes.some((o) => o === 'dropped' || o === 'rejected' || o === 'looped')) return 'mixed';
  return outcomes.includes('undetermined') ? 'undetermined' : 'exits';
}

/** The name of a headless service without ready endpoints has no address: the program's look-up fails, and no packet is sent. */
function unresolved(question: Question, netns: Netns): FlowPath {
  const { source, target } = question;
  const failure = withoutAddress(question, netns);
  const { code, text, origin } = failure;
  const unknown = code === 'FACT_MISSING';
  const client = unknown ? 'unknown' : 'name-not-found';
  const packet = {
    protocol: target.protocol,
    source: source.ip,
    sourcePort: 0,
    destination: source.ip,
    destinationPort: 0,
    tcpFlags: null,
    ttl: 64,
    size: 0,
    icmp: null,
  };
  const common = { node: netns.node, netns: netns.name, device: null, packet, mark: 0, changes: [], origin } as const;
  const forward: Walk = {
    hops: [{ kind: 'drop', ...common, code, text }],
    end: { kind: 'refused-at-source', failure, client },
    looped: false,
    probability: 1,
    packet,
    netns,
    connections: null,
    choices: null,
    learned: null,
    doubts: [],
  };
  return {
    probability: 1,
    outcome: unknown ? 'undetermined' : 'rejected',
    client,
    failure: { ...failure, walk: 'forward' },
    forward,
    reply: null,
    ack: null,
    data: null,
  };
}

function withoutAddress({ target, destination, http }: Question, netns: Netns): Failure {
  const service = destination.kind === 'service' ? destination.service : (http?.frontend?.service ?? null);
  const origin = service === null ? netns.origin : declared(service.locus);
  if (target.missing === 'load-balancer') {
    const text = `service ${service?.name} is of type LoadBalancer, and has no load balancer yet: its status has no address`;
    return { code: 'LOAD_BALANCER_PENDING', text, origin };
  }
  if (target.missing === 'controller' && http !== null) return unserved(http, origin);
  const port = target.servicePort;
  const some = port !== null && port.endpoints.length + port.unresolved.length > 0;
  const text = `${service?.name ?? 'the service'} is headless and has no ready endpoint, so its name has no address`;
  return { code: some ? 'NO_READY_ENDPOINTS' : 'NO_ENDPOINTS', text, origin };
}

/** Who received the request; or, when it got lost, the pod that it was for once it was translated. */
function endpointOf({ cluster }: { readonly cluster: Cluster }, { forward }: FlowPath): TracePath['endpoint'] {
  const { packet, netns, end } = forward;
  const port = packet.icmp === null ? packet.destinationPort : null;
  if (end.kind === 'delivered') return { ip: packet.destination, port, netns: netns.name, node: netns.node };
  const translated = forward.hops.some((h) => h.kind === 'nat' && h.action === 'dnat');
  const pod = translated ? podAt(cluster, packet.destination) : null;
  return pod === null ? null : { ip: pod.ip, port, netns: key(pod), node: pod.node };
}
