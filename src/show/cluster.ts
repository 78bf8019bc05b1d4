import type { Cluster } from '../k8s/cluster.ts';
import { nodeIps } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { type UrlView, urlsOf } from './http.ts';

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
  readonly nodes: readonly {
    readonly name: string;
    readonly ip: string | null;
    readonly ips: readonly string[];
    readonly podCIDR: string | null;
    readonly podCIDRs: readonly string[];
    readonly pods: number;
  }[];
  readonly pods: readonly {
    readonly name: string;
    readonly ip: string | null;
    readonly ips: readonly string[];
    /** Null: not scheduled. */
    readonly node: string | null;
    readonly ready: boolean;
  }[];
  readonly services: readonly {
    readonly name: string;
    /** `None`: headless; `-`: an ExternalName. */
    readonly clusterIP: string;
    readonly clusterIPs: readonly string[];
    readonly ports: string;
    readonly endpoints: number;
  }[];
  readonly urls: readonly UrlView[];
}

export function showCluster(cluster: Cluster): Overview {
  const podCIDRs = cluster.podCidrs.map(formatPrefix);
  const serviceCIDRs = cluster.serviceCidrs.map(formatPrefix);
  return {
    kind: 'Cluster',
    podCIDR: podCIDRs[0] ?? null,
    serviceCIDR: serviceCIDRs[0] ?? null,
    podCIDRs,
    serviceCIDRs,
    cni: cluster.cni.name,
    kubeProxy: cluster.kubeProxy.guess?.name ?? cluster.kubeProxy.mode,
    nodes: [...cluster.nodes.values()].map((node) => nodeLine(cluster, node)),
    pods: [...cluster.pods.values()].map((pod) => {
      const ips = pod.ips.map((i) => formatAddress(i.address));
      return { name: key(pod), ip: ips[0] ?? null, ips, node: pod.node, ready: pod.ready.value };
    }),
    services: [...cluster.services.values()].map(serviceLine),
    urls: urlsOf(cluster),
  };
}

function nodeLine({ podsByNode, hostPodsByNode }: Cluster, node: Node): Overview['nodes'][number] {
  const ips = nodeIps(node).map(formatAddress);
  const podCIDRs = node.podCidrs.map(formatPrefix);
  const pods = (podsByNode.get(node.name)?.length ?? 0) + (hostPodsByNode.get(node.name)?.length ?? 0);
  return { name: node.name, ip: ips[0] ?? null, ips, podCIDR: podCIDRs[0] ?? null, podCIDRs, pods };
}

function serviceLine(service: Service): Overview['services'][number] {
  const clusterIPs = service.clusterIps.map(formatAddress);
  const ready = service.ports.flatMap((p) => p.endpoints.filter((e) => e.ready).map((e) => e.ip));
  return {
    name: key(service),
    clusterIP: service.externalName !== null ? '-' : (clusterIPs[0] ?? 'None'),
    clusterIPs,
    ports: service.ports.map((p) => `${p.port}/${p.protocol}`).join(', '),
    endpoints: new Set(ready).size,
  };
}
