import type { Cluster } from '../k8s/cluster.ts';
import { nicAddresses } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import { askedByAny, labelTraits, portTraits } from '../reach/traits.ts';
import { mentionsOf, statedByPolicies } from './mentions.ts';
import { Numbers } from './numbers.ts';

/** Pods and nodes that no policy tells apart, in whatever part they play. */
export interface PolicyClasses {
  node(node: Node): number;
  pod(pod: Pod): number;
}

const ALIKE: PolicyClasses = { node: () => 0, pod: () => 0 };

export function policyClasses(cluster: Cluster): PolicyClasses {
  if (cluster.policies.length === 0) return ALIKE;
  const numbers = new Numbers();
  const found = mentionsOf(statedByPolicies(cluster), []);
  const { ofPods, ofNodes } = askedByAny(cluster.policies);
  const namesPorts = cluster.policies.some(arePortsNamed);
  return {
    node: ({ name, labels, addresses, podCidrs, nics, overrides }) => {
      const listed = addresses.flatMap((a) => (a.type === 'Hostname' ? [] : [a.address]));
      const own = [...listed, ...nicAddresses({ addresses, nics }), ...overrides.addresses.map((a) => a.address)];
      const odd = overrides.addresses.length > 0 ? name : '';
      const ranges = podCidrs.map((range) => [found.of(range.address), found.within(range)]);
      return numbers.of(JSON.stringify(['node', labelTraits(labels, ofNodes), own.map(found.of), ranges, odd]));
    },
    pod: (pod) =>
      numbers.of(
        JSON.stringify([
          'pod',
          pod.namespace,
          labelTraits(pod.labels, ofPods),
          namesPorts ? portTraits(pod) : '',
          pod.ips.map((i) => found.of(i.address)),
          cluster.standIns.pods > 0 && pod.owner !== null,
        ]),
      ),
  };
}

const arePortsNamed = ({ ingress, egress }: Policy): boolean =>
  [...(ingress ?? []), ...(egress ?? [])].some(({ ports }) => ports?.some(({ port }) => port !== null && 'name' in port) === true);
