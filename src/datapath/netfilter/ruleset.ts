import type { IpAddress } from '../../net/address.ts';
import type { Protocol, WireProtocol } from '../../net/packet.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import type { Direction } from '../direction.ts';
import type { PolicyDirection, PolicyPoints } from '../policy-point.ts';
import type { RuleRole } from '../roles.ts';
import type { RejectWith } from './reject-with.ts';
import type { MapVerdict, NamedSet, Selector, VerdictMap } from './sets.ts';

/** The five places where netfilter looks at a packet; base chains carry their names. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export const HOOKS: readonly Hook[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

/** Which hooks a table has, in the order of the packet. Source: the iptables modules' valid_hooks. */
export const TABLE_HOOKS: Readonly<Record<TableName, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'DNAT' | 'SNAT';
export type AddressType = 'LOCAL' | 'UNICAST' | 'BROADCAST' | 'MULTICAST';

/** Both ends are part of it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** One condition of a rule. `negated` is the `!` of iptables. Interface names may end in `+`, which stands for any ending. */
export type Match =
  | { readonly kind: 'source' | 'destination'; readonly prefix: Prefix; readonly negated: boolean }
  /** A name of /etc/protocols, or a number that has none there. ip6tables has a name of its own for ICMPv6. */
  | { readonly kind: 'protocol'; readonly protocol: string; readonly negated: boolean }
  | {
      readonly kind: 'sport' | 'dport';
      readonly protocol: Protocol;
      readonly first: number;
      readonly last: number;
      readonly negated: boolean;
    }
  /** `ports`: the source's or the destination's. */
  | { readonly kind: 'sports' | 'dports' | 'ports'; readonly ports: readonly (number | PortRange)[]; readonly negated: boolean }
  | { readonly kind: 'src-range' | 'dst-range'; readonly first: IpAddress; readonly last: IpAddress; readonly negated: boolean }
  /** Of the flags of the mask just those of `set`; both are bits of TCP_FLAGS. */
  | { readonly kind: 'tcp-flags'; readonly mask: number; readonly set: number; readonly negated: boolean }
  /** Of ICMP or ICMPv6, by their numbers; a range of codes. */
  | { readonly kind: 'icmp-type'; readonly type: number; readonly code: PortRange; readonly negated: boolean }
  | { readonly kind: 'mark' | 'connmark'; readonly value: number; readonly mask: number; readonly negated: boolean }
  | { readonly kind: 'ctstate'; readonly states: readonly ConnectionState[]; readonly negated: boolean }
  /** `on`: an address counts as the machine's own only when the device that the packet came in by, or leaves by, has it. */
  | { readonly kind: 'src-type' | 'dst-type'; readonly type: AddressType; readonly on?: 'in' | 'out'; readonly negated: boolean }
  /** Of several types, or of one that is not among those above; xt_addrtype has rules of its own for IPv6. */
  | {
      readonly kind: 'addrtype';
      readonly end: 'src' | 'dst';
      readonly types: readonly string[];
      readonly on?: 'in' | 'out';
      readonly negated: boolean;
    }
  /** What conntrack knows of the connection. A packet without one does not match, negated or not. */
  | {
      readonly kind: 'ct-address';
      readonly direction: Direction;
      readonly end: 'source' | 'destination';
      readonly prefix: Prefix;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'ct-port';
      readonly direction: Direction;
      readonly end: 'source' | 'destination';
      readonly first: number;
      readonly last: number;
      readonly negated: boolean;
    }
  | { readonly kind: 'ct-protocol'; readonly protocol: string; readonly negated: boolean }
  | { readonly kind: 'ct-direction'; readonly direction: Direction; readonly negated: boolean }
  /** Has an answer been seen? */
  | { readonly kind: 'ct-seen-reply'; readonly negated: boolean }
  /**
   * Would an answer leave by the device that the packet came in by? rp_filter as a match. `loose`: by any device; `unmarked`: the mark is
   * not looked at; `acceptLocal`: an address of the machine's own will do.
   */
  | {
      readonly kind: 'rpfilter';
      readonly loose?: true;
      readonly unmarked?: true;
      readonly acceptLocal?: true;
      readonly negated: boolean;
    }
  | { readonly kind: 'in-interface' | 'out-interface'; readonly name: string; readonly negated: boolean }
  | { readonly kind: 'physdev-in' | 'physdev-out'; readonly name: string; readonly negated: boolean }
  | { readonly kind: 'physdev-is-bridged' | 'physdev-is-in' | 'physdev-is-out'; readonly negated: boolean }
  /** Whose socket sent it: a packet that was not sent from here has none. Of one that was nobody knows. */
  | { readonly kind: 'owner'; readonly text: string; readonly negated: boolean }
  | { readonly kind: 'ttl'; readonly compare: 'eq' | 'lt' | 'gt'; readonly value: number; readonly negated: boolean }
  /** The octet of TOS, or of the traffic class: programs leave it 0. */
  | { readonly kind: 'tos'; readonly value: number; readonly mask: number; readonly negated: boolean }
  /** What holds for all packets here, or for none: none has IPsec, or an extension header. `text` as `unknown` has it. */
  | { readonly kind: 'fixed'; readonly matches: boolean; readonly text: string }
  /**
   * The list of sources (as far as the mask goes) that met a rule lately: `set` puts the packet's source into it, `rcheck` asks whether it
   * is there. Here every list starts empty, so no source is found.
   */
  | { readonly kind: 'recent'; readonly action: 'set'; readonly list: string; readonly mask: IpAddress }
  | { readonly kind: 'recent'; readonly action: 'rcheck'; readonly list: string; readonly seconds: number; readonly mask: IpAddress }
  /** Matches that share of packets: at random, or each so-manieth of them, which is as likely to be the one that is asked about. */
  | { readonly kind: 'statistic'; readonly probability: number; readonly nth?: { readonly every: number; readonly packet: number } }
  /** Was the connection balanced by IPVS, which it came to with this address and port? */
  | { readonly kind: 'ipvs'; readonly protocol: Protocol; readonly address: IpAddress; readonly port: number }
  /** nft, and iptables' `set`: are these fields of the packet in the set? */
  | {
      readonly kind: 'lookup';
      readonly key: readonly Selector[];
      readonly set: NamedSet;
      /** As the rule of iptables has them; undefined: as the key says. */
      readonly directions?: readonly ('src' | 'dst')[];
      readonly negated: boolean;
    }
  /** nft: puts them into the set, and always goes on. A set that packets fill starts empty, as `recent`'s lists do. */
  | { readonly kind: 'update'; readonly key: readonly Selector[]; readonly set: NamedSet }
  /** nft: have these bits of the field (as `tcp flags`) this value? */
  | { readonly kind: 'bits'; readonly field: Selector; readonly mask: number; readonly value: number; readonly negated: boolean }
  /** A module that is not modelled: nobody knows whether it matches. `text` is as the program prints it that the rule is from. */
  | { readonly kind: 'unknown'; readonly text: string; readonly lacks?: Lack };

