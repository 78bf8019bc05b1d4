import type { Table } from '../datapath/netfilter/ruleset.ts';
import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { dependsOnNode, endpointName } from '../k8s/endpoints.ts';
import { clusterIpIn, endpointsIn } from '../k8s/families.ts';
import { isProxied } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/service.ts';
import { endpointChain, servicePortName } from '../kube-proxy/names.ts';
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
  const seen = cluster.families.map((family) => {
    const tables = natTables(cluster, datapath, service, p, family);
    return { family, tables, chains: tables.flatMap((nat) => clusterIpChain(nat, service, p, family) ?? []) };
  });
  return {
    name: p.name,
    port: p.port,
    protocol: p.protocol,
    targetPort: p.targetPort,
    chain: seen.flatMap((s) => s.chains)[0] ?? null,
    endpoints: seen.flatMap(({ family, tables }) => endpointsIn(p, family).map((e) => endpointView(service, p, e, tables))),
  };
}

function endpointView(service: Service, p: ServicePort, e: Endpoint, tables: readonly Table[]): PortView['endpoints'][number] {
  const chain = endpointChain(servicePortName(service.namespace, service.name, p.name), p.protocol, endpointName(e));
  return {
    address: endpointName(e),
    pod: e.pod === null ? null : key(e.pod),
    node: e.pod?.node ?? null,
    ready: e.ready,
    chain: tables.some((nat) => nat.chain(chain) !== undefined) ? chain : null,
  };
}

/** The tables of the nodes that kube-proxy runs on: of one node, where all have the same for this port. */
function natTables({ nodes }: Cluster, datapath: Datapath, service: Service, port: ServicePort, family: IpFamily): readonly Table[] {
  const proxied = [...nodes.values()].filter(isProxied);
  const asked = dependsOnNode(service, port, family) ? proxied : proxied.slice(0, 1);
  return asked.flatMap((n) => datapath.netns(n.name)?.rulesets[family].tables.nat ?? []);
}

/** The chain that a packet for the ClusterIP is sent to; null: none is. */
function clusterIpChain(nat: Table, service: Service, { port, protocol }: ServicePort, family: IpFamily): string | null {
  const destination = clusterIpIn(service, family);
  if (destination === null) return null;
  const rules = nat.chain('KUBE-SERVICES')?.candidates({ protocol, destination, destinationPort: port }) ?? [];
  const own = rules.find((r) => r.matches.some((m) => m.kind === 'destination' && m.prefix.address === destination));
  return own?.target?.kind === 'jump' ? own.target.chain : null;
}
