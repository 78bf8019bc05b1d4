import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Protocol } from '../net/packet.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus, Origin } from '../source/origin.ts';
import type { Fib, RoutingRule } from './fib.ts';
import type { Ruleset } from './netfilter/ruleset.ts';
import type { FdbEntry, Neighbour, Peer, Peers } from './peers.ts';
import type { NetnsRole } from './roles.ts';
import type { SocketBalancer } from './socket-balancer.ts';
import type { Sysctls } from './sysctl.ts';
import type { Unrouted } from './unrouted.ts';

/** A network namespace: a whole network stack of its own. A machine's host namespace is one, each pod's is another. */
export interface Netns {
  readonly name: string;
  /** The machine that it is on. */
  readonly node: string;
  readonly role: NetnsRole;
  readonly origin: Origin;
  readonly devices: Map<string, Device>;
  readonly rules: readonly RoutingRule[];
  readonly tables: Map<number, Fib>;
  /** Neighbour entries that are written down, at most one for an address on a device; all others are as ARP would find them. */
  readonly neighbours: Neighbour[];
  /** The tables of iptables, of ip6tables and of nft. */
  readonly rulesets: Readonly<Record<IpFamily, Ruleset>>;
  readonly sysctls: Sysctls;
  readonly sockets: Socket[];
  /** The names of devices that were found under others, by those that they were compiled with. Undefined: there are none. */
  foundNames?: ReadonlyMap<string, string>;
  /** Others than those that are known may be behind its devices. Undefined: all are known. */
  strangers?: true;
  /** Undefined: its routes are known. */
  unrouted?: Unrouted;
  /** The BPF program at sockets that changes the addresses its programs connect to; null: there is none. */
  socketBalancer: SocketBalancer | null;
}

export type Device = Loopback | Veth | Bridge | Nic | Dummy | Tunnel | Opaque;

/** A device whose packets travel in other packets. */
export type Tunnel = Vxlan | Ipip;

interface DeviceBase {
  readonly name: string;
  /** Its name was made up, because the input does not have it. Undefined: the name is its own. */
  unnamed?: Unnamed;
  readonly netns: Netns;
  readonly addresses: InterfaceAddress[];
  mtu: number;
  /** Set only when administratively down: the place that says so. */
  down: Origin | null;
  /** The line that says that it is up and has no carrier. Undefined: no line says so. */
  noCarrier?: Origin;
  /** It was never set up, and sends no neighbour solicitations. Undefined: it is or has been up. */
  neverUp?: true;
  /** Null: it has some MAC address that nothing refers to. */
  mac: Mac | null;
  readonly origin: Origin;
}

export interface Loopback extends DeviceBase {
  readonly kind: 'loopback';
}

/** One end of a pair: a frame that goes in here comes out at `peer`. With a `master` it is a bridge port. */
export interface Veth extends DeviceBase {
  readonly kind: 'veth';
  peer: Veth | null;
  master: Bridge | null;
  /** May a frame leave by the port that it came in by? */
  hairpin: boolean;
  hairpinOrigin: Origin | null;
  /** The line that says that the port is isolated: no frame gets from it to another isolated port. Undefined: it is not. */
  isolated?: Origin;
}

/**
 * The names of devices that were found, of which it is one; null: it may have any that no other device has. `usual`: it is taken to have the
 * name that it was given here, unless a rule asks for another that such a device may have.
 */
export type Unnamed = { readonly among: readonly string[] | null } | { readonly usual: 'nic' };

/** A bridge is a switch and, with its own address, also the device that its machine uses on that switch. */
export interface Bridge extends DeviceBase {
  readonly kind: 'bridge';
  readonly ports: Veth[];
  /** Names of found ports with unknown machines behind them. Undefined: there are none. */
  strangers?: readonly string[];
}

export interface Nic extends DeviceBase {
  readonly kind: 'nic';
  readonly segment: Segment;
}

/** A device that leads nowhere, for addresses to be on. */
export interface Dummy extends DeviceBase {
  readonly kind: 'dummy';
}

