import { BRIDGE_NF_CALL, FORWARDING, forwarding, forwarding6 } from '../datapath/sysctl.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { at, inferred } from '../source/origin.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** How a node is set: kube-proxy, its sysctls, its bridge's ports, and what it masquerades. */
export const nodes: Lint = (cluster, _datapath, tell) => {
  const backed = backing(cluster);
  for (const node of cluster.nodes.values()) {
    const pods = cluster.podsByNode.get(node.name) ?? [];
    withoutProxy(cluster, node, tell);
    if (pods.length === 0) continue;
    notForwarding(cluster, node, tell);
    if (node.kubeProxy.running) switchedAnswers(cluster, node, pods, backed, tell);
  }
  hairpins(cluster, backed, tell);
  masquerading(cluster, tell);
};

/** Services with a ClusterIP that send to a pod, by the pod. */
type Backing = ReadonlyMap<Pod, readonly Service[]>;

function backing(cluster: Cluster): Backing {
  const found = new Map<Pod, Service[]>();
  for (const service of cluster.services.values()) {
    if (service.clusterIp === null) continue;
    for (const { pod } of service.ports.flatMap(readyEndpoints)) {
      if (pod === null || pod.hostNetwork) continue;
      const list = found.get(pod);
      if (list === undefined) found.set(pod, [service]);
      else if (!list.includes(service)) list.push(service);
    }
  }
  return found;
}

/** Another node may do it for this one, where a route leads the addresses of services there. */
function withoutProxy(cluster: Cluster, node: Node, tell: ReportFinding): void {
  const pods = (cluster.podsByNode.get(node.name) ?? []).length + (cluster.hostPodsByNode.get(node.name) ?? []).length;
  const services = [...cluster.services.values()].flatMap((s) => s.clusterIp ?? []);
  if (node.kubeProxy.running || pods === 0 || services.length === 0) return;
  if (node.overrides.routes.some(({ route }) => route.nextHops.length > 0 && services.some((ip) => contains(route.prefix, ip)))) return;
  tell(
    node.kubeProxy.origin.locus ?? node.locus,
    'kube-proxy-not-running',
    `no service has an address that works on ${node.name}, where ${count(pods, 'pod')} ${pods === 1 ? 'is' : 'are'}: kube-proxy does not run there`,
    'look for its pod on that node',
  );
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

/** A node alone, without a way out, switches frames between its pods and has nothing to forward. */
function notForwarding(cluster: Cluster, node: Node, tell: ReportFinding): void {
  if (node.overrides.sysctls.size === 0 || (cluster.nodes.size < 2 && cluster.gateway === null)) return;
  const family = familyOf(node.podCidr.address);
  const sysctls = new Map([[FORWARDING[family], { value: 1, origin: inferred(null) }], ...node.overrides.sysctls]);
  const forwards = (device: string) => (family === 'IPv4' ? forwarding(sysctls, device) : forwarding6(sysctls));
  const ways = [
    [cluster.cni.bridge, 'nothing that its pods send gets out of it'],
    ['eth0', 'nothing gets to its pods from outside'],
  ] as const;
  const off = ways.map(([device, means]) => ({ sysctl: forwards(device), means })).filter((w) => w.sysctl.value === 0);
  const [first] = off;
  if (first === undefined) return;
  tell(
    first.sysctl.origin.locus ?? node.locus,
    'forwarding-off',
    `${node.name} does not forward: ${off.map((w) => w.means).join(', and ')}`,
    `${first.sysctl.origin.locus?.path.at(-1) ?? FORWARDING[family]}: 1`,
  );
}

/**
 * Without br_netfilter a service's packet is translated where it is routed, but the answer of a pod on the same bridge is switched past
 * that place, and comes from an address that nobody called. A masqueraded one is sent back to the node.
 */
function switchedAnswers(cluster: Cluster, node: Node, pods: readonly Pod[], backed: Backing, tell: ReportFinding): void {
  const name = BRIDGE_NF_CALL[familyOf(node.podCidr.address)];
  const sysctl = node.overrides.sysctls.get(name);
  if (sysctl?.value !== 0 || cluster.kubeProxy.masqueradeAll || masquerades(cluster, node) || pods.length < 2) return;
  const services = new Set(pods.flatMap((p) => backed.get(p) ?? []));
  if (services.size === 0) return;
  tell(
    sysctl.origin.locus ?? node.locus,
    'bridge-nf-off',
    `pods on ${node.name} get no answer of ${some([...services].map(key))} from a pod of the same node`,
    `${name}: 1`,
  );
}

/** Without br_netfilter such a packet is routed, and comes down to the port like any other. */
function hairpins(cluster: Cluster, backed: Backing, tell: ReportFinding): void {
  const byPlace = new Map<string, { readonly place: Parameters<ReportFinding>[0]; readonly pods: Pod[] }>();
  for (const pod of backed.keys()) {
    const node = cluster.nodes.get(pod.node);
    const device = node?.overrides.devices.get(pod.veth);
    const routed = node?.overrides.sysctls.get(BRIDGE_NF_CALL[familyOf(pod.ip)])?.value === 0;
    if (node === undefined || !node.kubeProxy.running || routed || (device?.hairpin ?? cluster.cni.hairpinMode)) continue;
    const { locus } = device?.hairpin === undefined ? cluster.cni.origin : { locus: device.locus };
    const place = at(locus ?? cluster.locus, device?.hairpin === undefined ? 'hairpinMode' : 'hairpin');
    const text = place.path.join('.');
    const known = byPlace.get(text);
    if (known === undefined) byPlace.set(text, { place, pods: [pod] });
    else known.pods.push(pod);
  }
  for (const { place, pods } of byPlace.values()) {
    const names = some(pods.map((p) => p.name));
    const whose = pods.length === 1 ? 'itself by its own service' : 'themselves by their own services';
    tell(place, 'hairpin-off', `${names} cannot reach ${whose}: the bridge sends no frame back`, `${place.path.at(-1)}: true`);
  }
}

/** Do a node's pods see masqueraded packets from other pods? */
function masquerades({ masquerade }: Cluster, { podCidr }: Node): boolean {
  if (masquerade === null) return false;
  return !masquerade.nonMasqueradeCidrs.some((p) => p.length <= podCidr.length && contains(p, podCidr.address));
}

function masquerading(cluster: Cluster, tell: ReportFinding): void {
  if (cluster.masquerade === null || cluster.nodes.size < 2) return;
  const outside = [...cluster.nodes.values()].filter((n) => masquerades(cluster, n));
  if (outside.length === 0) return;
  tell(
    at(cluster.masquerade.origin.locus ?? cluster.locus, 'nonMasqueradeCIDRs'),
    'pod-range-masqueraded',
    `pods on ${some(outside.map((n) => n.name))} see a node's address in place of a pod's that is on another node`,
    `add the pod range ${formatPrefix(cluster.podCidr)}`,
  );
}
