import { FAMILIES, familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Path } from '../../source/origin.ts';
import type { ClusterInput, StatedNode, StatedPod, StatedService, TopologyForm, TopologyInput } from '../schema/topology.ts';
import type { ParsedDocument } from '../syntax/document.ts';
import { internetOf, underlayOf } from './families-network.ts';
import { statedOf } from './families-stated.ts';
import { moves } from './moves.ts';
import { ofAddress, ofPrefix, type Wanted } from './of-family.ts';

/**
 * A cluster with two IP families is two networks on the same machines: kube-proxy runs once for each, and each has routes and rules of its
 * own. So its topology is read as two, one a family, in which every thing has one address.
 */
export interface Part {
  readonly family: IpFamily;
  readonly form: TopologyForm;
  readonly document: ParsedDocument;
}

/** The primary family's part comes first. */
export function partsOf(stated: TopologyInput, document: ParsedDocument): readonly Part[] {
  const families = statedFamilies(stated.cluster);
  return families.map((family) => {
    const moved = moves();
    const form = formOf(stated, { family, families, moved });
    return { family, form, document: moved.document(document) };
  });
}

export function statedFamilies({ podCIDR, podCIDRs }: ClusterInput): readonly IpFamily[] {
  return [podCIDR, ...(podCIDRs ?? [])].flatMap((p) => (p === undefined ? [] : [familyOf(p.address)]));
}

type StatedGateway = TopologyInput['gateways'][number];

function formOf(stated: TopologyInput, wanted: Wanted): TopologyForm {
  const { moved, families } = wanted;
  const veths = families.length === 1 && stated.pods.every((p) => p.ips === undefined) ? null : vethsOf(stated.pods);
  return {
    ...stated,
    cluster: clusterOf(stated.cluster, wanted),
    nodes: moved.each(stated.nodes, ['nodes'], (node, path) => nodeOf(node, path, wanted, portsOf(stated.pods, veths, node))),
    pods: veths === null ? stated.pods : moved.each(stated.pods, ['pods'], (pod, path, i) => podOf(pod, path, veths[i], wanted)),
    services: moved.each(stated.services, ['services'], (service, path) => serviceOf(service, path, wanted)),
    endpoints: moved.each(stated.endpoints, ['endpoints'], (entry, path) => ({
      ...entry,
      addresses: moved.filter(entry.addresses, [...path, 'addresses'], ({ ip }) => familyOf(ip) === wanted.family),
    })),
    ingresses: moved.each(stated.ingresses, ['ingresses'], (ingress, path) => ({
      ...ingress,
      status: statusOf(ingress.status, [...path, 'status'], wanted),
    })),
    gateways: moved.each(stated.gateways, ['gateways'], (gateway, path) => gatewayOf(gateway, path, wanted)),
    underlay: underlayOf(stated.underlay, wanted),
    internet: internetOf(stated.internet, wanted),
  };
}

function clusterOf(stated: ClusterInput, { family, moved }: Wanted): TopologyForm['cluster'] {
  const { podCIDR, podCIDRs, serviceCIDR, serviceCIDRs, masquerade, kubeProxy, ...rest } = stated;
  const path = ['cluster'];
  const pods = moved.one(podCIDR, podCIDRs, [...path, 'podCIDR'], ofPrefix(family));
  if (pods === undefined) throw new Error('the families of a cluster are those of its pod ranges');
  return {
    ...rest,
    podCIDR: pods,
    serviceCIDR: moved.one(serviceCIDR, serviceCIDRs, [...path, 'serviceCIDR'], ofPrefix(family)),
    masquerade:
      typeof masquerade === 'object' ? { nonMasqueradeCIDRs: masquerade.nonMasqueradeCIDRs.filter(ofPrefix(family)) } : masquerade,
    kubeProxy:
      typeof kubeProxy === 'object'
        ? { ...kubeProxy, nodePortAddresses: nodePortAddresses(kubeProxy.nodePortAddresses, family) }
        : kubeProxy,
  };
}

/** Ranges of the other family only leave this one without a range, which means all addresses. Source: pkg/proxy/util/nodeport_addresses.go. */
function nodePortAddresses(stated: Prefix[] | undefined, family: IpFamily): Prefix[] | undefined {
  const own = stated?.filter(ofPrefix(family));
  return own?.length === 0 ? undefined : own;
}

