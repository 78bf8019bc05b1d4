import type { IpFamily } from '../net/address.ts';
import type { Cluster } from './cluster.ts';
import { categorizeEndpoints } from './endpoints.ts';
import { nodeIp } from './families.ts';
import type { Node } from './node.ts';
import type { Service } from './service.ts';

/** The nodes that take what comes from outside for a service: those that have power, and with policy Local only those with an endpoint pass the health check. */
export function healthyNodes({ nodes }: Cluster, service: Service, family: IpFamily): readonly Node[] {
  const all = [...nodes.values()].filter((n) => nodeIp(n, family) !== null && !n.down);
  if (service.externalTrafficPolicy === 'Cluster') return all;
  const hasLocal = ({ name }: Node) =>
    service.ports.some((p) => categorizeEndpoints(service, p, { name, zone: null }, family).local.length > 0);
  return all.filter(hasLocal);
}
