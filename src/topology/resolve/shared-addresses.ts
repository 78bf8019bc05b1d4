import { key, type Pod } from '../../k8s/pod.ts';
import type { Service } from '../../k8s/service.ts';
import { formatAddress, type IpAddress } from '../../net/address.ts';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { at, placeOf } from '../../source/origin.ts';

/** Of pods that run, two with one address: one of them is seldom still there, as when its node was lost. */
export function reportSharedAddresses(pods: readonly Pod[], found: Diagnostic[]): void {
  const first = new Map<IpAddress, Pod>();
  for (const pod of pods)
    for (const { address } of pod.ips) {
      const other = first.get(address);
      if (other === undefined) first.set(address, pod);
      else if (other !== pod)
        found.push(
          diagnosticAt(pod.locus.document, [...pod.locus.path, 'status', 'podIP'], {
            severity: 'warning',
            code: 'address-twice',
            message: `${key(pod)} has the address ${formatAddress(address)}, and so has ${key(other)} (${placeOf(other.locus)})`,
            hint: 'a trace to the address is undetermined; one that names the pod is about that pod',
          }),
        );
    }
}

/** The API server gives a ClusterIP to one service only: of two, one is gone, or of another cluster. */
export function reportSharedClusterIps(services: readonly Service[], found: Diagnostic[]): void {
  const first = new Map<IpAddress, Service>();
  for (const service of services)
    for (const address of service.clusterIps) {
      const other = first.get(address);
      if (other === undefined) {
        first.set(address, service);
        continue;
      }
      const { document, path } = at(service.locus, 'clusterIP');
      found.push(
        diagnosticAt(document, path, {
          severity: 'warning',
          code: 'cluster-ip-twice',
          message: `${key(service)} has the ClusterIP ${formatAddress(address)}, and so has ${key(other)} (${placeOf(other.locus)})`,
          hint: 'a trace to a port that both have is undetermined; one of them is gone, or of another cluster',
        }),
      );
    }
}
