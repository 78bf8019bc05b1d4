import { BRIDGE_NF_CALL, FORWARDING, forwarding, forwarding6 } from '../datapath/sysctl.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { clusterIpIn, gatewayIn, podIp, prefixesIn } from '../k8s/families.ts';
import { isProxied, type Node } from '../k8s/node.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../net/prefix.ts';
import { at, inferred, type Locus } from '../source/origin.ts';
import { areSwitched, portsOf, routedBy } from './bridge-ports.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** How a node is set: kube-proxy, its sysctls, its bridge's ports, and what it masquerades. */
export const nodes: Lint = (cluster, _datapath, report) => {
  for (const node of cluster.nodes.values()) withoutProxy(cluster, node, report);
  const inEach = cluster.families.map((family): FamilyView => ({ cluster, family, backed: backing(cluster, family) }));
  for (const view of inEach)
    for (const node of cluster.nodes.values()) {
      const pods = podsOn(view, node);
      if (pods.length === 0) continue;
      notForwarding(view, node, pods, report);
      if (isProxied(node) && !areCallsTranslated(cluster)) switchedAnswers(view, node, pods, report);
    }
  if (!areCallsTranslated(cluster)) hairpins(inEach, report);
  masquerading(cluster, report);
};

/** Then pods call endpoints themselves, and neither the bridge nor its hairpin mode matters to services. */
const areCallsTranslated = ({ socketLb }: Cluster): boolean => socketLb !== null && !socketLb.hostNamespaceOnly;

/** The cluster in one IP family. */
interface FamilyView {
  readonly cluster: Cluster;
  readonly family: IpFamily;
  readonly backed: Backing;
}

/** Those with an address of the family and a network namespace of their own. */
const podsOn = ({ cluster, family }: FamilyView, node: Node): readonly Pod[] =>
  (cluster.podsByNode.get(node.name) ?? []).filter((p) => podIp(p, family) !== null);

/** Services with a ClusterIP that send to a pod, by the pod. */
type Backing = ReadonlyMap<Pod, readonly Service[]>;

function backing(cluster: Cluster, family: IpFamily): Backing {
  const found = new Map<Pod, Service[]>();
  for (const service of cluster.services.values()) {
    if (clusterIpIn(service, family) === null) continue;
    for (const { pod } of service.ports.flatMap((p) => readyEndpoints(p, family))) {
      if (pod === null || pod.hostNetwork) continue;
      const list = found.get(pod);
      if (list === undefined) found.set(pod, [service]);
      else if (!list.includes(service)) list.push(service);
    }
  }
  return found;
}

