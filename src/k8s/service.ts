import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import type { Pod, TransportProtocol } from './pod.ts';

export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
/** Cluster: any endpoint will do; Local: only those on the node where the packet is. */
export type TrafficPolicy = 'Cluster' | 'Local';

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: ServiceType;
  /** The primary one first; of another family it has neither address nor endpoints. */
  readonly ipFamilies: readonly IpFamily[];
  /** In the order of `ipFamilies`; none: headless, or an ExternalName. */
  readonly clusterIps: readonly IpAddress[];
  /** The name that an ExternalName stands for; of all other types null. */
  readonly externalName: { readonly name: string; readonly locus: Locus } | null;
  /** Endpoints are ready whether their pods are or not. */
  readonly publishNotReadyAddresses: boolean;
  /** Addresses from outside that are routed to the nodes for it. */
  readonly externalIps: readonly IpAddress[];
  /** The addresses of its load balancer, as the status says. */
  readonly loadBalancerIngress: readonly LoadBalancerIngress[];
  /** Its load balancer's names, where the status has no address of it. */
  readonly loadBalancerHostnames: readonly string[];
  /** Sources that may use the load balancer; empty: all. */
  readonly loadBalancerSourceRanges: readonly Prefix[];
  readonly externalTrafficPolicy: TrafficPolicy;
  readonly internalTrafficPolicy: TrafficPolicy;
  /** How long a client stays with its endpoint; null: each connection is balanced anew. */
  readonly sessionAffinityTimeoutSeconds: number | null;
  readonly healthCheckNodePort: number | null;
  readonly selector: ReadonlyMap<string, string>;
  readonly ports: readonly ServicePort[];
  readonly locus: Locus;
}

/** VIP: nodes take packets to this address themselves. Proxy: the load balancer ends them and calls the nodes, which must not. */
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
  /** Of all families of the service; an endpoint is of its address's. */
  readonly endpoints: readonly Endpoint[];
  /** Where the endpoints are stated, when they are not selected. */
  readonly explicitEndpoints: Locus | null;
  /** The command that would tell them, where the input does not say whether there are any; null: `endpoints` are all. */
  readonly endpointsUnknown: string | null;
  /** An entry for the service that names no port, where this port has a name and none of its own: nobody takes its endpoints for this port's. */
  readonly statedWithoutName?: Locus;
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
  /** Its node's name; null: not stated, so that it is local to no node. */
  readonly node: string | null;
  /** For which zones and nodes the controller meant it; null: for all. */
  readonly hints: { readonly zones: readonly string[]; readonly nodes: readonly string[] } | null;
  readonly pod: Pod | null;
  /** The place that makes it an endpoint, and the one that says whether it is ready. */
  readonly locus: Locus;
  readonly readyLocus: Locus;
}
