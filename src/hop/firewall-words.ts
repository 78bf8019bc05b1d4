import type { FirewallRole, HostFirewallRole } from '../datapath/roles.ts';

/** The rule of a host's own that decided, in words. */
export const hostRuleWords = ({ list, number, name, says }: HostFirewallRole): string =>
  number === null
    ? `the default of its firewall.${list} (${says})`
    : `rule ${number}${name === null ? '' : ` (${name})`} of its firewall.${list}: ${says}`;

/** The verdict of a firewall's list on a packet, in words. */
export function firewallWords({ list, number, name, says }: FirewallRole): string {
  if (number === null) return `${list} firewall: no rule is about it, and its default is ${says}`;
  return `${list} firewall, rule ${number}${name === null ? '' : ` (${name})`}: ${says}`;
}
