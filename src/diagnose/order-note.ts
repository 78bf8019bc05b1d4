import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, formatEndpoint } from '../net/address.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';

/** The note that the order of base chains is not known, where the other order has another outcome. */
export function orderNote({ cluster }: { readonly cluster: Cluster }, { otherwise }: FlowPath): Assumption | null {
  if (otherwise === undefined) return null;
  const { tie, paths } = otherwise;
  const ends = [...new Set(paths.map(endOf))].join(' or ');
  const message = `kube-proxy's base chains are taken to have come after those of the CNI plugin, and so to run before them where priorities are the same; had they come first (cluster.kubeProxy.registered: beforeCNI), ${tie.hook} of ${tie.netns} would do otherwise, and the connection would be ${ends}`;
  return { message, locus: cluster.kubeProxy.origin.locus };
}

/** `dropped (FILTER_DROP)`, or where it ends. */
export function endOf({ outcome, failure, forward: { packet } }: FlowPath): string {
  if (failure !== null) return `${outcome} (${failure.code})`;
  const receiver = packet.icmp === null ? formatEndpoint(packet.destination, packet.destinationPort) : formatAddress(packet.destination);
  return `${outcome} to ${receiver}, from ${formatAddress(packet.source)}`;
}
