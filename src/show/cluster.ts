import type { Cluster } from '../k8s/cluster.ts';
import { allOf, familiesOf } from '../k8s/families.ts';
import { key } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { type UrlView, urlsOf } from './http.ts';

export interface Overview {
  readonly kind: 'Cluster';
  readonly podCIDR: string;
  readonly serviceCIDR: string | null;
  /** One of each IP family. */
  readonly podCIDRs: readonly string[];
  readonly serviceCIDRs: readonly string[];
  readonly cni: string;
  readonly kubeProxy: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly ip: string;
    readonly ips: readonly string[];
    readonly podCIDR: string;
    readonly podCIDRs: readonly string[];
    readonly pods: number;
  }[];
  readonly pods: readonly {
    readonly name: string;
    readonly ip: string;
    readonly ips: readonly string[];
    readonly node: string;
    readonly ready: boolean;
  }[];
  readonly services: readonly {
    readonly name: string;
    readonly clusterIP: string;
    readonly clusterIPs: readonly string[];
    readonly ports: string;
    readonly endpoints: number;
  }[];
  readonly urls: readonly UrlView[];
}

export function showCluster(cluster: Cluster): Overview {
  const views = familiesOf(cluster);
  const all = allOf(cluster);
  const podCIDRs = views.map((c) => formatPrefix(c.podCidr));
  const serviceCIDRs = views.flatMap((c) => c.serviceCidr ?? []).map(formatPrefix);
  return {
    kind: 'Cluster',
    podCIDR: podCIDRs[0] ?? '',
    serviceCIDR: serviceCIDRs[0] ?? null,
    podCIDRs,
    serviceCIDRs,
    cni: cluster.cni.plugin,
    kubeProxy: cluster.kubeProxy.mode,
    nodes: [...all.nodes.values()].map((node) => {
      const seen = views.flatMap((c) => c.nodes.get(node.name) ?? []);
      return {
        name: node.name,
        ip: formatAddress(node.ip),
        ips: seen.map((n) => formatAddress(n.ip)),
        podCIDR: formatPrefix(node.podCidr),
        podCIDRs: seen.map((n) => formatPrefix(n.podCidr)),
        pods: (all.podsByNode.get(node.name)?.length ?? 0) + (all.hostPodsByNode.get(node.name)?.length ?? 0),
      };
    }),
    pods: [...all.pods.values()].map((pod) => {
      const ips = views.flatMap((c) => c.pods.get(key(pod)) ?? []).map((p) => formatAddress(p.ip));
      return { name: key(pod), ip: formatAddress(pod.ip), ips, node: pod.node, ready: pod.ready.value };
    }),
    services: [...all.services.values()].map((service) => serviceLine(service, views)),
    urls: urlsOf(cluster),
  };
}

function serviceLine(service: Service, views: readonly Cluster[]): Overview['services'][number] {
  const seen = views.flatMap((c) => c.services.get(key(service)) ?? []);
  const clusterIPs = seen.flatMap((s) => s.clusterIp ?? []).map(formatAddress);
  const ready = seen.flatMap((s) => s.ports.flatMap((p) => p.endpoints.filter((e) => e.ready).map((e) => e.ip)));
  return {
    name: key(service),
    clusterIP: service.externalName !== null ? '-' : (clusterIPs[0] ?? 'None'),
    clusterIPs,
    ports: service.ports.map((p) => `${p.port}/${p.protocol}`).join(', '),
    endpoints: new Set(ready).size,
  };
}
