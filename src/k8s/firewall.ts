import type { IpAddress, IpFamily } from '../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../net/prefix.ts';
import type { Firewall, FirewallRule, PortRange } from './network.ts';

/** The chain of each list. */
export const FIREWALL_CHAINS: Readonly<Record<Firewall['where'], string>> = { edge: 'EDGE-FIREWALL', underlay: 'UNDERLAY-FIREWALL' };

/** Is an address in what a rule is about? What is left out stands there as 0.0.0.0/0, and means every address of IPv6 too. */
export const isInRule = (p: Prefix, a: IpAddress): boolean => p.length === 0 || contains(p, a);

/** Is a rule about packets of a family? One that names no address is about those of both. */
export const isOfFamily = (rule: FirewallRule, family: IpFamily): boolean => rule.family === null || rule.family === family;

/** `deny 22/tcp to 192.168.1.0/24`, in the words of the file. */
export function firewallRuleText({ action, from, to, ports, protocol }: FirewallRule): string {
  const what = ports.length > 0 ? ports.map(portText).join(', ') : (protocol ?? 'everything');
  const ends = [from.length === 0 ? '' : ` from ${formatPrefix(from)}`, to.length === 0 ? '' : ` to ${formatPrefix(to)}`];
  return `${action} ${what}${ends.join('')}`;
}

const portText = ({ first, last, protocol }: PortRange) => `${first === last ? first : `${first}-${last}`}/${protocol}`;
