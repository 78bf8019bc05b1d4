import type { Cluster } from '../k8s/cluster.ts';
import type { Frontend, HttpPlan, HttpRequest } from '../k8s/http/http.ts';
import { planHttp } from '../k8s/http/http-plan.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { formatEndpoint, type IpAddress } from '../net/address.ts';
import type { Target } from './target.ts';

/** What the controllers that are reached at these addresses do with a request; null when none is. */
export function planAt(cluster: Cluster, { addresses, port }: Target, http: HttpRequest, fromOutside: boolean): HttpPlan | null {
  if (addresses.length === 0 || port === null) return null;
  const translated = (a: IpAddress) => (fromOutside ? (cluster.gateway?.nat.find((n) => n.public === a)?.private ?? a) : a);
  return planHttp(cluster, http, (frontend) => addresses.every((a) => isCalled(cluster, frontend, a, translated(a), port)));
}

/** By an address of its own, by one of its service's, by one of its pods', or by another service before the same pods. */
function isCalled(cluster: Cluster, { addresses, service }: Frontend, called: IpAddress, address: IpAddress, port: number): boolean {
  if (addresses.includes(called) || addresses.includes(address)) return true;
  if (service === null) return false;
  if (addressesOf(service).includes(address)) return true;
  const pods = new Set(service.ports.flatMap(endpointsOf));
  if (pods.has(formatEndpoint(address, port))) return true;
  const behind = portsAt(cluster, address, port).flatMap(endpointsOf);
  return behind.length > 0 && behind.every((e) => pods.has(e));
}

const addressesOf = ({ clusterIp, externalIps, loadBalancerIngress: ingress }: Service): readonly IpAddress[] => [
  ...(clusterIp === null ? [] : [clusterIp]),
  ...externalIps,
  ...ingress.map((i) => i.ip),
];

const endpointsOf = ({ endpoints }: ServicePort): readonly string[] => endpoints.map((e) => formatEndpoint(e.ip, e.port));

/** The port of a service that this address and port are: its own ones, or its node port. */
function portsAt({ services, nodes }: Cluster, address: IpAddress, port: number): readonly ServicePort[] {
  const isNode = [...nodes.values()].some((n) => n.ip === address);
  return [...services.values()].flatMap((s) => {
    const own = addressesOf(s).includes(address);
    return s.ports.filter((p) => p.protocol === 'tcp' && ((own && p.port === port) || (isNode && p.nodePort === port)));
  });
}
