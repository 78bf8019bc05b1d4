import { ip } from '../../../net/address.ts';
import type { Prefix } from '../../../net/prefix.ts';
import type { NodeInput } from '../../schema/topology.ts';
import type { InferredNode } from '../infer/index.ts';
import { assumedRange } from '../node-stand-ins.ts';
import { type KubeObject, nameOf, type Objects, objectsOf } from '../objects.ts';

/** What is known of the nodes besides their objects. */
export interface Machines {
  readonly inferred: ReadonlyMap<string, InferredNode>;
  /** The names of nodes that nothing tells of, since the cluster does not run yet. */
  readonly assumedNodes: readonly string[];
  /** The ranges of the cluster's pods. */
  readonly podCidrs: readonly Prefix[];
}

/** A Node object in a Topology's words. */
export function nodeIn(object: KubeObject<'Node'>, machines: Machines): NodeInput {
  const { metadata, status } = object.data;
  return {
    ...machineIn(nameOf(object), machines),
    labels: metadata.labels ?? undefined,
    seen: { addresses: status?.addresses ?? [] },
  };
}

/** Nodes that only pods tell of, each with a pod that does. */
export function nodesOfPods(objects: Objects, machines: Machines): readonly (readonly [NodeInput, KubeObject<'Pod'>])[] {
  const known = new Set(objectsOf(objects, 'Node').map(nameOf));
  const found = new Map<string, readonly [NodeInput, KubeObject<'Pod'>]>();
  for (const pod of objectsOf(objects, 'Pod')) {
    const name = pod.data.spec?.nodeName ?? '';
    if (name === '' || known.has(name) || found.has(name)) continue;
    found.set(name, [{ ...machineIn(name, machines), seen: { addresses: [] } }, pod]);
  }
  return [...found.values()];
}

function machineIn(name: string, { inferred, assumedNodes, podCidrs }: Machines): NodeInput {
  const nth = assumedNodes.indexOf(name);
  if (nth !== -1) return assumedNode(name, nth, podCidrs);
  const node = inferred.get(name);
  return { name, ips: [...(node?.addresses ?? [])], podCIDRs: [...(node?.podCidrs ?? [])] };
}

/** The nth node of a cluster that does not run yet, with addresses as those of the built-in cluster's nodes. */
function assumedNode(name: string, nth: number, podCidrs: readonly Prefix[]): NodeInput {
  return {
    name,
    ips: [ip(`192.168.${1 + Math.floor(nth / 200)}.${11 + (nth % 200)}`)],
    podCIDRs: [assumedRange(podCidrs, nth)],
  };
}
