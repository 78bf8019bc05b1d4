import { isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';
import { findIn, LOCAL_TABLE, lookUp, type RouteType } from '../datapath/fib.ts';
import type { AddressType, ConnectionState, Match } from '../datapath/netfilter/ruleset.ts';
import type { KeyValue, Selector } from '../datapath/netfilter/sets.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import { familyOf, type IpAddress, type IpFamily, isUnicast } from '../net/address.ts';
import { packetFamily, type WireProtocol } from '../net/packet.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import type { Skb } from './skb.ts';

/** The marks of the packet and of its connection, as the rules before have left them. */
interface Marks {
  readonly mark: number;
  readonly connmark: number;
}

/** The answer of a match that is not modelled. */
export const UNKNOWN = -1;

/** How likely the packet matches: 0 or 1, but for `statistic` and for what nobody knows. */
export function matches(m: Match, skb: Skb, marks: Marks): number {
  const { packet } = skb;
  switch (m.kind) {
    case 'source':
      return address(packet.source, m);
    case 'destination':
      return address(packet.destination, m);
    case 'protocol':
      return yes(packet.protocol === (WIRE_NAMES[m.protocol] ?? m.protocol), m.negated);
    case 'sport':
      return within(packet.protocol === m.protocol, packet.sourcePort, m);
    case 'dport':
      return within(packet.protocol === m.protocol, packet.destinationPort, m);
    case 'dports':
      return yes(packet.icmp === null && m.ports.includes(packet.destinationPort), m.negated);
    case 'mark':
      return yes((marks.mark & m.mask) >>> 0 === m.value, m.negated);
    case 'connmark':
      return yes(skb.tracked?.connection != null && (marks.connmark & m.mask) >>> 0 === m.value, m.negated);
    case 'ctstate':
      return yes(
        m.states.some((s) => inState(skb.tracked, s)),
        m.negated,
      );
    case 'src-type':
      return yes(typeOn(skb, packet.source, m.on) === m.type, m.negated);
    case 'dst-type':
      return yes(typeOn(skb, packet.destination, m.on) === m.type, m.negated);
    case 'rpfilter':
      return yes(isAnsweredBy(skb, marks.mark), m.negated);
    case 'in-interface':
      return yes(isNamed(skb.input?.name, m.name), m.negated);
    case 'out-interface':
      return yes(isNamed(skb.output?.name, m.name), m.negated);
    case 'physdev-in':
      return yes(isNamed(skb.inputPort?.name, m.name), m.negated);
    case 'physdev-out':
      return yes(isNamed(skb.outputPort?.name, m.name), m.negated);
    case 'physdev-is-bridged':
      return yes(skb.bridged !== null, m.negated);
    case 'recent':
      return m.action === 'set' ? 1 : 0;
    case 'statistic':
      return m.probability;
    case 'lookup': {
      const values = valuesOf(m.key, skb, marks.mark);
      return values === null ? 0 : yes(m.set.find(values) !== undefined, m.negated);
    }
    case 'ipvs': {
      const known = skb.tracked?.connection;
      if (known == null || !known.balanced) return 0;
      const { protocol, destination, destinationPort } = known.original;
      return protocol === m.protocol && destination === m.address && destinationPort === m.port ? 1 : 0;
    }
    case 'update':
      return 1;
    case 'unknown':
      return UNKNOWN;
  }
}

/** In a table of both families a rule about an address is about packets of its family only, also where it is negated. */
function address(a: IpAddress, m: { readonly prefix: Prefix; readonly negated: boolean }): number {
  if (m.negated && familyOf(a) !== familyOf(m.prefix.address)) return 0;
  return yes(contains(m.prefix, a), m.negated);
}

/** The values of these fields; null: the packet has not all of them, and the rule does not match. */
export function valuesOf(key: readonly Selector[], skb: Skb, mark: number): readonly KeyValue[] | null {
  const values: KeyValue[] = [];
  for (const selector of key) {
    const value = fieldOf(selector, skb, mark);
    if (value === null) return null;
    values.push(value);
  }
  return values;
}

function fieldOf(selector: Selector, { packet, input, output }: Skb, mark: number): KeyValue | null {
  switch (selector) {
    case 'ip saddr':
      return ofFamily('IPv4', packet.source);
    case 'ip daddr':
      return ofFamily('IPv4', packet.destination);
    case 'ip6 saddr':
      return ofFamily('IPv6', packet.source);
    case 'ip6 daddr':
      return ofFamily('IPv6', packet.destination);
    case 'meta l4proto':
      return packet.protocol === 'icmp' && packetFamily(packet) === 'IPv6' ? 'ipv6-icmp' : packet.protocol;
    case 'meta mark':
      return mark;
    case 'iifname':
      return input?.name ?? '';
    case 'oifname':
      return output?.name ?? '';
    case 'th sport':
      return packet.icmp === null ? packet.sourcePort : null;
    case 'th dport':
      return packet.icmp === null ? packet.destinationPort : null;
    case 'tcp sport':
      return packet.protocol === 'tcp' ? packet.sourcePort : null;
    case 'tcp dport':
      return packet.protocol === 'tcp' ? packet.destinationPort : null;
    case 'udp sport':
      return packet.protocol === 'udp' ? packet.sourcePort : null;
    case 'udp dport':
      return packet.protocol === 'udp' ? packet.destinationPort : null;
  }
}

const ofFamily = (family: IpFamily, a: IpAddress): IpAddress | null => (familyOf(a) === family ? a : null);

/** Names of /etc/protocols for what has another one here. */
const WIRE_NAMES: Readonly<Record<string, WireProtocol>> = { 'ipv6-icmp': 'icmp', ipencap: 'ipip' };

const yes = (matched: boolean, negated: boolean) => (matched !== negated ? 1 : 0);

/** A port match is about its own protocol: `-m tcp ! --dport 80` does not match UDP. */
function within(sameProtocol: boolean, port: number, m: { first: number; last: number; negated: boolean }): number {
  return sameProtocol && port >= m.first && port <= m.last !== m.negated ? 1 : 0;
}

function isNamed(device: string | undefined, pattern: string): boolean {
  if (device === undefined) return false;
  return pattern.endsWith('+') ? device.startsWith(pattern.slice(0, -1)) : device === pattern;
}

function inState(tracked: Tracked | null, state: ConnectionState): boolean {
  switch (state) {
    case 'UNTRACKED':
      return tracked === null;
    case 'DNAT':
      return tracked?.connection != null && isDnatted(tracked.connection);
    case 'SNAT':
      return tracked?.connection != null && isSnatted(tracked.connection);
    case 'NEW':
    case 'ESTABLISHED':
    case 'RELATED':
    case 'INVALID':
      return tracked?.state === state;
  }
}

/** An address of another device than the one that is asked about is one like any other (inet_dev_addr_type, net/ipv4/fib_frontend.c). */
function typeOn({ netns, input, output }: Skb, a: IpAddress, on: 'in' | 'out' | undefined): AddressType {
  const type = addressType(netns, a);
  if (on === undefined || type !== 'LOCAL') return type;
  return (on === 'in' ? input : output)?.addresses.some((own) => own.address === a) === true ? type : 'UNICAST';
}

/** Source: rpfilter_lookup_reverse, net/ipv4/netfilter/ipt_rpfilter.c. */
function isAnsweredBy({ netns, packet, input }: Skb, mark: number): boolean {
  if (input === null || input.kind === 'loopback') return true;
  const back = lookUp(netns, { destination: packet.source, source: packet.destination, iif: null, mark });
  return back.route !== null && back.route.type === 'unicast' && back.nextHops.some((n) => n.device === input.name);
}

function addressType(netns: Netns, a: IpAddress): AddressType {
  const type = localType(netns, a);
  if (type === 'local') return 'LOCAL';
  if (type === 'broadcast') return 'BROADCAST';
  return isUnicast(a) ? 'UNICAST' : 'MULTICAST';
}

/** Is this an address of the namespace's own? */
export function isLocalAddress(netns: Netns, a: IpAddress): boolean {
  return localType(netns, a) === 'local';
}

/** Does the device answer for it as any router of its link does? */
export const isAnycastOn = ({ netns, name, down }: Device, a: IpAddress): boolean =>
  down === null &&
  (netns.tables.get(LOCAL_TABLE)?.routes.longest(a) ?? []).some((r) => r.type === 'anycast' && r.nextHops[0]?.device === name);

/** What the local table says of an address; null: nothing. */
function localType(netns: Netns, a: IpAddress): RouteType | null {
  const fib = netns.tables.get(LOCAL_TABLE);
  return fib === undefined ? null : (findIn(fib, a, netns.devices)?.type ?? null);
}
