import { printMatch, printRule } from './datapath/iptables-save.ts';
import type { Assumption } from './diagnose/assumptions.ts';
import type { Reason } from './diagnose/reason.ts';
import type { HopDocument, PathDocument, ReasonDocument, SourceDocumentRef, TraceDocument, WalkDocument } from './document-schema.ts';
import type { DnsQuery } from './lookup.ts';
import { formatAddress } from './net/address.ts';
import { isAddressChange } from './net/change.ts';
import { isIcmpError, type Packet, type Tuple } from './net/packet.ts';
import { formatPrefix } from './net/prefix.ts';
import type { Locus } from './origin.ts';
import type { Found } from './query/find.ts';
import { describe, describeStep, tableName } from './stage/describe.ts';
import type { Hop, Miss, RuleStep } from './stage/hop.ts';
import type { Trace, TracePath } from './trace.ts';
import type { Walk } from './walk.ts';

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

/** A locus is cited by many hops; its position is looked up once. */
const located = new WeakMap<Locus, NonNullable<SourceDocumentRef>>();

export function locate(locus: Locus | null): SourceDocumentRef {
  if (locus === null) return null;
  const known = located.get(locus);
  if (known !== undefined) return known;
  const { line, column } = locus.document.position(locus.path);
  const source = { file: locus.document.file, line, column, object: locus.object };
  located.set(locus, source);
  return source;
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
  const documentOf = packetDocuments();
  const last = hops.at(-1);
  const failure = end.kind === 'delivered' ? null : end.failure;
  const code = last?.kind === 'drop' ? last.code : failure?.code;
  return {
    outcome: looped ? 'looped' : OUTCOMES[end.kind],
    reason: failure === null || code === undefined ? null : { code, message: looped && last !== undefined ? describe(last) : failure.text },
    hops: hops.map((hop, i) => hopDocument(hop, i, documentOf)),
  };
}

