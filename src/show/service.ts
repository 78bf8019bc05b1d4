import type { Cluster } from '../k8s/cluster.ts';
import { endpointName } from '../k8s/endpoints.ts';
import { familiesOf } from '../k8s/families.ts';
import { key } from '../k8s/pod.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/service.ts';
import { endpointChain, serviceChain, servicePortName } from '../kube-proxy/names.ts';
import { formatAddress } from '../net/address.ts';

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
}

export interface PortView {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
  readonly chain: string | null;
  readonly endpoints: readonly {
    readonly address: string;
    readonly pod: string | null;
    readonly node: string | null;
    readonly ready: boolean;
    readonly chain: string | null;
  }[];
}

/** A service by its name, with the addresses and endpoints of all its families. */
export function showService(cluster: Cluster, name: string): ServiceView | null {
  const views = familiesOf(cluster).flatMap((c) => c.services.get(name) ?? []);
  const [service] = views;
  if (service === undefined) return null;
  const addresses = views.flatMap((s) => s.clusterIp ?? []).map(formatAddress);
  return {
    kind: 'Service',
    namespace: service.namespace,
    name: service.name,
    clusterIP: addresses[0] ?? 'None',
    clusterIPs: addresses,
    externalName: service.externalName?.name ?? null,
    selector: Object.fromEntries(service.selector),
    ports: service.ports.map((p, i) =>
      portView(
        service,
        p,
        views.flatMap((s) => s.ports[i]?.endpoints ?? []),
        addresses.length > 0,
      ),
    ),
  };
}

function portView(service: Service, p: ServicePort, endpoints: readonly Endpoint[], programmed: boolean): PortView {
  const name = servicePortName(service.namespace, service.name, p.name);
  const anyReady = endpoints.some((e) => e.ready);
  return {
    name: p.name,
    port: p.port,
    protocol: p.protocol,
    targetPort: p.targetPort,
    chain: programmed && anyReady ? serviceChain(name, p.protocol) : null,
    endpoints: endpoints.map((e) => ({
      address: endpointName(e),
      pod: e.pod === null ? null : key(e.pod),
      node: e.pod?.node ?? null,
      ready: e.ready,
      chain: programmed && e.ready ? endpointChain(name, p.protocol, endpointName(e)) : null,
    })),
  };
}
