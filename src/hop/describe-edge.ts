import { formatEndpoint } from '../net/address.ts';
import { isIcmpError } from '../net/packet.ts';
import type { FirewallHop, GatewayHop, LoadBalancerHop } from './edge-hop.ts';
import { firewallWords } from './firewall-words.ts';
import type { NatHop } from './linux-hop.ts';

/** Translations in words, and what they are at the edge of the cluster. */

const ACTIONS: Readonly<Record<NatHop['action'], string>> = {
  dnat: 'DNAT',
  snat: 'SNAT',
  masquerade: 'MASQUERADE',
  'un-dnat': 'DNAT undone',
  'un-snat': 'SNAT undone',
  'icmp-error': 'ICMP error rewritten',
};

export function translation({ action, packet }: Pick<NatHop, 'action' | 'packet'>): string {
  const source = action === 'snat' || action === 'masquerade' || action === 'un-dnat';
  const to = source
    ? `from ${formatEndpoint(packet.source, packet.sourcePort)}`
    : `to ${formatEndpoint(packet.destination, packet.destinationPort)}`;
  return isIcmpError(packet.icmp) ? ACTIONS[action] : `${ACTIONS[action]} ${to}`;
}

export function gateway({ action, towards, packet }: GatewayHop): string {
  const way = towards === 'inside' ? 'in from outside' : 'out';
  return `the way ${way}: ${action === 'pass' ? 'no NAT' : translation({ action, packet })}`;
}

export function firewall({ decisions }: FirewallHop): string {
  return decisions.length === 0 ? 'passes: its connection is known' : decisions.map(firewallWords).join('; ');
}

export function balancer({ service, action, nodes, packet }: LoadBalancerHop): string {
  if (action !== 'hand-on') return `load balancer of ${service}: ${translation({ action, packet })}`;
  if (nodes.length === 0) return `load balancer of ${service}: no node passes its health check`;
  return `load balancer of ${service}: hands it to a node as it is, of ${nodes.join(', ')}`;
}
