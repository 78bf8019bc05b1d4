import type { Stated } from '../datapath/stated.ts';
import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus, Origin } from '../origin.ts';
import type { Expectation } from './expectation.ts';
import type { HttpRouting } from './http-routing.ts';
import type { Volume, VolumeMount } from './volume.ts';

/** Everything that the input says, well-formed and with its references resolved. */
export interface Cluster {
  readonly podCidr: Prefix;
  readonly serviceCidr: Prefix | null;
  readonly locus: Locus;
  readonly cni: CniConfig;
  readonly masquerade: Masquerade | null;
  readonly kubeProxy: KubeProxy;
  readonly nodes: ReadonlyMap<string, Node>;
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, Pod>;
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** Those that share their node's network namespace; `podsByNode` has the others. */
  readonly hostPodsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** Ingresses and the Gateway API. */
  readonly http: HttpRouting;
  readonly underlay: Underlay;
  readonly gateway: Gateway | null;
  /** Machines on the internet, beyond the gateway. */
  readonly outside: readonly OutsideHost[];
  readonly expectations: readonly Expectation[];
  /** The zone that the cluster's names are in. */
  readonly clusterDomain: string;
  /** The DNS servers that kubelet gives to pods; empty: the input has none. */
  readonly clusterDns: readonly { readonly ip: IpAddress; readonly origin: Origin }[];
}

/** kube-proxy's configuration, the same on all nodes. */
export interface KubeProxy {
  readonly mode: 'iptables';
  /** Masquerade all that goes to a ClusterIP, from wherever it comes. */
  readonly masqueradeAll: boolean;
  /** The ranges of the node's own addresses that answer NodePorts; null: all of them. */
  readonly nodePortAddresses: readonly Prefix[] | null;
  readonly localhostNodePorts: boolean;
  readonly origin: Origin;
}

/** The CNI's configuration; `plugin` says whose. */
export interface CniConfig {
  readonly plugin: 'bridge';
  readonly bridge: string;
  readonly mtu: number;
  readonly hairpinMode: boolean;
  readonly ipMasq: boolean;
  readonly origin: Origin;
}

/** Packets from pods to anywhere but these ranges get their node's address. */
export interface Masquerade {
  readonly nonMasqueradeCidrs: readonly Prefix[];
  readonly origin: Origin;
}

export interface Node {
  readonly name: string;
  readonly ip: IpAddress;
  readonly podCidr: Prefix;
  readonly segment: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly kubeProxy: { readonly running: boolean; readonly origin: Origin };
  readonly stated: Stated;
  readonly locus: Locus;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ip: IpAddress;
  readonly ipOrigin: Origin;
  readonly labels: ReadonlyMap<string, string>;
  readonly ready: { readonly value: boolean; readonly locus: Locus };
  /** Being deleted: no ready endpoint any more. */
  readonly terminating: boolean;
  /** It has no network namespace of its own, but its node's. */
  readonly hostNetwork: boolean;
  /** Its containers are in the node's IPC namespace, and have the node's /dev/shm. */
  readonly hostIpc: boolean;
  /** Its containers are in the node's process namespace. */
  readonly hostPid: boolean;
  /** Its containers are in one process namespace instead of one each. */
  readonly shareProcessNamespace: boolean;
  readonly volumes: readonly Volume[];
  /** The host's end of its veth pair. */
  readonly veth: string;
  readonly containers: readonly Container[];
  /** Nothing is said of its sockets, so any port may have one. */
  readonly listensOnAnything: boolean;
  readonly stated: Stated;
  readonly names: PodNames;
  readonly locus: Locus;
}

/** What a pod is called, and how it looks names up. */
export interface PodNames {
  /** Of its spec: what makes it a name of its own below a service. Null: not stated. */
  readonly hostname: string | null;
  readonly subdomain: string | null;
  readonly policy: DnsPolicy;
  readonly config: DnsConfig | null;
  readonly hostAliases: readonly HostAlias[];
}

export type DnsPolicy = 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';

/** What is added to the policy's servers and search list. */
export interface DnsConfig {
  readonly nameservers: readonly IpAddress[];
  readonly searches: readonly string[];
  readonly ndots: number | null;
}

/** A line of /etc/hosts. */
export interface HostAlias {
  readonly ip: IpAddress;
  readonly hostnames: readonly string[];
  readonly locus: Locus;
}

export interface Container {
  readonly name: string;
  readonly ports: readonly ContainerPort[];
  readonly listen: readonly ListenAddress[];
  readonly mounts: readonly VolumeMount[];
  readonly locus: Locus;
}

export interface ContainerPort {
  readonly name: string | null;
  readonly port: number;
  /** A port of the node that leads here, on all of its addresses or on one. */
  readonly host: { readonly port: number; readonly ip: IpAddress | null; readonly locus: Locus } | null;
  readonly protocol: TransportProtocol;
  readonly locus: Locus;
}

export type TransportProtocol = Exclude<Protocol, 'icmp'>;

