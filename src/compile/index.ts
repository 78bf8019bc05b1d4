import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { familiesOf } from '../k8s/families.ts';
import { proxyModes } from '../kube-proxy/index.ts';
import { type Compiled, compileNode } from './node.ts';
import { compileUnderlay } from './underlay.ts';

/** Kubernetes nouns into Linux nouns. A node, with its pods, is compiled when somebody first asks for one of its namespaces. */
export function compile(cluster: Cluster): Datapath {
  const made = new Map<string, Netns>();
  const clusters = familiesOf(cluster);
  const underlay = compileUnderlay(clusters, (name) => datapath.netns(name));
  const compiled: Compiled = {
    stacks: clusters.map((c) => ({ cluster: c, proxy: proxyModes[c.kubeProxy.mode].compile(c) })),
    underlay,
    nodePorts: nodePortsOf(cluster),
  };
  const nodeOf = (name: string) =>
    clusters.map((c) => c.nodes.get(name) ?? c.nodes.get(c.pods.get(name)?.node ?? '')).find((n) => n !== undefined);
  const datapath: Datapath = {
    netns(name) {
      const known = made.get(name);
      if (known !== undefined) return known;
      const node = nodeOf(name);
      if (node === undefined) {
        const other = underlay.netns(name);
        if (other !== undefined) made.set(name, other);
        return other;
      }
      for (const netns of compileNode(compiled, node.name)) made.set(netns.name, netns);
      return made.get(name);
    },
  };
  return datapath;
}

/** Nobody listens on these by chance: whoever calls one wants the service, and on most nodes a listener would never be called. */
function nodePortsOf({ services }: Cluster): ReadonlySet<string> {
  const ports = [...services.values()].flatMap((s) => s.ports.flatMap((p) => (p.nodePort === null ? [] : [`${p.nodePort} ${p.protocol}`])));
  return new Set(ports);
}