function hopDocument(hop: Hop, index: number, documentOf: (p: Packet) => HopDocument['packet']): HopDocument {
  const { node, netns, device, mark, origin } = hop;
  const base = {
    index,
    node,
    netns,
    device,
    packet: documentOf(hop.packet),
    mark,
    changes: hop.changes.map((c) => (isAddressChange(c) ? { field: c.field, from: formatAddress(c.from), to: formatAddress(c.to) } : c)),
    evidence: origin.evidence,
    source: locate(origin.locus),
    text: describe(hop),
  };
  switch (hop.kind) {
    case 'dns': {
      const { question, type, server, steps, answer } = hop;
      return {
        ...base,
        kind: hop.kind,
        question,
        type,
        server: server === null ? null : { name: server.name, ip: server.address === null ? null : formatAddress(server.address) },
        steps: steps.map((s) => ({ ...s, addresses: s.addresses.map(formatAddress), text: describeStep(s) })),
        answer: answer.map(formatAddress),
      };
    }
    case 'socket':
      return { ...base, kind: hop.kind, action: hop.action, process: hop.process };
    case 'interface':
      return { ...base, kind: hop.kind, direction: hop.direction };
    case 'bridge':
      return { ...base, kind: hop.kind, bridge: hop.bridge, port: hop.port, verdict: hop.verdict };
    case 'route': {
      const { route, nextHop } = hop;
      const via = nextHop?.via == null ? null : formatAddress(nextHop.via);
      return {
        ...base,
        kind: hop.kind,
        table: tableName(hop.table),
        prefix: formatPrefix(route.prefix),
        type: route.type,
        via,
        dev: nextHop?.device ?? null,
        rule: hop.rulePriority,
      };
    }
    case 'filter': {
      const last = hop.byPolicy ? undefined : hop.steps.at(-1);
      return {
        ...base,
        kind: hop.kind,
        table: hop.table,
        hook: hop.hook,
        chain: last?.chain ?? hop.hook,
        rule: last === undefined ? null : printRule(last.rule),
        verdict: hop.verdict,
        ...ruleDocuments(hop),
      };
    }
    case 'nat':
      return { ...base, kind: hop.kind, action: hop.action, hook: hop.hook, chains: hop.steps.map((s) => s.chain), ...ruleDocuments(hop) };
    case 'neighbour':
      return { ...base, kind: hop.kind, address: formatAddress(hop.address), answeredBy: hop.answeredBy };
    case 'underlay':
      return { ...base, kind: hop.kind, segment: hop.segment };
    case 'gateway':
      return { ...base, kind: hop.kind, action: hop.action, towards: hop.towards, ...ruleDocuments(hop) };
    case 'firewall':
      return {
        ...base,
        kind: hop.kind,
        verdict: hop.verdict,
        decisions: hop.decisions.map(({ list, rule }) => ({ list, rule })),
        ...ruleDocuments(hop),
      };
    case 'load-balancer':
      return { ...base, kind: hop.kind, service: hop.service, action: hop.action, nodes: [...hop.nodes], ...ruleDocuments(hop) };
    case 'skip': {
      const { skipped } = hop;
      const steps = 'steps' in skipped ? skipped.steps : [];
      const misses = 'misses' in skipped ? skipped.misses : [];
      return { ...base, kind: hop.kind, mechanism: skipped.mechanism, ...ruleDocuments({ steps, misses }) };
    }
    case 'proxy': {
      const { action, process, rule, url, to, backend, tls, edits } = hop;
      return {
        ...base,
        kind: hop.kind,
        action,
        process,
        rule,
        url,
        to,
        backend,
        tls,
        edits: [...edits],
        forwardedFor: formatAddress(hop.forwardedFor),
      };
    }
    case 'ipc':
      return { ...base, kind: hop.kind, namespace: hop.namespace, shm: hop.shm, processes: hop.processes };
    case 'volume': {
      const { volume, type, lifetime, from, to } = hop;
      return { ...base, kind: hop.kind, volume, type, lifetime, from: { ...from }, to: { ...to } };
    }
    case 'drop':
      return { ...base, kind: hop.kind, code: hop.code };
  }
}

function ruleDocuments({ steps, misses }: { readonly steps: readonly RuleStep[]; readonly misses: readonly Miss[] }) {
  return {
    rules: steps.map(({ chain, rule }) => ({ chain, rule: printRule(rule), source: locate(rule.origin.locus) })),
    lookedAt: misses.map(({ chain, rule, failed }) => ({ chain, rule: printRule(rule), failed: printMatch(failed) })),
  };
}

/** Most hops leave the packet alone: those share one document of it. */
function packetDocuments(): (p: Packet) => HopDocument['packet'] {
  let last: Packet | null = null;
  let document: HopDocument['packet'] | null = null;
  return (p) => {
    if (p !== last || document === null) document = packetDocument(p);
    last = p;
    return document;
  };
}

function packetDocument(p: Packet): HopDocument['packet'] {
  const { tcpFlags, ttl, size, icmp } = p;
  return { ...tupleDocument(p), tcpFlags, ttl, size, icmp: icmp === null ? null : icmpDocument(icmp), outer: null };
}

function icmpDocument(icmp: NonNullable<Packet['icmp']>): HopDocument['packet']['icmp'] {
  if (!isIcmpError(icmp)) return { type: icmp.type, code: null, mtu: null, original: null };
  return { type: icmp.type, code: icmp.code, mtu: icmp.mtu, original: tupleDocument(icmp.original) };
}

/** ICMP has no ports; the identifier of an echo, which stands there in a tuple, is nobody's business. */
function tupleDocument(t: Tuple) {
  const ports = t.protocol !== 'icmp';
  return {
    protocol: t.protocol,
    source: formatAddress(t.source),
    sourcePort: ports ? t.sourcePort : null,
    destination: formatAddress(t.destination),
    destinationPort: ports ? t.destinationPort : null,
  };
}
