import * as z from 'zod';
import type { Cni, Host } from '../k8s/cni.ts';
import { nextAddress } from '../net/address.ts';
import { mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { addEndpoint, plannedEndpoints, plannedHostEnds } from './calico-endpoints.ts';
import { calicoRules } from './calico-rules.ts';
import { backendMode, backendNetwork, daemonFields, wrongBackend } from './flannel-backend.ts';
import { type FlannelRules, flannelRules } from './flannel-rules.ts';
import { isOnLink, viaNodes } from './host-gateway.ts';
import { VXLAN_OVERHEAD, withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { withOwnRanges } from './routed-pods.ts';
import { addVteps, plannedVteps, throughVxlan, type VxlanNetwork } from './vxlan.ts';

/**
 * canal: Calico connects the pods and does policy, without pools of its own; addresses are host-local's, from the node's range, and flanneld
 * does what is between the nodes. Source: projectcalico/calico, manifests/canal.yaml.
 */
export const canal = plugin({
  config: strict(() => ({
    plugin: field(z.literal('canal'), 'The CNI plugin that connects the pods.'),
    ...daemonFields(),
    mtu: field(
      mtu().optional(),
      "MTU of the pods' devices, in bytes, and not of the tunnel; left out, what the NICs and the tunnel leave.",
    ),
  })),
  check: ({ backend }, setting) => wrongBackend(backend, setting),
  mode: ({ backend }) => backendMode(backend),
  configure: ({ backend, mtu, ipMasq = true, enableNFTables = false }, origin, setting) => {
    const network = backendNetwork(backend, origin, setting);
    const pods = mtu ?? withinNic(setting, network === null ? undefined : VXLAN_OVERHEAD);
    return configured({ mtu: pods, rules: { ipMasq, enableNFTables }, network }, origin);
  },
});

interface CanalConfig {
  readonly mtu: number;
  readonly rules: FlannelRules;
  /** Null: nodes are next hops. */
  readonly network: VxlanNetwork | null;
}

/** Felix' own, for its rule against tunnels that pods make; flanneld's port is another one. */
const FELIX_VXLAN_PORT = 4789;
const PREFIX = 'cali';

const configured = ({ mtu, rules, network }: CanalConfig, origin: Origin): Cni => ({
  plugin: 'canal',
  name: 'canal',
  origin,
  mtu,
  guess: null,
  fabric: null,
  ranges: true,
  masquerades: { by: 'plugin', off: { ipMasq: false } },
  ...plannedEndpoints(PREFIX),
  // host-local keeps it for a gateway, which nobody is.
  reserved: ({ address }) => [{ address: nextAddress(address), by: 'gateway' }],
  devices: (node, pods) => [...(network === null ? [] : plannedVteps(network, node)), ...plannedHostEnds(pods)],
  betweenNodes: (others, links) =>
    network === null ? viaNodes(others.filter((o) => isOnLink(o, links))) : throughVxlan(network, others, links),
  program(host: Host) {
    if (network !== null) addVteps(network, host, origin);
    for (const pod of host.pods) addEndpoint(host, pod, mtu);
    mapPorts(withOwnRanges(host), 'k8s-pod-network', (pod) => pod.vethName);
    flannelRules(host, rules, origin);
    calicoRules(host, { prefix: PREFIX, pools: [], vxlanPort: FELIX_VXLAN_PORT, tunnels: [], origin });
  },
});
