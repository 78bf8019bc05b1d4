import type { ServiceInput, ServiceSeen } from '../../schema/topology.ts';
import { type KubeObject, nameOf, namespaceOf } from '../objects.ts';
import type { ServiceObject } from '../schema/service.ts';
import { addressesIn, addressIn, prefixesIn, protocolIn, wordIn } from './text.ts';

type Spec = NonNullable<ServiceObject['spec']>;

/** A Service object in a Topology's words. */
export function serviceIn(object: KubeObject<'Service'>, seen: ServiceSeen): ServiceInput {
  const { spec, status } = object.data;
  return {
    name: nameOf(object),
    namespace: namespaceOf(object),
    ...addressesOf(spec),
    type: wordIn(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'], spec?.type),
    selector: spec?.selector ?? undefined,
    ports: (spec?.ports ?? []).map((p) => ({
      name: p.name || undefined,
      port: p.port,
      targetPort: p.targetPort == null || p.targetPort === 0 || p.targetPort === '' ? undefined : p.targetPort,
      protocol: protocolIn(p.protocol),
      nodePort: p.nodePort || undefined,
    })),
    ...policiesOf(spec),
    externalIPs: [...addressesIn(spec?.externalIPs ?? [])],
    externalName: spec?.externalName || undefined,
    publishNotReadyAddresses: spec?.publishNotReadyAddresses ?? undefined,
    status: loadBalancerOf(status),
    seen,
  };
}

/** `clusterIPs` since Kubernetes 1.20. A manifest has neither: the API server gives an address when the service is made. */
function addressesOf(spec: Spec | null | undefined): Pick<ServiceInput, 'clusterIP' | 'clusterIPs' | 'ipFamilies'> {
  if (spec?.clusterIP === 'None') return { clusterIP: 'None', ipFamilies: familiesOf(spec) };
  const several = addressesIn(spec?.clusterIPs ?? []);
  const clusterIPs = several.length > 0 ? several : addressesIn([spec?.clusterIP]);
  return { clusterIPs: [...clusterIPs], ipFamilies: clusterIPs.length === 0 ? familiesOf(spec) : undefined };
}

function familiesOf(spec: Spec | null | undefined): ('IPv4' | 'IPv6')[] | undefined {
  const families = (spec?.ipFamilies ?? []).flatMap((f) => wordIn(['IPv4', 'IPv6'], f) ?? []);
  return families.length === 0 ? undefined : families;
}

function policiesOf(spec: Spec | null | undefined) {
  const ranges = prefixesIn((spec?.loadBalancerSourceRanges ?? []).map((r) => r.trim()));
  return {
    externalTrafficPolicy: wordIn(['Cluster', 'Local'], spec?.externalTrafficPolicy),
    internalTrafficPolicy: wordIn(['Cluster', 'Local'], spec?.internalTrafficPolicy),
    sessionAffinity: wordIn(['None', 'ClientIP'], spec?.sessionAffinity),
    sessionAffinityConfig: affinityOf(spec),
    trafficDistribution: wordIn(['PreferClose', 'PreferSameZone', 'PreferSameNode'], spec?.trafficDistribution),
    loadBalancerSourceRanges: spec?.type === 'LoadBalancer' ? [...ranges] : [],
    healthCheckNodePort: spec?.healthCheckNodePort || undefined,
  } satisfies Partial<ServiceInput>;
}

function affinityOf(spec: Spec | null | undefined): ServiceInput['sessionAffinityConfig'] {
  const seconds = spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  return seconds == null ? undefined : { clientIP: { timeoutSeconds: seconds } };
}

type Ingress = NonNullable<ServiceInput['status']>['loadBalancer']['ingress'][number];

/** An entry with a host name only is a load balancer whose address is not in the object. */
function loadBalancerOf(status: ServiceObject['status']): ServiceInput['status'] {
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap((i): Ingress[] => {
    const ip = addressIn(i.ip);
    if (ip !== null) return [{ ip, ipMode: wordIn(['VIP', 'Proxy'], i.ipMode) }];
    return i.hostname ? [{ hostname: i.hostname }] : [];
  });
  return ingress.length === 0 ? undefined : { loadBalancer: { ingress } };
}