export interface ListenAddress {
  /** Null: all addresses. */
  readonly address: IpAddress | null;
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly locus: Locus;
}

export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
/** Cluster: any endpoint will do; Local: only those on the node where the packet is. */
export type TrafficPolicy = 'Cluster' | 'Local';

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: ServiceType;
  /** Null: headless, or an ExternalName. */
  readonly clusterIp: IpAddress | null;
  /** The name that an ExternalName stands for; of all other types null. */
  readonly externalName: { readonly name: string; readonly locus: Locus } | null;
  /** Endpoints are ready whether their pods are or not. */
  readonly publishNotReady: boolean;
  /** Addresses from outside that are routed to the nodes for it. */
  readonly externalIps: readonly IpAddress[];
  /** What its load balancer has, as the status says. */
  readonly ingress: readonly LoadBalancerIngress[];
  /** Who may use the load balancer; empty: everybody. */
  readonly sourceRanges: readonly Prefix[];
  readonly externalPolicy: TrafficPolicy;
  readonly internalPolicy: TrafficPolicy;
  /** How long a client stays with its endpoint; null: each connection is balanced anew. */
  readonly affinitySeconds: number | null;
  readonly healthCheckNodePort: number | null;
  readonly selector: ReadonlyMap<string, string>;
  readonly ports: readonly ServicePort[];
  readonly locus: Locus;
}

/** VIP: nodes take packets to this address themselves. Proxy: the load balancer ends them and calls the nodes, who must not. */
export interface LoadBalancerIngress {
  readonly ip: IpAddress;
  readonly mode: 'VIP' | 'Proxy';
  readonly locus: Locus;
}

export interface ServicePort {
  /** Empty when the service has one port without a name. */
  readonly name: string;
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly targetPort: number | string;
  readonly nodePort: number | null;
  readonly endpoints: readonly Endpoint[];
  /** Where the endpoints are stated, when they are not selected. */
  readonly stated: Locus | null;
  /** Pods that the selector matches but whose ports have no such name. */
  readonly unresolved: readonly Pod[];
  readonly locus: Locus;
}

export interface Endpoint {
  readonly ip: IpAddress;
  readonly port: number;
  readonly ready: boolean;
  /** Still answers, though it may be terminating. */
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Its own name below the service's; null: it has none of its own. */
  readonly hostname: string | null;
  /** Its node's name; null: nobody says, so it is nobody's local one. */
  readonly node: string | null;
  /** For which zones and nodes the controller meant it; null: for all. */
  readonly hints: { readonly zones: readonly string[]; readonly nodes: readonly string[] } | null;
  readonly pod: Pod | null;
  /** What makes it an endpoint, and what says whether it is ready. */
  readonly locus: Locus;
  readonly readyLocus: Locus;
}

export interface Underlay {
  readonly segments: ReadonlyMap<string, UnderlaySegment>;
  readonly routers: readonly Router[];
  /** At every router and at the gateway. */
  readonly firewall: Firewall | null;
}

/** What may pass where packets are handed on: the first rule that fits a new connection decides it, else the default. */
export interface Firewall {
  readonly where: 'edge' | 'underlay';
  readonly rules: readonly FirewallRule[];
  readonly otherwise: { readonly action: FirewallAction; readonly origin: Origin };
}

/** deny says nothing to the sender; reject does. */
export type FirewallAction = 'allow' | 'deny' | 'reject';

export interface FirewallRule {
  readonly name: string | null;
  readonly action: FirewallAction;
  readonly from: Prefix;
  readonly to: Prefix;
  /** Null: any. With ports it is theirs. */
  readonly protocol: Protocol | null;
  /** Empty: all. */
  readonly ports: readonly PortRange[];
  readonly origin: Origin;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly protocol: TransportProtocol;
}

export interface UnderlaySegment {
  readonly name: string;
  readonly prefix: Prefix;
  readonly origin: Origin;
}

export interface Router {
  readonly name: string;
  readonly interfaces: readonly { readonly segment: string; readonly ip: IpAddress; readonly locus: Locus }[];
  readonly stated: Stated;
  readonly locus: Locus;
}

export interface Gateway {
  readonly ip: IpAddress;
  readonly segment: string;
  /** What leaves gets this source, many to one; null: nothing is said of it. */
  readonly publicIp: { readonly ip: IpAddress; readonly locus: Locus } | null;
  /** One to one, both ways. */
  readonly nat: readonly { readonly private: IpAddress; readonly public: IpAddress; readonly locus: Locus }[];
  /** Between inside and outside. */
  readonly firewall: Firewall | null;
  readonly stated: Stated;
  readonly locus: Locus;
}

export interface OutsideHost {
  readonly name: string;
  readonly ip: IpAddress;
  readonly origin: Origin;
}

export const key = (o: { readonly namespace: string; readonly name: string }): string => `${o.namespace}/${o.name}`;

/** The network namespace that a pod's processes are in. */
export const netnsOf = (pod: Pod): string => (pod.hostNetwork ? pod.node : key(pod));
