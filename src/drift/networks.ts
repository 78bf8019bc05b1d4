import { compile } from '../compile/index.ts';
import type { FoundState } from '../datapath/found-state.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Node } from '../k8s/node.ts';

/** The same cluster, where this was found on its nodes; null: nobody looked, and a node is as compiled. */
export function networkWith({ cluster }: Network, foundOn: (node: Node) => FoundState | null): Network {
  const nodes = new Map([...cluster.nodes].map(([name, node]) => [name, { ...node, found: foundOn(node) }] as const));
  const changed = { ...cluster, nodes };
  return { cluster: changed, datapath: compile(changed) };
}
