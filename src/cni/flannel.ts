import * as z from 'zod';
import type { Cni } from '../k8s/cni.ts';
import { prefixIn } from '../k8s/families.ts';
import { deviceName, mtu, oneOf, port, whole } from '../source/fields.ts';
import { checked, field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { type BridgeConfig, planBridged, programBridged } from './bridged-pods.ts';
import { type FlannelRules, flannelRules } from './flannel-rules.ts';
import { isOnLink, viaNodes } from './host-gateway.ts';
import { VXLAN_OVERHEAD, vxlanMtu, withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { addVteps, plannedVteps, throughVxlan, type VxlanNetwork } from './vxlan.ts';

const backendType = oneOf(['vxlan', 'host-gw'], ['alloc', 'ali-vpc', 'extension', 'ipip', 'ipsec', 'tencent-vpc', 'udp', 'wireguard']);

const backendFields = strict(() => ({
  type: field(backendType.optional(), 'vxlan: a tunnel between the nodes; host-gw: each node is the next hop to its pods, on one link.'),
  vni: field(
    whole(1, 9_999_999).optional(),
    "Of vxlan: the network's identifier; the device is named flannel.VNI, over IPv6 flannel-v6.VNI.",
  ),
  port: field(port.optional(), 'Of vxlan: the UDP port.'),
  directRouting: field(z.boolean().optional(), 'Of vxlan: nodes on the same link are next hops, as with host-gw.'),
}));

/** flanneld's net-conf.json has the keys of the backend; the others are those of the plugin that it has its pods connected by. */
const backend = checked(backendFields, (value, wrong) => {
  if (value.type !== 'host-gw') return;
  for (const name of ['vni', 'port', 'directRouting'] as const)
    if (value[name] !== undefined) wrong(name, 'this is read with type vxlan only');
});

/**
 * flannel: a bridge a node, and between the nodes a VXLAN network, or the nodes themselves as next hops. Its CNI plugin has `bridge` connect
 * the pods; the rest is the daemon's. Source: flannel-io/flannel, pkg/backend/vxlan and hostgw; flannel-io/cni-plugin, flannel_linux.go.
 */
export const flannel = plugin({
  config: strict(() => ({
    plugin: field(z.literal('flannel'), 'The CNI plugin that connects the pods.'),
    backend: field(z.union([backendType, backend]).optional(), 'How packets get from node to node: a type, or a type with its keys.'),
    bridge: field(deviceName.optional(), "The bridge's name on every node."),
    mtu: field(mtu().optional(), 'MTU of the bridge and of the veth pairs, in bytes; left out, what the NICs and the tunnel leave.'),
    hairpinMode: field(
      z.boolean().optional(),
      'May a frame leave by the bridge port that it came in by? A pod that calls its own service needs it.',
    ),
    ipMasq: field(z.boolean().optional(), "Does flanneld masquerade what leaves the pods' range, and what comes into it?"),
    enableNFTables: field(z.boolean().optional(), 'Does flanneld write its rules as nftables?'),
  })),
  configure: (
    { backend: stated = {}, bridge = 'cni0', mtu, hairpinMode = true, ipMasq = true, enableNFTables = false },
    origin,
    setting,
  ) => {
    const { type = 'vxlan', ...keys } = typeof stated === 'string' ? { type: stated } : stated;
    const network = type === 'vxlan' ? vxlanNetwork(keys, vxlanMtu(setting, mtu)) : null;
    const pods: BridgeConfig = {
      bridge,
      mtu: mtu ?? withinNic(setting, network === null ? undefined : VXLAN_OVERHEAD),
      hairpinMode,
      ipMasq: false,
      routes: setting.podCidrs,
      statedBy: { bridge: ['bridge'], hairpinMode: 'hairpinMode' },
    };
    return configured({ pods, rules: { ipMasq, enableNFTables }, network }, origin);
  },
});

type BackendKeys = Omit<z.output<typeof backendFields>, 'type'>;

const vxlanNetwork = ({ vni = 1, port = 8472, directRouting = false }: BackendKeys, mtu: VxlanNetwork['mtu']): VxlanNetwork => ({
  device: { IPv4: `flannel.${vni}`, IPv6: `flannel-v6.${vni}` },
  namedBy: ['backend', 'vni'],
  vni,
  port,
  mtu,
  direct: directRouting,
  addressOf: ({ podCidrs }, family) => prefixIn(podCidrs, family)?.address ?? null,
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
    masquerades: { by: 'plugin', off: { key: 'ipMasq', value: false } },
    ...bridged,
    devices: (node, all) => [...(network === null ? [] : plannedVteps(network, node)), ...bridged.devices(node, all)],
    // A node on another link is no next hop that the kernel would take.
    betweenNodes: (others) => (network === null ? viaNodes(others.filter(isOnLink)) : throughVxlan(network, others)),
    program(host) {
      if (network !== null) addVteps(network, host, origin);
      programBridged(host, pods, origin);
      flannelRules(host, rules, origin);
    },
  };
}
