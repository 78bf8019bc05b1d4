import type { Cluster } from '../k8s/cluster.ts';
import { isInRule, isOfFamily } from '../k8s/firewall.ts';
import type { Firewall, FirewallRule } from '../k8s/network.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import { append, insert, set } from '../source/edit.ts';
import { at, parentOf } from '../source/origin.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { type Fixer, place } from './scene.ts';

/** A rule to put before the one that decided, or into the list when none did. */
export const letPass: Fixer<'FIREWALL_DENIED'> = ({ context: { cluster }, path, origin, facts, hops }) => {
  if (facts.isUnseen)
    return [advised('choice', 'let request and answer go by the same machine: a firewall knows only connections that it has seen begin')];
  const sent = path.forward.hops[0]?.packet ?? path.forward.packet;
  const packet = hops.at(-1)?.packet ?? path.forward.packet;
  const { rule, shown } = allowing(packet);
  const { number, list } = facts.decision;
  const { locus } = origin;
  if (locus === null) return [advised('elsewhere', `let it pass: ${shown}`)];
  // The decision is that of a rule of the list, or of the default beside it.
  const first =
    number === null
      ? edited(`add ${shown} to the rules (${place(locus)})`, append(at(parentOf(locus), 'rules'), rule))
      : edited(`put ${shown} before it (${place(locus)})`, insert(parentOf(locus), number - 1, rule));
  return [first, ...meant(cluster, sent, packet, list).slice(0, 1)];
};

/** A rule for a packet and no others, as data and as it is written. */
export function allowing({ protocol, source, destination, destinationPort }: Packet) {
  const what = protocol === 'icmp' ? { protocol: 'icmp' } : { ports: [`${destinationPort}/${protocol}`] };
  const rule = { action: 'allow', from: only(source), to: only(destination), ...what };
  const shown = `{ action: allow, from: ${rule.from}, to: ${rule.to}, ${protocol === 'icmp' ? 'protocol: icmp' : `ports: [${destinationPort}/${protocol}]`} }`;
  return { rule, shown };
}

/**
 * An allowing rule of the list that decided which fits the packet as it was sent, but not as it is here: the gateway has translated its
 * destination, or a node has masqueraded its source.
 */
function meant(cluster: Cluster, sent: Packet, here: Packet, list: Firewall['where']): readonly Fix[] {
  const { gateway, underlay } = cluster;
  const firewall = [gateway?.firewall, underlay.firewall].find((f) => f?.where === list);
  const fits = (r: FirewallRule, { source, destination }: Packet) =>
    isOfFamily(r, familyOf(source)) && isInRule(r.from, source) && isInRule(r.to, destination);
  return (firewall?.rules ?? []).flatMap((rule, i) => {
    const { locus } = rule.origin;
    if (locus === null || rule.action !== 'allow' || !isAbout(rule, here) || !fits(rule, sent) || fits(rule, here)) return [];
    const name = rule.name === null ? '' : ` (${rule.name})`;
    const change = {
      ...(isInRule(rule.from, here.source) ? {} : { from: only(here.source) }),
      ...(isInRule(rule.to, here.destination) ? {} : { to: only(here.destination) }),
    };
    const fields = Object.entries(change);
    return [
      edited(
        `or state ${fields.map(([field, value]) => `${field}: ${value}`).join(', ')} in rule ${i + 1}${name} (${place(locus)}), which fits the packet as it was sent, before its address was translated`,
        ...fields.map(([field, value]) => set(at(locus, field), value)),
      ),
    ];
  });
}

const only = (a: IpAddress) => formatPrefix(hostPrefix(a));

function isAbout({ protocol, ports }: FirewallRule, packet: Packet): boolean {
  if (ports.length === 0) return protocol === null || protocol === packet.protocol;
  return ports.some((p) => p.protocol === packet.protocol && p.first <= packet.destinationPort && packet.destinationPort <= p.last);
}
