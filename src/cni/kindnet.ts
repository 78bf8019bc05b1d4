import * as z from 'zod';
import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Cni, Host } from '../k8s/cni.ts';
import { familyOf } from '../net/address.ts';
import { mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { viaNodes } from './host-gateway.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addPair, plannedPairs } from './veth-pairs.ts';

/**
 * The plugin of kind's clusters: `ptp`, a route to each other node's range by the node itself, and a masquerade of its own.
 * Source: kubernetes-sigs/kind, images/kindnetd.
 */
export const kindnet = plugin({
  config: strict(() => ({
    plugin: field(z.literal('kindnet'), 'The CNI plugin that connects the pods.'),
    mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes; left out, that of the nodes' NICs."),
  })),
  mode: () => 'ptp',
  configure: ({ mtu: stated }, origin, setting): Cni => {
    const mtu = stated ?? withinNic(setting);
    return {
      plugin: 'kindnet',
      name: 'kindnet',
      origin,
      mtu,
      guess: null,
      fabric: null,
      ranges: true,
      masquerades: { by: 'plugin', off: null },
      ...plannedPairs,
      betweenNodes: viaNodes,
      program: (host) => program(host, mtu, origin),
    };
  },
});

function program(host: Host, mtu: number, origin: Origin): void {
  for (const pod of host.pods) addPair(host, pod, mtu);
  // The node images set it, whatever the kernel's default.
  host.builder.sysctls.set('net.ipv4.conf.all.rp_filter', { value: 1, origin: inferred(origin.locus) });
  mapPorts(host, 'kindnet', (pod) => pod.vethName);
  masquerade(host, origin);
}

const CHAIN = 'KIND-MASQ-AGENT';

/** Whoever sends it: what a node sends to another one's address is masqueraded like what a pod sends, to the address that it has anyway. */
function masquerade({ rules, clusterCidrs }: Host, { locus }: Origin): void {
  const origin = inferred(locus);
  const rule = (matches: readonly Match[], target: Rule['target'], comment: string): Rule => ({ matches, target, comment, origin });
  for (const { address, length } of clusterCidrs) {
    const { append } = rules[familyOf(address)];
    const toPods: Match = { kind: 'destination', prefix: { address, length }, negated: false };
    append(
      'nat',
      'POSTROUTING',
      rule([{ kind: 'dst-type', type: 'LOCAL', negated: true }], { kind: 'jump', chain: CHAIN }, 'what leaves this node'),
    );
    append(
      'nat',
      CHAIN,
      rule([toPods], { kind: 'RETURN' }, 'pods see the sender'),
      rule([], { kind: 'MASQUERADE', randomFully: false }, 'nobody else does'),
    );
  }
}
