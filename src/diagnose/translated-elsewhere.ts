import { clusterIpIn } from '../k8s/families.ts';
import { formatEndpoint } from '../net/address.ts';
import { set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { calledService } from './context.ts';
import { called, edited, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/**
 * A node that translated the request without masquerading it, and that the answer does not pass: a pod called a node port, or an address of
 * the service from outside, on another node than its own. With externalTrafficPolicy Local kube-proxy masquerades none of these. A ClusterIP
 * is translated on the caller's own node.
 * Source: the comment of KUBE-EXT chains, pkg/proxy/iptables/proxier.go.
 */
export function translatedElsewhere({ context: { cluster, question }, path }: Scene): readonly Fix[] {
  const [sent] = path.forward.hops;
  const entry = sent === undefined ? null : calledService(cluster, sent.packet);
  const translator = path.forward.hops.find((h) => h.kind === 'nat' && h.action === 'dnat' && h.role === 'node');
  const backBy = path.reply?.hops.map((h) => h.netns) ?? [];
  if (entry === null || entry.port === null || translator === undefined || backBy.includes(translator.netns)) return [];
  const { service, port } = entry;
  const ip = clusterIpIn(service, question.family);
  if (sent?.packet.destination === ip) return [];
  const isLocal = service.externalTrafficPolicy === 'Local';
  const why = `${translator.netns} translates the request, and the answer does not pass it`;
  const policy = edited(
    `set externalTrafficPolicy of service ${service.name} to Cluster (${place(at(service.locus, 'externalTrafficPolicy'))}), so that the request is masqueraded: ${why}`,
    set(at(service.locus, 'externalTrafficPolicy'), 'Cluster'),
  );
  const own = ip === null ? [] : [called(`${isLocal ? 'or ' : ''}call its ClusterIP, ${formatEndpoint(ip, port.port)}`, ip, port)];
  return [...(isLocal ? [policy] : []), ...own];
}
