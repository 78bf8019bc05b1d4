import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { dependsOnNode, endpointName } from '../k8s/endpoints.ts';
import { endpointsIn } from '../k8s/families.ts';
import { isProxied } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { chainsOfPort } from '../kube-proxy/chains-of-port.ts';
import { formatAddress, type IpFamily } from '../net/address.ts';
import { whyNoEndpoints } from './no-endpoints.ts';

export interface ServiceView {
  readonly kind: 'Service';
  readonly namespace: string;
  readonly name: string;
  readonly clusterIP: string;
  /** One of each family that it has. */
  readonly clusterIPs: readonly string[];
  /** Of a service that is only another name; of all others null. */
  readonly externalName: string | null;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly PortView[];
  /** Null: it has a ready endpoint. */
  readonly whyNoEndpoints: string | null;
}

export interface PortView {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
  /** The chain that kube-proxy sends packets for the ClusterIP to; null: no node has one. */
  readonly chain: string | null;
  readonly endpoints: readonly {
    readonly address: string;
    readonly pod: string | null;
    readonly node: string | null;
    readonly ready: boolean;
    /** Null: no node sends anything to it. */
    readonly chain: string | null;
  }[];
}

/** A service by its name, with the addresses and endpoints of all its families, and with the chains that nodes have for it. */
export function showService(cluster: Cluster, datapath: Datapath, name: string): ServiceView | null {
  const service = cluster.services.get(name);
  if (service === undefined) return null;
  const addresses = service.clusterIps.map(formatAddress);
  return {
    kind: 'Service',
    namespace: service.namespace,
    name: service.name,
    clusterIP: addresses[0] ?? 'None',
    clusterIPs: addresses,
    externalName: service.externalName?.name ?? null,
    selector: Object.fromEntries(service.selector),
    ports: service.ports.map((p) => portView(cluster, datapath, service, p)),
    whyNoEndpoints: whyNoEndpoints(cluster, service),
  };
}

function portView(cluster: Cluster, datapath: Datapath, service: Service, p: ServicePort): PortView {
  const seen = cluster.families.map((family) => ({ family, chains: chainsOnNodes(cluster, datapath, service, p, family) }));
  return {
    name: p.name,
    port: p.port,
    protocol: p.protocol,
    targetPort: p.targetPort,
    chain: seen.flatMap((s) => s.chains.flatMap((c) => c.clusterIp ?? []))[0] ?? null,
    endpoints: seen.flatMap(({ family, chains }) =>
      endpointsIn(p, family).map((e) => ({
        address: endpointName(e),
        pod: e.pod === null ? null : key(e.pod),
        node: e.pod?.node ?? null,
        ready: e.ready,
        chain: chains.flatMap((c) => c.endpoint(e) ?? [])[0] ?? null,
      })),
    ),
  };
}

/** On the nodes that kube-proxy runs on: on one of them, where all have the same for this port. */
function chainsOnNodes({ nodes }: Cluster, datapath: Datapath, service: Service, port: ServicePort, family: IpFamily) {
  const proxied = [...nodes.values()].filter(isProxied);
  const asked = dependsOnNode(service, port, family) ? proxied : proxied.slice(0, 1);
  return asked.flatMap((n) => {
    const ruleset = datapath.netns(n.name)?.rulesets[family];
    return ruleset === undefined ? [] : (chainsOfPort(ruleset, service, port, family) ?? []);
  });
}
