import type { Netns } from '../datapath/netns.ts';
import type { Context } from '../diagnose/context.ts';
import type { ExplainedPath, Reason } from '../diagnose/reason.ts';
import { type Failure, failureSentence } from '../hop/failure.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Question } from '../query/question.ts';
import { sourceTowards } from '../stage/routing.ts';
import type { Flow } from '../walk/flow-path.ts';
import { explain } from './explain.ts';
import { connect, type NoPacket, noPacket } from './no-packet.ts';

/** The look-up of the destination's name: the query on its way to the DNS server, and what fails with it. */

/** One branch of the query and its answer. */
export type DnsQuery = ExplainedPath;

const DNS_PORT = 53;

/** The query to the first nameserver, through every branch; null when it is not to be followed. */
export function followQuery(context: Context, netns: Netns): { readonly context: Context; readonly queries: readonly DnsQuery[] } | null {
  const { question } = context;
  const server = question.dnsServer;
  if (server === null) return null;
  const query: Context = { ...context, question: queryTo(question, server) };
  const source = sourceTowards(netns, server) ?? question.source.ip;
  const flow: Flow = { netns, process: question.source.process, source, destination: server, port: DNS_PORT, protocol: 'udp', size: null };
  return { context: query, queries: connect(query.question, flow).map((path) => explain(query, path)) };
}

function queryTo(question: Question, server: IpAddress): Question {
  const names = new Set(question.resolution?.steps.map((s) => s.name)).size;
  const several = `the ${names} names are asked for one after another, each by a query that may take another path; one query is shown`;
  const notes = names > 1 ? [several] : [];
  const target = { protocol: 'udp', port: DNS_PORT, addresses: [server], notes, servicePort: null, missing: null } as const;
  const destination = { kind: 'address', address: server, owner: null } as const;
  return { ...question, family: familyOf(server), destination, target, resolution: null, size: null };
}

/** A query that leaves the input is not known to fail. */
export const isAnswered = ({ outcome }: DnsQuery): boolean => outcome === 'delivered' || outcome === 'exits';

/** The path that ends with the query: the program is told that the name could not be looked up, and sends nothing. */
export function withoutLookUp(question: Question, netns: Netns, query: DnsQuery): ExplainedPath {
  const { reason, failure, probability } = query;
  if (reason === null || failure === null) throw new Error('a query that failed has a reason');
  const [next] = question.resolution?.resolver.further ?? [];
  const first: Failure = { ...failure, query: question.resolution?.question ?? 'the name' };
  const facts = { why: 'next-nameserver', first } as const;
  const lost: NoPacket =
    next === undefined
      ? { outcome: query.outcome, client: 'name-not-found', failure: first }
      : { outcome: 'undetermined', client: 'unknown', failure: { code: 'FACT_MISSING', facts, origin: failure.origin } };
  const path = noPacket(question, netns, lost, probability);
  const own: Reason = { ...reason, code: lost.failure.code, message: failureSentence(lost.failure), walk: 'dns', client: lost.client };
  return { ...path, reason: own };
}
