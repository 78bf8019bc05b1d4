import { printCondition, printRule } from '../datapath/netfilter/print-rule.ts';
import type { Condition, Rule } from '../datapath/netfilter/ruleset.ts';
import { formatAddress } from '../net/address.ts';
import { icmpName, isIcmpError, type Packet, packetFamily } from '../net/packet.ts';
import { formatDestination, formatPrefix } from '../net/prefix.ts';
import { longer, type Sentence } from '../source/sentence.ts';
import { balancer, firewall, gateway, translation } from './describe-edge.ts';
import { ipc, volume } from './describe-sharing.ts';
import { failureSentence } from './failure.ts';
import {
  commentOf,
  type DnsHop,
  type DnsStep,
  type DropHop,
  type EncapHop,
  type FilterHop,
  type Hop,
  type InterfaceHop,
  type Miss,
  type NatHop,
  type ProxyHop,
  type RouteHop,
  type RuleStep,
  type SkipHop,
  type SocketHop,
  targetOf,
} from './hop.ts';

export const isNatHop = (hop: Hop): hop is NatHop => hop.kind === 'nat';

/** A hop in words: the only place that knows how; all formats use it. */
export function describe(hop: Hop): string {
  switch (hop.kind) {
    case 'dns':
      return lookUp(hop);
    case 'socket':
      return socket(hop);
    case 'interface':
      return crossing(hop);
    case 'bridge':
      return hop.verdict === 'passed-up'
        ? `${hop.bridge} hands the frame up to the host: it is for the bridge's own MAC`
        : `${hop.bridge} forwards the frame to its port ${hop.port}`;
    case 'route':
      return route(hop);
    case 'filter':
      return filter(hop);
    case 'nat':
      return nat(hop);
    case 'neighbour':
      return `${formatAddress(hop.address)} is answered for by ${hop.answeredBy.netns} ${hop.answeredBy.device}`;
    case 'underlay':
      return hop.segment === 'the internet' ? 'across the internet' : `across the network between the nodes (${hop.segment})`;
    case 'encap':
      return encap(hop);
    case 'decap':
      return `${hop.device} takes the packet out of the tunnel from ${formatAddress(hop.tunnel.remote)}`;
    case 'gateway':
      return gateway(hop);
    case 'firewall':
      return firewall(hop);
    case 'load-balancer':
      return balancer(hop);
    case 'skip':
      return skip(hop);
    case 'proxy':
      return proxy(hop);
    case 'ipc':
      return ipc(hop);
    case 'volume':
      return volume(hop);
    case 'drop':
      return dropSentence(hop).text;
  }
}

/** Why a packet ends, and the answer that a process gives in place of the one that was asked for. */
export function dropSentence({ failure, answer }: DropHop): Sentence {
  const why = failureSentence(failure);
  return answer === null ? why : longer(why, `; ${answer.process} answers ${answer.status} itself`);
}

function lookUp({ question, server, steps, answer }: DnsHop): string {
  const addresses = answer.map(formatAddress).join(', ');
  const name = question.replace(/\.$/, '');
  if (server === null) return `finds ${name} in /etc/hosts: ${addresses}`;
  const asked = `asks ${server.name}${server.address === null ? '' : ` (${formatAddress(server.address)})`} for ${name}`;
  const last = steps.at(-1);
  if (last?.answer === 'A' || last?.answer === 'AAAA') return `${asked}: ${last.name === name ? 'it' : last.name} is ${addresses}`;
  if (last?.answer === 'unknown') return `${asked}: the input does not say what ${last.name} is`;
  // A name that is there without an address is not said to be missing.
  const isThere = steps.some((s) => s.answer === 'NODATA' || s.answer === 'CNAME');
  return `${asked}: ${isThere ? 'it has no address' : 'no such name (NXDOMAIN)'}`;
}

/** A step of a look-up, as its answer. */
export function describeStep({ name, answer, target, addresses }: DnsStep): string {
  return `${name} ${[answer === 'unknown' ? 'not known' : answer, target ?? addresses.map(formatAddress).join(', ')].join(' ').trimEnd()}`;
}