/** Another node may do it for this one, where a route leads the addresses of services there. */
function withoutProxy(cluster: Cluster, node: Node, report: ReportFinding): void {
  if (node.kubeProxy.running) return;
  const services = [...cluster.services.values()].flatMap((s) => s.clusterIps);
  const routes = node.overrides.routes.filter(({ route }) => route.nextHops.length > 0);
  const isElsewhere = (ip: IpAddress) => routes.some(({ route }) => contains(route.prefix, ip));
  const lacking = cluster.families.filter((family) => {
    const own = services.filter((ip) => familyOf(ip) === family);
    return own.length > 0 && !own.some(isElsewhere);
  });
  const pods = [cluster.podsByNode, cluster.hostPodsByNode].flatMap((byNode) => byNode.get(node.name) ?? []);
  const without = pods.filter((p) => lacking.some((family) => podIp(p, family) !== null)).length;
  if (without === 0) return;
  report(
    node.kubeProxy.origin.locus ?? node.locus,
    'kube-proxy-not-running',
    `no service has an address that works on ${node.name}, where ${count(without, 'pod')} ${without === 1 ? 'is' : 'are'}: kube-proxy does not run there`,
    'look for its pod on that node',
  );
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

/** A node alone, without a way out, has nothing to forward where a bridge switches frames between its pods. */
function notForwarding({ cluster, family }: FamilyView, node: Node, pods: readonly Pod[], report: ReportFinding): void {
  if (node.overrides.sysctls.size === 0) return;
  const isAlone = cluster.nodes.size < 2 && gatewayIn(cluster, family) === null;
  if (isAlone && areSwitched(cluster, node, pods)) return;
  const sysctls = new Map([[FORWARDING[family], { value: 1, origin: inferred(null) }], ...node.overrides.sysctls]);
  const forwards = (device: string) => (family === 'IPv4' ? forwarding(sysctls, device) : forwarding6(sysctls));
  const ways = [
    ...[...routedBy(cluster, node, pods)].map((device) => [device, 'nothing that its pods send gets out of it'] as const),
    ['eth0', 'nothing gets to its pods from outside'] as const,
  ];
  const off = ways.map(([device, means]) => ({ sysctl: forwards(device), means })).filter((w) => w.sysctl.value === 0);
  const [first] = off;
  if (first === undefined) return;
  report(
    first.sysctl.origin.locus ?? node.locus,
    'forwarding-off',
    `${node.name} does not forward: ${[...new Set(off.map((w) => w.means))].join(', and ')}`,
    `${first.sysctl.name}: 1`,
  );
}

/**
 * Without br_netfilter a service's packet is translated where it is routed, but the answer of a pod on the same bridge is switched past
 * that place, and comes from an address that the client has not called. A masqueraded one is sent back to the node.
 */
function switchedAnswers(view: FamilyView, node: Node, pods: readonly Pod[], report: ReportFinding): void {
  const { cluster, family, backed } = view;
  const name = BRIDGE_NF_CALL[family];
  const sysctl = node.overrides.sysctls.get(name);
  if (sysctl?.value !== 0 || cluster.kubeProxy.masqueradeAll || masquerades(cluster, node, family)) return;
  if (pods.length < 2 || !areSwitched(cluster, node, pods)) return;
  const services = new Set(pods.flatMap((p) => backed.get(p) ?? []));
  if (services.size === 0) return;
  report(
    sysctl.origin.locus ?? node.locus,
    'bridge-nf-off',
    `pods on ${node.name} get no answer of ${some([...services].map(key))} from a pod of the same node`,
    `${name}: 1`,
  );
}

/** Without br_netfilter such a packet is routed, and comes down to the port like any other. */
function hairpins(inEach: readonly FamilyView[], report: ReportFinding): void {
  const byPlace = new Map<string, { readonly place: Locus; readonly pods: Set<Pod> }>();
  for (const { cluster, family, backed } of inEach)
    for (const pod of backed.keys()) {
      const node = cluster.nodes.get(pod.node ?? '');
      if (node === undefined || !isProxied(node)) continue;
      const place = hairpinOff(cluster, node, pod);
      if (place === null || node.overrides.sysctls.get(BRIDGE_NF_CALL[family])?.value === 0) continue;
      const text = place.path.join('.');
      const known = byPlace.get(text);
      if (known === undefined) byPlace.set(text, { place, pods: new Set([pod]) });
      else known.pods.add(pod);
    }
  for (const { place, pods } of byPlace.values()) {
    const names = some([...pods].map((p) => p.name));
    const whose = pods.size === 1 ? 'itself by its own service' : 'themselves by their own services';
    report(place, 'hairpin-off', `${names} cannot reach ${whose}: the bridge sends no frame back`, `${place.path.at(-1)}: true`);
  }
}

/** The field that turns hairpin mode off for a pod's bridge port; null: it is on, or there is no bridge. */
function hairpinOff(cluster: Cluster, node: Node, pod: Pod): Locus | null {
  const port = portsOf(cluster, node, [pod]).get(pod.veth);
  const own = node.overrides.devices.get(pod.veth);
  if (port === undefined || (own?.hairpin ?? port.hairpin)) return null;
  return own?.hairpin === undefined
    ? at(cniOn(cluster, node.name).origin.locus ?? cluster.locus, port.hairpinBy)
    : at(own.locus, 'hairpin');
}

/** Do a node's pods see masqueraded packets from other pods? */
function masquerades({ masquerade }: Cluster, { podCidrs }: Node, family: IpFamily): boolean {
  if (masquerade === null) return false;
  const isKept = (range: Prefix) => masquerade.nonMasqueradeCidrs.some((p) => p.length <= range.length && contains(p, range.address));
  return !prefixesIn(podCidrs, family).every(isKept);
}

function masquerading(cluster: Cluster, report: ReportFinding): void {
  // Unless it is stated, the pods' ranges are kept, and of a plugin without a model it is not known.
  if (cluster.masquerade?.origin.evidence !== 'declared' || cluster.nodes.size < 2) return;
  const nodes = [...cluster.nodes.values()];
  const inEach = cluster.families.map((family) => ({
    family,
    names: nodes.filter((n) => masquerades(cluster, n, family)).map((n) => n.name),
  }));
  const names = new Set(inEach.flatMap((f) => f.names));
  if (names.size === 0) return;
  const ranges = cluster.podCidrs.filter((p) => inEach.some((f) => f.names.length > 0 && f.family === familyOf(p.address)));
  report(
    at(cluster.masquerade.origin.locus ?? cluster.locus, 'nonMasqueradeCIDRs'),
    'pod-range-masqueraded',
    `pods on ${some([...names])} see a node's address in place of a pod's that is on another node`,
    ranges.length === 0 ? null : `add the pod ${ranges.length === 1 ? 'range' : 'ranges'} ${ranges.map(formatPrefix).join(' and ')}`,
  );
}
