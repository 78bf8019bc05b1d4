import { finish, newNetns } from '../datapath/build.ts';
import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { ProxyModeName } from '../k8s/node.ts';
import { isThere, key, type Pod } from '../k8s/pod.ts';
import { proxyModes } from '../kube-proxy/index.ts';
import { declared } from '../source/origin.ts';
import { type Compiled, compileNode, type Proxiers } from './node.ts';
import { compileUnderlay } from './underlay.ts';

/**
 * Kubernetes nouns into Linux nouns. A node, with its pods, is compiled when one of its namespaces is first asked for. An address that no
 * machine has is the name of one on the internet, if there is a gateway with a way to it.
 */
export function compile(cluster: Cluster): Datapath {
  const made = new Map<string, Netns>();
  const underlay = compileUnderlay(cluster, (name) => datapath.netns(name));
  let unfound: Datapath | null = null;
  const proxiers = new Map<ProxyModeName, Proxiers>();
  const compiled: Compiled = {
    cluster,
    proxiers(mode) {
      const known = proxiers.get(mode);
      const ofMode = { ...cluster, kubeProxy: { ...cluster.kubeProxy, mode } };
      const made = known ?? cluster.families.map((family) => ({ family, proxier: proxyModes[mode].compile(ofMode, family) }));
      proxiers.set(mode, made);
      return made;
    },
    underlay,
    nodePorts: nodePortsOf(cluster),
  };
  const make = (name: string): readonly Netns[] => {
    const node = cluster.nodes.get(name) ?? nodeOfPod(cluster, name);
    if (node !== undefined) return compileNode(compiled, node);
    const pod = cluster.pods.get(name);
    if (pod !== undefined && !isThere(pod)) return [absentNetns(pod)];
    const other = underlay.netns(name);
    return other === undefined ? [] : [other];
  };
  const datapath: Datapath = {
    netns(name) {
      const known = made.get(name);
      if (known !== undefined) return known;
      for (const netns of make(name)) made.set(netns.name, netns);
      return made.get(name);
    },
    asCompiled(name) {
      unfound ??= compile(withoutState(cluster));
      return unfound.netns(name);
    },
  };
  return datapath;
}

const withoutState = (cluster: Cluster): Cluster => ({
  ...cluster,
  nodes: new Map([...cluster.nodes].map(([name, node]) => [name, { ...node, found: null }])),
});

function nodeOfPod({ nodes, pods }: Cluster, name: string) {
  const pod = pods.get(name);
  return pod === undefined || pod.node === null || pod.hostNetwork || !isThere(pod) ? undefined : nodes.get(pod.node);
}

/** A place for questions about a pod that is not there: nothing is in it, and no packet comes to it. */
const absentNetns = (pod: Pod): Netns =>
  finish(newNetns({ name: key(pod), node: pod.node ?? '', role: 'pod' }, declared(pod.locus), [], []), null);

/** As `30080 tcp`. No other process listens on these by chance: it would never be called, on most nodes. */
function nodePortsOf({ services }: Cluster): ReadonlySet<string> {
  const ports = [...services.values()].flatMap((s) => s.ports.flatMap((p) => (p.nodePort === null ? [] : [`${p.nodePort} ${p.protocol}`])));
  return new Set(ports);
}
