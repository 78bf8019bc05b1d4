import { key, type Pod } from '../../k8s/pod.ts';
import { formatAddress, type IpAddress } from '../../net/address.ts';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { placeOf } from '../../source/origin.ts';

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