/** A found device whose other end is not known. `type`: as `wireguard`; null: not known either. */
export interface Opaque extends DeviceBase {
  readonly kind: 'opaque';
  readonly type: string | null;
  /** The bridge that it is a port of. Undefined: none. */
  readonly master?: string;
  /** As a veth has it. */
  isolated?: Origin;
}

/** The fields that state a tunnel's numbers, and what they are fields of. */
export interface Numbered {
  readonly locus: Locus;
  readonly fields: readonly [string, ...string[]];
}

/**
 * A device whose frames travel in UDP packets between machines. It learns nothing from what it hears (`nolearning`): its forwarding table
 * is written, as `fdb`, whose entries come first, and `peers`, of which `hides` says which ones this machine does not have. The same holds
 * for its neighbours, of which the namespace has the machine's own.
 */
export interface Vxlan extends DeviceBase {
  readonly kind: 'vxlan';
  /** Geneve is the same to all that looks at no options of it. */
  readonly carrier: 'vxlan' | 'geneve';
  /** Null: not known, and taken to be the same at every other end. */
  vni: number | null;
  /** UDP: where it listens, and where it sends to. */
  port: number;
  /** The statement of the VNI or the port in the input for this machine alone; null: there is none. */
  numbered: Numbered | null;
  /** The source of its packets. */
  readonly local: IpAddress;
  /** The device that the tunnel was made on; null: none was given. The route decides which one carries a packet. */
  readonly underlying: Device | null;
  mac: Mac;
  readonly fdb: Map<Mac, FdbEntry>;
  readonly peers: Peers;
  readonly hides: (peer: Peer) => boolean;
}

/** A device whose packets travel in IP packets of protocol 4, to the next hop of their route. */
export interface Ipip extends DeviceBase {
  readonly kind: 'ipip';
  /** The source of its packets; null: the one that the route chooses. */
  readonly local: IpAddress | null;
}

/** For its link only, or for the machine itself. */
export type AddressScope = 'link' | 'host';

export interface InterfaceAddress {
  readonly address: IpAddress;
  readonly prefix: Prefix;
  /** Undefined: one that others may know; addresses of 127.0.0.0/8 are the machine's alone in any. */
  readonly scope?: AddressScope;
  readonly origin: Origin;
}

/** A switch that NICs of several machines hang on. */
export interface Segment {
  readonly name: string;
  readonly origin: Origin;
  /** Beyond it is the world that the input does not describe: no neighbour is looked up, the packet is gone. */
  readonly outside: boolean;
  /** All addresses that a machine on it answers for. */
  known(): Iterable<IpAddress>;
  /** The NIC that answers ARP for this address, if any. */
  owner(address: IpAddress): Nic | null;
  /** The NICs of machines that answer for other addresses there (proxy_arp). */
  proxies(): readonly Nic[];
  /** Null: a switch, on which machines answer ARP for themselves. */
  readonly fabric: Fabric | null;
  /** The place that says that the segment drops packets with this source from a NIC; null: it accepts them. */
  refuses(nic: Nic, source: IpAddress): Origin | null;
}

/** A network that knows which NIC has which address, on whatever segment: it answers ARP itself, and may route. */
export interface Fabric {
  /** The addresses of its own router, which is no machine. A packet that is sent to one of them gets to the NIC that has its destination. */
  readonly routers: ReadonlySet<IpAddress>;
  nic(destination: IpAddress): Nic | null;
}

/** A listening socket. Null: any protocol, any address, any port. */
export interface Socket {
  readonly protocol: Exclude<Protocol, 'icmp'> | null;
  readonly address: IpAddress | null;
  readonly port: number | null;
  /** Bound to 0.0.0.0: no IPv6 gets there. Bound to :: it would hear both (net.ipv6.bindv6only is 0). */
  readonly family?: IpFamily;
  readonly process: string;
  readonly origin: Origin;
  /** Ports that a socket of any port does not include, as `30080 tcp`. */
  readonly except?: ReadonlySet<string>;
}

/** All namespaces of the network, by name. A namespace is made when it is first asked for. */
export interface Datapath {
  netns(name: string): Netns | undefined;
  /** The namespace of a machine as it was compiled, whatever was found there. */
  asCompiled(name: string): Netns | undefined;
}
