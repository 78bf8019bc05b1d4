/** What a list of a firewall said of a packet. */
export interface FirewallDecision {
  readonly list: 'edge' | 'underlay';
  /** Its place in the list, from 1; null: the default decided. */
  readonly rule: number | null;
  /** Of the rule, when it has one. */
  readonly name: string | null;
  /** The rule as the file has it, or the default's action. */
  readonly says: string;
}

/** A decision in words. */
export function firewallWords({ list, rule, name, says }: FirewallDecision): string {
  if (rule === null) return `${list} firewall: no rule is about it, and its default is ${says}`;
  return `${list} firewall, rule ${rule}${name === null ? '' : ` (${name})`}: ${says}`;
}
