import type { FirewallRole } from '../datapath/roles.ts';
import type { Failure } from '../hop/failure.ts';
import type { RuleStep } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { isInRule, isOfFamily } from '../k8s/firewall.ts';
import type { Firewall, FirewallRule } from '../k8s/network.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import type { FlowPath } from '../walk/flow.ts';
import { type Ended, type Fixer, place } from './scene.ts';
import { walkOf } from './walks.ts';

/** The verdict of each list on a packet; empty for steps that are no firewall's. */
export const decisionsOf = (steps: readonly RuleStep[]): readonly FirewallRole[] =>
  steps.flatMap(({ rule: { role } }) => (role?.kind === 'firewall' ? [role] : []));

const firewalls = ({ gateway, underlay }: Cluster) => [gateway?.firewall, underlay.firewall].filter((f) => f != null);

/** A packet that a firewall ended: by which rule, and what the packet was. */
export function denied(path: FlowPath, failure: Ended): Failure<'FIREWALL_DENIED'> | null {
  if (failure.code !== 'FILTER_DROP' && failure.code !== 'FILTER_REJECT') return null;
  const hop = walkOf(path, failure.walk)?.hops.findLast((h) => h.kind === 'filter');
  const last = hop?.kind === 'filter' ? decisionsOf(hop.steps).at(-1) : undefined;
  if (hop === undefined || last === undefined) return null;
  const { protocol, source, destination, destinationPort: port } = hop.packet;
  const packet = { protocol, source, destination, port };
  const facts = { netns: hop.netns, packet, isUnseen: failure.walk !== 'forward', decision: last };
  return { code: 'FIREWALL_DENIED', facts, origin: failure.origin };
}

/**
 * An allowing rule of the list that decided which fits the packet as it was sent, but not as it is here: the gateway has translated its
 * destination, or a node has masqueraded its source.
 */
function meant(cluster: Cluster, sent: Packet, here: Packet, list: Firewall['where']): readonly string[] {
  const firewall = firewalls(cluster).find((f) => f.where === list);
  const fits = (r: FirewallRule, { source, destination }: Packet) =>
    isOfFamily(r, familyOf(source)) && isInRule(r.from, source) && isInRule(r.to, destination);
  return (firewall?.rules ?? []).flatMap((rule, i) => {
    if (rule.action !== 'allow' || !isAbout(rule, here) || !fits(rule, sent) || fits(rule, here)) return [];
    const name = rule.name === null ? '' : ` (${rule.name})`;
    const from = isInRule(rule.from, here.source) ? [] : [`from: ${only(here.source)}`];
    const to = isInRule(rule.to, here.destination) ? [] : [`to: ${only(here.destination)}`];
    const change = [...from, ...to].join(', ');
    return [
      `or state ${change} in rule ${i + 1}${name} (${place(rule.origin.locus)}), which fits the packet as it was sent, before its address was translated`,
    ];
  });
}

const only = (a: IpAddress) => formatPrefix(hostPrefix(a));

function isAbout({ protocol, ports }: FirewallRule, packet: Packet): boolean {
  if (ports.length === 0) return protocol === null || protocol === packet.protocol;
  return ports.some((p) => p.protocol === packet.protocol && p.first <= packet.destinationPort && packet.destinationPort <= p.last);
}

/** A rule to put before the one that decided, or into the list when none did. */
export const letPass: Fixer<'FIREWALL_DENIED'> = ({ context: { cluster }, path, origin, facts, hops }) => {
  const sent = path.forward.hops[0]?.packet ?? path.forward.packet;
  const packet = hops.at(-1)?.packet ?? path.forward.packet;
  const { protocol, destinationPort } = packet;
  const what = protocol === 'icmp' ? 'protocol: icmp' : `ports: [${destinationPort}/${protocol}]`;
  const ends = `from: ${only(packet.source)}, to: ${only(packet.destination)}`;
  const rule = `{ action: allow, ${ends}, ${what} }`;
  if (facts.isUnseen) return ['let request and answer go by the same machine: a firewall knows only connections that it has seen begin'];
  return [
    facts.decision.number === null ? `add ${rule} to the rules (${place(origin.locus)})` : `put ${rule} before it (${place(origin.locus)})`,
    ...meant(cluster, sent, packet, facts.decision.list).slice(0, 1),
  ];
};
