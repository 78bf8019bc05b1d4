import { formatAddress } from '../net/address.ts';
import type { Endpoint, Pod, ServicePort, TransportProtocol } from './cluster.ts';

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
  return `${formatAddress(e.ip)}:${e.port}`;
}

/** The endpoints that get traffic, in kube-proxy's order: by the text of address and port. */
export function readyEndpoints(port: ServicePort): readonly Endpoint[] {
  return port.endpoints
    .filter((e) => e.ready)
    .map((e) => [endpointName(e), e] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, e]) => e);
}