function nodeOf(stated: StatedNode, path: Path, wanted: Wanted, ports: readonly string[] | null): TopologyForm['nodes'][number] | null {
  const { family, moved } = wanted;
  const { ip, ips, podCIDR, podCIDRs, ...rest } = stated;
  const address = moved.one(ip, ips, [...path, 'ip'], ofAddress(family));
  const range = moved.one(podCIDR, podCIDRs, [...path, 'podCIDR'], ofPrefix(family));
  if (address === undefined || range === undefined) return null;
  const own = statedOf(stated, path, wanted, wanted.families[0] === family);
  return { ...rest, ...own, ip: address, podCIDR: range, ports };
}

/** Names of veths count all pods of a node, whichever family they have. */
function vethsOf(pods: readonly StatedPod[]): readonly (string | undefined)[] {
  const counts = new Map<string, number>();
  return pods.map((pod) => {
    const nth = counts.get(pod.node) ?? 0;
    if (!pod.hostNetwork) counts.set(pod.node, nth + 1);
    return pod.hostNetwork ? pod.veth : (pod.veth ?? `veth${nth}`);
  });
}

/** The ports of a node's bridge, those of pods without this family included; null: as the pods have them. */
function portsOf(
  pods: readonly StatedPod[],
  veths: readonly (string | undefined)[] | null,
  { name }: StatedNode,
): readonly string[] | null {
  return veths === null ? null : pods.flatMap((pod, i) => (pod.node === name ? (veths[i] ?? []) : []));
}

/** A pod with `ips` has these and no others; one without has an address of each family, stated or not. */
function podOf(stated: StatedPod, path: Path, veth: string | undefined, wanted: Wanted): TopologyForm['pods'][number] | null {
  const { family, families, moved } = wanted;
  const { ip, ips, ...rest } = stated;
  const own = ips === undefined ? families : families.filter((f) => ips.some(ofAddress(f)));
  if (!own.includes(family)) return null;
  const address = moved.one(ip, ips, [...path, 'ip'], ofAddress(family));
  return { ...rest, veth, ...statedOf(stated, path, wanted, own[0] === family), ip: address };
}

/** A service of the other family only has no address here, and no endpoints; it is still there, so that its name can be said. */
function serviceOf(stated: StatedService, path: Path, wanted: Wanted): TopologyForm['services'][number] {
  const { family, moved } = wanted;
  const { clusterIP, clusterIPs, ...rest } = stated;
  return {
    ...rest,
    ipFamilies: [...serviceFamilies(stated, wanted.families)],
    clusterIP: clusterIP === 'None' ? clusterIP : moved.one(clusterIP, clusterIPs, [...path, 'clusterIP'], ofAddress(family)),
    externalIPs: moved.filter(stated.externalIPs, [...path, 'externalIPs'], ofAddress(family)),
    loadBalancerSourceRanges: stated.loadBalancerSourceRanges.filter(ofPrefix(family)),
    status: statusOf(stated.status, [...path, 'status'], wanted),
  };
}

interface Status<T> {
  readonly loadBalancer: { readonly ingress: T[] };
}

/** What a load balancer has got. */
function statusOf<T extends { readonly ip: IpAddress }>(
  status: Status<T> | undefined,
  path: Path,
  { family, moved }: Wanted,
): { loadBalancer: { ingress: T[] } } | undefined {
  if (status === undefined) return undefined;
  const list = [...path, 'loadBalancer', 'ingress'];
  return { loadBalancer: { ingress: moved.filter(status.loadBalancer.ingress, list, (i) => familyOf(i.ip) === family) } };
}

/** The addresses of a Gateway (of the API of that name). */
function gatewayOf(stated: StatedGateway, path: Path, { family, moved }: Wanted): TopologyForm['gateways'][number] {
  const isOwn = ({ value }: { readonly value: IpAddress }) => familyOf(value) === family;
  const { status } = stated;
  return {
    ...stated,
    addresses: moved.filter(stated.addresses, [...path, 'addresses'], isOwn),
    status:
      status === undefined ? undefined : { ...status, addresses: moved.filter(status.addresses, [...path, 'status', 'addresses'], isOwn) },
  };
}

/** As the API server fills them in: those of the ClusterIPs; without one the primary family, or both when the policy asks for them. */
export function serviceFamilies(stated: StatedService, families: readonly IpFamily[]): readonly IpFamily[] {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, type } = stated;
  // A name has no family.
  if (type === 'ExternalName') return families;
  if (ipFamilies !== undefined) return ipFamilies;
  const addresses = clusterIPs ?? (clusterIP === undefined || clusterIP === 'None' ? [] : [clusterIP]);
  if (addresses.length > 0) return FAMILIES.filter((f) => addresses.some(ofAddress(f)));
  return ipFamilyPolicy === 'PreferDualStack' || ipFamilyPolicy === 'RequireDualStack' ? families : families.slice(0, 1);
}
