import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Host, Masquerade } from '../k8s/cni.ts';
import { familyOf } from '../net/address.ts';
import { MULTICAST, type Prefix } from '../net/prefix.ts';

/**
 * The cluster's masquerading, for a plugin that has none of its own: packets of pods to anywhere but the excluded ranges get the node's
 * address, in the shape of flannel's rules. kube-proxy's jump comes before these, because it prepends.
 */
export function masquerade({ rules, clusterCidrs, masquerade: stated }: Host): void {
  if (stated === null) return;
  for (const clusterCidr of clusterCidrs) {
    const { append } = rules[familyOf(clusterCidr.address)];
    append('nat', 'POSTROUTING', {
      matches: [],
      target: { kind: 'jump', chain: CHAIN },
      comment: 'masquerade what pods send out of their range',
      origin: stated.origin,
    });
    append('nat', CHAIN, ...rulesFor(clusterCidr, stated));
  }
}

const CHAIN = 'POD-MASQUERADE';

function rulesFor(clusterCidr: Prefix, { nonMasqueradeCidrs, origin }: Masquerade): readonly Rule[] {
  const family = familyOf(clusterCidr.address);
  const fromPods = { kind: 'source', prefix: clusterCidr, negated: false } as const;
  const excluded = nonMasqueradeCidrs.filter((p) => familyOf(p.address) === family);
  return [
    ...excluded.map(
      (prefix): Rule => ({
        matches: [fromPods, { kind: 'destination', prefix, negated: false }],
        target: { kind: 'RETURN' },
        comment: 'destinations that may see pod addresses',
        origin,
      }),
    ),
    {
      matches: [fromPods, { kind: 'destination', prefix: MULTICAST[family], negated: true }],
      target: { kind: 'MASQUERADE', randomFully: true },
      comment: 'leaves the pod range',
      origin,
    },
  ];
}
