import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus, Origin } from '../source/origin.ts';
import type { Cni, Masquerade } from './cni.ts';
import type { Expectation } from './expectation.ts';
import type { Fact } from './fact.ts';
import type { Guess } from './guess.ts';
import type { HttpRouting } from './http/http-routing.ts';
import type { Idle } from './idle.ts';
import type { Namespace } from './namespace.ts';
import type { InternetGateway, OutsideHost, Underlay } from './network.ts';
import type { Node, ProxyModeName } from './node.ts';
import type { Pod } from './pod.ts';
import type { Enforcement } from './policy/enforcement.ts';
import type { ForeignPolicy } from './policy/foreign-policy.ts';
import type { Policy } from './policy/policy.ts';
import type { Service } from './service.ts';
import type { WhatIf } from './what-if.ts';

/** Everything that the input says, well-formed and with its references resolved. */
export interface Cluster {
  /** One or both; the primary one first. */
  readonly families: readonly IpFamily[];
  /** Nothing is known but what was found on one machine, and what was taken for granted beside it, in words. Null: there are objects. */
  readonly oneMachine: { readonly assumed: readonly string[] } | null;
  /** The ranges of all pod addresses, at most one of a family; none where pods have addresses of the nodes' own network. */
  readonly podCidrs: readonly Prefix[];
  /** The ranges of the ClusterIPs, at most one of a family; none: not stated. */
  readonly serviceCidrs: readonly Prefix[];
  /** The ports that services get on every node. */
  readonly nodePortRange: PortRange;
  readonly locus: Locus;
  /** As it is configured where a node does not say otherwise. */
  readonly cni: Cni;
  /** By node, where it is configured otherwise. */
  readonly cniByNode: ReadonlyMap<string, Cni>;
  readonly masquerade: Masquerade | null;
  readonly kubeProxy: KubeProxy;
  /** ClusterIPs are replaced where a program calls them, before there is a packet; null: they are not. */
  readonly socketLb: SocketLb | null;
  /** Those that the input has as objects of their own. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** A namespace without an object of its own has no label but its name: a Topology says so by leaving it out, objects of a cluster do not. */
  readonly areNamespacesComplete: boolean;
  readonly nodes: ReadonlyMap<string, Node>;
  /** By `namespace/name`, those that are not there included. */
  readonly pods: ReadonlyMap<string, Pod>;
  /** Those that are there and have a network namespace of their own, by their node's name. */
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** Those that are there and share their node's network namespace, by its name. */
  readonly hostPodsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** Ingresses and the Gateway API. */
  readonly http: HttpRouting;
  readonly underlay: Underlay;
  readonly gateway: InternetGateway | null;
  /** Machines on the internet, beyond the gateway. */
  readonly outside: readonly OutsideHost[];
  readonly expectations: readonly Expectation[];
  /** The zone that the cluster's names are in. */
  readonly clusterDomain: string;
  /** The DNS servers that kubelet gives to pods; empty: the input has none. */
  readonly clusterDns: readonly { readonly ip: IpAddress; readonly origin: Origin }[];
  /** What is known about the cluster as a whole, and how sure it is; where a Topology is all of the input, what it states. */
  readonly facts: readonly Fact[];
  /** Workloads of objects that have no pod because they are not to have one. */
  readonly idle: readonly Idle[];
  /** Of all kinds that are evaluated, in the order of the input. */
  readonly policies: readonly Policy[];
  /** Of kinds that are not evaluated. */
  readonly foreignPolicies: readonly ForeignPolicy[];
  /** Who makes them hold. */
  readonly enforcer: Enforcement;
  readonly standIns: StandIns;
  /** Every pod is taken to listen on any port, beside those that it states. Undefined: only one that states none. */
  readonly listensAnywhere?: true;
  /** Changes of the input that are supposed; none: it is as its files have it. */
  readonly whatIf: readonly WhatIf[];
  /** How many objects there are of kinds that are not read, by kind. */
  readonly passedOver: ReadonlyMap<string, number>;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The API server's default. */
export const NODE_PORTS: PortRange = { first: 30000, last: 32767 };

/** The CNI plugin, as a node has it. */
export const cniOn = ({ cni, cniByNode }: Pick<Cluster, 'cni' | 'cniByNode'>, node: string): Cni => cniByNode.get(node) ?? cni;

/** Things that the input does not have, and that were made in their place. */
export interface StandIns {
  /** A text that stands where addresses were; null: none is redacted. */
  readonly redacted: string | null;
  /** Pods that were made of so many workloads, and the nodes that they are taken to run on: 0 in a cluster that runs. */
  readonly pods: number;
  readonly workloads: number;
  readonly nodes: number;
  /** Nodes whose address the input does not have. */
  readonly nodeAddresses: number;
  /** No object tells of the way to the internet: one was made. */
  readonly gateway: boolean;
  /** The network between the nodes is inferred: nobody stated it. */
  readonly segments: boolean;
}

export const NO_STAND_INS: StandIns = {
  redacted: null,
  pods: 0,
  workloads: 0,
  nodes: 0,
  nodeAddresses: 0,
  gateway: false,
  segments: false,
};

export interface SocketLb {
  /** Only programs in the host's network namespace are served. */
  readonly hostNamespaceOnly: boolean;
  readonly origin: Origin;
}

/** kube-proxy's configuration, on all nodes. */
export interface KubeProxy {
  /** Where a node has no other. */
  readonly mode: ProxyModeName;
  /** What really does it, where that is taken to do as `mode` does; null: `mode` is the real one. */
  readonly guess: Guess | null;
  /** By what it tells packets of pods from all others. */
  readonly detectLocal: DetectLocal;
  /** The bit of the mark that asks for masquerading. */
  readonly masqueradeBit: number;
  /** Masquerade all that goes to a ClusterIP, wherever it comes from. */
  readonly masqueradeAll: boolean;
  /** The ranges of the node's own addresses that answer NodePorts, of either family; `primary`: its address on the underlay. Null: as the mode has it, all in iptables, `primary` in nftables. */
  readonly nodePortAddresses: readonly Prefix[] | 'primary' | null;
  /** Of iptables. */
  readonly localhostNodePorts: boolean;
  /** Of ipvs: a node answers ARP for no address of a service. */
  readonly strictArp: boolean;
  /** Did its base chains come after those of the CNI plugin, or before? Undefined: nothing says it, and they are taken to have come after. */
  readonly registered?: 'afterCNI' | 'beforeCNI';
  readonly origin: Origin;
}

/** kube-proxy's detectLocalMode. In the first two modes, of a family without a prefix nothing is local. */
export type DetectLocal =
  | { readonly mode: 'ClusterCIDR'; readonly cidrs: readonly Prefix[] }
  | { readonly mode: 'NodeCIDR' }
  | { readonly mode: 'BridgeInterface'; readonly bridgeInterface: string }
  | { readonly mode: 'InterfaceNamePrefix'; readonly interfaceNamePrefix: string };
