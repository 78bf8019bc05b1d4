import type { FoundState } from '../datapath/found-state.ts';
import type { Overrides } from '../datapath/overrides.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus, Origin } from '../source/origin.ts';
import type { HostFirewall } from './network.ts';

/** An address of a node, by its type in the node's status. */
export type NodeAddress =
  | { readonly type: 'InternalIP' | 'ExternalIP'; readonly address: IpAddress; readonly locus: Locus }
  | { readonly type: 'Hostname'; readonly name: string; readonly locus: Locus };

/** Of one family; what is null is as the CNI plugin has it. */
export interface StatedTunnel {
  readonly family: IpFamily;
  /** Its device's address and MAC address. */
  readonly ip: IpAddress | null;
  readonly mac: Mac | null;
  /** Where the other nodes send to. */
  readonly publicIp: IpAddress | null;
  readonly locus: Locus;
}

/** A mode of kube-proxy; `none`: nobody programs services. */
export type ProxyModeName = 'iptables' | 'nftables' | 'ipvs' | 'none';

export interface Node {
  readonly name: string;
  /** As its status lists them. The first InternalIP of a family is its address on the underlay; a Topology states no others. */
  readonly addresses: readonly NodeAddress[];
  /** The ranges that its pods' addresses come from: none, one, or several of a family. */
  readonly podCidrs: readonly Prefix[];
  /** The field of the input that states them; null: they are inferred from its pods. */
  readonly rangesAt: 'podCIDR' | 'blocks' | null;
  /** What the input states of its end of a tunnel; null: nothing. */
  readonly tunnel: StatedTunnel | null;
  /** The name of the underlay's segment that eth0 is on. */
  readonly segment: string;
  /** Beside eth0. */
  readonly nics: readonly FurtherNic[];
  readonly labels: ReadonlyMap<string, string>;
  readonly kubeProxy: {
    readonly running: boolean;
    readonly mode: ProxyModeName;
    readonly origin: Origin;
  };
  /** Null: the input states none. */
  readonly firewall: HostFirewall | null;
  /** It has no power: nothing on it runs, and its devices answer nobody. */
  readonly down: boolean;
  readonly overrides: Overrides;
  /** What was found on it, which wins over what is compiled, table by table; null: nobody looked. */
  readonly found: FoundState | null;
  readonly locus: Locus;
}

export interface FurtherNic {
  readonly device: string;
  readonly address: IpAddress;
  readonly segment: string;
  /** The routing table that its links are in, for rules; null: the main one. */
  readonly table: number | null;
  readonly locus: Locus;
}

/** Does kube-proxy put rules for services into this node? */
export const isProxied = ({ kubeProxy }: Pick<Node, 'kubeProxy'>): boolean => kubeProxy.running && kubeProxy.mode !== 'none';

/** Null: its labels do not say. */
export const zoneOf = ({ labels }: Pick<Node, 'labels'>): string | null => labels.get('topology.kubernetes.io/zone') ?? null;
