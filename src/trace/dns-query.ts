import type { Netns } from '../datapath/netns.ts';
import type { Context } from '../diagnose/context.ts';
import { atTheEdge } from '../diagnose/edge.ts';
import { interpret } from '../diagnose/interpret.ts';
import { type ExplainedPath, type Reason, reasonOf } from '../diagnose/reason.ts';
import type { DnsHop } from '../hop/hop.ts';
import { type Resolution, recordType } from '../k8s/dns/dns.ts';
import { familiesOf } from '../k8s/families.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import type { Question } from '../query/question.ts';
import { assumed, declared, inferred, type Origin } from '../source/origin.ts';
import { sourceTowards } from '../stage/routing.ts';
import type { Failure } from '../stage/skb.ts';
import type { Flow, FlowPath } from '../walk/flow.ts';
import { connect, type NoPacket, noPacket } from './no-packet.ts';

/** The look-up of the destination's name: the hop that shows it, and the query on its way to the DNS server. */

/** One branch of the query and its answer. */
export type DnsQuery = ExplainedPath;

const DNS_PORT = 53;

/** Null when the destination was not named by a DNS name. */
function dnsHop({ resolution }: Question, netns: Netns, packet: Packet): DnsHop | null {
  if (resolution === null) return null;
  const { question, steps, found } = resolution;
  return {
    kind: 'dns',
    node: netns.node,
    netns: netns.name,
    device: null,
    packet,
    mark: 0,
    changes: [],
    origin: originOf(resolution, netns),
    question,
    type: recordType([...(found.kind === 'addresses' ? found.addresses : []), packet.source]),
    server: serverOf(resolution),
    steps,
    answer: found.kind === 'addresses' ? found.addresses : [],
  };
}

function serverOf({ from, resolver: { server } }: Resolution): DnsHop['server'] {
  if (from === 'hosts') return null;
  return { name: server.name, address: server.address };
}

/** Whoever has the name; for want of one, who asked. */
function originOf({ found, resolver, asker }: Resolution, netns: Netns): Origin {
  const granted = resolver.server.assumption !== null;
  if (found.kind === 'addresses') return granted && found.named.kind !== 'hosts' ? assumed(found.origin.locus) : found.origin;
  const locus = asker.kind === 'pod' ? asker.pod.locus : netns.origin.locus;
  return granted || found.kind === 'unknown' ? assumed(locus) : inferred(locus);
}

/** The request begins with the look-up. */
export function afterLookUp(question: Question, netns: Netns, path: FlowPath): FlowPath {
  const { forward } = path;
  const hop = dnsHop(question, netns, forward.hops[0]?.packet ?? forward.packet);
  return hop === null ? path : { ...path, forward: { ...forward, hops: [hop, ...forward.hops] } };
}

/** A name without an address; the words for it come later. */
export function nameless({ asker, found }: Resolution, netns: Netns): NoPacket {
  const origin = inferred(asker.kind === 'pod' ? asker.pod.locus : netns.origin.locus);
  if (found.kind === 'unknown') {
    const text = `the input does not say what address ${found.name} has`;
    const alias = found.aliases.at(-1)?.externalName?.locus;
    const failure: Failure = { code: 'FACT_MISSING', text, origin: alias === undefined ? origin : declared(alias) };
    return { outcome: 'undetermined', client: 'unknown', failure };
  }
  return {
    outcome: 'rejected',
    client: 'name-not-found',
    failure: { code: 'NO_SUCH_NAME', text: 'no packet is sent: the name has no address', origin },
  };
}

/** The query to the first nameserver, through every branch; null when it is not to be followed. */
export function followQuery(context: Context, netns: Netns): { readonly context: Context; readonly queries: readonly DnsQuery[] } | null {
  const { question } = context;
  const server = question.dnsServer;
  if (server === null) return null;
  const cluster = familiesOf(context.cluster).find((c) => c.family === familyOf(server)) ?? context.cluster;
  const asked: Context = { ...context, cluster, question: queryTo(question, server) };
  const source = sourceTowards(netns, server) ?? question.source.ip;
  const flow: Flow = { netns, process: question.source.process, source, destination: server, port: DNS_PORT, protocol: 'udp', size: null };
  const queries = connect(asked.question, flow).map((raw): DnsQuery => {
    const path = atTheEdge(cluster, interpret(asked, raw));
    return { ...path, reason: reasonOf(asked, path) };
  });
  return { context: asked, queries };
}

function queryTo(question: Question, server: IpAddress): Question {
  const asked = new Set(question.resolution?.steps.map((s) => s.name)).size;
  const several = `the ${asked} names are asked for one after another, each by a query that may take another path; one query is shown`;
  const notes = asked > 1 ? [several] : [];
  const target = { protocol: 'udp', port: DNS_PORT, addresses: [server], notes, servicePort: null, missing: null } as const;
  return { ...question, destination: { kind: 'address', address: server, owner: null }, target, resolution: null, size: null };
}

/** What leaves the input is not known to fail. */
export const isAnswered = ({ outcome }: DnsQuery): boolean => outcome === 'delivered' || outcome === 'exits';

/** The path that ends with the query: the program is told that the name could not be looked up, and sends nothing. */
export function withoutLookUp(question: Question, netns: Netns, query: DnsQuery): ExplainedPath {
  const { reason, failure, probability } = query;
  if (reason === null || failure === null) throw new Error('a query that failed has a reason');
  const [next] = question.resolution?.resolver.further ?? [];
  const text = `the DNS query for ${question.resolution?.question ?? 'the name'} fails: ${failure.text}`;
  const lost: NoPacket =
    next === undefined
      ? { outcome: query.outcome, client: 'name-not-found', failure: { ...failure, text } }
      : {
          outcome: 'undetermined',
          client: 'unknown',
          failure: { ...failure, code: 'FACT_MISSING', text: `${text}; what the next nameserver says is not followed` },
        };
  const path = noPacket(question, netns, lost, probability);
  const told: Reason = { ...reason, code: lost.failure.code, message: lost.failure.text, walk: 'dns', client: lost.client };
  return { ...path, reason: told };
}
