import type { IpAddress } from '../../net/address.ts';
import type { WireProtocol } from '../../net/packet.ts';
import type { Origin } from '../../source/origin.ts';
import type { PolicyDirection, PolicyPoints } from '../policy-point.ts';
import type { RuleRole } from '../roles.ts';
import type { Match } from './match.ts';
import type { NamedSet, VerdictMap } from './sets.ts';
import type { Target } from './target.ts';

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

/** A condition of a rule: a match, or a map that may have no element for the packet. */
export type Condition = Match | Extract<Target, { readonly kind: 'vmap' | 'numgen' }>;

export interface Rule {
  /** The syntax in which the rule is printed. Undefined: that of iptables. */
  readonly syntax?: 'nft' | 'ipvs';
  readonly matches: readonly Match[];
  /** Null: the rule only counts or writes to a log, or a match of it did something. */
  readonly target: Target | null;
  /** nft: what the same rule goes on with where its target lets it, as `accept` in `meta mark set 0x1 accept`. */
  readonly then?: Rule;
  /** The rule's text in the listing of a machine, without counters; for `then`, its own part. */
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
  /** The rules that this packet can possibly match, in order: a walk looks at these only. */
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
  /** The lines of a found table that say its policies. */
  readonly policyOrigins?: ReadonlyMap<Hook, Origin>;
}

/** A chain that frames meet on a bridge or a device, or ARP's packets: `hook` and `devices` in nft's words. */
export interface LinkChain {
  readonly chain: Chain;
  readonly hook: string;
  readonly devices: readonly string[];
  readonly policy: Policy;
  /** Where that is said. */
  readonly policyOrigin?: Origin;
}

export const NFT_FAMILIES = ['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev'] as const;
export type NftFamily = (typeof NFT_FAMILIES)[number];

/**
 * A table of nft. `inet`: for both families; it is the same one in both rulesets of a machine. What the last three have is below IP, and
 * they have no base chains but those in `links`.
 */
export interface NftTable extends Table {
  readonly family: NftFamily;
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
  /** Where that is said. Undefined: nothing says it. */
  readonly policyOrigin?: Origin;
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

/** The entries of each hook, in their order. */
export type Hooks = Readonly<Record<Hook, readonly HookEntry[]>>;

/** Base chains of one hook and priority, of which it is not known which was added first. */
export interface Tied {
  /** The first is as the listing has them. */
  readonly orders: readonly (readonly HookEntry[])[];
  /** There are more than those. */
  readonly isCut: boolean;
  /** The names of the chains, with those of their tables. */
  readonly chains: readonly string[];
}

export interface Ruleset {
  readonly tables: Readonly<Partial<Record<TableName, IptablesTable>>>;
  /** The tables of iptables-nft, where iptables-legacy has a table of the same name. Undefined: none. */
  readonly beside?: readonly IptablesTable[];
  /** In the order in which they were added. */
  readonly nft: readonly NftTable[];
  /** How many nft tables came before iptables' (see `BaseChain.registered`). */
  readonly nftBefore: number;
  /** Undefined: it has no virtual server. */
  readonly ipvs?: VirtualServers;
  readonly hooks: Hooks;
  /** The hooks, if the base chains had been added in another possible order; null: there is none, or no packet would notice. */
  readonly otherwise: Hooks | null;
  /** The hooks of found rules at which the order of base chains is not known. Undefined: none. */
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

/** A chain without an index: a walk looks at all its rules in turn. */
export function plainChain(name: string, rules: readonly Rule[]): Chain {
  return { name, rules: () => rules, candidates: () => rules };
}
