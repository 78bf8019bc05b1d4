import * as z from 'zod';
import { mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { noRoutes, ON_NICS } from './fabric.ts';
import { hashedHostEnd } from './host-end.ts';
import { masqueradeAsAgent, PRIVATE_RANGES } from './ip-masq-agent.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addRouted, plannedRouted, withOwnRanges } from './routed-pods.ts';

/** Azure's plugin where pods have addresses of the nodes' own subnets, which the virtual network delivers to their nodes' NICs. */
export const azureCni = plugin({
  withoutRanges: true,
  config: strict(() => ({
    plugin: field(z.literal('azure-cni'), 'The CNI plugin that connects the pods.'),
    mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes; left out, that of the nodes' NICs."),
  })),
  mode: () => 'fabric',
  configure: ({ mtu: stated }, origin, setting) => {
    const mtu = stated ?? withinNic(setting);
    return {
      plugin: 'azure-cni',
      name: 'azure-cni',
      origin,
      mtu,
      guess: null,
      fabric: ON_NICS,
      ranges: false,
      masquerades: { by: 'cluster', keeps: PRIVATE_RANGES },
      hostEnd: (pod) => hashedHostEnd('azv', pod),
      ...plannedRouted,
      betweenNodes: noRoutes,
      program(host) {
        for (const pod of host.pods) addRouted(host, pod, mtu);
        mapPorts(withOwnRanges(host), 'azure', (pod) => pod.vethName);
        masqueradeAsAgent(host);
      },
    };
  },
});
