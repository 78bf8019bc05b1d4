import { nodeAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { endpointsIn } from '../k8s/families.ts';
import type { Frontend, HttpPlan, HttpRequest } from '../k8s/http/http.ts';
import { planHttp } from '../k8s/http/http-plan.ts';
import type { ServicePort } from '../k8s/service.ts';
import { familyOf, formatEndpoint, type IpAddress } from '../net/address.ts';
import { serviceIps } from './find-address.ts';
import type { Target } from './target.ts';

/** The plan for a request at the controllers that are reached at these addresses, of one family; null: no controller is. */
export function planAt(cluster: Cluster, { addresses, port }: Target, http: HttpRequest, fromOutside: boolean): HttpPlan | null {
  const [first] = addresses;
  if (first === undefined || port === null) return null;
  const translated = (a: IpAddress) => (fromOutside ? (cluster.gateway?.nat.find((n) => n.public === a)?.private ?? a) : a);
  return planHttp(cluster, http, familyOf(first), (frontend) =>
    addresses.every((a) => isCalled(cluster, frontend, a, translated(a), port)),
  );
}

/** By an address of its own, by one of its service's, by one of its pods', or by another service before the same pods. */
function isCalled(cluster: Cluster, { addresses, service }: Frontend, called: IpAddress, address: IpAddress, port: number): boolean {
  if (addresses.includes(called) || addresses.includes(address)) return true;
  if (service === null) return false;
  if (serviceIps(service).includes(address)) return true;
  const namesOf = (p: ServicePort) => endpointsIn(p, familyOf(address)).map((e) => formatEndpoint(e.ip, e.port));
  const pods = new Set(service.ports.flatMap(namesOf));
  if (pods.has(formatEndpoint(address, port))) return true;
  const behind = portsAt(cluster, address, port).flatMap(namesOf);
  return behind.length > 0 && behind.every((e) => pods.has(e));
}

/** The port of a service that this address and port are: its own ones, or its node port. */
function portsAt(cluster: Cluster, address: IpAddress, port: number): readonly ServicePort[] {
  const isNode = nodeAt(cluster, address) !== null;
  return [...cluster.services.values()].flatMap((s) => {
    const own = serviceIps(s).includes(address);
    return s.ports.filter((p) => p.protocol === 'tcp' && ((own && p.port === port) || (isNode && p.nodePort === port)));
  });
}
