import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Assumption } from '../diagnose/assumptions.ts';
import { assumptionsOf } from '../diagnose/assumptions.ts';
import { type Context, podAt } from '../diagnose/context.ts';
import { atTheEdge } from '../diagnose/edge.ts';
import { unserved } from '../diagnose/http-failure.ts';
import { interpret } from '../diagnose/interpret.ts';
import { alsoBlocking, type ExplainedPath, type Reason, reasonOf } from '../diagnose/reason.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { HttpPlan } from '../k8s/http/http.ts';
import { key } from '../k8s/pod.ts';
import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Question } from '../query/question.ts';
import { declared } from '../source/origin.ts';
import { sourceTowards } from '../stage/routing.ts';
import type { Failure } from '../stage/skb.ts';
import type { Flow, FlowPath, Outcome } from '../walk/flow.ts';
import { sharingPath, withSharing } from './containers.ts';
import { afterLookUp, type DnsQuery, followQuery, isAnswered, nameless, withoutLookUp } from './dns-query.ts';
import { connect, noPacket } from './no-packet.ts';
import { traceProxied } from './proxied.ts';

export interface TracePath extends ExplainedPath {
  /** Who received the request, when somebody did. */
  readonly endpoint: { readonly ip: IpAddress; readonly port: number | null; readonly netns: string; readonly node: string } | null;
  /** The DNS query before it, when that was to be followed. */
  readonly dns: DnsQuery | null;
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
  const found = question.http !== null && flows.length > 0 ? byRule(context, question.http, flows) : straight(context, netns, flows);
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

type Found = Pick<Trace, 'paths' | 'alsoBlockedBy' | 'assumptions'>;

/** Two connections, which meet in a controller; the query for the URL's host is not followed. */
function byRule(context: Context, plan: HttpPlan, flows: readonly Flow[]): Found {
  const found = traceProxied(context, plan, flows);
  return { ...found, paths: found.paths.map((p) => ({ ...p, dns: null })) };
}

/** One connection, or none when there is no address to call, or when only what containers share was asked for. */
function straight(context: Context, netns: Netns, flows: readonly Flow[]): Found {
  const { cluster, question } = context;
  const called = rawPaths(context, netns, flows).map((p): TracePath => {
    const understood = interpret(context, afterLookUp(question, netns, p));
    const path = atTheEdge(cluster, understood);
    const endpoint = question.over === 'network' ? endpointOf(context, understood) : null;
    return { ...path, reason: reasonOf(context, path), endpoint, dns: null };
  });
  const lookUp = followQuery(context, netns);
  const paths = lookUp === null ? called : lookUp.queries.flatMap((query) => afterQuery(question, netns, query, called));
  const failing = paths.findIndex((p) => p.reason !== null);
  return {
    paths,
    alsoBlockedBy: alsoBlocking(context, lookUp === null ? paths : [...paths, ...called], failing),
    assumptions: [...assumptionsOf(context, called), ...(lookUp === null ? [] : assumptionsOf(lookUp.context, lookUp.queries))].filter(
      (a, i, all) => all.findIndex((b) => b.message === a.message) === i,
    ),
  };
}

function rawPaths({ cluster, question }: Context, netns: Netns, flows: readonly Flow[]): readonly FlowPath[] {
  if (question.over !== 'network') return [sharingPath(cluster, question, netns)];
  if (flows.length === 0) return [unresolved(question, netns)];
  const one = flows.length === 1;
  return flows.flatMap((flow) =>
    connect(question, flow).map((p) => withSharing(cluster, question, one ? p : { ...p, probability: p.probability / flows.length })),
  );
}

/** Without an answer to the query, nothing follows. */
function afterQuery(question: Question, netns: Netns, query: DnsQuery, called: readonly TracePath[]): readonly TracePath[] {
  if (!isAnswered(query)) return [{ ...withoutLookUp(question, netns, query), endpoint: null, dns: query }];
  return called.map((path) => ({ ...path, probability: query.probability * path.probability, dns: query }));
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

/** No address to call: the program's look-up fails, and no packet is sent. */
function unresolved(question: Question, netns: Netns): FlowPath {
  const { target, resolution } = question;
  if (target.missing === 'name' && resolution !== null) return noPacket(question, netns, nameless(resolution, netns));
  const failure = withoutAddress(question, netns);
  if (failure.code === 'FACT_MISSING') return noPacket(question, netns, { outcome: 'undetermined', client: 'unknown', failure });
  return noPacket(question, netns, { outcome: 'rejected', client: 'name-not-found', failure });
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
