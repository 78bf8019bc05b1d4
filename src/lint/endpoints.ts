import { isNodeAddress } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { at } from '../source/origin.ts';
import type { Lint } from './lint.ts';

/** Endpoints that the input states, and that contradict the pods. */
export const endpoints: Lint = (cluster, _datapath, report) => {
  const ports = [...cluster.services.values()].flatMap((s) => s.ports.filter((p) => p.explicitEndpoints !== null));
  const explicit = ports.flatMap((p) => p.endpoints);
  if (explicit.length === 0) return;
  const ofPods = podAddresses(cluster);
  for (const { ip, node, pod, locus } of explicit) {
    const range = cluster.podCidrs.find((r) => contains(r, ip));
    if (pod === null && range !== undefined && !ofPods.has(ip) && !isNodeAddress(cluster, ip))
      report(
        at(locus, 'ip'),
        'endpoint-without-pod',
        `${formatAddress(ip)} is in the pod range ${formatPrefix(range)}, and no pod has it`,
        'take it away, or state the pod',
      );
    if (pod !== null && node !== null && pod.node !== null && pod.node !== node)
      report(at(locus, 'nodeName'), 'endpoint-on-another-node', `${pod.name} is on ${pod.node}, not on ${node}`, `nodeName: ${pod.node}`);
  }
};

/** Those that the input adds among them. */
const podAddresses = ({ pods }: Cluster): ReadonlySet<IpAddress> =>
  new Set([...pods.values()].flatMap((p) => [...p.ips, ...p.overrides.addresses].map((a) => a.address)));
