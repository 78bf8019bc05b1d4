import * as z from 'zod';
import { mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { noRoutes, toRanges } from './fabric.ts';
import { hashedHostEnd } from './host-end.ts';
import { masqueradeAsAgent, PRIVATE_RANGES } from './ip-masq-agent.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addPair, plannedPairs } from './veth-pairs.ts';

/**
 * GKE's pods: the plugin ptp, with ranges of the nodes that are alias ranges of their NICs, to which the network delivers by itself.
 * Source: GoogleCloudPlatform/netd, the template of its configuration.
 */
export const gke = plugin({
  config: strict(() => ({
    plugin: field(z.literal('gke'), 'The CNI plugin that connects the pods.'),
    mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes; left out, that of the nodes' NICs."),
  })),
  mode: () => 'fabric',
  configure: ({ mtu: stated }, origin, setting) => {
    const mtu = stated ?? withinNic(setting);
    return {
      plugin: 'gke',
      name: 'gke',
      origin,
      mtu,
      guess: null,
      fabric: { routes: toRanges, pods: 'of-nics' },
      ranges: true,
      masquerades: { by: 'cluster', keeps: PRIVATE_RANGES },
      ...plannedPairs,
      hostEnd: (pod) => hashedHostEnd('gke', pod),
      betweenNodes: noRoutes,
      program(host) {
        for (const pod of host.pods) addPair(host, pod, mtu);
        mapPorts(host, 'gke', (pod) => pod.vethName);
        masqueradeAsAgent(host);
      },
    };
  },
});
