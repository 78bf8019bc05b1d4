import { lookUp } from '../datapath/fib.ts';
import { mayBeBridge } from '../datapath/found/pair-names.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import type { Device } from '../datapath/netns.ts';
import { bridgeNfCall } from '../datapath/sysctl.ts';
import { familyOf, type IpAddress, isLinkLocal } from '../net/address.ts';
import { packetFamily, type WirePacket, type WireProtocol } from '../net/packet.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import { addressTypeMatches, isStandIn, typeIs, typeOn } from './address-type.ts';
import { yes } from './answer.ts';
import { bits } from './bits.ts';
import { inState } from './connection-field.ts';
import { isNamed, isUnnamed } from './device-name.ts';
import { valuesOf } from './field.ts';
import { type Marks, UNKNOWN } from './field-value.ts';
import { connectionMatches } from './match-connection.ts';
import { headerMatches } from './match-header.ts';
import { isAwaitedHere, isOwned } from './match-socket.ts';
import { isInWritten } from './set-writes.ts';
import { type Skb, seenInput } from './skb.ts';

/** The probability that the packet matches: 0 or 1, except for `statistic`; UNKNOWN: not known. */
export function matches(m: Match, skb: Skb, marks: Marks): number {
  const { packet } = skb;
  switch (m.kind) {
    case 'source':
      return address(packet.source, m, skb);
    case 'destination':
      return address(packet.destination, m, skb);
    case 'protocol':
      return yes(packet.protocol === (WIRE_NAMES[m.protocol] ?? m.protocol), m.negated);
    case 'src-range':
      return isStandIn(skb, packet.source) ? UNKNOWN : yes(isBetween(packet.source, m), m.negated);
    case 'dst-range':
      return isStandIn(skb, packet.destination) ? UNKNOWN : yes(isBetween(packet.destination, m), m.negated);
    case 'sport':
      return within(packet.protocol === m.protocol, packet.sourcePort, m);
    case 'dport':
      return within(packet.protocol === m.protocol, packet.destinationPort, m);
    case 'sports':
    case 'dports':
    case 'ports':
      return yes(packet.icmp === null && isAmong(m, packet), m.negated);
    case 'tcp-flags':
    case 'icmp-type':
    case 'length':
    case 'ttl':
    case 'tos':
      return headerMatches(m, skb, marks);
    case 'mark':
      return yes((marks.mark & m.mask) >>> 0 === m.value, m.negated);
    case 'connmark':
      return skb.tracked?.connection == null ? 0 : yes((marks.connmark & m.mask) >>> 0 === m.value, m.negated);
    case 'ct-address':
    case 'ct-port':
    case 'ct-protocol':
    case 'ct-direction':
    case 'ct-status':
      return skb.tracked?.connection == null ? 0 : connectionMatches(m, skb.tracked);
    case 'ctstate':
      return yes(
        m.states.some((s) => inState(skb.tracked, s)),
        m.negated,
      );
    case 'src-type':
      return typeIs(typeOn(skb, packet.source, m.on), m);
    case 'dst-type':
      return typeIs(typeOn(skb, packet.destination, m.on), m);
    case 'addrtype':
      return addressTypeMatches(m, skb);
    case 'rpfilter':
      return yesOrUnknown(isAnsweredBy(skb, m, marks.mark), m.negated);
    case 'in-interface':
      return yesOrUnknown(isNamed(seenInput(skb), m.name), m.negated);
    case 'out-interface':
      return yesOrUnknown(isNamed(skb.output, m.name), m.negated);
    case 'physdev-in':
      return isPortUnseen(skb) ? UNKNOWN : yesOrUnknown(isNamed(skb.inputPort, m.name), m.negated);
    case 'physdev-out':
      return isPortUnseen(skb) ? UNKNOWN : yesOrUnknown(isNamed(skb.outputPort, m.name), m.negated);
    case 'physdev-is-bridged':
      return isSwitchedOrNot(skb) ? UNKNOWN : yes(skb.bridged !== null, m.negated);
    case 'physdev-is-in':
      return isPortUnseen(skb) ? UNKNOWN : yes(skb.inputPort !== null, m.negated);
    case 'physdev-is-out':
      return isSwitchedOrNot(skb) ? UNKNOWN : yes(skb.outputPort !== null, m.negated);
    case 'owner':
      return yesOrUnknown(isOwned(skb, m), m.negated);
    case 'socket':
      return yesOrUnknown(isAwaitedHere(skb, m), m.negated);
    case 'fixed':
      return m.matches ? 1 : 0;
    case 'recent':
      return m.action === 'set' ? 1 : 0;
    case 'statistic':
      return m.probability;
    case 'lookup': {
      const values = valuesOf(m.key, skb, marks);
      if (values === null || values === UNKNOWN) return values ?? 0;
      return yesOrUnknown(isInWritten(m, values, m.set.find(values) !== undefined, marks.written), m.negated);
    }
    case 'ipvs': {
      const known = skb.tracked?.connection;
      if (known == null || !known.balanced) return 0;
      const { protocol, destination, destinationPort } = known.original;
      return protocol === m.protocol && destination === m.address && destinationPort === m.port ? 1 : 0;
    }
    case 'update':
      return 1;
    case 'bits':
      return bits(m, skb, marks);
    case 'unknown':
      return UNKNOWN;
  }
}

