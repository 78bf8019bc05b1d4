import { clusterIpIn } from '../k8s/families.ts';
import { familyOf, formatAddress, isLoopback, LOOPBACK } from '../net/address.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import { append, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { calledService } from './context.ts';
import { advised, called, edited, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/** Nothing is taken to listen on a node port, so here it is one that kube-proxy was told not to serve. */
export function notOnThisAddress({ context: { cluster }, path: { forward } }: Scene): readonly Fix[] {
  const { packet, netns } = forward;
  const { destination } = packet;
  const entry = calledService(cluster, packet);
  if (entry === null) return [];
  const { locus } = cluster.kubeProxy.origin;
  const ip = entry.port === null ? null : clusterIpIn(entry.service, familyOf(destination));
  const or = destination === LOOPBACK.IPv6 ? '' : 'or ';
  const byClusterIp = `${or}call another address of ${netns.name}, or the service by its ClusterIP`;
  // kube-proxy leaves ::1 out whatever it is told: the kernel never routes it.
  const elsewhere = destination === LOOPBACK.IPv6 ? `${byClusterIp}: node ports never answer on ::1` : byClusterIp;
  const other = ip === null || entry.port === null ? advised('choice', elsewhere) : called(elsewhere, ip, entry.port);
  if (or === '') return [other];
  const where = (field: string) => (locus === null ? '' : ` (${place(at(locus, field))})`);
  const isOff = isLoopback(destination) && !cluster.kubeProxy.localhostNodePorts;
  const kubeProxy = locus ?? at(cluster.locus, 'kubeProxy');
  return [
    isOff
      ? edited(
          `set cluster.kubeProxy.localhostNodePorts to true${where('localhostNodePorts')}`,
          set(at(kubeProxy, 'localhostNodePorts'), true),
        )
      : edited(
          `add a range that holds ${formatAddress(destination)} to cluster.kubeProxy.nodePortAddresses${where('nodePortAddresses')}`,
          append(at(kubeProxy, 'nodePortAddresses'), formatPrefix(hostPrefix(destination))),
        ),
    other,
  ];
}
