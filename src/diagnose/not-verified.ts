import type { Cluster } from '../k8s/cluster.ts';
import type { Assumption } from './assumption.ts';

const KNOWN = new WeakMap<Cluster, readonly Assumption[]>();

/** Notes on programs of the cluster whose model was not compared with a kernel. */
export function notVerified(cluster: Cluster): readonly Assumption[] {
  const known = KNOWN.get(cluster) ?? notVerifiedIn(cluster);
  KNOWN.set(cluster, known);
  return known;
}

function notVerifiedIn({ cni, cniByNode, nodes, kubeProxy }: Cluster): readonly Assumption[] {
  const plugins = [cni, ...cniByNode.values()].flatMap(({ modelled, origin }) =>
    modelled === undefined ? [] : [{ message: modelled, locus: origin.locus }],
  );
  const isIpvs = [...nodes.values()].some(({ kubeProxy: { running, mode } }) => running && mode === 'ipvs');
  const message = "kube-proxy's mode ipvs is modelled, not verified against a kernel";
  return [...plugins, ...(isIpvs ? [{ message, locus: kubeProxy.origin.locus }] : [])];
}
