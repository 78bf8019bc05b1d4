import { formatAddress, type IpAddress, type IpFamily } from '../net/address.ts';
import { formatDestination, formatPrefix, type Prefix } from '../net/prefix.ts';
import { named, type Wording } from '../source/sentence.ts';
import type { Words } from './words.ts';

/** Faults of routes, or of an address that they are asked for. */
export interface RouteFacts {
  readonly NO_ROUTE: NoRouteFacts;
  readonly BLACKHOLE_ROUTE: RefusingRoute;
  readonly UNREACHABLE_ROUTE: RefusingRoute | PrivateOutside;
  readonly PROHIBIT_ROUTE: RefusingRoute;
  /** `device`: which the packet came in by; `sysctl`: the one that decides. */
  readonly FORWARDING_DISABLED: {
    readonly netns: string;
    readonly family: IpFamily;
    readonly device: string | null;
    readonly sysctl: string;
  };
  readonly REVERSE_PATH_FILTER: ReversePathFacts;
  readonly MARTIAN_ADDRESS: MartianFacts;
  /** The NIC that sent it, of whose addresses the source is none. */
  readonly SOURCE_CHECK: { readonly netns: string; readonly device: string; readonly source: IpAddress };
  readonly TTL_EXPIRED: { readonly netns: string };
  /** The machines of the circle, or the first place of it that the packet comes back to. */
  readonly ROUTING_LOOP: { readonly machines: readonly string[] } | { readonly netns: string; readonly device: string | null };
  readonly LEAVES_INPUT: /** `segment` null: nothing tells where the device leads. */
    | { readonly netns: string; readonly device: string; readonly segment: string | null; readonly destination: IpAddress }
    /** A redirect to a host of which the input says nothing. */
    | { readonly redirect: string };
}

type NoRouteFacts =
  /** `removed`: a route that the input takes away; `thrown`: a throw route that passed the packet on in vain. */
  | {
      readonly why: 'none';
      readonly netns: string;
      readonly destination: IpAddress;
      readonly removed: Prefix | null;
      readonly thrown: Prefix | null;
    }
  /** Null for `netns`: the gateway; for `rule`: the default route is in the main table. */
  | {
      readonly why: 'default-route';
      readonly netns: string | null;
      readonly rule: { readonly table: number; readonly priority: number } | null;
      readonly towards: Towards;
      readonly removed: Prefix | null;
    }
  | { readonly why: 'no-way-back'; readonly towards: Towards }
  /** The prefix of an address on `lo`. */
  | { readonly why: 'on-loopback'; readonly netns: string; readonly destination: IpAddress; readonly prefix: Prefix }
  /** Called from the internet, though only the nodes know it. */
  | { readonly why: 'cluster-ip'; readonly destination: IpAddress; readonly service: string }
  /** The network between the nodes, which routes by itself, has nobody with this address. */
  | { readonly why: 'fabric'; readonly segment: string; readonly destination: IpAddress }
  /** It is in the range of the ClusterIPs, and left by the gateway. */
  | { readonly why: 'no-service'; readonly destination: IpAddress }
  /** It left by the gateway. */
  | { readonly why: 'private'; readonly destination: IpAddress };

/** An address, and the pod range of a node that holds it. */
export interface Towards {
  readonly address: IpAddress;
  readonly pods: { readonly range: Prefix; readonly node: string } | null;
}

/** `rule`: the routing rule that does it, and no route: `104: from all iif eth1 unreachable`. */
export interface RefusingRoute {
  readonly type: 'blackhole' | 'unreachable' | 'prohibit';
  readonly netns: string;
  readonly prefix: Prefix;
  readonly rule?: string;
}

/** An address that the internet has no route to; of this service, or null. */
interface PrivateOutside {
  readonly type: 'private';
  readonly destination: IpAddress;
  readonly service: string | null;
  readonly isClusterIp: boolean;
}

export interface ReversePathFacts {
  readonly netns: string;
  /** Of rp_filter: 1 is strict, all else loose. */
  readonly value: number;
  readonly source: IpAddress;
  readonly device: string;
  /** The devices that the way back leaves by; none: there is no way back. */
  readonly ways: readonly string[];
  /** The packet is an ARP request, which gets no answer for it. */
  readonly isArp: boolean;
}

type MartianFacts =
  | { readonly why: 'not-unicast'; readonly address: IpAddress }
  | { readonly why: 'broadcast' | 'anycast'; readonly address: IpAddress; readonly netns: string }
  | { readonly why: 'loopback-in'; readonly address: IpAddress; readonly device: string }
  /** IPv4 without route_localnet; ::1 is on no link, and IPVS sends neither on, whatever is set. */
  | {
      readonly why: 'loopback-out' | 'loopback-balanced' | 'loopback6-in';
      readonly address: IpAddress;
      readonly device: string;
      readonly netns: string;
    }
  | {
      readonly why: 'own-address';
      readonly address: IpAddress;
      readonly device: string;
      readonly netns: string;
      /** As of the reverse path filter. */
      readonly isArp: boolean;
    };

