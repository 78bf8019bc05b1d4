import type { Cluster } from '../k8s/cluster.ts';
import { externalIpsIn, virtualIps } from '../k8s/endpoints.ts';
import { clusterIpIn } from '../k8s/families.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';

export interface IndexedPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly clusterIp: IpAddress;
}

/** Service ports by the addresses and the node ports that lead to them, where the kernel would look at every rule in turn. */
export interface PortIndex {
  readonly all: readonly IndexedPort[];
  readonly byAddress: ReadonlyMap<IpAddress, readonly IndexedPort[]>;
  readonly byNodePort: ReadonlyMap<number, readonly IndexedPort[]>;
}

export function indexPorts(services: Cluster['services'], family: IpFamily): PortIndex {
  const all = [...services.values()].flatMap((service) => {
    const clusterIp = clusterIpIn(service, family);
    return clusterIp === null ? [] : service.ports.map((port) => ({ service, port, clusterIp }));
  });
  const byAddress = new Map<IpAddress, IndexedPort[]>();
  const byNodePort = new Map<number, IndexedPort[]>();
  for (const indexed of all) {
    const { service, port, clusterIp } = indexed;
    for (const address of new Set([clusterIp, ...externalIpsIn(service, family), ...virtualIps(service, family)]))
      put(byAddress, address, indexed);
    for (const number of new Set([port.nodePort, service.healthCheckNodePort])) if (number !== null) put(byNodePort, number, indexed);
  }
  return { all, byAddress, byNodePort };
}

function put<K>(map: Map<K, IndexedPort[]>, key: K, port: IndexedPort): void {
  const others = map.get(key);
  if (others === undefined) map.set(key, [port]);
  else others.push(port);
}