/** What nobody gave, so that a match is not known: as `the set blocked`, and the command that prints it. */
export interface Lack {
  readonly what: string;
  readonly command: string;
}

export type Target =
  | MapVerdict
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  /** mark = (mark & ~mask) ^ value, as --set-xmark has it. */
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number }
  | { readonly kind: 'DNAT'; readonly address: IpAddress; readonly port: number | null }
  /** DNAT that leaves the address. */
  | { readonly kind: 'DNAT-PORT'; readonly port: number }
  /** To the machine itself: the address of the device that the packet came in by, or `lo`'s. */
  | { readonly kind: 'REDIRECT'; readonly port: number | null }
  /** The bits of the prefix replace the destination's, or the source's. */
  | { readonly kind: 'NETMAP'; readonly prefix: Prefix }
  /** The connection's mark: set as MARK does; saved from the packet's, or restored to it, in the bits of the mask. */
  | { readonly kind: 'CONNMARK'; readonly action: 'set'; readonly value: number; readonly mask: number }
  /** `from`: the bits of the mark that it is taken from, where they are others than those of the mark that it is put into. */
  | { readonly kind: 'CONNMARK'; readonly action: 'save' | 'restore'; readonly mask: number; readonly from?: number }
  /** `random`: the port is chosen by a hash, `randomFully`: by chance. `ports`: among these; a port that is one of them stays. */
  | { readonly kind: 'SNAT'; readonly address: IpAddress; readonly random?: true; readonly randomFully?: true; readonly ports?: PortRange }
  | { readonly kind: 'MASQUERADE'; readonly randomFully: boolean; readonly random?: true; readonly ports?: PortRange }
  /** Conntrack is not to look at the packet. */
  | { readonly kind: 'NOTRACK' }
  /** nft: the verdict is looked up by fields of the packet; without an entry the rule does not match. */
  | { readonly kind: 'vmap'; readonly key: readonly Selector[]; readonly map: VerdictMap }
  /** nft: it is looked up by a random number below `modulus`, each as likely as another. */
  | { readonly kind: 'numgen'; readonly modulus: number; readonly map: VerdictMap }
  /** One that is not modelled, and may end the packet's way or change it: nobody knows what becomes of it. */
  | { readonly kind: 'unmodelled'; readonly text: string };

