import type { Cluster } from '../k8s/cluster.ts';
import { idleFor } from '../k8s/idle.ts';
import { selects } from '../k8s/label-index.ts';
import type { Service, ServicePort } from '../k8s/service.ts';

/** Why a service sends packets nowhere, in a few words; null: it has a ready endpoint. The fuller story is a trace's. */
export function whyNoEndpoints(cluster: Cluster, service: Service): string | null {
  const { externalName, ports, selector } = service;
  if (externalName !== null) return `another name for ${externalName.name}`;
  const endpoints = ports.flatMap((p) => p.endpoints);
  if (endpoints.some((e) => e.ready)) return null;
  const names = new Set(endpoints.map((e) => e.ip));
  if (names.size > 0) return names.size === 1 ? 'its endpoint is not ready' : `none of ${names.size} is ready`;
  if (ports.some((p) => p.endpointsUnknown !== null))
    return `not known: no ${selector.size === 0 ? 'selector' : 'pod of its namespace'}, and no endpoints in the input`;
  const unresolved = ports.find((p) => p.unresolved.length > 0);
  if (unresolved !== undefined) return `no container port is named ${unresolved.targetPort}`;
  const [first] = ports;
  if (first === undefined) return 'it has no port';
  const down = idleFor(cluster, service);
  if (down !== null) return `${down.kind} ${down.name} has replicas: 0`;
  return stated(first) ?? (selector.size === 0 ? 'no selector, and none are stated' : selected(cluster, service));
}

function stated({ explicitEndpoints, statedWithoutName, name }: ServicePort): string | null {
  if (statedWithoutName !== undefined) return `stated without the port's name ${name}`;
  return explicitEndpoints === null ? null : 'its endpoints are stated, and there is none';
}

function selected({ pods }: Cluster, { namespace, selector }: Service): string {
  const matched = [...pods.values()].filter((p) => p.namespace === namespace && selects(selector, p.labels));
  const [first, ...others] = matched;
  if (first === undefined) return 'its selector matches no pod';
  return others.length === 0 ? `pod ${first.name} is ${first.phase}` : `none of ${matched.length} pods has an address`;
}
