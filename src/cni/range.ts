import type { Host, PlannedPod, PodNetwork, PodRange } from '../k8s/cni.ts';
import type { IpAddress } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';

/** An address of a pod, with the range of its node that it comes from. */
export interface PodAddress {
  readonly address: IpAddress;
  readonly origin: Origin;
  readonly range: PodRange;
}

/** In the order of the ranges. An address that comes from none of them, the plugin gave to no pod. */
export const addressesOf = (pod: PodNetwork, { ranges }: Pick<Host, 'ranges'>): readonly PodAddress[] =>
  ranges.flatMap((range) => pod.addresses.flatMap((a) => (contains(range.podCidr, a.address) ? [{ ...a, range }] : [])));

/** The same before anything is made. */
export const plannedAddresses = (podCidrs: readonly Prefix[], { ips }: PlannedPod) =>
  podCidrs.flatMap((prefix) => ips.flatMap(({ address }) => (contains(prefix, address) ? [{ address, prefix }] : [])));
