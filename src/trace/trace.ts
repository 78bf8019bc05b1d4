import type { Netns } from '../datapath/netns.ts';
import { type Assumption, assumptionsOf } from '../diagnose/assumptions.ts';
import type { Context } from '../diagnose/context.ts';
import { alsoBlocking, type ExplainedPath, failingOf, type Reason } from '../diagnose/reason.ts';
import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Redirects } from '../k8s/http/http.ts';
import { doesRun, key } from '../k8s/pod.ts';
import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Question, Source } from '../query/question.ts';
import { deviceTowards, sourceTowards } from '../stage/routing.ts';
import type { Flow, FlowPath, Outcome } from '../walk/flow-path.ts';
import { sharingPath, withSharing } from './containers.ts';
import { type DnsQuery, followQuery, isAnswered, withoutLookUp } from './dns-query.ts';
import { explain, understand } from './explain.ts';
import type { ProxiedTrace, Receiver } from './leg.ts';
import { asNamed } from './named-pods.ts';
import { notRunning, unpowered, unresolved } from './no-address.ts';
import { connectEach, type NoPacket, noPacket } from './no-packet.ts';
import { onlyGuessed } from './only-guessed.ts';
import { traceOver, traceProxied } from './proxied.ts';
import { followRedirects, stayAtRedirects } from './redirected.ts';
import { unstatedSysctls } from './unstated-sysctls.ts';

export interface TracePath extends ExplainedPath {
  /** The socket that received the request; null: none did. */
  readonly endpoint: Receiver | null;
  /** The DNS query before it, when that was to be followed. */
  readonly dns: DnsQuery | null;
}

/** The paths of one connection, and their common outcome. */
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

