import type { PlannedPod } from '../../k8s/cni.ts';
import type { IpAddress } from '../../net/address.ts';
import { contains, formatPrefix, hostPrefix, overlaps, type Prefix } from '../../net/prefix.ts';
import type { NodePlan } from './node-plan.ts';

type PodsByNode = ReadonlyMap<string, readonly PlannedPod[]>;

const addressesOn = (name: string, podsByNode: PodsByNode): readonly IpAddress[] =>
  (podsByNode.get(name) ?? []).flatMap((pod) => pod.ips.map((i) => i.address));

/** Nodes without a range have the blocks around their pods, as far as no other node has a part in them. */
export function withRanges(plans: readonly NodePlan[], podsByNode: PodsByNode): readonly NodePlan[] {
  const stated = plans.flatMap((p) => p.podCidrs);
  const around = new Map(
    plans.flatMap((p) => (p.cni.blocks === undefined || p.podCidrs.length > 0 ? [] : [[p, blocksOf(p, podsByNode)] as const])),
  );
  if (around.size === 0) return plans;
  const nodesIn = new Map<string, number>();
  for (const block of [...around.values()].flat()) nodesIn.set(formatPrefix(block), (nodesIn.get(formatPrefix(block)) ?? 0) + 1);
  const isOwn = (b: Prefix) => nodesIn.get(formatPrefix(b)) === 1 && !stated.some((s) => overlaps(s, b));
  return plans.map((plan) => {
    const found = around.get(plan);
    return found === undefined ? plan : { ...plan, podCidrs: found.filter(isOwn), rangesAt: null };
  });
}

function blocksOf({ name, cni }: NodePlan, podsByNode: PodsByNode): readonly Prefix[] {
  if (cni.blocks === undefined) return [];
  const found = new Map<string, Prefix>();
  for (const address of addressesOn(name, podsByNode)) {
    const block = cni.blocks.around(address);
    if (block !== null) found.set(formatPrefix(block), block);
  }
  return [...found.values()];
}

/** Addresses of a node's pods that are in none of its blocks: other nodes have a route to each of them. */
export const lentTo = ({ name, cni, podCidrs }: NodePlan, podsByNode: PodsByNode): readonly Prefix[] =>
  cni.blocks === undefined
    ? []
    : addressesOn(name, podsByNode)
        .filter((a) => !podCidrs.some((r) => contains(r, a)))
        .map(hostPrefix);
