import type { NetnsBuilder } from '../datapath/build.ts';
import type { RulesetBuilder } from '../datapath/ruleset-builder.ts';
import type { CniConfig } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Origin } from '../origin.ts';

/** A machine that a plugin connects pods to. */
export interface Host {
  readonly builder: NetnsBuilder;
  readonly rules: RulesetBuilder;
  readonly podCidr: Prefix;
  readonly podCidrOrigin: Origin;
  readonly pods: readonly PodNetwork[];
}

/** A pod's namespace, to be connected: the address that IPAM gave it and the name of the veth's other end. */
export interface PodNetwork {
  readonly builder: NetnsBuilder;
  readonly address: IpAddress;
  readonly addressOrigin: Origin;
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
