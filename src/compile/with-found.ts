import type { FoundState } from '../datapath/found-state.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Node } from '../k8s/node.ts';
import { compile } from './index.ts';

/** The same cluster with other found state of its nodes; null: the node is as compiled. */
export function networkWith({ cluster }: Network, foundOn: (node: Node) => FoundState | null): Network {
  const nodes = new Map([...cluster.nodes].map(([name, node]) => [name, { ...node, found: foundOn(node) }] as const));
  const changed = { ...cluster, nodes };
  return { cluster: changed, datapath: compile(changed) };
}
