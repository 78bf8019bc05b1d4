import type { FirewallRole } from '../datapath/roles.ts';

/** The verdict of a firewall's list on a packet, in words. */
export function firewallWords({ list, number, name, says }: FirewallRole): string {
  if (number === null) return `${list} firewall: no rule is about it, and its default is ${says}`;
  return `${list} firewall, rule ${number}${name === null ? '' : ` (${name})`}: ${says}`;
}
