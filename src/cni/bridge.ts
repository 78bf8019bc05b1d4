import * as z from 'zod';
import type { Cni } from '../k8s/cni.ts';
import { deviceName, mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { type BridgeConfig, planBridged, programBridged } from './bridged-pods.ts';
import { viaNodes } from './host-gateway.ts';
import { masquerade } from './masquerade.ts';
import { plugin } from './plugin.ts';

/** The reference plugin `bridge`, with the routes between the nodes that a cloud's controller adds. */
export const bridge = plugin({
  config: strict(() => ({
    plugin: field(z.literal('bridge'), 'The CNI plugin that connects the pods.'),
    bridge: field(deviceName.optional(), "The bridge's name on every node."),
    mtu: field(mtu().optional(), 'MTU of the bridge and of the veth pairs, in bytes.'),
    hairpinMode: field(
      z.boolean().optional(),
      'May a frame leave by the bridge port that it came in by? A pod that calls its own service needs it.',
    ),
    ipMasq: field(
      z.boolean().optional(),
      "Masquerade everything that a pod sends beyond its node's pod range, other nodes' pods included.",
    ),
  })),
  mode: () => 'bridge',
  configure: ({ bridge = 'cni0', mtu = 1500, hairpinMode = true, ipMasq = false }, origin) =>
    configured({ bridge, mtu, hairpinMode, ipMasq, routes: [], statedBy: { bridge: ['bridge'], hairpinMode: 'hairpinMode' } }, origin),
});

function configured(config: BridgeConfig, origin: Origin): Cni {
  return {
    plugin: 'bridge',
    name: 'bridge',
    origin,
    mtu: config.mtu,
    guess: null,
    fabric: null,
    ranges: true,
    masquerades: { by: 'cluster', keeps: null },
    ...planBridged(config),
    betweenNodes: viaNodes,
    program(host) {
      programBridged(host, config, origin);
      masquerade(host);
    },
  };
}
