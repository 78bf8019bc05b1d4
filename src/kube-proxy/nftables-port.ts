import type { Match } from '../datapath/netfilter/match.ts';
import { nftRule } from '../datapath/netfilter/nft-table.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { MapElement, MapVerdict } from '../datapath/netfilter/sets.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { portChain, portPath } from './nftables-names.ts';
import type { PortContext } from './port.ts';

/** The words that differ between the families. */
export const WORDS = {
  IPv4: { family: 'ip', source: 'ip saddr', destination: 'ip daddr', address: 'ipv4_addr' },
  IPv6: { family: 'ip6', source: 'ip6 saddr', destination: 'ip6 daddr', address: 'ipv6_addr' },
} as const satisfies Record<IpFamily, unknown>;

export const pathOf = ({ service, port }: PortContext): string => portPath(service.namespace, service.name, port.protocol, port.name);

/** A chain of the port's, by its kind. */
export const chainOf = (c: PortContext, kind: 'service' | 'local' | 'external' | 'firewall'): string => portChain(kind, pathOf(c));

/** A rule of the port's, with the service's place in the input. */
export function rule(c: PortContext, matches: readonly Match[], target: Target, comment: string | null = null): Rule {
  return { ...nftRule(matches, target, c.origin), comment };
}

export const jump = (chain: string) => ({ kind: 'jump', chain }) as const;
export const goto = (chain: string) => ({ kind: 'goto', chain }) as const;

/** An entry about the port on an address. */
export const onAddress = (c: PortContext, address: IpAddress, verdict: MapVerdict, comment: string | null = null): MapElement => ({
  key: [address, c.port.protocol, c.port.port],
  verdict,
  comment,
  origin: c.origin,
});

/** An entry about the port's node port. */
export const onNodePort = (c: PortContext, nodePort: number, verdict: MapVerdict, comment: string | null = null): MapElement => ({
  key: [c.port.protocol, nodePort],
  verdict,
  comment,
  origin: c.origin,
});

/** Packets to the port on its ClusterIP. */
export function toClusterIp({ clusterIp, port: { protocol, port } }: PortContext): readonly Match[] {
  return [
    { kind: 'destination', prefix: hostPrefix(clusterIp), negated: false },
    { kind: 'dport', protocol, first: port, last: port, negated: false },
  ];
}
