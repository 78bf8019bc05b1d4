import { nodeIp, podIp } from '../k8s/families.ts';
import type { OutsideHost } from '../k8s/network.ts';
import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { type IpAddress, type IpFamily, inFamily } from '../net/address.ts';
import type { Workload } from './workload.ts';

/** The thing that a name stands for. */
export type Found =
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'node'; readonly node: Node }
  /** Several pods: as a source its first, as a destination each of them. */
  | { readonly kind: 'workload'; readonly workload: Workload }
  /** A machine on the internet. */
  | { readonly kind: 'host'; readonly host: OutsideHost }
  /** A URL, which an Ingress or a Gateway answers for. */
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'address'; readonly address: IpAddress; readonly owner: Found | null }
  /** A DNS name that has no address, as far as the input says. */
  | { readonly kind: 'name'; readonly name: string };

/** What has a name in the input, and is no name or address alone. */
export type Thing = Exclude<Found, { kind: 'address' | 'name' | 'url' }>;

/** The pods that were named, as one or as a workload. */
export function podsOf(found: Found): readonly Pod[] {
  if (found.kind === 'workload') return found.workload.pods;
  return found.kind === 'pod' ? [found.pod] : [];
}

/** The address of a pod, node or host in one family; null: it has none, or it is no machine. */
export function machineIp(found: Found, family: IpFamily): IpAddress | null {
  if (found.kind === 'pod') return podIp(found.pod, family);
  if (found.kind === 'node') return nodeIp(found.node, family);
  return found.kind === 'host' ? inFamily(found.host.ips, family) : null;
}
