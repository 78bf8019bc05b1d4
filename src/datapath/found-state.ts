import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Origin, SourceDocument } from '../source/origin.ts';
import type { Connection } from './conntrack.ts';
import type { RoutingRule } from './fib.ts';
import type { Hook, NftTable, Policy, Rule, TableName, VirtualServers } from './netfilter/ruleset.ts';
import type { AddressScope, Socket } from './netns.ts';
import type { Route } from './route.ts';
import type { Sysctl } from './sysctl.ts';
import type { Unrouted } from './unrouted.ts';
import type { Untold } from './untold.ts';

/**
 * The state that was found on a machine. It replaces the compiled state table by table: null, or a table that is not there, was not
 * collected and stays as compiled. Origins are lines of the collected files.
 */
export interface FoundState {
  /** Of iptables and of ip6tables. */
  readonly iptables: Readonly<Record<IpFamily, ReadonlyMap<TableName, FoundTable>>>;
  /** Without the tables of iptables-nft, where iptables-save was collected as well. */
  readonly nft: readonly NftTable[] | null;
  /** There may be others: `nft list table` printed those. Undefined: they are all. */
  readonly isNftPart?: true;
  /** Tables of which nothing is known, so that any rule may stand at any hook. */
  readonly untold: readonly UntoldTables[];
  readonly links: readonly FoundLink[] | null;
  readonly addresses: Readonly<Record<IpFamily, readonly FoundAddress[] | null>>;
  /** By the number of the table. */
  readonly routes: Readonly<Record<IpFamily, ReadonlyMap<number, readonly Route[]>>>;
  /** Are these all tables, so that one that is not there is empty? */
  readonly areAllTables: Readonly<Record<IpFamily, boolean>>;
  /** Undefined: routes were given, or objects tell the ways. */
  readonly unrouted?: Unrouted;
  readonly rules: Readonly<Record<IpFamily, readonly RoutingRule[] | null>>;
  readonly neighbours: readonly FoundNeighbour[] | null;
  readonly fdb: readonly FoundFdbEntry[] | null;
  /** The settings that were collected. */
  readonly sysctls: ReadonlyMap<string, Sysctl>;
  readonly ipvs: Readonly<Record<IpFamily, VirtualServers | null>>;
  readonly sockets: readonly Socket[] | null;
  /** The protocols of which these are all sockets, also where there is none. Undefined: those that there is one of. */
  readonly listed?: readonly NonNullable<Socket['protocol']>[];
  readonly connections: readonly FoundConnection[] | null;
  /** The outputs of nft and ipset, for loading them into a kernel. */
  readonly texts: readonly FoundText[];
}

/** An output that the program itself can load: `nft list ruleset` (or -j), `ipset save`. The path of line `i`, counted from 0, is `[i]`. */
export type FoundText = {
  readonly document: SourceDocument;
  readonly lines: readonly string[];
} & (
  | { readonly program: 'ipset' }
  /** `FAMILY NAME` of the tables that are taken from this text, where several list them. */
  | { readonly program: 'nft'; readonly tables: readonly string[] }
);

/** The state of a machine of which nothing was collected. */
export const NOTHING_FOUND: FoundState = {
  iptables: { IPv4: new Map(), IPv6: new Map() },
  nft: null,
  untold: [],
  links: null,
  addresses: { IPv4: null, IPv6: null },
  routes: { IPv4: new Map(), IPv6: new Map() },
  areAllTables: { IPv4: false, IPv6: false },
  rules: { IPv4: null, IPv6: null },
  neighbours: null,
  fdb: null,
  sysctls: new Map(),
  ipvs: { IPv4: null, IPv6: null },
  sockets: null,
  connections: null,
  texts: [],
};

export interface UntoldTables extends Untold {
  readonly families: readonly IpFamily[];
  readonly origin: Origin;
}