/** In a table of both families a rule about an address is about packets of its family only, also where it is negated. */
function address(a: IpAddress, m: { readonly prefix: Prefix; readonly negated: boolean }, skb: Skb): number {
  if (isStandIn(skb, a) && familyOf(m.prefix.address) === familyOf(a) && m.prefix.length > 0) return UNKNOWN;
  if (m.negated && familyOf(a) !== familyOf(m.prefix.address)) return 0;
  return yes(contains(m.prefix, a), m.negated);
}

/** Names of /etc/protocols for what has another one here. */
const WIRE_NAMES: Readonly<Record<string, WireProtocol>> = { 'ipv6-icmp': 'icmp', ipencap: 'ipip' };

/** A port match is about its own protocol: `-m tcp ! --dport 80` does not match UDP. */
function within(sameProtocol: boolean, port: number, m: { first: number; last: number; negated: boolean }): number {
  const isInside = port >= m.first && port <= m.last;
  return sameProtocol && isInside !== m.negated ? 1 : 0;
}

function isAmong({ kind, ports }: Extract<Match, { kind: 'sports' | 'dports' | 'ports' }>, packet: WirePacket): boolean {
  const has = (port: number) => ports.some((p) => (typeof p === 'number' ? p === port : port >= p.first && port <= p.last));
  return (kind !== 'dports' && has(packet.sourcePort)) || (kind !== 'sports' && has(packet.destinationPort));
}

/** An address of the other family is not. */
const isBetween = (a: IpAddress, { first, last }: { readonly first: IpAddress; readonly last: IpAddress }): boolean =>
  familyOf(a) === familyOf(first) && a >= first && a <= last;

const yesOrUnknown = (is: boolean | null, negated: boolean) => (is === null ? UNKNOWN : yes(is, negated));

/** May it be a bridge, of a machine whose routes are not known? */
const mayBeSomeBridge = (input: Device): boolean => isUnnamed(input) || mayBeBridge({ name: input.name, type: null });

/** May a bridge of such a machine switch the packet? */
const isSwitchedOrNot = (skb: Skb): boolean => skb.netns.unrouted !== undefined && isPortUnseen(skb);

/** Did the packet come in by a possible bridge whose ports are not followed? Where bridges do not call iptables, no rule sees a port. */
function isPortUnseen({ netns, input, inputPort, packet }: Skb): boolean {
  if (netns.strangers !== true || input === null || inputPort !== null) return false;
  if (netns.unrouted === undefined ? input.kind !== 'opaque' || !mayBeBridge(input) : !mayBeSomeBridge(input)) return false;
  const { value, origin } = bridgeNfCall(netns.sysctls, packetFamily(packet));
  return value !== 0 || origin.evidence !== 'declared';
}

const isLinkLocal6 = (a: IpAddress): boolean => familyOf(a) === 'IPv6' && isLinkLocal(a);

/** Null: a routing rule or a route that is not modelled decides. Source: rpfilter_lookup_reverse, net/ipv4/netfilter/ipt_rpfilter.c. */
function isAnsweredBy({ netns, packet, input }: Skb, m: Extract<Match, { kind: 'rpfilter' }>, mark: number): boolean | null {
  // A link-local source is looked up by its link alone (rpfilter_lookup_reverse6, net/ipv6/netfilter/ip6t_rpfilter.c).
  if (input === null || input.kind === 'loopback' || isLinkLocal6(packet.source)) return true;
  // A strict one of ip6tables names the device to the look-up: rules that ask for it as `oif` select, and routes by it come first.
  const by = m.loose === true || m.isFib === true || packetFamily(packet) === 'IPv4' ? {} : ({ oif: input.name, isByOif: true } as const);
  const back = lookUp(netns, {
    destination: packet.source,
    source: packet.destination,
    iif: null,
    mark: m.unmarked === true ? 0 : mark,
    ...by,
  });
  if (back.route === null) return back.undecided === null ? false : null;
  const { type } = back.route;
  if (type !== 'unicast' && !(type === 'local' && m.acceptLocal === true)) return false;
  if (m.loose === true || back.nextHops.some((n) => n.device === input.name)) return true;
  return isUnnamed(input) || back.nextHops.some((n) => isUnnamed(netns.devices.get(n.device) ?? null)) ? null : false;
}
