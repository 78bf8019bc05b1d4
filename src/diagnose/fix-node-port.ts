import type { Cluster } from '../k8s/cluster.ts';
import { clusterIpIn } from '../k8s/families.ts';
import type { ProxyModeName } from '../k8s/node.ts';
import { familyOf, formatAddress, type IpAddress, isLoopback, LOOPBACK } from '../net/address.ts';
import { DEFAULT_PREFIX, formatPrefix, hostPrefix } from '../net/prefix.ts';
import { append, set } from '../source/edit.ts';
import { at, isStated } from '../source/origin.ts';
import { calledService } from './context.ts';
import { advised, called, edited, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/** The fix for an address on which kube-proxy does not serve node ports. */
export function notOnThisAddress({ context: { cluster }, path: { forward } }: Scene): readonly Fix[] {
  const { packet, netns } = forward;
  const { destination } = packet;
  const entry = calledService(cluster, packet);
  if (entry === null) return [];
  const ip = entry.port === null ? null : clusterIpIn(entry.service, familyOf(destination));
  const mode = cluster.nodes.get(netns.name)?.kubeProxy.mode ?? cluster.kubeProxy.mode;
  const never = neverOn(mode, destination);
  const byClusterIp = `${never === null ? 'or ' : ''}call another address of ${netns.name}, or the service by its ClusterIP${never ?? ''}`;
  const other = ip === null || entry.port === null ? advised('choice', byClusterIp) : called(byClusterIp, ip, entry.port);
  return never === null ? [serve(cluster, mode, destination), other] : [other];
}

/** The reason why kube-proxy never serves node ports on the address; null: it may. */
function neverOn(mode: ProxyModeName, address: IpAddress): string | null {
  // The kernel never routes ::1.
  if (address === LOOPBACK.IPv6) return ': node ports never answer on ::1';
  return isLoopback(address) && mode === 'nftables' ? ': in mode nftables node ports never answer on 127.0.0.1' : null;
}

/** The fix that serves node ports on the address as well. */
function serve({ kubeProxy, locus }: Cluster, mode: ProxyModeName, address: IpAddress): Fix {
  const { origin, localhostNodePorts, nodePortAddresses } = kubeProxy;
  const here = origin.locus ?? at(locus, 'kubeProxy');
  const where = (field: string) => (origin.locus === null ? '' : ` (${place(at(origin.locus, field))})`);
  if (isLoopback(address) && !localhostNodePorts)
    return edited(
      `set cluster.kubeProxy.localhostNodePorts to true${where('localhostNodePorts')}`,
      set(at(here, 'localhostNodePorts'), true),
    );
  if (nodePortAddresses === 'primary' || (nodePortAddresses === null && mode === 'nftables')) {
    const all = [formatPrefix(DEFAULT_PREFIX[familyOf(address)])];
    return edited(
      `set cluster.kubeProxy.nodePortAddresses to [${all}]${where('nodePortAddresses')}: as it is, only the ip of a node answers`,
      isStated(here, 'mode') ? set(at(here, 'nodePortAddresses'), all) : set(here, { mode: kubeProxy.mode, nodePortAddresses: all }),
    );
  }
  return edited(
    `add a range that holds ${formatAddress(address)} to cluster.kubeProxy.nodePortAddresses${where('nodePortAddresses')}`,
    append(at(here, 'nodePortAddresses'), formatPrefix(hostPrefix(address))),
  );
}
