import type { Service } from '../../k8s/service.ts';
import type { Path } from '../../source/origin.ts';
import type { ServiceForm, StatedService } from '../schema/topology.ts';
import type { Report } from './report.ts';

type Reach = Omit<
  Service,
  'namespace' | 'name' | 'families' | 'clusterIp' | 'externalName' | 'publishNotReadyAddresses' | 'selector' | 'ports' | 'locus'
>;

/** Three hours, as the API server fills it in. */
const AFFINITY_SECONDS = 10800;

/** How a service is reached from outside, and which endpoints it prefers. */
export function reachOf(report: Report, form: ServiceForm, path: Path, object: string): Reach {
  const ingress = form.status?.loadBalancer.ingress ?? [];
  const seconds = form.sessionAffinityConfig?.clientIP.timeoutSeconds ?? AFFINITY_SECONDS;
  return {
    type: form.type,
    externalIps: form.externalIPs,
    loadBalancerIngress: ingress.map(({ ip, ipMode }, i) => ({
      ip,
      mode: ipMode,
      locus: report.locus([...path, 'status', 'loadBalancer', 'ingress', i], object),
    })),
    loadBalancerSourceRanges: form.loadBalancerSourceRanges,
    externalTrafficPolicy: form.externalTrafficPolicy,
    internalTrafficPolicy: form.internalTrafficPolicy,
    sessionAffinityTimeoutSeconds: form.sessionAffinity === 'ClientIP' ? seconds : null,
    healthCheckNodePort: form.healthCheckNodePort ?? null,
  };
}

/** What the API server refuses, because it would mean nothing: of the service as it is stated, whichever families its addresses have. */
export function checkReach(report: Report, form: StatedService, path: Path): void {
  const refuse = (field: Path, message: string, hint: string | null = null) =>
    report.error([...path, ...field], 'bad-value', message, hint);
  const { type } = form;
  for (const [i, port] of form.ports.entries())
    if (port.nodePort !== undefined && type === 'ClusterIP')
      refuse(['ports', i, 'nodePort'], 'a service of type ClusterIP has no node port', 'type: NodePort or LoadBalancer');
  if (form.clusterIP === 'None' && type !== 'ClusterIP' && type !== 'ExternalName')
    refuse(['clusterIP'], `a service of type ${type} needs a ClusterIP`);
  if (type !== 'LoadBalancer') {
    if (form.loadBalancerSourceRanges.length > 0)
      refuse(['loadBalancerSourceRanges'], 'only a service of type LoadBalancer has source ranges');
    if (form.status !== undefined) refuse(['status'], 'only a service of type LoadBalancer has a load balancer');
  }
  const local = form.externalTrafficPolicy === 'Local';
  if (local && (type === 'ClusterIP' || type === 'ExternalName') && form.externalIPs.length === 0)
    refuse(
      ['externalTrafficPolicy'],
      'nothing comes to this service from outside',
      'it is about node ports, load balancers and externalIPs',
    );
  if (form.healthCheckNodePort !== undefined && !(local && type === 'LoadBalancer'))
    refuse(['healthCheckNodePort'], 'only a LoadBalancer with externalTrafficPolicy: Local has health checks');
}
