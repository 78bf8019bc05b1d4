import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { IpAddress } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { serviceChain } from './names.ts';
import type { PortContext } from './port.ts';

/** A rule of the port's, with the service's place in the input. */
export const rule = (c: PortContext, matches: readonly Match[], target: Target | null, comment: string | null): Rule => ({
  matches,
  target,
  comment,
  origin: c.origin,
});

export const jump = (chain: string): Target => ({ kind: 'jump', chain });
export const MARK_MASQ = jump('KUBE-MARK-MASQ');
/** A chain of the port's, by its kind. */
export const chainOf = ({ name, port }: PortContext, kind: 'SVC' | 'SVL' | 'EXT' | 'FW') => serviceChain(name, port.protocol, kind);

/** Packets of the port's protocol to this number. */
export function onPort({ port }: PortContext, number: number): readonly Match[] {
  const { protocol } = port;
  return [
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: number, last: number, negated: false },
  ];
}

/** Packets to the port on this address. */
export const toAddress = (c: PortContext, address: IpAddress): readonly Match[] => [
  { kind: 'destination', prefix: hostPrefix(address), negated: false },
  ...onPort(c, c.port.port),
];

/** The chain of packets to the ClusterIP. */
export const internalChain = (c: PortContext) => chainOf(c, c.service.internalTrafficPolicy === 'Local' ? 'SVL' : 'SVC');
/** Are there source ranges that a load balancer's address is restricted to? */
export const usesFirewall = (c: PortContext) => c.usable.any && c.sourceRanges.length > 0 && c.virtualIps.length > 0;
