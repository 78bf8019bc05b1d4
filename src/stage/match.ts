import { lookUp } from '../datapath/fib.ts';
import type { Match } from '../datapath/netfilter/ruleset.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { WireProtocol } from '../net/packet.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import { typeOn } from './address-type.ts';
import { bits, inState, type Marks, UNKNOWN, valuesOf } from './field.ts';
import type { Skb } from './skb.ts';

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
      const values = valuesOf(m.key, skb, marks);
      return values === null ? 0 : values === UNKNOWN ? UNKNOWN : yes(m.set.find(values) !== undefined, m.negated);
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
function address(a: IpAddress, m: { readonly prefix: Prefix; readonly negated: boolean }): number {
  if (m.negated && familyOf(a) !== familyOf(m.prefix.address)) return 0;
  return yes(contains(m.prefix, a), m.negated);
}

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

/** Source: rpfilter_lookup_reverse, net/ipv4/netfilter/ipt_rpfilter.c. */
function isAnsweredBy({ netns, packet, input }: Skb, mark: number): boolean {
  if (input === null || input.kind === 'loopback') return true;
  const back = lookUp(netns, { destination: packet.source, source: packet.destination, iif: null, mark });
  return back.route !== null && back.route.type === 'unicast' && back.nextHops.some((n) => n.device === input.name);
}
