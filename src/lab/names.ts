import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';

/** The switches between the machines live in a namespace of their own. No Kubernetes name has an underscore, so none is like it. */
export const UNDERLAY = '_underlay';

/** A namespace's file in /run/netns: a pod's name has a slash, which a file's cannot have. */
export const fileOf = (netns: string): string => netns.replace('/', '_');

/** All namespaces of a cluster: each node with its pods, then what is between the nodes. */
export function allNetns(cluster: Cluster, datapath: Datapath): readonly Netns[] {
  const nodes = [...cluster.nodes.keys()].flatMap((node) => [node, ...podsOf(cluster, node)]);
  const between = [...cluster.underlay.routers.map((r) => r.name), ...(cluster.gateway === null ? [] : ['gateway'])];
  return [...nodes, ...between].map((name) => {
    const netns = datapath.netns(name);
    if (netns === undefined) throw new Error(`no namespace ${name}`);
    return netns;
  });
}

const podsOf = (cluster: Cluster, node: string) => (cluster.podsByNode.get(node) ?? []).map((p) => `${p.namespace}/${p.name}`);

/** The other way round. */
export const netnsOf = (file: string): string => file.replace('_', '/');
