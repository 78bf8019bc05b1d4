import { formatEndpoint, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Protocol } from '../../net/packet.ts';
import { DEFAULT_PREFIX, hostPrefix } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import type { Match } from './match.ts';
import { type Chain, plainChain, type Rule } from './ruleset.ts';
import { verdictMap } from './sets.ts';
import type { Target } from './target.ts';

/** How IPVS hands on a packet to a destination that it chose. */
export type Forwarding = 'masquerade' | 'route' | 'tunnel';

/** A destination of a virtual server. */
export interface Destination {
  /** Of its chain. */
  readonly name: string;
  readonly address: IpAddress;
  /** Null: the one that the packet has. */
  readonly port: number | null;
  readonly forwarding: Forwarding;
  readonly weight: number;
  readonly origin: Origin;
}

const LETTER: Readonly<Record<Forwarding, string>> = { masquerade: '-m', route: '-g', tunnel: '-i' };

/** A destination is a chain of one rule. Only masquerading is modelled: elsewhere the packet keeps its destination, and gets there by MAC or in a tunnel. */
export function destinationChain({ name, address, port, forwarding, weight, origin }: Destination): Chain {
  const how = `${LETTER[forwarding]} -w ${weight}`;
  const target: Target =
    forwarding === 'masquerade'
      ? { kind: 'DNAT', address, port }
      : { kind: 'unmodelled', text: `-r ${formatEndpoint(address, port ?? 0)} ${how}` };
  return plainChain(name, [{ syntax: 'ipvs', matches: [], target, comment: weight === 1 ? null : how, origin }]);
}

const PORT_UNREACHABLE = { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' } as const;

/**
 * The shares of a scheduler's destinations. A scheduler that counts connections or hashes addresses may choose any of them; only weights
 * make some likelier.
 */
export type Shares = 'equal' | 'by weight';

/** One of the destinations; one of weight 0 gets no new connection. Without any, IPVS refuses. */
export function amongDestinations(
  all: readonly Pick<Destination, 'name' | 'weight' | 'origin'>[],
  shares: Shares,
  family: IpFamily,
): Target {
  const usable = all.filter((d) => d.weight > 0);
  if (usable.length === 0) return { kind: 'REJECT', with: PORT_UNREACHABLE[family] };
  let next = 0;
  const elements = usable.map(({ name, weight, origin }) => {
    const first = next;
    next += shares === 'equal' ? 1 : weight;
    const key = next - first === 1 ? first : { first, last: next - 1 };
    return { key: [key], comment: null, verdict: { kind: 'goto', chain: name } as const, origin };
  });
  return { kind: 'numgen', modulus: next, map: verdictMap({ name: null, type: ['integer'], elements }) };
}

/** The packets that a virtual server serves: those of a protocol to an address and a port (0: any), or those with a mark. */
export type Served =
  | { readonly kind: 'address'; readonly protocol: Exclude<Protocol, 'icmp'>; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'mark'; readonly mark: number; readonly family: IpFamily };

/** `scheduling`: what ipvsadm has after `-s`. */
export function virtualServer(served: Served, target: Target, scheduling: string, origin: Origin): Rule {
  return { syntax: 'ipvs', matches: matchesOf(served), target, comment: scheduling, origin };
}

const ALL_BITS = 0xffffffff;

function matchesOf(served: Served): readonly Match[] {
  if (served.kind === 'mark')
    return [
      { kind: 'destination', prefix: DEFAULT_PREFIX[served.family], negated: false },
      { kind: 'mark', value: served.mark, mask: ALL_BITS, negated: false },
    ];
  const { protocol, address, port } = served;
  const to: readonly Match[] = [
    { kind: 'destination', prefix: hostPrefix(address), negated: false },
    { kind: 'protocol', protocol, negated: false },
  ];
  return port === 0 ? to : [...to, { kind: 'dport', protocol, first: port, last: port, negated: false }];
}
