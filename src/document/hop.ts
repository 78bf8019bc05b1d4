import { printRule } from '../datapath/netfilter/print-rule.ts';
import { describe, tableName } from '../hop/describe.ts';
import { describeStep } from '../hop/describe-application.ts';
import { type Hop, isAboutOuter } from '../hop/hop.ts';
import type { Outer } from '../hop/hop-base.ts';
import { type Miss, originOf, type RuleStep } from '../hop/rule-step.ts';
import type { Trail } from '../hop/trail.ts';
import type { NeighbourEntry, TunnelEnds } from '../hop/tunnel-hop.ts';
import { formatAddress } from '../net/address.ts';
import { isAddressChange } from '../net/change.ts';
import { isIcmpError, type Packet, type Tuple } from '../net/packet.ts';
import { formatPrefix } from '../net/prefix.ts';
import { locate } from './locate.ts';
import { lookedAt } from './looked-at.ts';
import { policyDocument } from './policy-hop.ts';
import type { HopDocument } from './trace-schema.ts';

/** Hops as the JSON has them: each with its place in the input, its rules and its packet. */
export function hopDocuments(hops: readonly Hop[]): HopDocument[] {
  const documentOf = packetDocuments();
  return hops.map((hop, i) => hopDocument(hop, i, documentOf));
}

function hopDocument(hop: Hop, index: number, documentOf: (hop: Hop) => HopDocument['packet']): HopDocument {
  const { node, netns, device, mark, origin } = hop;
  const base = {
    ...(isAboutOuter(hop) ? { about: 'outer' as const } : {}),
    index,
    node,
    netns,
    device,
    packet: documentOf(hop),
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
        chain: last?.chain ?? hop.chain,
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
    case 'encap': {
      const { tunnel, by } = hop;
      return {
        ...base,
        kind: hop.kind,
        tunnel: tunnelDocument(tunnel),
        neighbour: by === null ? null : neighbourDocument(by.neighbour),
        fdb: by === null ? null : { lladdr: by.fdb.lladdr, dst: formatAddress(by.fdb.dst), source: locate(by.fdb.origin.locus) },
      };
    }
    case 'decap':
      return { ...base, kind: hop.kind, tunnel: tunnelDocument(hop.tunnel) };
    case 'gateway':
      return { ...base, kind: hop.kind, action: hop.action, towards: hop.towards, ...ruleDocuments(hop) };
    case 'firewall':
      return {
        ...base,
        kind: hop.kind,
        verdict: hop.verdict,
        decisions: hop.decisions.map(({ list, number }) => ({ list, rule: number })),
        ...ruleDocuments(hop),
      };
    case 'load-balancer':
      return { ...base, kind: hop.kind, service: hop.service, action: hop.action, nodes: [...hop.nodes], ...ruleDocuments(hop) };
    case 'policy':
      return { ...base, ...policyDocument(hop) };
    case 'skip': {
      const { skipped } = hop;
      const steps = 'steps' in skipped ? skipped.steps : [];
      const misses = 'misses' in skipped ? skipped.misses : null;
      const policy =
        skipped.mechanism === 'policy' ? { policy: { direction: skipped.direction, pod: skipped.pod, why: skipped.skip.why } } : {};
      return { ...base, kind: hop.kind, mechanism: skipped.mechanism, ...policy, ...ruleDocuments({ steps, misses }) };
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
      return { ...base, kind: hop.kind, code: hop.failure.code };
  }
}

const tunnelDocument = ({ type, vni, port, local, remote }: TunnelEnds) => ({
  type,
  vni,
  port,
  local: formatAddress(local),
  remote: formatAddress(remote),
});

const neighbourDocument = ({ address, lladdr, origin }: NeighbourEntry) => ({
  address: formatAddress(address),
  lladdr,
  source: locate(origin.locus),
});

function ruleDocuments({ steps, misses }: { readonly steps: readonly RuleStep[]; readonly misses: Trail<Miss> | null }) {
  return {
    rules: steps.map((s) => ({ chain: s.chain, rule: printRule(s.rule), source: locate(originOf(s).locus) })),
    lookedAt: lookedAt(steps, misses),
  };
}

/** Most hops leave the packet alone: those share one document of it. */
function packetDocuments(): (hop: Hop) => HopDocument['packet'] {
  let last: Packet | null = null;
  let document: HopDocument['packet'] | null = null;
  return ({ packet, outer }) => {
    if (packet !== last || document === null) document = packetDocument(packet);
    last = packet;
    return outer === null ? document : { ...document, outer: outerDocument(outer) };
  };
}

function packetDocument(p: Packet): HopDocument['packet'] {
  const { tcpFlags, ttl, size, icmp } = p;
  return { ...tupleDocument(p), tcpFlags, ttl, size, icmp: icmp === null ? null : icmpDocument(icmp), outer: null };
}

/** The source port is a hash of what is inside, and tells nothing. */
function outerDocument({ packet, vni }: Outer): HopDocument['packet']['outer'] {
  const { protocol, source, destination, destinationPort, ttl, size } = packet;
  if (protocol !== 'udp' && protocol !== 'ipip') throw new Error(`no tunnel travels in ${protocol}`);
  return {
    protocol,
    source: formatAddress(source),
    sourcePort: null,
    destination: formatAddress(destination),
    destinationPort: protocol === 'udp' ? destinationPort : null,
    ttl,
    size,
    vni,
  };
}

function icmpDocument(icmp: NonNullable<Packet['icmp']>): HopDocument['packet']['icmp'] {
  if (!isIcmpError(icmp)) return { type: icmp.type, code: null, mtu: null, original: null };
  return { type: icmp.type, code: icmp.code, mtu: icmp.mtu, original: tupleDocument(icmp.original) };
}

/** ICMP has no ports; the identifier of an echo, which stands there in a tuple, tells a reader nothing. */
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
