import type { Cluster, CniConfig, KubeProxy } from '../../k8s/cluster.ts';
import { together } from '../../k8s/families.ts';
import { key, type Pod } from '../../k8s/pod.ts';
import type { IpFamily } from '../../net/address.ts';
import { type Diagnostic, inOrder, type Result } from '../../source/diagnostic.ts';
import { declared, inferred, type Origin } from '../../source/origin.ts';
import type { TopologyForm, TopologyInput } from '../schema/topology.ts';
import type { ParsedDocument } from '../syntax/document.ts';
import { checkAddressPlan } from './address-plan.ts';
import { checkSubdomains, readClusterNaming } from './dns-names.ts';
import { readExpectations } from './expectations.ts';
import { type Part, partsOf } from './families.ts';
import { checkFamilies } from './families-check.ts';
import { toldOf } from './families-told.ts';
import { checkHostPorts } from './host-ports.ts';
import { readHttp } from './http.ts';
import { checkMtus } from './mtu.ts';
import { readNodes } from './nodes.ts';
import { readPods } from './pods.ts';
import { newReport, type Report, uniqueNames } from './report.ts';
import { checkReach } from './service-reach.ts';
import { readServices } from './services.ts';
import { checkSockets } from './sockets.ts';
import { readUnderlay } from './underlay.ts';

/** Names of namespaces that are always there. */
const RESERVED_NAMES = ['gateway', 'internet'];

/** The third stage: names into things. Everything that a name or an address refers to is checked here; all errors are reported. */
export function resolve(stated: TopologyInput, document: ParsedDocument): Result<Cluster> {
  const report = newReport(document);
  checkFamilies(report, stated);
  if (report.diagnostics.length > 0) return { ok: false, diagnostics: inOrder(report.diagnostics) };
  const parts = partsOf(stated, document).map(resolvePart);
  const [first, second] = parts;
  if (first === undefined) throw new Error('a cluster has an IP family');
  checkMtus(report, stated);
  for (const [i, service] of stated.services.entries()) checkReach(report, service, ['services', i]);
  const all = [...report.diagnostics, ...toldOf(stated, parts)];
  const diagnostics = inOrder(all);
  if (all.some((d) => d.severity === 'error')) return { ok: false, diagnostics };
  return { ok: true, value: second === undefined ? first.cluster : ofBoth(first.cluster, second.cluster), warnings: diagnostics };
}

/** kubelet gives all pods the same servers, whichever family they have. */
function ofBoth(first: Cluster, second: Cluster): Cluster {
  const clusterDns = first.clusterDns.length > 0 ? first.clusterDns : second.clusterDns;
  return together({ ...first, clusterDns }, { ...second, clusterDns });
}

interface Resolved {
  readonly family: IpFamily;
  readonly cluster: Cluster;
  readonly diagnostics: readonly Diagnostic[];
}

function resolvePart({ family, form, document }: Part): Resolved {
  const report = newReport(document);
  checkNames(report, form);
  const underlay = readUnderlay(report, form);
  const cni = readCni(report, form);
  const pods = readPods(report, form, cni);
  const podsByNode = groupByNode(pods.filter((p) => !p.hostNetwork));
  const hostPodsByNode = groupByNode(pods.filter((p) => p.hostNetwork));
  checkHostPorts(report, pods);
  checkSockets(report, pods);
  const nodes = readNodes(report, form, cni, underlay, podsByNode);
  const services = readServices(report, form, pods, nodes);
  checkAddressPlan(report, form);
  checkSubdomains(report, form);
  const { cluster } = form;
  const clusterLocus = report.locus(['cluster'], 'Topology');
  const kubeProxyOrigin = document.data !== null && hasField(document.data, 'kubeProxy') ? declared : inferred;
  const value: Cluster = {
    family,
    other: null,
    podCidr: cluster.podCIDR,
    serviceCidr: cluster.serviceCIDR ?? null,
    locus: clusterLocus,
    cni,
    masquerade: readMasquerade(report, form),
    kubeProxy: readKubeProxy(form, kubeProxyOrigin(report.locus(['cluster', 'kubeProxy'], 'Topology'))),
    nodes: new Map(nodes.map((n) => [n.name, n])),
    pods: new Map(pods.map((p) => [key(p), p])),
    podsByNode,
    hostPodsByNode,
    services: new Map(services.map((s) => [key(s), s])),
    http: readHttp(report, form, new Map(services.map((s) => [key(s), s]))),
    underlay: { segments: underlay.segments, routers: underlay.routers, firewall: underlay.firewall },
    gateway: underlay.gateway,
    outside: underlay.outside,
    ...readClusterNaming(report, form, services),
    expectations: readExpectations(report, form.expect),
  };
  return { family, cluster: value, diagnostics: report.diagnostics };
}

function groupByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const group = groups.get(pod.node);
    if (group === undefined) groups.set(pod.node, [pod]);
    else group.push(pod);
  }
  return groups;
}

function hasField(data: unknown, field: string): boolean {
  if (typeof data !== 'object' || data === null || !('cluster' in data)) return false;
  const { cluster } = data;
  return typeof cluster === 'object' && cluster !== null && field in cluster;
}

function checkNames(report: Report, form: TopologyForm): void {
  uniqueNames(
    report,
    form.nodes,
    'node',
    (n) => n.name,
    (i) => ['nodes', i, 'name'],
  );
  uniqueNames(
    report,
    form.pods,
    'pod',
    (p) => `${p.namespace}/${p.name}`,
    (i) => ['pods', i, 'name'],
  );
  uniqueNames(
    report,
    form.services,
    'service',
    (s) => `${s.namespace}/${s.name}`,
    (i) => ['services', i, 'name'],
  );
  const taken = new Map<string, string>(RESERVED_NAMES.map((name) => [name, `the ${name}`]));
  for (const [i, router] of (form.underlay?.routers ?? []).entries()) {
    if (RESERVED_NAMES.includes(router.name))
      report.error(
        ['underlay', 'routers', i, 'name'],
        'reserved-name',
        `${router.name} is the name of the ${router.name}'s network namespace`,
        'choose another name',
      );
    taken.set(router.name, `the router ${router.name}`);
  }
  for (const { name } of form.internet?.clients ?? []) taken.set(name, `the outside client ${name}`);
  const check = (name: string, kind: string, index: number) => {
    const owner = taken.get(name);
    if (owner !== undefined)
      report.error([kind, index, 'name'], 'reserved-name', `${name} is the name of ${owner}'s network namespace`, 'choose another name');
  };
  for (const [i, node] of form.nodes.entries()) check(node.name, 'nodes', i);
  for (const [i, pod] of form.pods.entries()) check(pod.name, 'pods', i);
}

function readCni(report: Report, form: TopologyForm): CniConfig {
  const { cni } = form.cluster;
  const locus = report.locus(['cluster', 'cni'], 'Topology');
  if (typeof cni === 'string') return { plugin: cni, bridge: 'cni0', mtu: 1500, hairpinMode: true, ipMasq: false, origin: inferred(locus) };
  if (['lo', 'eth0'].includes(cni.bridge))
    report.error(['cluster', 'cni', 'bridge'], 'duplicate-device', `every node has a device ${cni.bridge} already`);
  return { ...cni, origin: declared(locus) };
}

/** The default keeps the pod range; anything else is stated. */
function readMasquerade(report: Report, form: TopologyForm): Cluster['masquerade'] {
  const { masquerade, podCIDR } = form.cluster;
  if (masquerade === 'none') return null;
  const locus = report.locus(['cluster', 'masquerade'], 'Topology');
  if (masquerade === undefined)
    return { nonMasqueradeCidrs: [podCIDR], origin: inferred(report.locus(['cluster', 'podCIDR'], 'Topology')) };
  return { nonMasqueradeCidrs: masquerade.nonMasqueradeCIDRs, origin: declared(locus) };
}

function readKubeProxy({ cluster: { kubeProxy } }: TopologyForm, origin: Origin): KubeProxy {
  if (typeof kubeProxy === 'string')
    return { mode: kubeProxy, masqueradeAll: false, nodePortAddresses: null, localhostNodePorts: true, origin };
  return { ...kubeProxy, nodePortAddresses: kubeProxy.nodePortAddresses ?? null, origin };
}
