import type { Cluster } from '../k8s/cluster.ts';
import type { OtherNode } from '../k8s/cni.ts';
import { nodeIp } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';

/** How a machine gets to a node's segment: it is on it, by this router, or there is no way; and the NIC of its own on that way. */
export interface Way {
  readonly via: 'here' | IpAddress | null;
  readonly device: string;
}

/** The nodes with pods, as a machine with these ways reaches them. Where no router leads, only a tunnel or a fabric may. */
export function nodesFrom({ nodes, families, podsByNode }: Cluster, wayTo: (family: IpFamily, node: Node) => Way): readonly OtherNode[] {
  return families.flatMap((family) =>
    [...nodes.values()].flatMap((node): readonly OtherNode[] => {
      const { via: way, device } = wayTo(family, node);
      const via = way === 'here' ? nodeIp(node, family) : way;
      return via === null && way !== null ? [] : [{ node, pods: podsByNode.get(node.name) ?? [], family, via, device }];
    }),
  );
}