/** A table of iptables. A chain that is only declared has no rules. */
export interface FoundTable {
  readonly policies: ReadonlyMap<Hook, Policy>;
  /** Left out: as the table's. */
  readonly policyOrigins?: ReadonlyMap<Hook, Origin>;
  readonly chains: ReadonlyMap<string, readonly Rule[]>;
  readonly origin: Origin;
  /** k8s-trace printed it, for a cluster whose policies are enforced beside rules. Undefined: policies are enforced by rules, if at all. */
  readonly policiesApart?: true;
  /** Parts of the table are not known; rules with the target `untold` stand where they may be. Undefined: all is known. */
  readonly untold?: Untold;
  /** The table of iptables-nft, where this is one of iptables-legacy and both have rules. Undefined: only one of them has. */
  readonly beside?: FoundTable;
  /** The end of the name of the iptables that has it: `iptables` alone may be the other one. Undefined: not known, or from before there were two. */
  readonly variant?: 'nft' | 'legacy';
}

/**
 * A device, as `ip -d link` shows it. `kind`: IFLA_INFO_KIND, as `veth`, `bridge`, `vxlan`; null: a NIC, `lo`, or not shown. `up`: by its
 * administrator; null: `ip -br addr` says DOWN also of a device without carrier. `carrier`: null where it is down, or not shown.
 */
export interface FoundLink {
  readonly name: string;
  readonly index: number | null;
  readonly kind: string | null;
  readonly up: boolean | null;
  readonly carrier: boolean | null;
  readonly mtu: number | null;
  readonly mac: Mac | null;
  readonly master: string | null;
  /**
   * The other end of a veth pair, or the device below: its index, and where it is here, its name. `netnsid`: it is in another namespace,
   * with this number or name.
   */
  readonly link: { readonly index: number | null; readonly name: string | null; readonly netnsid: number | string | null } | null;
  readonly hairpin: boolean | null;
  /** Nothing gets from such a port of a bridge to another such one. */
  readonly isolated: boolean | null;
  /** Of `vxlan` and of `geneve`. */
  readonly vxlan: {
    readonly vni: number | null;
    readonly port: number | null;
    readonly local: IpAddress | null;
    readonly remote: IpAddress | null;
    readonly learning: boolean | null;
  } | null;
  /** The ends of a tunnel of another kind: `ipip`, `sit`, `gre`, … A null remote: any. */
  readonly tunnel: { readonly local: IpAddress | null; readonly remote: IpAddress | null } | null;
  readonly vlan: number | null;
  /** The routing table of a `vrf`. */
  readonly vrf: number | null;
  readonly origin: Origin;
}

/** `flags` as `ip addr` has them: `secondary`, `deprecated`, `tentative`, `dadfailed`, `noprefixroute`, … */
export interface FoundAddress {
  readonly device: string;
  readonly address: IpAddress;
  readonly prefix: Prefix;
  readonly peer: IpAddress | null;
  readonly flags: readonly string[];
  /** Undefined: another scope. */
  readonly scope?: AddressScope;
  readonly origin: Origin;
}

/** `lladdr` null: none is known. State as `ip neigh` has it, in capitals: `REACHABLE`, `STALE`, `PERMANENT`, `NOARP`, `FAILED`, … */
export interface FoundNeighbour {
  readonly address: IpAddress;
  readonly device: string;
  readonly lladdr: Mac | null;
  readonly state: string;
  readonly origin: Origin;
}

/** `dst`: of a tunnel device, the machine that has the address. `master`: it is in that bridge's table, of a port; null: in the device's own. */
export interface FoundFdbEntry {
  readonly lladdr: Mac;
  readonly device: string;
  readonly dst: IpAddress | null;
  readonly master: string | null;
  readonly vlan: number | null;
  readonly permanent: boolean;
  readonly origin: Origin;
}

/** A line of `conntrack -L`. */
export interface FoundConnection {
  readonly connection: Connection;
  /** In conntrack's word: `ESTABLISHED`, `TIME_WAIT`; null: the protocol has none. */
  readonly state: string | null;
  /** Its zone. Packets are looked up in zone 0, unless OVS or `-j CT --zone` assigns another one. */
  readonly zone: number;
  readonly origin: Origin;
}
