import type { Fib, NextHop, Route } from '../datapath/fib.ts';
import type { Condition, Hook, Rule, Target } from '../datapath/netfilter/ruleset.ts';
import type { MapElement } from '../datapath/netfilter/sets.ts';
import type { Device } from '../datapath/netns.ts';
import type { FirewallRole, NetnsRole } from '../datapath/roles.ts';
import type { IpAddress } from '../net/address.ts';
import type { Change } from '../net/change.ts';
import type { Mac } from '../net/mac.ts';
import type { Packet, WirePacket } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import type { Failure } from './failure.ts';

/** The fields of every hop. `packet` and `mark` are as they are after it. */
interface HopBase {
  readonly node: string;
  readonly netns: string;
  /** Of the namespace. */
  readonly role: NetnsRole;
  readonly device: string | null;
  readonly packet: Packet;
  /** From where a tunnel puts the packet into another to where it is taken out: the other one. */
  readonly outer: Outer | null;
  readonly mark: number;
  readonly changes: readonly Change[];
  readonly origin: Origin;
}

/** The packet that a tunnel's travels in. */
export interface Outer {
  readonly packet: WirePacket;
  /** Null: it has none, or nobody knows it. */
  readonly vni: number | null;
}

/** A process, or the kernel itself, sends or receives. */
export interface SocketHop extends HopBase {
  readonly kind: 'socket';
  readonly action: 'send' | 'receive';
  readonly process: string;
  /** For what a socket load balancer has changed the address that was called; undefined or null: none has. */
  readonly balancedFor?: string | null;
}

/** The packet crosses a device: what a capture on it shows. */
export interface InterfaceHop extends HopBase {
  readonly kind: 'interface';
  readonly direction: 'in' | 'out';
  /** The device itself, for what is at its other end. */
  readonly link: Device;
}

export interface BridgeHop extends HopBase {
  readonly kind: 'bridge';
  readonly bridge: string;
  readonly port: string | null;
  readonly verdict: 'forwarded' | 'flooded' | 'passed-up';
}

export interface RouteHop extends HopBase {
  readonly kind: 'route';
  readonly table: Fib['id'];
  readonly route: Route;
  readonly nextHop: NextHop | null;
  readonly rulePriority: number;
}

/** A rule that was met on the way to a verdict: the chain it stands in, and itself. */
export interface RuleStep {
  readonly chain: string;
  readonly rule: Rule;
  /** The entry of its map that was hit, if it has one. */
  readonly element?: MapElement;
}

/** A rule that was looked at and did not match, and the first condition that failed. */
export interface Miss extends RuleStep {
  readonly failed: Condition;
}

/** What the rule did with the packet, by itself or by its map. */
export const targetOf = ({ rule, element }: RuleStep): Target | null => element?.verdict ?? rule.target;
export const originOf = ({ rule, element }: RuleStep): Origin => element?.origin ?? rule.origin;
export const commentOf = ({ rule, element }: RuleStep): string | null => element?.comment ?? rule.comment;

export interface FilterHop extends HopBase {
  readonly kind: 'filter';
  /** One of iptables', or an nft table. */
  readonly table: string;
  readonly hook: Hook;
  /** The base chain. */
  readonly chain: string;
  readonly steps: readonly RuleStep[];
  readonly misses: readonly Miss[];
  readonly verdict: 'ACCEPT' | 'DROP' | 'REJECT' | 'MARK';
  /** True when no rule decided and the chain's policy did. */
  readonly byPolicy: boolean;
}

export interface NatHop extends HopBase {
  readonly kind: 'nat';
  readonly action: 'dnat' | 'snat' | 'masquerade' | 'un-dnat' | 'un-snat' | 'icmp-error';
  readonly hook: Hook;
  /** Empty when the rewrite follows a connection that is known already. */
  readonly steps: readonly RuleStep[];
  readonly misses: readonly Miss[];
  /** The rule that decided, now or when the connection began; null: none is known. */
  readonly rule: Rule | null;
}

export interface NeighbourHop extends HopBase {
  readonly kind: 'neighbour';
  readonly address: IpAddress;
  readonly answeredBy: { readonly netns: string; readonly device: string };
}

export interface UnderlayHop extends HopBase {
  readonly kind: 'underlay';
  readonly segment: string;
}

