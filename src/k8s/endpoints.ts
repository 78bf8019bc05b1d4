import type { IpAddress } from '../net/address.ts';
import { formatEndpoint } from '../net/address.ts';
import type { Pod, TransportProtocol } from './pod.ts';
import type { Endpoint, Service, ServicePort } from './service.ts';

type Selector = ReadonlyMap<string, string>;

/** Every pair of the selector is among the labels. An empty selector selects nothing: such a service has its endpoints stated. */
export function selects(selector: Selector, labels: ReadonlyMap<string, string>): boolean {
  if (selector.size === 0) return false;
  for (const [name, value] of selector) if (labels.get(name) !== value) return false;
  return true;
}

/**
 * A service's target port on a pod. A number is itself, declared or not; a name must be that of a container port with the same
 * protocol, else null. Source: FindPort, k8s.io/kubernetes/pkg/api/v1/pod.
 */
export function targetPortOf(pod: Pod, targetPort: number | string, protocol: TransportProtocol): number | null {
  if (typeof targetPort === 'number') return targetPort;
  for (const container of pod.containers)
    for (const port of container.ports) if (port.name === targetPort && port.protocol === protocol) return port.port;
  return null;
}

export function endpointName(e: { readonly ip: Endpoint['ip']; readonly port: number }): string {
  return formatEndpoint(e.ip, e.port);
}

/** The endpoints that get traffic for sure, in kube-proxy's order. */
export const readyEndpoints = (port: ServicePort): readonly Endpoint[] => inOrder(port.endpoints.filter((e) => e.ready));

/** A node as kube-proxy on it sees itself. */
export interface NodeView {
  readonly name: string;
  readonly zone: string | null;
}

/** Which endpoints of a service port a node uses, each list in kube-proxy's order. */
export interface CategorizedEndpoints {
  readonly cluster: readonly Endpoint[];
  readonly local: readonly Endpoint[];
  readonly all: readonly Endpoint[];
  /** Are there any, wherever? Decides between 'no endpoints' and 'no local endpoints'. */
  readonly any: boolean;
}

export const externallyAccessible = (service: Service, port: ServicePort): boolean =>
  port.nodePort !== null || service.externalIps.length > 0 || virtualIps(service).length > 0;

/** The load balancer's addresses that nodes take for themselves. */
export const virtualIps = (service: Service): readonly IpAddress[] =>
  service.loadBalancerIngress.filter((i) => i.mode === 'VIP').map((i) => i.ip);

/** Does the answer differ from node to node? */
export function dependsOnNode(service: Service, port: ServicePort): boolean {
  return usesLocal(service, port) || service.loadBalancerSourceRanges.length > 0 || port.endpoints.some((e) => e.hints !== null);
}

const usesLocal = (service: Service, port: ServicePort) =>
  service.internalTrafficPolicy === 'Local' || (service.externalTrafficPolicy === 'Local' && externallyAccessible(service, port));

/** CategorizeEndpoints, pkg/proxy/topology.go: ready ones where there are any, else those that still serve while they terminate. */
export function categorizeEndpoints(service: Service, port: ServicePort, here: NodeView): CategorizedEndpoints {
  const usesCluster = service.internalTrafficPolicy === 'Cluster' || externallyAccessible(service, port);
  const endpoints = distinct(port.endpoints, here);
  const ready = endpoints.filter((e) => e.ready);
  const leaving = endpoints.filter((e) => !e.ready && e.serving && e.terminating);
  const near = preferred(ready, here);
  const cluster = !usesCluster ? [] : near.length > 0 ? near : leaving;
  const isLocal = (e: Endpoint) => e.node === here.name;
  const localReady = ready.filter(isLocal);
  const local = !usesLocal(service, port) ? [] : localReady.length > 0 ? localReady : leaving.filter(isLocal);
  const anywhere = usesLocal(service, port) && ready.length + leaving.length > 0;
  return {
    cluster: inOrder(cluster),
    local: inOrder(local),
    all: inOrder([...new Set([...cluster, ...local])]),
    any: cluster.length > 0 || anywhere,
  };
}

/** An address and port that several slices have is one endpoint; the copy that says it is local wins. Source: endpointslicecache.go. */
function distinct(endpoints: readonly Endpoint[], { name }: NodeView): readonly Endpoint[] {
  const byName = new Map<string, Endpoint>();
  for (const e of endpoints) {
    const known = byName.get(endpointName(e));
    if (known === undefined || (known.node !== name && e.node === name)) byName.set(endpointName(e), e);
  }
  return [...byName.values()];
}

/** Hints count only when every ready endpoint has one and some are for this node, or else for its zone. */
function preferred(ready: readonly Endpoint[], { name, zone }: NodeView): readonly Endpoint[] {
  const forNode = ready.filter((e) => e.hints?.nodes.includes(name) === true);
  if (forNode.length > 0 && ready.every((e) => e.hints !== null && e.hints.nodes.length > 0)) return forNode;
  const forZone = zone === null ? [] : ready.filter((e) => e.hints?.zones.includes(zone) === true);
  if (forZone.length > 0 && ready.every((e) => e.hints !== null && e.hints.zones.length > 0)) return forZone;
  return ready;
}

/** By the text of address and port, as kube-proxy sorts them. */
function inOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints
    .map((e) => [endpointName(e), e] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, e]) => e);
}
