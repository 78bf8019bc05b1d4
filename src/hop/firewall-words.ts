import type { FirewallRole } from '../datapath/roles.ts';

/** What a list of a firewall says of a packet, in words. */
export function firewallWords({ list, number, name, says }: FirewallRole): string {
  if (number === null) return `${list} firewall: no rule is about it, and its default is ${says}`;
  return `${list} firewall, rule ${number}${name === null ? '' : ` (${name})`}: ${says}`;
}