/** What a rule asks of a packet: a match, or a map that may have no entry for it. */
export type Condition = Match | Extract<Target, { readonly kind: 'vmap' | 'numgen' }>;

export interface Rule {
  /** Whose words it is printed in. Undefined: iptables'. */
  readonly syntax?: 'nft' | 'ipvs';
  readonly matches: readonly Match[];
  /** Null: the rule only counts or writes to a log, or a match of it did something. */
  readonly target: Target | null;
  /** nft: what the same rule goes on with where its target lets it, as `accept` in `meta mark set 0x1 accept`. */
  readonly then?: Rule;
  /** As it was listed on a machine, without counters; of `then`, its own part. */
  readonly listed?: string;
  readonly comment: string | null;
  readonly origin: Origin;
  /** Undefined: none beside what it does. */
  readonly role?: RuleRole;
}

/** The parts of a packet that an index over a chain may use, because its rules tell them apart. */
export interface DispatchKey {
  readonly protocol: WireProtocol;
  readonly destination: IpAddress;
  readonly destinationPort: number;
}

export interface Chain {
  readonly name: string;
  /** Of nft. Undefined: none. */
  readonly comment?: string;
  /** All its rules, in order: for printing. */
  rules(): readonly Rule[];
  /** Those that this packet can possibly match, in order: a walk looks at these only. */
  candidates(key: DispatchKey): readonly Rule[];
}

/** Chains by name. Long chains are indexed and made when asked for, never copied from machine to machine. */
export interface Table {
  readonly name: string;
  chain(name: string): Chain | undefined;
  /** In the order in which they are printed. */
  chains(): Iterable<Chain>;
}

/** A table of iptables or ip6tables: base chains first, then the others by name, as iptables-save has them. */
export interface IptablesTable extends Table {
  readonly name: TableName;
  /** The fate of a packet that no rule of a base chain decides. */
  readonly policies: ReadonlyMap<Hook, Policy>;
}

/** A chain that frames meet on a bridge or a device, or ARP's packets: `hook` and `devices` in nft's words. */
export interface LinkChain {
  readonly chain: Chain;
  readonly hook: string;
  readonly devices: readonly string[];
  readonly policy: Policy;
}

/**
 * A table of nft. `inet`: for both families; it is the same one in both rulesets of a machine. What the last three have is below IP, and
 * they have no base chains but those in `links`.
 */
