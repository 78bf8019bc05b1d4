import type { Reason } from '../diagnose/reason.ts';
import { describeFailure } from '../hop/failure.ts';
import { isHeadless } from '../k8s/families.ts';
import { formatAddress } from '../net/address.ts';
import type { Found } from '../query/found.ts';
import type { DnsQuery } from '../trace/dns-query.ts';
import { overall, type Trace, type TracePath } from '../trace/trace.ts';
import type { Walk } from '../walk/walk.ts';
import { hopDocuments } from './hop.ts';
import { locate } from './locate.ts';
import { remedyDocument } from './remedy.ts';
import { plainTexts } from './sentences.ts';
import type { FamilyDocument, PathDocument, ReasonDocument, TraceDocument, WalkDocument } from './trace-schema.ts';

/** One connection as the JSON has it: addresses as text, places as file and line. All formats are made of this. */
export const connectionDocument = (trace: Trace): TraceDocument => ({ ...endsOf(trace), ...resultOf(trace) });

/** An answer as the JSON has it: the connections that a program tries, one a family, in their order. */
export function traceDocument(traces: readonly Trace[]): TraceDocument {
  const [first, second] = traces;
  if (first === undefined) throw new Error('a question has a connection');
  if (second === undefined) return connectionDocument(first);
  const families = traces.map(familyDocument);
  const [worst] = [...families].sort((a, b) => severity(b.outcome) - severity(a.outcome));
  if (worst === undefined) throw new Error('a question has a family');
  return {
    ...endsOf(first),
    outcome: overall(traces.flatMap((t) => t.paths.map((p) => p.outcome))),
    reason: worst.reason === null ? null : { ...worst.reason, family: worst.family },
    paths: families[0]?.paths ?? [],
    families,
    alsoBlockedBy: worst.alsoBlockedBy,
    assumptions: withoutRepeats(families.flatMap((f) => f.assumptions)),
  };
}

/** A family that fails before one of which nothing is known, and that before one whose packets leave the input. */
function severity(outcome: TraceDocument['outcome']): number {
  switch (outcome) {
    case 'delivered':
      return 0;
    case 'exits':
      return 1;
    case 'undetermined':
      return 2;
    default:
      return 3;
  }
}

const withoutRepeats = (all: TraceDocument['assumptions']): TraceDocument['assumptions'] =>
  all.filter(({ message }, i) => all.findIndex((a) => a.message === message) === i);

function familyDocument(trace: Trace): FamilyDocument {
  return {
    family: trace.question.family,
    source: formatAddress(trace.sourceIp),
    destination: destinationOf(trace).ip,
    ...resultOf(trace),
  };
}

function endsOf(trace: Trace): Pick<TraceDocument, 'schemaVersion' | 'over' | 'source' | 'destination' | 'established'> {
  const { question } = trace;
  const { kind, namespace, name, container, node } = question.source;
  return {
    schemaVersion: 1,
    over: question.over,
    source: { kind, namespace, name, container, node, ip: formatAddress(trace.sourceIp) },
    destination: destinationOf(trace),
    ...(question.established === undefined ? {} : { established: true as const }),
  };
}

function resultOf({ outcome, reason, paths, alsoBlockedBy, assumptions }: Trace) {
  return {
    outcome,
    reason: reason === null ? null : { ...reasonDocument(reason), path: reason.path },
    paths: paths.map(pathDocument),
    alsoBlockedBy: alsoBlockedBy.map(reasonDocument),
    assumptions: assumptions.map(({ message, locus }) => ({ message, source: locate(locus) })),
  };
}

function destinationOf(trace: Trace): TraceDocument['destination'] {
  const { destination, destinationContainer: container, target, over, resolution } = trace.question;
  const [first] = target.addresses;
  const { port, protocol } = target;
  if (over !== 'network') return { ...nameOf(destination), container, port: null, protocol: null, ip: null, dnsName: null };
  const headless = destination.kind === 'service' && isHeadless(destination.service);
  const ip = first === undefined || headless ? null : formatAddress(first);
  const called = { ...nameOf(destination), container, port, protocol, ip, dnsName: resolution?.question ?? null };
  return target.pinged === true ? { ...called, pinged: true } : called;
}

function nameOf(found: Found): Pick<TraceDocument['destination'], 'kind' | 'namespace' | 'name'> {
  switch (found.kind) {
    case 'pod':
      return { kind: 'Pod', namespace: found.pod.namespace, name: found.pod.name };
    case 'service':
      return { kind: 'Service', namespace: found.service.namespace, name: found.service.name };
    case 'workload':
      return { kind: found.workload.kind, namespace: found.workload.namespace, name: found.workload.name };
    case 'node':
      return { kind: 'Node', namespace: null, name: found.node.name };
    case 'host':
      return { kind: 'Host', namespace: null, name: found.host.name };
    case 'url':
      return { kind: 'URL', namespace: null, name: found.url };
    case 'name':
      return { kind: 'Name', namespace: null, name: found.name };
    case 'address':
      return { kind: 'Address', namespace: null, name: formatAddress(found.address) };
  }
}

/** A reason as the JSON has it, without the path that it is of. */
export function reasonDocument(reason: Reason): ReasonDocument {
  const { code, walk, hop, client, locus } = reason;
  const { message, fix } = plainTexts({ message: reason.message, fix: reason.fix.map((f) => f.words) });
  return { code, message, walk, hop, client, source: locate(locus), fix, remedies: reason.fix.map(remedyDocument) };
}

function pathDocument(path: TracePath): PathDocument {
  const { probability, outcome, client, reason, endpoint } = path;
  const optional = (walk: Walk | null) => (walk === null ? null : walkDocument(walk));
  return {
    probability,
    outcome,
    client,
    reason: reason === null ? null : reasonDocument(reason),
    endpoint:
      endpoint === null
        ? null
        : {
            ip: formatAddress(endpoint.ip),
            port: endpoint.port,
            pod: endpoint.netns === endpoint.node ? null : endpoint.netns,
            node: endpoint.node,
          },
    forward: walkDocument(path.forward),
    reply: optional(path.reply),
    ack: optional(path.ack),
    data: optional(path.data),
    dns: path.dns === null ? null : queryDocument(path.dns),
  };
}

function queryDocument({ outcome, reason, forward, reply }: DnsQuery): NonNullable<PathDocument['dns']> {
  return {
    outcome,
    reason: reason === null ? null : reasonDocument(reason),
    forward: walkDocument(forward),
    reply: reply === null ? null : walkDocument(reply),
  };
}

const OUTCOMES = {
  delivered: 'delivered',
  lost: 'dropped',
  'refused-at-source': 'rejected',
  refused: 'rejected',
  exits: 'exits',
  undetermined: 'undetermined',
} as const;

function walkDocument({ end, looped, hops }: Walk): WalkDocument {
  const last = hops.at(-1);
  const failure = end.kind === 'delivered' ? null : end.failure;
  const shown = last?.kind === 'drop' ? last.failure : failure;
  return {
    outcome: looped ? 'looped' : OUTCOMES[end.kind],
    reason: failure === null || shown === null ? null : { code: shown.code, message: describeFailure(looped ? shown : failure) },
    hops: hopDocuments(hops),
  };
}
