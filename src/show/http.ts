import type { Cluster } from '../k8s/cluster.ts';
import { classOf } from '../k8s/http/http-routing.ts';
import { key } from '../k8s/pod.ts';

/** An Ingress or HTTPRoute, and the controller that serves it. */
export interface UrlView {
  readonly kind: 'Ingress' | 'HTTPRoute';
  readonly name: string;
  /** Its class, or the Gateways that it names; null: none. */
  readonly servedBy: string | null;
  readonly hosts: readonly string[];
  /** The service before the controller's pods; null: not stated. */
  readonly controller: string | null;
}

export function urlsOf({ http }: Cluster): readonly UrlView[] {
  const ingresses = http.ingresses.map((i): UrlView => {
    const served = classOf(http, i);
    return {
      kind: 'Ingress',
      name: key(i),
      servedBy: served?.name ?? null,
      hosts: hostsOf(i.rules.map((r) => r.host)),
      controller: served?.service == null ? null : key(served.service),
    };
  });
  const routes = http.routes.map((r): UrlView => {
    const gateways = r.parents.flatMap((p) => http.gateways.find((g) => g.namespace === p.namespace && g.name === p.name) ?? []);
    const service = gateways.find((g) => g.service !== null)?.service ?? null;
    return {
      kind: 'HTTPRoute',
      name: key(r),
      servedBy: gateways.length === 0 ? null : [...new Set(gateways.map(key))].join(', '),
      hosts: hostsOf(r.hostnames),
      controller: service === null ? null : key(service),
    };
  });
  return [...ingresses, ...routes];
}

const hostsOf = (hosts: readonly (string | null)[]) => (hosts.length === 0 ? ['*'] : [...new Set(hosts.map((h) => h ?? '*'))]);