export interface NftTable extends Table {
  readonly family: 'ip' | 'ip6' | 'inet' | 'bridge' | 'arp' | 'netdev';
  /** Undefined: none. */
  readonly links?: readonly LinkChain[];
  /** iptables-nft keeps its rules in it: iptables-save shows the same ones. */
  readonly isOfIptables?: true;
  /** Does a rule of it turn connection tracking on? Undefined: its base chains tell. */
  readonly tracksConnections?: boolean;
  readonly comment: string | null;
  /** Its named sets and maps, in the order in which they are printed. */
  readonly sets: readonly (NamedSet | VerdictMap)[];
  readonly base: readonly BaseChainSpec[];
}

export type Policy = 'ACCEPT' | 'DROP';
/** `route`: a packet whose mark it changes is routed again. */
export type ChainType = 'filter' | 'nat' | 'route';

/** A chain that netfilter asks by itself. */
export interface BaseChainSpec {
  readonly chain: Chain;
  readonly type: ChainType;
  readonly hook: Hook;
  readonly priority: number;
  readonly policy: Policy;
}

export interface BaseChain extends BaseChainSpec {
  readonly table: Table;
  /** Its place in the order in which the machine's base chains came. Of those with one priority the one that came last runs first. */
  readonly registered: number;
}

/**
 * Something that runs at a hook, in the order of priorities. All nat chains run within `nat`, whatever their own priorities are: those
 * only order them among themselves. Source: nf_nat_register_fn, net/netfilter/nf_nat_core.c.
 */
export type HookEntry =
  | { readonly kind: 'chain'; readonly priority: number; readonly base: BaseChain }
  | { readonly kind: 'nat'; readonly priority: number; readonly chains: readonly BaseChain[] }
  | { readonly kind: 'ipvs'; readonly priority: number; readonly servers: VirtualServers }
  | {
      readonly kind: 'policy';
      readonly priority: number;
      /** In the order of the packet: out of one pod, then into another. */
      readonly directions: readonly PolicyDirection[];
      readonly points: PolicyPoints;
    }
  | { readonly kind: 'conntrack' | 'confirm'; readonly priority: number };

/**
 * IPVS as a table of rules: a chain of virtual servers, each of which chooses among its destinations, and a chain for each destination.
 * One without destinations refuses.
 */
export interface VirtualServers extends Table {
  readonly name: 'ipvs';
  readonly servers: Chain;
}

/** What runs at each hook, in its order. */
export type Hooks = Readonly<Record<Hook, readonly HookEntry[]>>;

/** What runs at a hook where base chains have one priority, and nobody knows which of them came first. */
export interface Tied {
  /** The first is as the listing has them. */
  readonly orders: readonly (readonly HookEntry[])[];
  /** There are more than those. */
  readonly isCut: boolean;
  /** With their tables. */
  readonly chains: readonly string[];
}

export interface Ruleset {
  readonly tables: Readonly<Partial<Record<TableName, IptablesTable>>>;
  /** In the order in which they came. */
  readonly nft: readonly NftTable[];
  /** How many nft tables came before iptables' (see `BaseChain.registered`). */
  readonly nftBefore: number;
  /** Undefined: it has no virtual server. */
  readonly ipvs?: VirtualServers;
  readonly hooks: Hooks;
  /** As `hooks`, had its base chains come in another order that they may have come in; null: in no other, or no packet would notice. */
  readonly otherwise: Hooks | null;
  /** Of rules that were found: where the order of base chains is not known. Undefined: nowhere. */
  readonly ties?: Readonly<Partial<Record<Hook, Tied>>>;
  /** Connection tracking and NAT sleep in a namespace until a rule needs them. */
  readonly tracksConnections: boolean;
}

export const EMPTY_RULESET: Ruleset = {
  tables: {},
  nft: [],
  nftBefore: 0,
  hooks: { PREROUTING: [], INPUT: [], FORWARD: [], OUTPUT: [], POSTROUTING: [] },
  otherwise: null,
  tracksConnections: false,
};

/** A chain whose rules are all looked at in turn. */
export function plainChain(name: string, rules: readonly Rule[]): Chain {
  return { name, rules: () => rules, candidates: () => rules };
}
