import type { NetnsBuilder } from '../datapath/build.ts';
import type { RulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { CniConfig } from '../k8s/cluster.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';

/** A machine that a plugin connects pods to. */
export interface Host {
  readonly builder: NetnsBuilder;
  readonly ranges: readonly PodRange[];
  readonly pods: readonly PodNetwork[];
}

/** The pods' addresses on this machine, of one IP family, and that family's rules. */
export interface PodRange {
  readonly family: IpFamily;
  readonly podCidr: Prefix;
  readonly origin: Origin;
  readonly rules: RulesetBuilder;
}

/** A pod's namespace, to be connected: the addresses that IPAM gave it, one a family, and the name of the veth's other end. */
export interface PodNetwork {
  readonly builder: NetnsBuilder;
  readonly addresses: readonly { readonly address: IpAddress; readonly origin: Origin }[];
  readonly vethName: string;
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

/** What a CNI plugin leaves behind on a node: devices, addresses, routes and rules. */
export interface CniPlugin {
  readonly name: CniConfig['plugin'];
  program(host: Host, config: CniConfig): void;
}