/** Follows the packet of one connection, what comes back and what follows, through every branch, and says what it means in the cluster. */
export function trace(given: Network, question: Question, redirects: Redirects = 'follow'): Trace {
  const network = asNamed(given, question);
  const netns = sourceOf(network, question);
  const flows = flowsOf(question, netns);
  const context = { ...network, question };
  const isAsked = question.http !== null && flows.length > 0 && absentSource(network.cluster, question) === null;
  const found = isAsked ? byUrl(network, question, redirects) : straight(context, netns, flows);
  const failing = failingOf(found.paths);
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

/** A controller answers; the query for the URL's host is not followed. */
function byUrl(network: Network, question: Question, redirects: Redirects): Found {
  const ask = (next: Question, over: ExplainedPath | null) => request(network, next, over);
  const answered = ask(question, null);
  const { paths, ...found } = redirects === 'stay' ? stayAtRedirects(answered) : followRedirects(network.cluster, question, answered, ask);
  return { ...found, paths: paths.map((p) => ({ ...p, dns: null })) };
}

/** One request: two connections, which meet in a controller, or one to a place where none is. */
function request(network: Network, question: Question, over: ExplainedPath | null): ProxiedTrace {
  const context = { ...network, question };
  const netns = sourceOf(network, question);
  const flows = flowsOf(question, netns);
  if (question.http !== null && over !== null) return traceOver(context, question.http, over);
  if (question.http !== null && flows.length > 0) return traceProxied(context, question.http, flows);
  const { paths, ...found } = straight(context, netns, flows);
  return { ...found, paths: paths.map((path) => ({ ...path, redirect: null, legs: [{ context, path }] })) };
}

export function sourceOf({ datapath }: Network, { source }: Question): Netns {
  const netns = datapath.netns(source.netns);
  if (netns === undefined) throw new Error(`no namespace ${source.netns}`);
  return netns;
}

/** The device by which packets of a source beyond come in; null: the source is no such. `as`: its name, which nothing but the question tells. */
function entryOf({ enters, ip }: Source, netns: Netns): { readonly device: string; readonly as: string | null } | null {
  if (enters === undefined) return null;
  const guessed = onlyGuessed(netns);
  if (enters !== null && guessed !== null) return { device: guessed.name, as: enters };
  const device = enters ?? deviceTowards(netns, ip) ?? [...netns.devices.values()].find((d) => d.kind === 'nic')?.name;
  return device === undefined ? null : { device, as: null };
}

export function flowsOf(question: Question, netns: Netns): readonly Flow[] {
  const { addresses, protocol, port } = question.target;
  if (question.established !== undefined)
    return question.established.map(({ source, destination, ...existing }) => ({
      ...flowTo(question, netns, destination, protocol, port),
      source,
      existing,
    }));
  return addresses.map((destination) => flowTo(question, netns, destination, protocol, port));
}

/** One connection, or none when there is no address to call, or when only what containers share was asked for. */
function straight(context: Context, netns: Netns, flows: readonly Flow[]): Found {
  const { cluster, question } = context;
  const called = rawPaths(context, netns, flows).map((raw): TracePath => {
    const endpoint = question.over === 'network' ? endpointOf(cluster, raw) : null;
    return { ...explain(context, raw), endpoint, dns: null };
  });
  const lookUp = followQuery(context, netns);
  const paths = lookUp === null ? called : lookUp.queries.flatMap((query) => afterQuery(question, netns, query, called));
  const failing = failingOf(paths);
  const again = (other: Network): readonly FlowPath[] => {
    const there = sourceOf(other, question);
    const changed = { ...other, question };
    return rawPaths(changed, there, flowsOf(question, there)).map((raw) => understand(changed, raw));
  };
  const assumptions = [
    ...assumptionsOf(context, called),
    ...unstatedSysctls(context, called, again),
    ...(lookUp === null ? [] : assumptionsOf(lookUp.context, lookUp.queries)),
  ];
  return {
    paths,
    alsoBlockedBy: alsoBlocking(context, lookUp === null ? paths : [...paths, ...called], failing),
    assumptions: assumptions.filter((a, i, all) => all.findIndex((b) => b.message === a.message) === i),
  };
}

function rawPaths({ cluster, question }: Context, netns: Netns, flows: readonly Flow[]): readonly FlowPath[] {
  const absent = absentSource(cluster, question);
  if (absent !== null) return [noPacket(question, netns, absent)];
  if (question.over !== 'network') return [sharingPath(cluster, question, netns)];
  if (flows.length === 0) return [unresolved(question, netns)];
  return connectEach(question, flows).map((path) => withSharing(cluster, question, path));
}

/** Why nobody sends: the pod that is to do so is not there, or has no process, or its node has no power. */
export function absentSource({ pods, nodes }: Cluster, { source }: Question): NoPacket | null {
  const pod = source.kind === 'Pod' ? pods.get(`${source.namespace}/${source.name}`) : undefined;
  if (pod !== undefined && !doesRun(pod)) return notRunning(pod, 'unknown');
  const node = source.kind === 'Host' ? undefined : nodes.get(source.node);
  return node?.down === true ? unpowered(node) : null;
}

/** Without an answer to the query, nothing follows. */
function afterQuery(question: Question, netns: Netns, query: DnsQuery, called: readonly TracePath[]): readonly TracePath[] {
  if (!isAnswered(query)) return [{ ...withoutLookUp(question, netns, query), endpoint: null, dns: query }];
  return called.map((path) => ({ ...path, probability: query.probability * path.probability, dns: query }));
}

function flowTo({ source, size }: Question, netns: Netns, destination: IpAddress, protocol: Protocol, port: number | null): Flow {
  const entry = entryOf(source, netns);
  const asked = { netns, process: source.process, destination, port: port ?? 0, protocol, size };
  const behind = entry === null ? null : sourceBehind(netns, entry.device, source.ip);
  if (behind !== null) return { ...asked, netns: behind, source: source.ip };
  if (entry !== null) return { ...asked, source: source.ip, enters: entry.device, ...(entry.as === null ? {} : { entersAs: entry.as }) };
  if (source.isBound === true) return { ...asked, source: source.ip, isBound: true };
  const address = sourceTowards(netns, destination) ?? source.ip;
  return { ...asked, source: address };
}

/** The namespace behind a device, or behind a port of a bridge, that has the address: it sends, and hears the answer. */
function sourceBehind({ devices }: Netns, name: string, address: IpAddress): Netns | null {
  const device = devices.get(name);
  const ends = device?.kind === 'bridge' ? device.ports : device?.kind === 'veth' ? [device] : [];
  return ends.find(({ peer }) => peer?.addresses.some((a) => a.address === address) === true)?.peer?.netns ?? null;
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

/** The pod that received the request; or, when it got lost, the one that it was for once it was translated. */
export function endpointOf(cluster: Cluster, { forward }: FlowPath): TracePath['endpoint'] {
  const { packet, netns, end } = forward;
  const port = packet.icmp === null ? packet.destinationPort : null;
  if (end.kind === 'delivered') return { ip: packet.destination, port, netns: netns.name, node: netns.node };
  const translated = forward.hops.some((h) => (h.kind === 'nat' && h.action === 'dnat') || (h.kind === 'socket' && h.balancedFor != null));
  const pod = translated ? podAt(cluster, packet.destination) : null;
  return pod === null || pod.node === null ? null : { ip: packet.destination, port, netns: key(pod), node: pod.node };
}
