import * as z from 'zod';
import type { Cni } from '../k8s/cni.ts';
import { deviceName, mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { type BridgeConfig, planBridged, programBridged } from './bridged-pods.ts';
import { backendMode, backendNetwork, daemonFields, wrongBackend } from './flannel-backend.ts';
import { type FlannelRules, flannelRules } from './flannel-rules.ts';
import { isOnLink, viaNodes } from './host-gateway.ts';
import { VXLAN_OVERHEAD, withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { addVteps, plannedVteps, throughVxlan, type VxlanNetwork } from './vxlan.ts';

const delegate = strict(() => ({
  ipMasq: field(
    z.boolean().optional(),
    "Does the bridge plugin masquerade what leaves the node's range? Left out, it does where flanneld does not (`ipMasq`).",
  ),
}));

/**
 * flannel: a bridge a node, and between the nodes a VXLAN network, or the nodes themselves as next hops. Its CNI plugin has `bridge` connect
 * the pods; the rest is the daemon's. Source: flannel-io/flannel, pkg/backend/vxlan and hostgw; flannel-io/cni-plugin, flannel_linux.go.
 */
export const flannel = plugin({
  config: strict(() => ({
    plugin: field(z.literal('flannel'), 'The CNI plugin that connects the pods.'),
    ...daemonFields(),
    bridge: field(deviceName.optional(), "The bridge's name on every node."),
    mtu: field(
      mtu().optional(),
      'MTU of the bridge and of the veth pairs, in bytes, and not of the tunnel; left out, what the NICs and the tunnel leave.',
    ),
    hairpinMode: field(
      z.boolean().optional(),
      'May a frame leave by the bridge port that it came in by? A pod that calls its own service needs it.',
    ),
    delegate: field(delegate.optional(), "What flannel's CNI configuration states for the plugin that connects the pods."),
  })),
  check: ({ backend }, setting) => wrongBackend(backend, setting),
  mode: ({ backend }) => backendMode(backend),
  configure: (config, origin, setting) => {
    const { backend, bridge = 'cni0', mtu, hairpinMode = true, ipMasq = true, enableNFTables = false, delegate = {} } = config;
    const network = backendNetwork(backend, origin, setting);
    const pods: BridgeConfig = {
      bridge,
      mtu: mtu ?? withinNic(setting, network === null ? undefined : VXLAN_OVERHEAD),
      hairpinMode,
      // flannel_linux.go: where flanneld does not masquerade, the plugin that connects the pods is told to, unless its configuration says.
      ipMasq: delegate.ipMasq ?? !ipMasq,
      routes: setting.podCidrs,
      statedBy: { bridge: ['bridge'], hairpinMode: 'hairpinMode' },
    };
    return configured({ pods, rules: { ipMasq, enableNFTables }, network }, origin);
  },
});

interface FlannelConfig {
  readonly pods: BridgeConfig;
  readonly rules: FlannelRules;
  /** Null: nodes are next hops. */
  readonly network: VxlanNetwork | null;
}

function configured({ pods, rules, network }: FlannelConfig, origin: Origin): Cni {
  const bridged = planBridged(pods);
  return {
    plugin: 'flannel',
    name: 'flannel',
    origin,
    mtu: pods.mtu,
    guess: null,
    fabric: null,
    ranges: true,
    masquerades: { by: 'plugin', off: { ipMasq: false, delegate: { ipMasq: false } } },
    ...bridged,
    devices: (node, all) => [...(network === null ? [] : plannedVteps(network, node)), ...bridged.devices(node, all)],
    // A node on another link is no next hop that the kernel would take.
    betweenNodes: (others, links) =>
      network === null ? viaNodes(others.filter((o) => isOnLink(o, links))) : throughVxlan(network, others, links),
    program(host) {
      if (network !== null) addVteps(network, host, origin);
      programBridged(host, pods, origin);
      flannelRules(host, rules, origin);
    },
  };
}
