import type { Cluster } from '../k8s/cluster.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { clusterIpIn, nodeIp } from '../k8s/families.ts';
import type { Frontend, HttpRequest } from '../k8s/http/http.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, isPrivate } from '../net/address.ts';
import type { Target } from './target.ts';

/**
 * Which address the client calls for a URL: the controller's own, as its status says, or its service's. DNS outside the cluster is not
 * described, so that the host stands for this address is an assumption, and said.
 */
export function urlTarget(
  cluster: Cluster,
  { name, service, addresses }: Frontend,
  request: HttpRequest,
  fromOutside: boolean,
  family: IpFamily,
): Target {
  const inQuestion = (a: IpAddress) => familyOf(a) === family;
  const servicePort = service?.ports.find((p) => p.port === request.port && p.protocol === 'tcp') ?? null;
  const target = (at: readonly IpAddress[], port: number, what: string, more: readonly string[] = []): Target => {
    const taken = `${request.host} is taken to stand for ${at.map(formatAddress).join(', ')}, ${what}: its DNS record is not in the input`;
    return { protocol: 'tcp', port, addresses: at, notes: at.length === 0 ? [] : [taken, ...more], servicePort, missing: null };
  };
  if (addresses.length > 0)
    return target(fromOutside ? seenOutside(cluster, addresses) : addresses, request.port, `where ${name} is reached`);
  if (service === null) return { ...target([], request.port, ''), missing: 'controller' };
  if (!service.ipFamilies.includes(family)) return { ...target([], request.port, ''), missing: 'family' };
  const label = `service ${service.namespace}/${service.name}`;
  const balancers = service.loadBalancerIngress.map((i) => i.ip).filter(inQuestion);
  if (balancers.length > 0) return target(balancers, request.port, `the load balancer of ${label}`);
  if (service.type === 'LoadBalancer') return { ...target([], request.port, ''), missing: 'load-balancer' };
  const external = service.externalIps.filter((a) => inQuestion(a) && (!fromOutside || !isPrivate(a)));
  if (external.length > 0) return target(external, request.port, `an external address of ${label}`);
  const unknownPort = fromOutside && service.type === 'NodePort' ? request.port : null;
  const nodePort = nodePortOf(service, request.port) ?? unknownPort;
  const nodes = nodePort === null ? [] : nodesToCall(cluster, fromOutside, family);
  if (nodePort !== null && nodes.length > 0) {
    const led =
      nodePort === request.port
        ? []
        : [`something before the nodes is taken to lead port ${request.port} to node port ${nodePort} of ${label}`];
    return target(nodes, nodePort, nodes.length === 1 ? 'a node' : 'the nodes that have a public address', led);
  }
  const clusterIp = clusterIpIn(service, family);
  if (clusterIp !== null) return target([clusterIp], request.port, `the ClusterIP of ${label}`);
  // The pods are called by the URL's port, which may be none of theirs.
  const ports = servicePort === null ? service.ports : [servicePort];
  const ready = [...new Set(ports.flatMap((p) => readyEndpoints(p, family).map((e) => e.ip)))];
  const pods = fromOutside ? seenOutside(cluster, ready) : ready;
  return pods.length === 0 ? { ...target([], request.port, ''), missing: 'endpoints' } : target(pods, request.port, `the pods of ${label}`);
}

/** A private address that the gateway translates is called by its public one. */
function seenOutside({ gateway }: Cluster, addresses: readonly IpAddress[]): readonly IpAddress[] {
  return addresses.map((a) => gateway?.nat.find((n) => n.private === a)?.public ?? a);
}

/** The URL's port is the service's own, or a node port already. */
function nodePortOf({ ports }: Service, port: number): number | null {
  const tcp = ports.filter((p) => p.protocol === 'tcp' && p.nodePort !== null);
  return tcp.find((p) => p.nodePort === port)?.nodePort ?? tcp.find((p) => p.port === port)?.nodePort ?? null;
}

/** Those that have a public address, from inside by their own one; from inside, where there is none such, the first node. */
function nodesToCall({ nodes, gateway }: Cluster, fromOutside: boolean, family: IpFamily): readonly IpAddress[] {
  const own = [...nodes.values()].flatMap((n) => nodeIp(n, family) ?? []);
  const open = (gateway?.nat ?? []).filter((n) => own.includes(n.private));
  if (fromOutside) return open.map((n) => n.public);
  return open.length > 0 ? open.map((n) => n.private) : own.slice(0, 1);
}
