import type { FirewallDecision, RuleStep } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { FIREWALL_CHAINS, firewallRuleText, isInRule } from '../k8s/firewall.ts';
import type { Firewall, FirewallRule } from '../k8s/network.ts';
import { formatAddress, formatEndpoint, type IpAddress } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import type { Failure } from '../stage/skb.ts';
import type { FlowPath, WalkName } from '../walk/flow.ts';
import { type Fixer, place } from './scene.ts';
import { walkOf } from './walks.ts';

/** What each list said of a packet, in the words of the file; empty for what is no step of a firewall. */
export function decisionsOf(cluster: Cluster, steps: readonly RuleStep[]): readonly FirewallDecision[] {
  return steps.flatMap(({ chain, rule }) => {
    const firewall = firewalls(cluster).find((f) => FIREWALL_CHAINS[f.where] === chain);
    return firewall === undefined ? [] : [decision(firewall, rule.origin)];
  });
}

const EDGE = 'edge';

const firewalls = ({ gateway, underlay }: Cluster) => [gateway?.firewall, underlay.firewall].filter((f) => f != null);

function decision(firewall: Firewall, origin: RuleStep['rule']['origin']): FirewallDecision {
  const list = firewall.where;
  const index = firewall.rules.findIndex((r) => r.origin === origin);
  const rule = firewall.rules[index];
  const who = `${list} firewall`;
  if (rule === undefined)
    return { list, rule: null, words: `${who}: no rule is about it, and its default is ${firewall.otherwise.action}` };
  const name = rule.name === null ? '' : ` (${rule.name})`;
  return { list, rule: index + 1, words: `${who}, rule ${index + 1}${name}: ${firewallRuleText(rule)}` };
}

/** A packet that a firewall ended: by which rule, and what the packet was. */
export function denied(cluster: Cluster, path: FlowPath, failure: Failure & { readonly walk: WalkName }): Failure | null {
  if (failure.code !== 'FILTER_DROP' && failure.code !== 'FILTER_REJECT') return null;
  const hop = walkOf(path, failure.walk)?.hops.findLast((h) => h.kind === 'filter');
  const last = hop?.kind === 'filter' ? decisionsOf(cluster, hop.steps).at(-1) : undefined;
  if (hop === undefined || last === undefined) return null;
  const unseen = failure.walk === 'forward' ? '' : ', which has not seen the request';
  const text = `${hop.netns} does not let ${packetText(hop.packet)} pass${unseen}: ${last.words}`;
  return { code: 'FIREWALL_DENIED', text, origin: failure.origin };
}

function packetText({ protocol, source, destination, destinationPort }: Packet): string {
  const to = protocol === 'icmp' ? formatAddress(destination) : formatEndpoint(destination, destinationPort);
  return `${protocol} from ${formatAddress(source)} to ${to}`;
}

/**
 * An allowing rule of the list that decided which fits the packet as it was sent, but not as it is here: the gateway has translated its
 * destination, or a node has masqueraded its source.
 */
function meant(cluster: Cluster, sent: Packet, here: Packet, list: Firewall['where']): readonly string[] {
  const firewall = firewalls(cluster).find((f) => f.where === list);
  const fits = (r: FirewallRule, { source, destination }: Packet) => isInRule(r.from, source) && isInRule(r.to, destination);
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
export const letPass: Fixer = ({ context: { cluster }, path, origin, text, hops }) => {
  const sent = path.forward.hops[0]?.packet ?? path.forward.packet;
  const packet = hops.at(-1)?.packet ?? path.forward.packet;
  const { protocol, destinationPort } = packet;
  const what = protocol === 'icmp' ? 'protocol: icmp' : `ports: [${destinationPort}/${protocol}]`;
  const ends = `from: ${only(packet.source)}, to: ${only(packet.destination)}`;
  const rule = `{ action: allow, ${ends}, ${what} }`;
  if (text.includes('has not seen the request'))
    return ['let request and answer go by the same machine: a firewall knows only connections that it has seen begin'];
  return [
    /no rule is about it/.test(text)
      ? `add ${rule} to the rules (${place(origin.locus)})`
      : `put ${rule} before it (${place(origin.locus)})`,
    ...meant(cluster, sent, packet, text.includes(`${EDGE} firewall`) ? EDGE : 'underlay').slice(0, 1),
  ];
};
