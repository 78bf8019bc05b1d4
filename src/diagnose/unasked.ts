import type { PolicyDirection, PolicySkip } from '../datapath/policy-point.ts';
import type { Hop } from '../hop/hop.ts';
import type { SkipHop } from '../hop/linux-hop.ts';
import { policiesText } from '../hop/policy-names.ts';
import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { type Policing, policingOf } from '../k8s/policy/policing.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import { isLoopback } from '../net/address.ts';
import { podsOf } from '../query/found.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';

/** Policies about an end of the connection that its packets never come by: nothing on the way says so, because nothing is there. */
export function unasked(context: Context, path: FlowPath): FlowPath {
  const [out, into] = [unaskedAt(context, path, 'egress'), unaskedAt(context, path, 'ingress')];
  if (out === null && into === null) return path;
  const { forward } = path;
  const first = forward.hops.findIndex((h) => h.kind === 'socket' && h.action === 'send');
  const last = forward.hops.findLastIndex((h) => h.kind === 'socket' && h.action === 'receive');
  const hops = forward.hops.flatMap((hop, i): readonly Hop[] => [
    ...(i === last && into !== null ? [skipHop(hop, into)] : []),
    hop,
    ...(i === first && out !== null ? [skipHop(hop, out)] : []),
  ]);
  return { ...path, forward: { ...forward, hops } };
}

/** What is stated and has no effect: nobody in the cluster enforces policies. */
export function unenforced(context: Context, paths: readonly FlowPath[]): readonly Assumption[] {
  const policing = policingOf(context.cluster);
  if (policing === null || policing.enforcer !== null) return [];
  const found = paths.flatMap((path) => (['egress', 'ingress'] as const).flatMap((d) => unaskedAt(context, path, d) ?? []));
  const policies = [...new Set(found.flatMap((u) => u.policies))];
  const [first] = policies;
  if (first === undefined) return [];
  const [are, have, them] = policies.length === 1 ? ['is', 'has', 'it'] : ['are', 'have', 'them'];
  const pods = [...new Set(found.map((u) => u.pod))].join(' and ');
  const message = `${policiesText(policies)} ${are} about ${pods} and ${have} no effect: nothing in this cluster enforces ${them} (${context.cluster.cni.name} does not, and networkPolicy names nobody)`;
  return [{ message, locus: first.locus }];
}

interface Unasked {
  readonly pod: string;
  readonly direction: PolicyDirection;
  readonly why: PolicySkip;
  readonly policies: readonly Policy[];
}

function unaskedAt({ cluster, question }: Context, { forward }: FlowPath, direction: PolicyDirection): Unasked | null {
  const policing = policingOf(cluster);
  if (policing === null) return null;
  const from = question.source.kind === 'Pod' ? cluster.pods.get(`${question.source.namespace}/${question.source.name}`) : undefined;
  const pod = direction === 'egress' ? from : receiver(cluster, forward, podsOf(question.destination));
  if (pod === undefined) return null;
  const why = reasonOf(policing, pod, isWithin(forward, pod));
  const policies = why === null ? [] : policing.selecting({ ...pod, hostNetwork: false }, direction);
  return why === null || policies.length === 0 ? null : { pod: key(pod), direction, why, policies };
}

function reasonOf({ enforcer }: Policing, pod: Pod, isWithinPod: boolean): PolicySkip | null {
  if (pod.hostNetwork) return { why: 'host-network' };
  if (isWithinPod) return { why: 'self', by: 'address' };
  return enforcer === null ? { why: 'not-enforced' } : null;
}

/** To an address of the pod itself, and never out of its namespace. */
const isWithin = ({ netns, hops, packet: { destination } }: Walk, { ips }: Pod): boolean =>
  netns.role === 'pod' &&
  hops.every((h) => h.netns === netns.name) &&
  (isLoopback(destination) || ips.some((i) => i.address === destination));

/** On a node's network many pods may be meant: one that was asked for, or that has the port. */
function receiver(cluster: Cluster, { netns, packet, end }: Walk, asked: readonly Pod[]): Pod | undefined {
  if (netns.role === 'pod') return cluster.pods.get(netns.name);
  if (end.kind !== 'delivered') return podAt(cluster, packet.destination) ?? undefined;
  const here = netns.role === 'node' ? (cluster.hostPodsByNode.get(netns.name) ?? []) : [];
  const hasPort = ({ containers }: Pod) =>
    containers.some((c) => c.ports.some((p) => p.port === packet.destinationPort && p.protocol === packet.protocol));
  return here.find((p) => asked.includes(p)) ?? here.find(hasPort);
}

function skipHop({ node, netns, role, packet, outer, mark }: Hop, { pod, direction, why, policies }: Unasked): SkipHop {
  const [first] = policies;
  if (first === undefined) throw new Error('a policy is about the pod');
  const skipped = { mechanism: 'policy', direction, pod, skip: why } as const;
  return { kind: 'skip', skipped, node, netns, role, device: null, packet, outer, mark, changes: [], origin: declared(first.locus) };
}
