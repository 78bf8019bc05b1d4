import type { FlowPath, WalkName } from '../flow.ts';
import type { Cluster, Firewall } from '../k8s/cluster.ts';
import { FIREWALL_CHAINS, firewallRuleText } from '../k8s/firewall.ts';
import { formatAddress } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import type { FirewallDecision, RuleStep } from '../stage/hop.ts';
import type { Failure } from '../stage/skb.ts';
import { type Fixer, place } from './scene.ts';
import { walkOf } from './walks.ts';

/** What each list said of a packet, in the words of the file; empty for what is no step of a firewall. */
export function decisionsOf(cluster: Cluster, steps: readonly RuleStep[]): readonly FirewallDecision[] {
  return steps.flatMap(({ chain, rule }) => {
    const firewall = firewalls(cluster).find((f) => FIREWALL_CHAINS[f.where] === chain);
    return firewall === undefined ? [] : [decision(firewall, rule.origin)];
  });
}

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
  const port = protocol === 'icmp' ? '' : `:${destinationPort}`;
  return `${protocol} from ${formatAddress(source)} to ${formatAddress(destination)}${port}`;
}

/** A rule to put before the one that decided, or into the list when none did. */
export const letPass: Fixer = ({ path, origin, text, hops }) => {
  const packet = hops.at(-1)?.packet ?? path.forward.packet;
  const { protocol, destinationPort } = packet;
  const what = protocol === 'icmp' ? 'protocol: icmp' : `ports: [${destinationPort}/${protocol}]`;
  const ends = `from: ${formatAddress(packet.source)}/32, to: ${formatAddress(packet.destination)}/32`;
  const rule = `{ action: allow, ${ends}, ${what} }`;
  if (text.includes('has not seen the request'))
    return ['let request and answer go by the same machine: a firewall knows only connections that it has seen begin'];
  return [
    /no rule is about it/.test(text)
      ? `add ${rule} to the rules (${place(origin.locus)})`
      : `put ${rule} before it (${place(origin.locus)})`,
  ];
};
