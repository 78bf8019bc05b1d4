import type { NetnsBuilder } from '../datapath/builder.ts';
import type { RoutingRule } from '../datapath/fib.ts';
import type { RulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Peers } from '../datapath/peers.ts';
import type { Route } from '../datapath/route.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Prefix } from '../net/prefix.ts';
import type { PrefixTable } from '../net/prefix-table.ts';
import type { Origin } from '../source/origin.ts';
import type { Guess } from './guess.ts';
import type { Node } from './node.ts';
import type { Pod } from './pod.ts';

/** A CNI plugin with its configuration, which is its own business: other rooms ask for its effects. */
export interface Cni {
  /** That of the registry. */
  readonly plugin: string;
  /** As people call it. */
  readonly name: string;
  /** Of its configuration: declared, or inferred where the input leaves it out. */
  readonly origin: Origin;
  /** Of the pods' eth0 and its peers, in bytes. */
  readonly mtu: number;
  /** Null: it does what it is known to do. */
  readonly guess: Guess | null;
  /** Null: the network between the nodes knows nothing of pods. */
  readonly fabric: CniFabric | null;
  /** Pods' addresses come from the ranges of their nodes. */
  readonly ranges: boolean;
  /** Left out: a node has one range of a family, which no address leaves. */
  readonly blocks?: Blocks;
  /** Left out: it connects pods with IPv6, too. */
  readonly ipv4Only?: true;
  readonly masquerades: Masquerades;
  /**
   * Each NIC beside eth0 has a routing table of its own, from this number on, in the place of its links in the main one, and a pod's
   * address is one of a NIC. Left out: the plugin does not look at NICs.
   */
  readonly nicTables?: number;
  /**
   * The name of a pod's veth on the host; `nth` counts the pods with a network namespace of their own on its node from 0, in input order.
   */
  hostEnd(pod: Pick<Pod, 'namespace' | 'name'>, nth: number): string;
  /** The addresses of a node's pod range that IPAM gives to no pod, besides the network and broadcast addresses; `all`: the node's ranges. */
  reserved(podCidr: Prefix, all?: readonly Prefix[]): readonly ReservedAddress[];
  /** The devices that a node will have besides `lo` and `eth0`, the pods' host ends among them. */
  devices(node: PlannedNode, pods: readonly PlannedPod[]): readonly PlannedDevice[];
  /** The tunnel devices that a node should have, and for which nothing gives an address. Undefined: there are none. */
  withoutAddress?(node: PlannedNode): readonly string[];
  /** The routing rules of a node beside the usual three; `program` leaves them out. Undefined: none. */
  rules?(node: PlannedNode, pods: readonly PlannedPod[]): readonly RoutingRule[];
  /** A pod's devices besides `lo`. */
  podDevices(node: PlannedNode, pod: PlannedPod): readonly PlannedDevice[];
  /** What all nodes of a segment have of each other that have these links there: of nodes in other prefixes, some plugins have other routes. */
  betweenNodes(others: readonly OtherNode[], links: readonly Prefix[]): BetweenNodes;
  /** It does services in the place of kube-proxy. */
  readonly replacesProxy?: boolean;
  /** Its programs take packets by other ways than the routes of a node say. Undefined: they follow these. */
  readonly routesByProgram?: true;
  /** What its model is, where no kernel has been asked whether it is right: one line, which each trace says. */
  readonly modelled?: string;
  /** It replaces ClusterIPs in the call of a program, unless the input says otherwise. Undefined: it does not. */
  readonly socketLb?: boolean;
  /** Writes devices, addresses, routes and rules of one node and its pods. */
  program(host: Host): void;
}

/** Pools that nodes get blocks of; a pod may have an address of another node's block, and any address of one. */
export interface Blocks {
  readonly pools: readonly Prefix[];
  /** The block that an address is in, where none are stated; null: it is in no pool. */
  around(address: IpAddress): Prefix | null;
}

/** Who gives their node's address to what pods send out of the cluster. */
export type Masquerades =
  /** The cluster, as its `masquerade` says; where nothing is stated, all but to these ranges. Null: but to the pods' own. */
  | { readonly by: 'cluster'; readonly keeps: readonly Prefix[] | null }
  /** The plugin itself, unless its configuration has these keys. Null: always. */
  | { readonly by: 'plugin'; readonly off: Readonly<Record<string, unknown>> | null };

/** The network between the nodes knows where each pod is: it takes a packet for a pod to the NIC of the pod's node, on whatever segment. */
export interface CniFabric {
  /** The routes to pods that its own machines have: the gateway, and routers. */
  routes(others: readonly OtherNode[]): PrefixTable<Route>;
  /** A pod's address is one of the NIC's own, as far as the network is concerned, so that the NIC may send what comes from it. */
  readonly pods: 'of-nics' | 'behind-nics';
}

/** Pods' addresses are of the links of their nodes' NICs. */
export const areOnSegments = ({ ranges, fabric }: Cni): boolean => !ranges && fabric?.pods === 'of-nics';

