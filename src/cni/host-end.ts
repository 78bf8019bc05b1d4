import type { Pod } from '../k8s/pod.ts';
import { hex, sha1 } from '../net/hash.ts';

/**
 * The host's end of a pod's veth pair, as Calico, AWS, Azure and GKE name it: a prefix, and part of a hash of the pod's name, which comes
 * to 15 characters with a prefix of four at most. Source: projectcalico/calico, libcalico-go/lib/backend/k8s/conversion.
 */
export const hashedHostEnd = (prefix: string, { namespace, name }: Pick<Pod, 'namespace' | 'name'>): string =>
  `${prefix}${hex(sha1(`${namespace}.${name}`)).slice(0, 11)}`;
