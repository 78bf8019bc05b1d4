import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import { formatPrefix, type Prefix } from '../net/prefix.ts';
import { named } from '../source/sentence.ts';
import { decider, type FilterFacts } from './failure-rules.ts';
import type { Words } from './words.ts';

/** Faults of a device, or of the other end of its link. */
export interface LinkFacts {
  readonly NEIGHBOUR_UNREACHABLE: NeighbourFacts;
  readonly NEXT_HOP_UNKNOWN: {
    readonly netns: string;
    readonly device: string;
    readonly address: IpAddress;
    readonly silent: Silent | null;
  };
  readonly LINK_DOWN: LinkDownFacts;
  readonly MTU_EXCEEDED: {
    /** Where the packet does not fit: into the device that it is made for, into one that it is forwarded to, or onto a link. */
    readonly where: 'sender' | 'router' | 'link';
    /** Bytes of the packet, and the most that the device takes. */
    readonly size: number;
    readonly mtu: number;
    readonly device: string;
    readonly netns: string;
  };
  readonly HAIRPIN_OFF: { readonly bridge: string; readonly port: string };
}

/** A device that would answer ARP, but for a setting, or (proxy_arp) for want of a route by another device. */
export interface Silent {
  readonly why: 'arp_ignore' | 'arp_filter' | 'proxy_arp' | 'forwarding' | 'no-way';
  readonly netns: string;
  readonly device: string;
}

type NeighbourFacts =
  /** The input states that resolution fails, or no machine on the link has the address. */
  /** A dummy device has no neighbours. */
  | { readonly why: 'failed'; readonly netns: string; readonly device: string; readonly address: IpAddress }
  | { readonly why: 'dummy'; readonly netns: string; readonly device: string; readonly address: IpAddress }
  | {
      readonly why: 'unknown';
      readonly netns: string;
      readonly device: string;
      readonly address: IpAddress;
      readonly silent: Silent | null;
    }
  /** The neighbour entry that is written down has a MAC address that nobody there has. */
  | { readonly why: 'stray'; readonly netns: string; readonly device: string; readonly address: IpAddress; readonly lladdr: Mac }
  /** It is behind a port of a bridge that is isolated, as the sender's is. */
  | {
      readonly why: 'isolated';
      readonly netns: string;
      readonly device: string;
      readonly ports: readonly [string, string];
      readonly address: IpAddress;
    }
  /** Rules of IPv6 keep neighbour discovery out. */
  | {
      readonly why: 'filtered';
      readonly netns: string;
      readonly device: string;
      readonly address: IpAddress;
      readonly message: 'solicitation' | 'advertisement';
      readonly by: FilterFacts;
    }
  | { readonly why: 'unannounced'; readonly netns: string; readonly address: IpAddress; readonly service: string };

type LinkDownFacts = {
  readonly device: string;
  readonly netns: string;
  /** The input sets the device down. */
  readonly isOverride: boolean;
} & (
  | { readonly route: null }
  /** It is up, and its other end is not there. */
  | { readonly route: 'no-carrier' }
  /** The kernel does not use the route to this destination. */
  | { readonly route: 'unused'; readonly destination: IpAddress }
  /** The default route is used in place of this one. */
  | { readonly route: 'default-instead'; readonly prefix: Prefix }
);

/** Who would have answered, and why it does not. */
function silence(silent: Silent | null): string {
  if (silent === null) return '';
  const { why, netns, device } = silent;
  const who = `, and ${netns} does not answer for it on ${device}: `;
  switch (why) {
    case 'arp_ignore':
      return `${who}arp_ignore is set there`;
    case 'arp_filter':
      return `${who}arp_filter is set there, and its way back is by another device`;
    case 'proxy_arp':
      return `${who}proxy_arp is 0 there`;
    case 'forwarding':
      return `${who}it does not forward what comes in there`;
    case 'no-way':
      return `${who}it has no route to it by another device`;
  }
}

export const linkWords: Words<LinkFacts> = {
  NEIGHBOUR_UNREACHABLE: (facts) => {
    const address = formatAddress(facts.address);
    if (facts.why === 'unannounced')
      return `nobody on the link of ${facts.netns} answers for ${address}, an address of service ${facts.service}`;
    const link = `${facts.netns} ${facts.device}`;
    if (facts.why === 'dummy') return `${link} is a dummy device: it leads nowhere, also not to ${address}`;
    if (facts.why === 'isolated')
      return named(
        `${facts.netns} does not let the frame for ${address} pass on ${facts.device}: ${facts.ports[0]} and ${facts.ports[1]} are both isolated ports of it`,
      );
    if (facts.why === 'stray')
      return `the neighbour entry for ${address} on ${link} has the MAC address ${facts.lladdr}, which nobody there has`;
    if (facts.why === 'filtered')
      return `${link} does not find out who has ${address}: the ${facts.message} is dropped by ${decider(facts.by)}`;
    if (facts.why === 'failed') return `the neighbour entry for ${address} on ${link} is stated as failed`;
    return `nobody on the link of ${link} has the address ${address}${silence(facts.silent)}`;
  },
  NEXT_HOP_UNKNOWN: ({ netns, device, address, silent }) =>
    `nobody on the link of ${netns} ${device} has the next hop's address ${formatAddress(address)}${silence(silent)}`,
  LINK_DOWN: (facts) => {
    const { device, netns } = facts;
    if (facts.route === 'unused')
      return named(
        `${netns} has a route to ${formatAddress(facts.destination)}, but its device ${device} is down, and the kernel does not use it`,
      );
    if (facts.route === 'no-carrier') return named(`${device} of ${netns} has no carrier, and drops what it is given`);
    const down = `${device} of ${netns} is down`;
    if (facts.route === null) return named(down);
    return named(`${down}, and with it the route ${formatPrefix(facts.prefix)}, so the default route sent the packet out of the cluster`);
  },
  MTU_EXCEEDED: ({ where, size, mtu, device, netns }) => {
    if (where === 'link')
      return `a packet of ${size} bytes is more than ${device} of ${netns} takes (MTU ${mtu}); on a link this is silent`;
    const into = where === 'sender' ? device : `${device} of ${netns}`;
    return `a packet of ${size} bytes that must not be fragmented does not fit into ${into} (MTU ${mtu})`;
  },
  HAIRPIN_OFF: ({ bridge, port }) =>
    `the frame would leave ${bridge} by ${port}, the port that it came in by, and hairpin mode is off there`,
};