/** What a plugin is configured for, beside its own configuration. */
export interface Setting {
  readonly families: readonly IpFamily[];
  /** The ranges of all pods of the cluster, at most one of a family. */
  readonly podCidrs: readonly Prefix[];
  /** The smallest MTU of a node's NICs, in bytes. */
  readonly nicMtu: number;
  /** The keys that a node states for itself, and not as the cluster does. Left out: none. */
  readonly own?: readonly string[];
}

/** `by` is the part of the node that has the address. */
export interface ReservedAddress {
  readonly address: IpAddress;
  readonly by: string;
}

/** A node has none of those that are about itself. */
export interface BetweenNodes {
  /** To other nodes' pods. */
  readonly routes: PrefixTable<Route>;
  /** The ends of tunnels, by the name of the device. */
  readonly peers: ReadonlyMap<string, Peers>;
}

export type PlannedNode = Pick<Node, 'name' | 'addresses' | 'podCidrs' | 'tunnel'> & Partial<Pick<Node, 'nics'>>;
export type PlannedPod = Pick<Pod, 'namespace' | 'name' | 'veth' | 'ips'> & Partial<Pick<Pod, 'nic'>>;

/** A device before it is made, so that the input's references to it can be checked. */
export interface PlannedDevice {
  readonly name: string;
  /** The field of the plugin's configuration that states its name; null: none does. */
  readonly namedBy: readonly string[] | null;
  readonly addresses: readonly { readonly address: IpAddress; readonly prefix: Prefix }[];
  /** The routes by it in the main table: to its link, or by a next hop there. */
  readonly routes: readonly { readonly prefix: Prefix; readonly onLink: boolean }[];
  /** Null: no port of a bridge. */
  readonly port: PlannedPort | null;
  /** Left out: no VXLAN device. */
  readonly vtep?: PlannedVtep;
  /** Of IPIP: an address is all that a node's end has. */
  readonly ipip?: true;
}

export interface PlannedVtep {
  readonly mac: Mac;
  /** Where the other nodes send its packets. */
  readonly dst: IpAddress;
}

export interface PlannedPort {
  readonly bridge: string;
  /** May the bridge send a frame back by the port that it came in by? */
  readonly hairpin: boolean;
  /** The field of the plugin's configuration that states it. */
  readonly hairpinBy: string;
}

/** A node with pods, as another machine reaches it in one IP family. */
export interface OtherNode {
  readonly node: PlannedNode & Pick<Node, 'locus'>;
  readonly pods: readonly Pod[];
  readonly family: IpFamily;
  /** On the machine's link: the node's own address, or that of the router before it; null: there is none. */
  readonly via: IpAddress | null;
  /** The machine's NIC on that link. */
  readonly device: string;
}

/** A machine that a plugin connects pods to. */
export interface Host {
  readonly builder: NetnsBuilder;
  readonly node: PlannedNode & Pick<Node, 'locus'>;
  /** The ends of tunnels that all nodes of its segment know, by the name of the device; its own among them. */
  readonly peers: ReadonlyMap<string, Peers>;
  /** Its own on the underlay, at most one of a family. */
  readonly addresses: readonly IpAddress[];
  readonly nics: readonly HostNic[];
  /** The prefixes of the network between the nodes. */
  readonly segments: readonly Prefix[];
  /** The ranges that its pods' addresses come from. */
  readonly ranges: readonly PodRange[];
  readonly pods: readonly PodNetwork[];
  /** For its tables: iptables', and ip6tables'. */
  readonly rules: Readonly<Record<IpFamily, RulesetBuilder>>;
  /** The ranges of all pods of the cluster, at most one of a family. */
  readonly clusterCidrs: readonly Prefix[];
  readonly masquerade: Masquerade | null;
}

/** A NIC beside eth0. */
export interface HostNic {
  readonly device: string;
  readonly address: IpAddress;
  readonly table: number | null;
  /** Of its segment, to everywhere else; null: there is none. */
  readonly router: IpAddress | null;
  readonly origin: Origin;
}

export interface PodRange {
  readonly podCidr: Prefix;
  readonly origin: Origin;
}

/** Packets from pods to anywhere but these ranges, of either family, get their node's address. */
export interface Masquerade {
  readonly nonMasqueradeCidrs: readonly Prefix[];
  readonly origin: Origin;
}

/** A pod's namespace, to be connected: the addresses that IPAM gave it, one a family, and the name of the veth's other end. */
export interface PodNetwork {
  readonly builder: NetnsBuilder;
  readonly addresses: readonly { readonly address: IpAddress; readonly origin: Origin }[];
  readonly vethName: string;
  /** The NIC that has its addresses, where it is one of the node's. */
  readonly nic: string;
  readonly portMappings: readonly PortMapping[];
  readonly origin: Origin;
}

/** A port of the node that leads to a container's. */
export interface PortMapping {
  readonly hostPort: number;
  /** Null: all addresses of the node. */
  readonly hostIp: IpAddress | null;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly origin: Origin;
}