export const routeWords: Words<RouteFacts> = {
  NO_ROUTE: noRoute,
  BLACKHOLE_ROUTE: refusing,
  UNREACHABLE_ROUTE: (facts) => (facts.type === 'private' ? privateOutside(facts) : refusing(facts)),
  PROHIBIT_ROUTE: refusing,
  FORWARDING_DISABLED: ({ netns, family, device }) => {
    const sysctl = family === 'IPv6' ? 'net.ipv6.conf.all.forwarding' : `net.ipv4.ip_forward (or conf.${device}.forwarding)`;
    return named(`${netns} does not forward: ${sysctl} is 0, and the packet is for another machine`);
  },
  REVERSE_PATH_FILTER: reversePath,
  MARTIAN_ADDRESS: (facts) => named(martian(facts)),
  SOURCE_CHECK: ({ netns, device, source }) =>
    `the network drops what ${device} of ${netns} sends from ${formatAddress(source)}, which is none of that NIC's addresses`,
  TTL_EXPIRED: ({ netns }) => `the TTL ran out on ${netns}`,
  ROUTING_LOOP: (facts) =>
    'machines' in facts
      ? `the packet goes round: ${facts.machines.join(', ')}`
      : `back at ${facts.device} of ${facts.netns} with the same header: the packet goes round until its TTL runs out`,
  LEAVES_INPUT: (facts) =>
    'redirect' in facts
      ? `the client is sent to ${facts.redirect}, and the input does not say where that is`
      : `left by ${facts.device} of ${facts.netns} for ${facts.segment ?? formatAddress(facts.destination)}, which the input does not describe`,
};

function noRoute(facts: NoRouteFacts): Wording {
  switch (facts.why) {
    case 'none': {
      const { netns, destination, removed, thrown } = facts;
      const gone = removed === null ? '' : `: the route to ${formatDestination(removed)} was removed`;
      const passed = thrown === null ? '' : `: a throw route to ${formatDestination(thrown)} passed it on, and no further table has one`;
      return named(`${netns} has no route to ${formatAddress(destination)}${thrown === null ? gone : passed}`);
    }
    case 'default-route': {
      const { netns, rule, towards } = facts;
      const table = rule === null ? '' : ` in table ${rule.table} (rule ${rule.priority})`;
      const lacks = `${table} has no route to ${towardsText(towards)}, so its default route sent the packet out of the cluster, where nobody has that address`;
      return netns === null ? `the gateway${lacks}` : named(`${netns}${lacks}`);
    }
    case 'no-way-back':
      return `the gateway has no route back to ${towardsText(facts.towards)}, so whoever answers is not heard: the answer leaves again by the default route`;
    case 'on-loopback': {
      const { netns, destination, prefix } = facts;
      return named(
        `${formatPrefix(prefix)} is on lo of ${netns}, which has no address ${formatAddress(destination)}, and nobody else is there`,
      );
    }
    case 'fabric':
      return named(
        `the network between the nodes (${facts.segment}) knows no machine that has ${formatAddress(facts.destination)}, and no way out`,
      );
    case 'no-service':
      return `no service has the address ${formatAddress(facts.destination)}, so no rule translates it, and it left the cluster by the default route`;
    case 'cluster-ip':
      return clusterIpOutside(facts.destination, facts.service);
    case 'private':
      return named(
        `${formatAddress(facts.destination)} is a private address that no machine of the input has, so it left by the gateway for the internet, where nobody has one`,
      );
  }
}

const towardsText = ({ address, pods }: Towards) =>
  pods === null ? formatAddress(address) : `${formatPrefix(pods.range)} (pods of ${pods.node})`;

const REFUSALS: Readonly<Record<RefusingRoute['type'], string>> = {
  blackhole: 'discards it in silence',
  unreachable: 'says that the host cannot be reached',
  prohibit: 'says that it is prohibited',
};

function refusing({ type, netns, prefix, rule }: RefusingRoute): Wording {
  if (rule !== undefined)
    return `the routing rule ${rule} on ${netns} ${type === 'unreachable' ? 'says that the network cannot be reached' : REFUSALS[type]}`;
  return `the ${type} route ${formatDestination(prefix)} on ${netns} ${REFUSALS[type]}`;
}

const clusterIpOutside = (address: IpAddress, service: string): Wording =>
  `the ClusterIP ${formatAddress(address)} of service ${service} is known to the nodes of the cluster only, and on the internet nobody has a way to it`;

function privateOutside({ destination, service, isClusterIp }: PrivateOutside): Wording {
  if (isClusterIp && service !== null) return clusterIpOutside(destination, service);
  const whose = service === null ? '' : ` of service ${service}`;
  return named(`${formatAddress(destination)}${whose} is a private address, and on the internet nobody has a way to it`);
}

function reversePath({ netns, value, source, device, ways, isArp }: ReversePathFacts): Wording {
  const way = ways.length > 0 ? `the way back leaves by ${ways.join(', ')}` : 'there is no way back';
  const mode = value === 1 ? 'strict' : 'loose';
  return named(
    `${noArp(netns, isArp)}rp_filter is ${value} (${mode}) on ${netns}: ${formatAddress(source)} came in by ${device}, but ${way}`,
  );
}

const noArp = (netns: string, isArp: boolean) => (isArp ? `${netns} does not answer ARP: ` : '');

function martian(facts: MartianFacts): string {
  const address = formatAddress(facts.address);
  switch (facts.why) {
    case 'not-unicast':
      return `${address} is no unicast address`;
    case 'broadcast':
      return `${address} is the broadcast address of a link of ${facts.netns}: it is for all machines there, and no connection is made with all`;
    case 'anycast':
      return `${address} is the subnet-router anycast address of a link of ${facts.netns}: any router answers for it, and TCP accepts no connection there`;
    case 'loopback-in':
      return `${address} came in by ${facts.device}; a loopback address is only accepted there with route_localnet`;
    case 'loopback6-in':
      return `${address} came in by ${facts.device} of ${facts.netns}; IPv6 takes it on lo only`;
    case 'loopback-balanced':
      return `${address} may not leave by ${facts.device} of ${facts.netns}: IPVS sends nothing on that comes from a loopback address`;
    case 'loopback-out':
      return `${address} may not leave by ${facts.device} of ${facts.netns}: route_localnet is off there`;
    case 'own-address':
      return `${noArp(facts.netns, facts.isArp)}${address} is ${facts.netns}'s own address, yet the packet came in by ${facts.device}`;
  }
}