/** With what is at the other end of the link. */
function crossing({ direction, link }: InterfaceHop): string {
  const out = direction === 'out';
  switch (link.kind) {
    case 'loopback':
      return `goes round by ${link.name}, and never leaves`;
    case 'nic':
      return out ? `leaves by ${link.name} to ${link.segment.name}` : `comes in by ${link.name} from ${link.segment.name}`;
    case 'bridge':
      return out ? `goes down by the bridge ${link.name}` : `comes up from the bridge ${link.name}`;
    case 'veth': {
      const other = link.peer === null ? '' : ` ${out ? 'to' : 'from'} ${link.peer.name} of ${link.peer.netns.name}`;
      return `${out ? 'leaves' : 'comes in'} by ${link.name}${other}`;
    }
    case 'dummy':
      return `leaves by ${link.name}, which leads nowhere`;
    case 'vxlan':
    case 'ipip':
      return out ? `goes into the tunnel ${link.name}` : `comes out of the tunnel ${link.name}`;
  }
}

/** Which machine it goes to, and what says so. */
function encap({ device, tunnel, by }: EncapHop): string {
  const to = `${device} puts the packet into ${TUNNELS[tunnel.type]} to ${formatAddress(tunnel.remote)}${tunnel.vni === null ? '' : `, VNI ${tunnel.vni}`}`;
  return by === null
    ? to
    : `${to}: ${formatAddress(by.neighbour.address)} is ${by.neighbour.lladdr}, and that is at ${formatAddress(by.fdb.dst)}`;
}

const TUNNELS: Readonly<Record<EncapHop['tunnel']['type'], string>> = { vxlan: 'VXLAN', geneve: 'Geneve', ipip: 'IPIP' };

function socket(hop: SocketHop): string {
  const { balancedFor = null } = hop;
  return balancedFor === null
    ? sentOrReceived(hop)
    : `${sentOrReceived(hop)}; the socket load balancer chose its destination in the call (${balancedFor})`;
}

function sentOrReceived({ action, process, packet }: SocketHop): string {
  const verb = action === 'send' ? 'sends' : 'receives';
  const icmp = icmpName(packet.destination);
  if (isIcmpError(packet.icmp)) return `${process} ${verb} an ${icmp} error: ${packet.icmp.code.replaceAll('-', ' ')}`;
  if (packet.icmp !== null) return `${process} ${verb} an ${icmp} ${packet.icmp.type.replace('-', ' ')}`;
  const what = packet.tcpFlags === null ? `${packet.protocol.toUpperCase()} packet` : `TCP ${packet.tcpFlags}`;
  return `${process} ${verb} a ${what}`;
}

const TABLES: Readonly<Record<number, string>> = { 255: 'local', 254: 'main', 253: 'default' };
export const tableName = (id: number) => TABLES[id] ?? String(id);

function route({ route: r, nextHop, table }: RouteHop): string {
  const where = formatDestination(r.prefix);
  if (r.type === 'local') return `local ${where}: it is for this machine`;
  if (r.type === 'broadcast') return `broadcast ${where}: it is for everybody on the link`;
  if (r.type === 'anycast') return `anycast ${where}: it is for any router of the link, as this machine is`;
  if (r.type !== 'unicast') return `${r.type} ${where}`;
  // IPv6 looks whether it forwards only after the route is found, and then takes none of its next hops.
  const ways = (nextHop === null ? r.nextHops : [nextHop]).map(
    (n) => `${n.via === null ? '' : `via ${formatAddress(n.via)} `}dev ${n.device}`,
  );
  return `${where} ${ways.join(' or ')}${table === 254 ? '' : ` (table ${tableName(table)})`}`;
}

function filter({ table, chain, steps, verdict, byPolicy }: FilterHop): string {
  if (byPolicy && verdict === 'ACCEPT') return `${table} ${chain}: no rule objects`;
  if (byPolicy) return `${table} ${chain}: ${verdict} (policy)`;
  const last = steps.at(-1);
  const target = last === undefined ? null : targetOf(last);
  const how = target?.kind === 'REJECT' ? ` with ${target.with}` : '';
  return `${table} ${chainPath(steps)}: ${verdict}${how}${because(steps)}`;
}

