import { isDnatted, isSnatted, type Tracked } from '../datapath/conntrack.ts';
import { findIn, LOCAL_TABLE, type RouteType } from '../datapath/fib.ts';
import type { AddressType, ConnectionState, Match } from '../datapath/netfilter/ruleset.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import { type IpAddress, isUnicast } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { Skb } from './skb.ts';

/** How likely the packet matches: 0 or 1, but for `statistic`. */
export function matches(m: Match, skb: Skb, mark: number): number {
  const { packet } = skb;
  switch (m.kind) {
    case 'source':
      return yes(contains(m.prefix, packet.source), m.negated);
    case 'destination':
      return yes(contains(m.prefix, packet.destination), m.negated);
    case 'protocol':
      return yes(packet.protocol === (m.protocol === 'ipv6-icmp' ? 'icmp' : m.protocol), m.negated);
    case 'sport':
      return within(packet.protocol === m.protocol, packet.sourcePort, m);
    case 'dport':
      return within(packet.protocol === m.protocol, packet.destinationPort, m);
    case 'dports':
      return yes(packet.icmp === null && m.ports.includes(packet.destinationPort), m.negated);
    case 'mark':
      return yes((mark & m.mask) >>> 0 === m.value, m.negated);
    case 'ctstate':
      return yes(
        m.states.some((s) => inState(skb.tracked, s)),
        m.negated,
      );
    case 'src-type':
      return yes(addressType(skb.netns, packet.source) === m.type, m.negated);
    case 'dst-type':
      return yes(addressType(skb.netns, packet.destination) === m.type, m.negated);
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
  }
}

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
