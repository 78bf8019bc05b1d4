import type { Overrides } from '../datapath/overrides.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus, Origin } from '../source/origin.ts';
import type { TransportProtocol } from './pod.ts';

/** The MTU of an Ethernet link, unless it says another. Source: ETH_DATA_LEN, include/uapi/linux/if_ether.h. */
export const ETHERNET_MTU = 1500;

export interface Underlay {
  /** Of the NICs on it, in bytes. */
  readonly mtu: number;
  /** The place that says that it drops what a NIC sends from an address that is not the NIC's own; null: it does not. */
  readonly sourceCheck: Locus | null;
  readonly segments: ReadonlyMap<string, UnderlaySegment>;
  readonly routers: readonly Router[];
  /** At every router and at the gateway. */
  readonly firewall: Firewall | null;
}

/** A list of rules at a machine that hands packets on: the first rule that fits a new connection decides it, else the default. */
export interface Firewall extends FirewallList {
  readonly where: 'edge' | 'underlay';
}

/** Rules of a node's own, which look at each packet by itself: before all others of the chain, and its policy. */
export interface HostFirewall {
  readonly input: FirewallList | null;
  readonly forward: FirewallList | null;
}

export interface FirewallList {
  readonly rules: readonly FirewallRule[];
  readonly otherwise: { readonly action: FirewallAction; readonly origin: Origin };
}

/** deny says nothing to the sender; reject does. */
export type FirewallAction = 'allow' | 'deny' | 'reject';

export interface FirewallRule {
  readonly name: string | null;
  readonly action: FirewallAction;
  /** Of its prefixes; null: it states none, and is about packets of both families. */
  readonly family: IpFamily | null;
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
  /** Nobody knows who is on it: what is sent there is gone. Left out: the machines of the input are. */
  readonly unknown?: true;
  /** At most one of a family. */
  readonly prefixes: readonly Prefix[];
  readonly origin: Origin;
}

export interface Router {
  readonly name: string;
  readonly interfaces: readonly RouterInterface[];
  readonly overrides: Overrides;
  readonly locus: Locus;
}

/** Its device is `ethN`, N being its place in the router's list. */
export interface RouterInterface {
  readonly segment: string;
  /** At most one of a family. */
  readonly ips: readonly IpAddress[];
  readonly locus: Locus;
}

/** The name of the gateway and of its namespace, which is no node's. */
export const GATEWAY = 'gateway';

/** The namespace of a host outside that has no name of its own. */
export const INTERNET = 'internet';

/** The way out to the internet. */
export interface InternetGateway {
  /** Inside, at most one of a family; of a family without one there is no way out. */
  readonly ips: readonly IpAddress[];
  readonly segment: string;
  /** Packets that leave get this source, many to one; at most one of a family, and of a family without one nothing is translated. */
  readonly publicIps: readonly { readonly ip: IpAddress; readonly locus: Locus }[];
  /** One to one, both ways. */
  readonly nat: readonly { readonly private: IpAddress; readonly public: IpAddress; readonly locus: Locus }[];
  /** Between inside and outside. */
  readonly firewall: Firewall | null;
  readonly overrides: Overrides;
  readonly locus: Locus;
}

/** A machine on the internet. */
export interface OutsideHost {
  readonly name: string;
  /** At most one of a family. */
  readonly ips: readonly IpAddress[];
  readonly origin: Origin;
}