/** The chains that the packet went through to the deciding rule, without detours that marked it and returned. */
function chainPath(steps: readonly RuleStep[]): string {
  const chains: string[] = [];
  for (const { chain } of steps) {
    const known = chains.indexOf(chain);
    if (known === -1) chains.push(chain);
    else chains.length = known + 1;
  }
  return chains.join(' -> ');
}

function because(steps: readonly RuleStep[]): string {
  const last = steps.at(-1);
  const comment = last === undefined ? null : commentOf(last);
  return comment === null ? '' : ` (${comment})`;
}

function nat(hop: NatHop): string {
  const { steps, hook } = hop;
  const words = translation(hop);
  if (steps.length > 0) return `${chainPath(steps)}: ${words}`;
  return `${words}, as conntrack remembers (${hook})`;
}

function skip({ skipped, packet }: SkipHop): string {
  switch (skipped.mechanism) {
    case 'masquerade':
      return unchanged(skipped.steps, packet) ?? `no masquerade: ${whyNot(skipped.steps, skipped.misses, packet)}`;
    case 'dnat':
      return 'no DNAT: no rule is for this destination';
    case 'bridge-netfilter':
      return `${iptablesOf(packet)} is not asked for frames on ${skipped.bridge}: bridge-nf-call-${iptablesOf(packet)} is 0`;
    case 'nat-invalid':
      return 'no NAT: for conntrack this packet is INVALID, it belongs to no connection that it knows';
  }
}

function proxy({ action, process, rule, url, to, backend, tls, forwardedFor, edits }: ProxyHop): string {
  const ended = tls === 'terminated' ? 'TLS ends here, and the connection too' : 'the connection ends here';
  switch (action) {
    case 'return':
      return `${process} passes the answer on to its client, on the first connection`;
    case 'answer':
      return `${rule}: ${ended}`;
    case 'redirect':
      return `${rule}: ${ended}; the answer sends the client to ${to}`;
    case 'forward': {
      const asked = to === url ? '' : ` as ${to}`;
      const more = edits.length === 0 ? '' : `; ${edits.join(', ')}`;
      return `${rule}: ${ended}; a new one begins to ${backend}${asked}, X-Forwarded-For: ${formatAddress(forwardedFor)}${more}`;
    }
  }
}

const iptablesOf = (packet: Packet) => (packetFamily(packet) === 'IPv4' ? 'iptables' : 'ip6tables');

/** A rule did translate, but to the address that the packet has: the machine calls from that one itself. */
function unchanged(steps: readonly RuleStep[], packet: Packet): string | null {
  const last = steps.at(-1);
  const target = last === undefined ? undefined : targetOf(last)?.kind;
  if (target !== 'MASQUERADE' && target !== 'SNAT') return null;
  return `${chainPath(steps)}: ${target} changes nothing: the source is ${formatAddress(packet.source)} already`;
}

/** The rules that returned, and those that would have masqueraded but did not match. */
function whyNot(steps: readonly RuleStep[], misses: readonly Miss[], packet: Packet): string {
  const returned = steps
    .filter((s) => s.rule.target?.kind === 'RETURN')
    .map(({ rule }) => rule.matches.map((m) => holds(rule, m, packet)).at(-1) ?? printRule(rule));
  const missed = misses.filter((m) => m.rule.target?.kind === 'MASQUERADE').map(({ rule, failed }) => lacks(rule, failed, packet));
  const reasons = [...new Set([...returned, ...missed])];
  return reasons.length === 0 ? 'no rule asks for it' : reasons.join('; ');
}

/** A condition that was met, in words. */
function holds(rule: Rule, m: Condition, packet: Packet): string {
  if (m.kind === 'mark' && (m.negated || m.value === 0)) return `the mark 0x${m.mask.toString(16)} is not set`;
  if (m.kind === 'destination' && !m.negated) return `${formatAddress(packet.destination)} is in ${formatPrefix(m.prefix)}`;
  if (m.kind === 'source' && !m.negated) return `${formatAddress(packet.source)} is in ${formatPrefix(m.prefix)}`;
  return `${printCondition(rule, m)} matches`;
}

function lacks(rule: Rule, m: Condition, packet: Packet): string {
  if (m.kind === 'source' && !m.negated) return `${formatAddress(packet.source)} is not in ${formatPrefix(m.prefix)}`;
  return `${printCondition(rule, m)} does not match`;
}
