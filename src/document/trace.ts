import type { Assumption } from '../diagnose/assumptions.ts';
import type { Reason } from '../diagnose/reason.ts';
import { describe } from '../hop/describe.ts';
import { formatAddress } from '../net/address.ts';
import type { Found } from '../query/find.ts';
import type { DnsQuery } from '../trace/dns-query.ts';
import type { Trace, TracePath } from '../trace/trace.ts';
import type { Walk } from '../walk/walk.ts';
import { hopDocuments, locate } from './hop.ts';
import type { PathDocument, ReasonDocument, TraceDocument, WalkDocument } from './trace-schema.ts';

/** A trace as the JSON has it: addresses as text, places as file and line. All formats are made of this. */
export function toDocument(trace: Trace): TraceDocument {
  const { question, reason } = trace;
  const { kind, namespace, name, container, node } = question.source;
  return {
    schemaVersion: 1,
    over: question.over,
    source: { kind, namespace, name, container, node, ip: formatAddress(trace.sourceIp) },
    destination: destinationOf(trace),
    outcome: trace.outcome,
    reason: reason === null ? null : { ...reasonDocument(reason), path: reason.path },
    paths: trace.paths.map(pathDocument),
    alsoBlockedBy: trace.alsoBlockedBy.map(reasonDocument),
    assumptions: trace.assumptions.map(({ message, locus }: Assumption) => ({ message, source: locate(locus) })),
  };
}

function destinationOf(trace: Trace): TraceDocument['destination'] {
  const { destination, destinationContainer: container, target, over, resolution } = trace.question;
  const [first] = target.addresses;
  const { port, protocol } = target;
  if (over !== 'network') return { ...nameOf(destination), container, port: null, protocol: null, ip: null, dnsName: null };
  const headless = destination.kind === 'service' && destination.service.clusterIp === null;
  const ip = first === undefined || headless ? null : formatAddress(first);
  return { ...nameOf(destination), container, port, protocol, ip, dnsName: resolution?.question ?? null };
}

function nameOf(found: Found): Pick<TraceDocument['destination'], 'kind' | 'namespace' | 'name'> {
  switch (found.kind) {
    case 'pod':
      return { kind: 'Pod', namespace: found.pod.namespace, name: found.pod.name };
    case 'service':
      return { kind: 'Service', namespace: found.service.namespace, name: found.service.name };
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

export function reasonDocument({ code, message, walk, hop, client, locus, fix }: Reason): ReasonDocument {
  return { code, message, walk, hop, client, source: locate(locus), fix: [...fix] };
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
  const code = last?.kind === 'drop' ? last.code : failure?.code;
  return {
    outcome: looped ? 'looped' : OUTCOMES[end.kind],
    reason: failure === null || code === undefined ? null : { code, message: looped && last !== undefined ? describe(last) : failure.text },
    hops: hopDocuments(hops),
  };
}
