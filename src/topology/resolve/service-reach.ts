import type { Service } from '../../k8s/service.ts';
import type { Path } from '../../source/origin.ts';
import type { ServiceInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

type Reach = Omit<
  Service,
  'namespace' | 'name' | 'ipFamilies' | 'clusterIps' | 'externalName' | 'publishNotReadyAddresses' | 'selector' | 'ports' | 'locus'
>;

/** Three hours, as the API server fills it in. */
const AFFINITY_SECONDS = 10800;

/** How a service is reached from outside, and which endpoints it prefers. */
export function readReach(here: Cursor, input: ServiceInput): Reach {
  checkReach(here, input);
  const ingress = input.status?.loadBalancer.ingress ?? [];
  const seconds = input.sessionAffinityConfig?.clientIP.timeoutSeconds ?? AFFINITY_SECONDS;
  return {
    type: input.type ?? 'ClusterIP',
    externalIps: input.externalIPs ?? [],
    loadBalancerIngress: ingress.flatMap(({ ip, ipMode = 'VIP' }, i) =>
      ip === undefined ? [] : [{ ip, mode: ipMode, locus: here.at('status', 'loadBalancer', 'ingress', i).locus }],
    ),
    loadBalancerHostnames: ingress.some((i) => i.ip !== undefined) ? [] : ingress.flatMap((i) => i.hostname ?? []),
    loadBalancerSourceRanges: input.loadBalancerSourceRanges ?? [],
    externalTrafficPolicy: input.externalTrafficPolicy ?? 'Cluster',
    internalTrafficPolicy: input.internalTrafficPolicy ?? 'Cluster',
    sessionAffinityTimeoutSeconds: input.sessionAffinity === 'ClientIP' ? seconds : null,
    healthCheckNodePort: input.healthCheckNodePort ?? null,
  };
}

/** Reports fields that the API server refuses, because they would mean nothing. */
function checkReach(here: Cursor, input: ServiceInput): void {
  const refuse = (field: Path, message: string, hint: string | null = null) => here.at(...field).error('bad-value', message, hint);
  const { type = 'ClusterIP', ports = [], loadBalancerSourceRanges = [], externalIPs = [] } = input;
  for (const [i, port] of ports.entries())
    if (port.nodePort !== undefined && type === 'ClusterIP')
      refuse(['ports', i, 'nodePort'], 'a service of type ClusterIP has no node port', 'type: NodePort or LoadBalancer');
  if (input.clusterIP === 'None' && type !== 'ClusterIP' && type !== 'ExternalName')
    refuse(['clusterIP'], `a service of type ${type} needs a ClusterIP`);
  if (type !== 'LoadBalancer') {
    if (loadBalancerSourceRanges.length > 0) refuse(['loadBalancerSourceRanges'], 'only a service of type LoadBalancer has source ranges');
    if (input.status !== undefined) refuse(['status'], 'only a service of type LoadBalancer has a load balancer');
  }
  const local = input.externalTrafficPolicy === 'Local';
  if (local && (type === 'ClusterIP' || type === 'ExternalName') && externalIPs.length === 0)
    refuse(
      ['externalTrafficPolicy'],
      'nothing comes to this service from outside',
      'it is about node ports, load balancers and externalIPs',
    );
  if (input.healthCheckNodePort !== undefined && !(local && type === 'LoadBalancer'))
    refuse(['healthCheckNodePort'], 'only a LoadBalancer with externalTrafficPolicy: Local has health checks');
}
