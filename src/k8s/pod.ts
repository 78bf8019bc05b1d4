import type { Overrides } from '../datapath/overrides.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Locus, Origin } from '../source/origin.ts';
import type { Volume, VolumeMount } from './containers/volume.ts';

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  /** Null: not scheduled. */
  readonly node: string | null;
  readonly phase: PodPhase;
  /** It has containers, and none of them runs: how each of them is, in Kubernetes' words. Null: one runs, or nothing says. */
  readonly halted: string | null;
  /** The controller that made it; null: none, or not stated. */
  readonly owner: { readonly kind: string; readonly name: string } | null;
  /** At most one of a family, the pod's primary one first; none yet, or, of one that is not there any more, those that it had. */
  readonly ips: readonly PodIp[];
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
  /** The NIC of its node that has its address, where the plugin gives pods addresses of NICs. */
  readonly nic: string;
  readonly containers: readonly Container[];
  /** Nothing is said of its sockets, so any port may have one. */
  readonly socketsUnknown: boolean;
  readonly overrides: Overrides;
  readonly names: PodNames;
  readonly locus: Locus;
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export interface PodIp {
  readonly address: IpAddress;
  readonly origin: Origin;
}

/** The names of a pod, and how it looks names up. */
export interface PodNames {
  /** Of its spec: what makes it a name of its own below a service. Null: not stated. */
  readonly hostname: string | null;
  readonly subdomain: string | null;
  readonly policy: DnsPolicy;
  readonly config: DnsConfig | null;
  readonly hostAliases: readonly HostAlias[];
}

export type DnsPolicy = 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';

/** Servers and search domains beside the policy's. */
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
  /** Of all addresses, those of one family only, as 0.0.0.0; null: of both. */
  readonly family: IpFamily | null;
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly locus: Locus;
}

export const key = (o: { readonly namespace: string; readonly name: string }): string => `${o.namespace}/${o.name}`;

/** The network namespace that a pod's processes are in. */
export const netnsOf = (pod: Pod): string => (pod.hostNetwork ? (pod.node ?? key(pod)) : key(pod));

/** Has it a network namespace and an address? One that ran to its end has neither, whatever its status still says, and one that waits not yet. */
export const isThere = ({ phase, node, ips }: Pick<Pod, 'phase' | 'node' | 'ips'>): boolean =>
  phase !== 'Succeeded' && phase !== 'Failed' && node !== null && ips.length > 0;

/** Has it processes, too? Packets come to the sandbox of one whose containers wait, where nobody is. */
export const doesRun = (pod: Pick<Pod, 'phase' | 'node' | 'ips' | 'halted'>): boolean => isThere(pod) && pod.halted === null;
