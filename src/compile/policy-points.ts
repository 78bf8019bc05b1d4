import type { FoundState } from '../datapath/found-state.ts';
import type { PolicyDirection, PolicyPlace, PolicyPoint, PolicyPoints } from '../datapath/policy-point.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { EnforcerName } from '../k8s/policy/enforcement.ts';
import type { Enforcer } from '../k8s/policy/enforcer.ts';
import { judgedBy } from '../k8s/policy/found-chains.ts';
import { partyAt } from '../k8s/policy/party.ts';
import { type Policing, policingOf } from '../k8s/policy/policing.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { declared } from '../source/origin.ts';

/** Where the policies of a cluster are asked on a node; null: nowhere. A point is made when a packet of its pod first comes by. */
export function policyPoints(cluster: Cluster, node: string): PolicyPoints | null {
  const policing = policingOf(cluster);
  const pods = cluster.podsByNode.get(node) ?? [];
  if (policing === null || policing.enforcer === null || pods.length === 0) return null;
  const { enforcer } = policing;
  const byAddress = new Map<IpAddress, Pod>(pods.flatMap((pod) => pod.ips.map(({ address }) => [address, pod] as const)));
  const made = { ingress: new Map<Pod, PolicyPoint>(), egress: new Map<Pod, PolicyPoint>() };
  return {
    place: placeOf(cluster, node, enforcer),
    at(direction, address) {
      const pod = byAddress.get(address);
      if (pod === undefined) return null;
      const point = made[direction].get(pod) ?? policyPoint(cluster, policing, enforcer, pod, direction);
      made[direction].set(pod, point);
      return point;
    },
  };
}

/** The points of a node on which rules that were found judge in their place, in a direction or in both; null: none is left. */
export function unjudged(cluster: Cluster, points: PolicyPoints, found: FoundState, family: IpFamily): PolicyPoints | null {
  const judged = judgedIn(found, family);
  if (judged.size === 0) return isGone(cluster, found, family) ? null : points;
  return judged.size === 2
    ? null
    : { ...points, at: (direction, address) => (judged.has(direction) ? null : points.at(direction, address)) };
}

const judgedIn = ({ iptables, nft }: FoundState, family: IpFamily): ReadonlySet<PolicyDirection> =>
  judgedBy([
    ...[...iptables[family].values()].flatMap((t) => [...t.chains.keys(), ...(t.beside?.chains.keys() ?? [])]),
    ...(nft ?? []).flatMap((t) => [...t.chains()].map((c) => c.name)),
  ]);

/** An enforcer that has nothing but rules, and of which none is here: nothing enforces policies. Calico may do it elsewhere (eBPF), unless it has rules on another node. */
function isGone(cluster: Cluster, found: FoundState, family: IpFamily): boolean {
  const enforcer = policingOf(cluster)?.enforcer?.name ?? 'none';
  const filter = found.iptables[family].get('filter');
  if (filter === undefined || filter.policiesApart === true || filter.untold !== undefined || found.untold.length > 0) return false;
  if (BY_RULES.has(enforcer)) return true;
  return enforcer === 'calico' && [...cluster.nodes.values()].some((node) => node.found !== null && judgedIn(node.found, family).size > 0);
}

const BY_RULES: ReadonlySet<string> = new Set<EnforcerName>(['kube-router', 'weave-npc', 'azure-npm']);

/**
 * Cilium as the plugin translates itself, before its policies are asked; beside another plugin it sees the ClusterIPs that programs call. It masquerades
 * only where it does what kube-proxy does, and then at the NIC. The others on devices stand behind the translation, too (see their profiles).
 */
function placeOf(cluster: Cluster, node: string, { name, place, asksAtInput }: Enforcer): PolicyPlace {
  if (place === 'hooks') return { kind: 'hooks', atInput: asksAtInput };
  if (name !== 'cilium') return { kind: 'device', egress: 'after-dnat', ingress: 'after-snat' };
  const { plugin, replacesProxy } = cniOn(cluster, node);
  return {
    kind: 'device',
    egress: plugin === 'cilium' ? 'after-dnat' : 'before-dnat',
    ingress: replacesProxy === true ? 'before-snat' : 'after-snat',
  };
}

function policyPoint(cluster: Cluster, policing: Policing, enforcer: Enforcer, pod: Pod, direction: PolicyDirection): PolicyPoint {
  const { name, refuses, hairpin } = enforcer;
  const isJudged = hairpin === 'judged' || (hairpin === 'judged-out' && direction === 'egress');
  const own = new Set(pod.ips.map((i) => i.address));
  return {
    direction,
    pod: key(pod),
    enforcer: name,
    refuses,
    selects: () => policing.selecting(pod, direction).length > 0,
    // Cilium's tunnel carries with a packet who sent it.
    sees: (packet, sentFrom) => ({
      ...packet,
      fromWorld: name !== 'cilium' || sentFrom === null ? null : partyAt(cluster, sentFrom, false).kind === 'outside',
    }),
    judge(packet) {
      const skipped = policing.ignored(pod, direction);
      const decision = policing.decide(pod, direction, packet);
      const toItself = own.has(packet.source) && own.has(packet.destination);
      if (!toItself || decision.verdict === 'allow' || decision.verdict === 'none' || isJudged) return { decision, skipped };
      if (hairpin !== 'unknown') return { decision: null, skipped: [{ why: 'self', by: 'service' }, ...skipped] };
      const text = `whether ${name} asks policies about what a pod sends to itself by a service (the API leaves it open)`;
      const missing = { text, command: null, origin: declared(pod.locus) };
      return { decision: { ...decision, verdict: 'unknown', decidedBy: null, missing }, skipped };
    },
  };
}
