import { type Cluster, cniOn } from '../k8s/cluster.ts';
import type { PlannedPort } from '../k8s/cni.ts';
import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';

/** The bridge ports that the CNI plugin makes for pods of a node, by the name of the pod's veth. */
export function portsOf(cluster: Cluster, node: Node, pods: readonly Pod[]): ReadonlyMap<string, PlannedPort> {
  return new Map(
    cniOn(cluster, node.name)
      .devices(node, pods)
      .flatMap(({ name, port }) => (port === null ? [] : [[name, port] as const])),
  );
}

/** Do frames between these pods of a node go by a bridge, past its routes? */
export function areSwitched(cluster: Cluster, node: Node, pods: readonly Pod[]): boolean {
  const ports = portsOf(cluster, node, pods);
  return pods.every(({ veth }) => ports.has(veth));
}

/** The devices by which a node's pods' packets come to be routed: the bridge that a pod's host end is a port of, or the host end itself. */
export function routedBy(cluster: Cluster, node: Node, pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(onOneSwitch(cluster, node, pods).keys());
}

/** The pods whose frames reach each other's host ends, by the bridge that does it; a pod on none by its own host end. */
export function onOneSwitch(cluster: Cluster, node: Node, pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const ports = portsOf(cluster, node, pods);
  const found = new Map<string, Pod[]>();
  for (const pod of pods) {
    const device = ports.get(pod.veth)?.bridge ?? pod.veth;
    const known = found.get(device);
    if (known === undefined) found.set(device, [pod]);
    else known.push(pod);
  }
  return found;
}
