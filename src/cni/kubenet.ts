import * as z from 'zod';
import { mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { type BridgeConfig, planBridged, programBridged } from './bridged-pods.ts';
import { noRoutes, toRanges } from './fabric.ts';
import { masqueradeAsAgent, PRIVATE_RANGES } from './ip-masq-agent.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';

/**
 * kubelet's own network: a bridge `cbr0`, and a route table of the cloud that sends what is for a node's range to its NIC, which has to be let
 * forward what is not its own. Source: kubernetes, pkg/kubelet/dockershim/network/kubenet (until 1.24).
 */
export const kubenet = plugin({
  config: strict(() => ({
    plugin: field(z.literal('kubenet'), 'The CNI plugin that connects the pods.'),
    mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes; left out, that of the nodes' NICs."),
  })),
  mode: () => 'fabric',
  configure: ({ mtu: stated }, origin, setting) => {
    const mtu = stated ?? withinNic(setting);
    const config: BridgeConfig = {
      bridge: 'cbr0',
      mtu,
      hairpinMode: true,
      ipMasq: false,
      routes: [],
      statedBy: { bridge: null, hairpinMode: 'plugin' },
    };
    return {
      plugin: 'kubenet',
      name: 'kubenet',
      origin,
      mtu,
      guess: null,
      fabric: { routes: toRanges, pods: 'behind-nics' },
      ranges: true,
      masquerades: { by: 'cluster', keeps: PRIVATE_RANGES },
      ...planBridged(config),
      betweenNodes: noRoutes,
      program(host) {
        programBridged(host, config, origin);
        masqueradeAsAgent(host);
      },
    };
  },
});