/** The kind of a tunnel, and its two ends on the network that carries it. */
export interface TunnelEnds {
  readonly type: 'vxlan' | 'geneve' | 'ipip';
  readonly vni: number | null;
  /** UDP; null: it does not travel in UDP. */
  readonly port: number | null;
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

/** A tunnel device puts the packet into another one. */
export interface EncapHop extends HopBase {
  readonly kind: 'encap';
  readonly tunnel: TunnelEnds;
  /** Why it is sent there: null for tunnels that the route alone leads through. */
  readonly by: { readonly neighbour: NeighbourEntry; readonly fdb: FdbHit } | null;
}

export interface NeighbourEntry {
  readonly address: IpAddress;
  readonly lladdr: Mac;
  readonly origin: Origin;
}

export interface FdbHit {
  readonly lladdr: Mac;
  readonly dst: IpAddress;
  readonly origin: Origin;
}

/** A tunnel device takes the packet out of the one that carried it. */
export interface DecapHop extends HopBase {
  readonly kind: 'decap';
  readonly tunnel: TunnelEnds;
}

/** Is it the packet of a tunnel that the hop is about, and not the one inside? */
export const isAboutOuter = ({ kind, outer }: Hop): boolean => outer !== null && kind !== 'encap' && kind !== 'decap';

/** A mechanism that did not apply, and why. */
export interface SkipHop extends HopBase {
  readonly kind: 'skip';
  readonly skipped: Skipped;
}

export type Skipped =
  | { readonly mechanism: 'masquerade'; readonly steps: readonly RuleStep[]; readonly misses: readonly Miss[] }
  | { readonly mechanism: 'dnat'; readonly hook: Hook; readonly misses: readonly Miss[] }
  | { readonly mechanism: 'bridge-netfilter'; readonly bridge: string }
  | { readonly mechanism: 'nat-invalid'; readonly hook: Hook };

/** An Ingress or Gateway controller: the connection ends at it, and it starts one of its own, or answers itself. */
export interface ProxyHop extends HopBase {
  readonly kind: 'proxy';
  /** `return`: what comes back on its own connection, it passes on to the client. */
  readonly action: 'forward' | 'return' | 'redirect' | 'answer';
  readonly process: string;
  /** The rule that the request matched, in words. */
  readonly rule: string;
  readonly url: string;
  /** The URL that the backend is asked for, or that the client is sent to; null when the controller answers itself. */
  readonly to: string | null;
  /** `service default/cart:80`; null when there is none. */
  readonly backend: string | null;
  readonly tls: 'terminated' | 'none';
  /** The client's address as the controller sees it, which it passes on as X-Forwarded-For. */
  readonly forwardedFor: IpAddress;
  /** Changes of headers, in words. */
  readonly edits: readonly string[];
}

/** A name that was asked for, and what was said of it. */
export interface DnsStep {
  readonly name: string;
  readonly answer: 'A' | 'AAAA' | 'CNAME' | 'NODATA' | 'NXDOMAIN' | 'unknown';
  readonly target: string | null;
  readonly addresses: readonly IpAddress[];
}

/** The program looks its destination's name up, before it sends anything. */
export interface DnsHop extends HopBase {
  readonly kind: 'dns';
  readonly question: string;
  /** The record that was asked for: that of its own family, which is the one that it can call. */
  readonly type: 'A' | 'AAAA';
  /** Null: /etc/hosts has the name, and nobody was asked. */
  readonly server: { readonly name: string; readonly address: IpAddress | null } | null;
  readonly steps: readonly DnsStep[];
  readonly answer: readonly IpAddress[];
}

/** The gateway between inside and outside hands the packet on, and translates it where it has something to translate. */
export interface GatewayHop extends HopBase {
  readonly kind: 'gateway';
  readonly action: 'pass' | NatHop['action'];
  readonly towards: 'inside' | 'outside';
  readonly steps: readonly RuleStep[];
  readonly misses: readonly Miss[];
}

/** The lists of a firewall were asked. */
export interface FirewallHop extends HopBase {
  readonly kind: 'firewall';
  readonly verdict: 'ACCEPT' | 'DROP' | 'REJECT';
  /** One for each list that the packet met; none when its connection was known. */
  readonly decisions: readonly FirewallRole[];
  readonly steps: readonly RuleStep[];
  readonly misses: readonly Miss[];
}

/** The load balancer of a service chooses a node. */
export interface LoadBalancerHop extends HopBase {
  readonly kind: 'load-balancer';
  readonly service: string;
  /** hand-on: as it is (ipMode VIP). The others rewrite it (ipMode Proxy). */
  readonly action: 'hand-on' | NatHop['action'];
  /** The nodes that pass its health check. */
  readonly nodes: readonly string[];
  readonly steps: readonly RuleStep[];
  readonly misses: readonly Miss[];
}

export interface DropHop extends HopBase {
  readonly kind: 'drop';
  readonly failure: Failure;
  /** An HTTP status that the process answers itself; null: it does not. */
  readonly answer: { readonly process: string; readonly status: string } | null;
}

/** Two processes share memory, or messages. Like a volume, this is a fact of the place, and no step of the packet. */
export interface IpcHop extends HopBase {
  readonly kind: 'ipc';
  /** The IPC namespace that both are in: of this pod, as `default/pod-a`, or of this node; null: they only share /dev/shm. */
  readonly namespace: string | null;
  /** The two that share it. */
  readonly ends: readonly [string, string];
  /** The file system at /dev/shm of both: the pod's own tmpfs, the node's, or a volume; null: each has another one. */
  readonly shm: { readonly kind: 'pod' | 'node' | 'volume'; readonly volume: string | null; readonly size: string | null } | null;
  /** Do they see the processes of each other? */
  readonly processes: boolean;
}

/** Files that two processes both have. */
export interface VolumeHop extends HopBase {
  readonly kind: 'volume';
  readonly volume: string;
  readonly type: string;
  /** Its storage, where that is known: `in memory`, a path of a node, a claim, a server. */
  readonly what: string | null;
  readonly from: MountEnd;
  readonly to: MountEnd;
  readonly lifetime: 'pod' | 'node' | 'claim' | 'server' | 'content';
}

/** One side of a shared volume: the process, and where it sees the files. */
export interface MountEnd {
  readonly process: string;
  readonly path: string;
  readonly subPath: string;
  readonly writable: boolean;
}

/** The hops that stages note. */
export type LinuxHop =
  | SocketHop
  | InterfaceHop
  | BridgeHop
  | RouteHop
  | FilterHop
  | NatHop
  | NeighbourHop
  | UnderlayHop
  | EncapHop
  | DecapHop
  | SkipHop
  | DropHop;
/** Their meaning at the edge of the cluster: a trace has these in their place. */
export type EdgeHop = GatewayHop | FirewallHop | LoadBalancerHop;
/** Facts from before any packet is sent. */
export type SharingHop = IpcHop | VolumeHop;

export type Hop = DnsHop | LinuxHop | EdgeHop | SharingHop | ProxyHop;
