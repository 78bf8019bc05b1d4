import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, type IpAddress, nextAddress } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { at } from '../source/origin.ts';
import type { Lint } from './lint.ts';

/** Endpoints that are stated, and contradict the pods. */
export const endpoints: Lint = (cluster, _datapath, tell) => {
  const ports = [...cluster.services.values()].flatMap((s) => s.ports.filter((p) => p.explicitEndpoints !== null));
  const stated = ports.flatMap((p) => p.endpoints);
  if (stated.length === 0) return;
  const known = podRangeAddresses(cluster);
  for (const { ip, node, pod, locus } of stated) {
    if (pod === null && contains(cluster.podCidr, ip) && !known.has(ip))
      tell(
        at(locus, 'ip'),
        'endpoint-without-pod',
        `${formatAddress(ip)} is in the pod range ${formatPrefix(cluster.podCidr)}, and no pod has it`,
        'take it away, or state the pod',
      );
    if (pod !== null && node !== null && pod.node !== node)
      tell(at(locus, 'nodeName'), 'endpoint-on-another-node', `${pod.name} is on ${pod.node}, not on ${node}`, `nodeName: ${pod.node}`);
  }
};

function podRangeAddresses(cluster: Cluster): ReadonlySet<IpAddress> {
  const nodes = [...cluster.nodes.values()];
  const pods = [...cluster.pods.values()];
  return new Set([
    ...pods.map((p) => p.ip),
    ...nodes.map((n) => nextAddress(n.podCidr.address)),
    ...[...nodes, ...pods].flatMap((o) => o.overrides.addresses.map((a) => a.address)),
  ]);
}
