import type { Cluster } from '../k8s/cluster.ts';
import { nodeIps } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import { key, type Pod, type PodPhase } from '../k8s/pod.ts';
import type { Service, ServiceType } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { type FactView, factsOf } from './facts.ts';
import { type UrlView, urlsOf } from './http.ts';
import { whyNoEndpoints } from './no-endpoints.ts';

/** `ip`, `podCIDR` and `serviceCIDR` are the first of their lists; null: there is none. */
export interface Overview {
  readonly kind: 'Cluster';
  readonly podCIDR: string | null;
  readonly serviceCIDR: string | null;
  /** One of each IP family. */
  readonly podCIDRs: readonly string[];
  readonly serviceCIDRs: readonly string[];
  readonly cni: string;
  readonly kubeProxy: string;
  readonly facts: readonly FactView[];
  readonly nodes: readonly NodeLine[];
  readonly pods: readonly PodLine[];
  readonly services: readonly ServiceLine[];
  readonly urls: readonly UrlView[];
}

export interface NodeLine {
  readonly name: string;
  readonly ip: string | null;
  readonly ips: readonly string[];
  readonly podCIDR: string | null;
  readonly podCIDRs: readonly string[];
  readonly pods: number;
}

export interface PodLine {
  readonly name: string;
  readonly ip: string | null;
  readonly ips: readonly string[];
  /** Null: not scheduled. */
  readonly node: string | null;
  readonly ready: boolean;
  readonly phase: PodPhase;
  readonly terminating: boolean;
}

export interface ServiceLine {
  readonly name: string;
  readonly type: ServiceType;
  /** `None`: headless; `-`: an ExternalName. */
  readonly clusterIP: string;
  readonly clusterIPs: readonly string[];
  /** Its external addresses, then those and the names of its load balancer. */
  readonly externalIPs: readonly string[];
  readonly ports: string;
  /** In the order of `ports`; null: none. */
  readonly nodePorts: readonly (number | null)[];
  /** How many addresses are ready. */
  readonly endpoints: number;
  /** Null: it has some. */
  readonly whyNoEndpoints: string | null;
}

/** A list of one kind, as `show pods` prints it. */
export type ListView =
  | { readonly kind: 'Nodes'; readonly nodes: readonly NodeLine[] }
  | { readonly kind: 'Pods'; readonly pods: readonly PodLine[] }
  | { readonly kind: 'Services'; readonly services: readonly ServiceLine[] };

export function overview(cluster: Cluster): Overview {
  const podCIDRs = cluster.podCidrs.map(formatPrefix);
  const serviceCIDRs = cluster.serviceCidrs.map(formatPrefix);
  return {
    kind: 'Cluster',
    podCIDR: podCIDRs[0] ?? null,
    serviceCIDR: serviceCIDRs[0] ?? null,
    podCIDRs,
    serviceCIDRs,
    cni: cluster.cni.name,
    kubeProxy: proxyOf(cluster),
    facts: factsOf(cluster),
    nodes: [...cluster.nodes.values()].map((node) => nodeLine(cluster, node)),
    pods: [...cluster.pods.values()].map(podLine),
    services: [...cluster.services.values()].map((service) => serviceLine(cluster, service)),
    urls: urlsOf(cluster),
  };
}

function proxyOf({ kubeProxy: { guess, mode }, facts }: Cluster): string {
  const isKnown = !facts.some((f) => f.fact === 'kubeProxy.mode' && f.confidence === 'unknown');
  return isKnown || guess === null ? (guess?.name ?? mode) : 'unknown';
}

function nodeLine({ podsByNode, hostPodsByNode }: Cluster, node: Node): NodeLine {
  const ips = nodeIps(node).map(formatAddress);
  const podCIDRs = node.podCidrs.map(formatPrefix);
  const pods = (podsByNode.get(node.name)?.length ?? 0) + (hostPodsByNode.get(node.name)?.length ?? 0);
  return { name: node.name, ip: ips[0] ?? null, ips, podCIDR: podCIDRs[0] ?? null, podCIDRs, pods };
}

function podLine({ namespace, name, node, phase, terminating, ready, ...pod }: Pod): PodLine {
  const ips = pod.ips.map((i) => formatAddress(i.address));
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  return { name: key({ namespace, name }), ip: ips[0] ?? null, ips, node, ready: ready.value && !hasEnded, phase, terminating };
}

function serviceLine(cluster: Cluster, service: Service): ServiceLine {
  const clusterIPs = service.clusterIps.map(formatAddress);
  const ready = service.ports.flatMap((p) => p.endpoints.filter((e) => e.ready).map((e) => e.ip));
  const balancer = service.loadBalancerIngress.map((i) => i.ip);
  return {
    name: key(service),
    type: service.type,
    clusterIP: service.externalName !== null ? '-' : (clusterIPs[0] ?? 'None'),
    clusterIPs,
    externalIPs: [...[...service.externalIps, ...balancer].map(formatAddress), ...service.loadBalancerHostnames],
    ports: service.ports.map((p) => `${p.port}/${p.protocol}`).join(', '),
    nodePorts: service.ports.map((p) => p.nodePort),
    endpoints: new Set(ready).size,
    whyNoEndpoints: whyNoEndpoints(cluster, service),
  };
}

/** Those of its things that are in a namespace. */
export function inNamespace(view: Overview, namespace: string): Overview {
  const inside = ({ name }: { readonly name: string }) => name.startsWith(`${namespace}/`);
  return { ...view, pods: view.pods.filter(inside), services: view.services.filter(inside), urls: view.urls.filter(inside) };
}
