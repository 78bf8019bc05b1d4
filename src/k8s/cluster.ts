import type { Overrides } from '../datapath/overrides.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus, Origin } from '../source/origin.ts';
import type { Expectation } from './expectation.ts';
import type { HttpRouting } from './http/http-routing.ts';
import type { InternetGateway, OutsideHost, Underlay } from './network.ts';
import type { Pod } from './pod.ts';
import type { Service } from './service.ts';

/** Everything that the input says, well-formed and with its references resolved. */
export interface Cluster {
  /** Whose addresses everything in it has. */
  readonly family: IpFamily;
  /** The same cluster in its other IP family, the machines being the same; null: it has one. */
  readonly other: Cluster | null;
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
  readonly gateway: InternetGateway | null;
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
  readonly overrides: Overrides;
  readonly locus: Locus;
}
