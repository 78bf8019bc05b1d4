import type { IpAddress } from '../../net/address.ts';
import type { Protocol } from '../../net/packet.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import type { RuleRole } from '../roles.ts';

/** The five places where netfilter looks at a packet; base chains carry their names. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';

/** Which hooks a table has, in the order of the packet. Source: the iptables modules' valid_hooks. */
export const TABLE_HOOKS: Readonly<Record<TableName, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'DNAT' | 'SNAT';
export type AddressType = 'LOCAL' | 'UNICAST' | 'BROADCAST' | 'MULTICAST';

/** One condition of a rule. `negated` is the `!` of iptables. Interface names may end in `+`, which stands for any ending. */
export type Match =
  | { readonly kind: 'source' | 'destination'; readonly prefix: Prefix; readonly negated: boolean }
  /** ip6tables has a name of its own for ICMPv6. */
  | { readonly kind: 'protocol'; readonly protocol: Protocol | 'ipv6-icmp'; readonly negated: boolean }
  | {
      readonly kind: 'sport' | 'dport';
      readonly protocol: Protocol;
      readonly first: number;
      readonly last: number;
      readonly negated: boolean;
    }
  | { readonly kind: 'dports'; readonly ports: readonly number[]; readonly negated: boolean }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number; readonly negated: boolean }
  | { readonly kind: 'ctstate'; readonly states: readonly ConnectionState[]; readonly negated: boolean }
  | { readonly kind: 'src-type' | 'dst-type'; readonly type: AddressType; readonly negated: boolean }
  | { readonly kind: 'in-interface' | 'out-interface'; readonly name: string; readonly negated: boolean }
  | { readonly kind: 'physdev-in' | 'physdev-out'; readonly name: string; readonly negated: boolean }
  | { readonly kind: 'physdev-is-bridged'; readonly negated: boolean }
  /**
   * The list of sources (as far as the mask goes) that met a rule lately: `set` puts the packet's source into it, `rcheck` asks whether it
   * is there. Here every list starts empty, so no source is found.
   */
  | { readonly kind: 'recent'; readonly action: 'set'; readonly list: string; readonly mask: IpAddress }
  | { readonly kind: 'recent'; readonly action: 'rcheck'; readonly list: string; readonly seconds: number; readonly mask: IpAddress }
  /** Matches that share of packets, at random. */
  | { readonly kind: 'statistic'; readonly probability: number };

export type RejectWith =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited'
  | 'icmp6-no-route'
  | 'icmp6-adm-prohibited'
  | 'icmp6-addr-unreachable'
  | 'icmp6-port-unreachable'
  | 'tcp-reset';

export type Target =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'RETURN' }
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  /** mark = (mark & ~mask) ^ value, as --set-xmark has it. */
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number }
  | { readonly kind: 'DNAT'; readonly address: IpAddress; readonly port: number | null }
  | { readonly kind: 'SNAT'; readonly address: IpAddress }
  | { readonly kind: 'MASQUERADE'; readonly randomFully: boolean }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export interface Rule {
  readonly matches: readonly Match[];
  /** Null: the rule only counts. */
  readonly target: Target | null;
  readonly comment: string | null;
  readonly origin: Origin;
  /** Undefined: none beside what it does. */
  readonly role?: RuleRole;
}

/** The parts of a packet that an index over a chain may use, because its rules tell them apart. */
export interface DispatchKey {
  readonly protocol: Protocol;
  readonly destination: IpAddress;
  readonly destinationPort: number;
}

export interface Chain {
  readonly name: string;
  /** All its rules, in order: for printing. */
  rules(): readonly Rule[];
  /** Those that this packet can possibly match, in order: a walk looks at these only. */
  candidates(key: DispatchKey): readonly Rule[];
}

/** Chains by name. Long chains are indexed and made when asked for, never copied from machine to machine. */
export interface Table {
  readonly name: TableName;
  /** The fate of a packet that no rule of a base chain decides. */
  readonly policies: ReadonlyMap<Hook, 'ACCEPT' | 'DROP'>;
  chain(name: string): Chain | undefined;
  /** Base chains first, then the others in the order of iptables-save (by name). */
  chains(): Iterable<Chain>;
}

export interface Ruleset {
  readonly tables: Readonly<Partial<Record<TableName, Table>>>;
  /** Connection tracking and NAT sleep in a namespace until a rule needs them. */
  readonly tracksConnections: boolean;
}

export const EMPTY_RULESET: Ruleset = { tables: {}, tracksConnections: false };

/** A chain whose rules are all looked at in turn. */
export function plainChain(name: string, rules: readonly Rule[]): Chain {
  return { name, rules: () => rules, candidates: () => rules };
}
