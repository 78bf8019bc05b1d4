import { familyOf, formatEndpoint, type IpAddress, type IpFamily } from '../net/address.ts';
import { endpointsIn, prefixesIn } from './families.ts';
import type { Pod, TransportProtocol } from './pod.ts';
import type { Endpoint, Service, ServicePort } from './service.ts';

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

/** The ready endpoints of a family, in kube-proxy's order; one that is stated several times is one. */
export function readyEndpoints(port: ServicePort, family: IpFamily): readonly Endpoint[] {
  const ready = endpointsIn(port, family).filter((e) => e.ready);
  return inOrder(port.explicitEndpoints === null ? ready : [...new Map(ready.map((e) => [endpointName(e), e])).values()]);
}

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

/** Does the service have an address, or the port a node port, that packets from outside the cluster come to? */
export const externallyAccessible = (service: Service, port: ServicePort, family: IpFamily): boolean =>
  port.nodePort !== null || externalIpsIn(service, family).length > 0 || virtualIps(service, family).length > 0;

export const externalIpsIn = ({ externalIps }: Pick<Service, 'externalIps'>, family: IpFamily): readonly IpAddress[] =>
  externalIps.filter((a) => familyOf(a) === family);

/** The load balancer's addresses that nodes take for themselves. */
export const virtualIps = ({ loadBalancerIngress }: Pick<Service, 'loadBalancerIngress'>, family: IpFamily): readonly IpAddress[] =>
  loadBalancerIngress.flatMap((i) => (i.mode === 'VIP' && familyOf(i.ip) === family ? [i.ip] : []));

/** Does the answer differ from node to node? */
export function dependsOnNode(service: Service, port: ServicePort, family: IpFamily): boolean {
  const hasRanges = prefixesIn(service.loadBalancerSourceRanges, family).length > 0;
  const endpoints = endpointsIn(port, family);
  const hasCopies = port.explicitEndpoints !== null && new Set(endpoints.map(endpointName)).size < endpoints.length;
  return usesLocal(service, port, family) || hasRanges || hasCopies || endpoints.some((e) => e.hints !== null);
}

const usesLocal = (service: Service, port: ServicePort, family: IpFamily) =>
  service.internalTrafficPolicy === 'Local' || (service.externalTrafficPolicy === 'Local' && externallyAccessible(service, port, family));

/** CategorizeEndpoints, pkg/proxy/topology.go: ready ones where there are any, else those that still serve while they terminate. */
export function categorizeEndpoints(service: Service, port: ServicePort, here: NodeView, family: IpFamily): CategorizedEndpoints {
  const usesCluster = service.internalTrafficPolicy === 'Cluster' || externallyAccessible(service, port, family);
  const endpoints = distinct(endpointsIn(port, family), here);
  const ready = endpoints.filter((e) => e.ready);
  const leaving = endpoints.filter((e) => !e.ready && e.serving && e.terminating);
  const near = preferred(ready, here);
  const cluster = !usesCluster ? [] : near.length > 0 ? near : leaving;
  const isLocal = (e: Endpoint) => e.node === here.name;
  const localReady = ready.filter(isLocal);
  const usesOwn = usesLocal(service, port, family);
  const local = !usesOwn ? [] : localReady.length > 0 ? localReady : leaving.filter(isLocal);
  return {
    cluster: inOrder(cluster),
    local: inOrder(local),
    all: inOrder([...new Set([...cluster, ...local])]),
    any: cluster.length > 0 || (usesOwn && ready.length + leaving.length > 0),
  };
}

/**
 * An address and port that several slices have is one endpoint: of its copies one that is not terminating counts. Source: addEndpoints,
 * pkg/proxy/endpointslicecache.go since kubernetes#135593; before it, a local copy always won. Of several such copies the last one counts
 * that Go's map comes to, so that nobody knows which (`contradictions`): here it is the one by which most is used.
 */
function distinct(endpoints: readonly Endpoint[], { name }: NodeView): readonly Endpoint[] {
  const use = (e: Endpoint) => [!e.terminating, e.ready, e.serving, e.node === name].map(Number).join('');
  const byName = new Map<string, Endpoint>();
  for (const e of endpoints) {
    const known = byName.get(endpointName(e));
    if (known === undefined || use(e) > use(known)) byName.set(endpointName(e), e);
  }
  return [...byName.values()];
}

/** The endpoints of a family, each once, whichever node looks. */
export const countedEndpoints = (port: ServicePort, family: IpFamily): readonly Endpoint[] =>
  distinct(endpointsIn(port, family), { name: '', zone: null });

/** The endpoints that are stated several times and not alike, by their names: each with the copies of which one counts. */
export function contradictions(port: ServicePort, family: IpFamily): ReadonlyMap<string, readonly Endpoint[]> {
  if (port.explicitEndpoints === null) return NO_CONTRADICTIONS;
  const known = CONTRADICTIONS[family].get(port) ?? findContradictions(port, family);
  CONTRADICTIONS[family].set(port, known);
  return known;
}

type Contradictions = ReadonlyMap<string, readonly Endpoint[]>;

const NO_CONTRADICTIONS: Contradictions = new Map();
const CONTRADICTIONS: Readonly<Record<IpFamily, WeakMap<ServicePort, Contradictions>>> = { IPv4: new WeakMap(), IPv6: new WeakMap() };

function findContradictions(port: ServicePort, family: IpFamily): Contradictions {
  const copies = new Map<string, Endpoint[]>();
  for (const e of endpointsIn(port, family)) copies.set(endpointName(e), [...(copies.get(endpointName(e)) ?? []), e]);
  const deciding = [...copies].map(([name, all]) => {
    const staying = all.filter((e) => !e.terminating);
    return [name, staying.length > 0 ? staying : all] as const;
  });
  return new Map(deciding.filter(([, some]) => new Set(some.map(stateOf)).size > 1));
}

const stateOf = ({ node, ready, serving, terminating, hints }: Endpoint): string =>
  JSON.stringify([node, ready, serving, terminating, hints?.zones, hints?.nodes]);

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
