import type { DnsHop, ProxyHop } from './application-hop.ts';
import type { EdgeHop } from './edge-hop.ts';
import type { LinuxHop, NatHop } from './linux-hop.ts';
import type { SharingHop } from './sharing-hop.ts';

export type Hop = DnsHop | LinuxHop | EdgeHop | SharingHop | ProxyHop;

/** Is it the packet of a tunnel that the hop is about, and not the one inside? */
export const isAboutOuter = ({ kind, outer }: Hop): boolean => outer !== null && kind !== 'encap' && kind !== 'decap';

export const isNatHop = (hop: Hop): hop is NatHop => hop.kind === 'nat';
