import { createHash } from 'node:crypto';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Host, PodNetwork } from '../k8s/cni.ts';
import { familyOf } from '../net/address.ts';
import { hostPrefix, MULTICAST } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import { addressesOf } from './range.ts';

/**
 * The reference plugins' `ipMasq`: whatever a pod sends beyond its node's pod range gets the node's address, other nodes' pods included.
 * Source: containernetworking/plugins, pkg/ip/ipmasq_iptables_linux.go.
 */
export function masqueradePod(host: Host, pod: PodNetwork, network: string, origin: Origin): void {
  const id = pod.builder.netns.name;
  const chain = chainName(network, id);
  const comment = `name: "${network}" id: "${id}"`;
  const rule = (matches: Rule['matches'], target: Rule['target']): Rule => ({ matches, target, comment, origin });
  for (const { address, range } of addressesOf(pod, host)) {
    const family = familyOf(address);
    const { append } = host.rules[family];
    const from = { kind: 'source', prefix: hostPrefix(address), negated: false } as const;
    append('nat', 'POSTROUTING', rule([from], { kind: 'jump', chain }));
    append(
      'nat',
      chain,
      rule([{ kind: 'destination', prefix: range.podCidr, negated: false }], { kind: 'ACCEPT' }),
      rule([{ kind: 'destination', prefix: MULTICAST[family], negated: true }], { kind: 'MASQUERADE', randomFully: false }),
    );
  }
}

/** The plugins hash their network's name and the container's id; a topology has no ids, so the pod's name stands for it. */
function chainName(network: string, id: string): string {
  return `CNI-${createHash('sha512').update(`${network}${id}`).digest('hex').slice(0, 24)}`;
}
