import * as z from 'zod';
import type { Cni, Host } from '../k8s/cni.ts';
import { FAMILIES } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { mtu, port, whole } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { addEndpoint, plannedEndpoints, plannedHostEnds } from './calico-endpoints.ts';
import { blockAround, ipPools, type Pool, poolFields, poolsMode, poolsOf, wrongPools } from './calico-pools.ts';
import { addBlackholes } from './calico-routes.ts';
import { type CalicoTunnel, calicoRules, carrierOf } from './calico-rules.ts';
import {
  addIpipDevice,
  betweenNodes,
  hasIpip,
  IPIP_DEVICE,
  IPIP_OVERHEAD,
  overheadOf,
  plannedIpip,
  reservedIn,
  tunnelsWithoutAddress,
  vxlanOf,
} from './calico-tunnels.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addVteps, numberedBy, plannedVteps, type VxlanNetwork } from './vxlan.ts';

/** Beside a hash of eleven characters, in Linux' fifteen. */
const interfacePrefix = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,4}$/, { error: 'expected the beginning of a device name, as cali: at most 4 letters, digits, _ or -' });

/** Calico in iptables mode, with its own IPAM. Source: projectcalico/calico. */
export const calico = plugin({
  config: strict(() => ({
    plugin: field(z.literal('calico'), 'The CNI plugin that connects the pods.'),
    ...poolFields(),
    vxlanVNI: field(whole(1, 16_777_215).optional(), 'The identifier of the VXLAN network; left out, 4096.'),
    vxlanPort: field(port.optional(), 'The UDP port of VXLAN; left out, 4789.'),
    interfacePrefix: field(interfacePrefix.optional(), "How the names of pods' host ends begin; left out, cali."),
    mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes; left out, what the NICs and the tunnel leave."),
    ipPools: field(ipPools.optional(), 'Several pools, each with its range; left out, one pool: the range of the cluster.'),
  })),
  inBlocks: true,
  check: (config, setting) => wrongPools(config, setting.podCidrs),
  mode: poolsMode,
  configure: (
    { interfacePrefix: prefix = 'cali', mtu: stated, vxlanVNI: vni = 4096, vxlanPort: port = 4789, ...config },
    origin,
    setting,
  ): Cni => {
    const pools = poolsOf(config, setting.podCidrs);
    const mtu = stated ?? withinNic(setting, overheadOf(pools));
    const ipipMtu = stated ?? setting.nicMtu - IPIP_OVERHEAD;
    const vxlan = vxlanOf(pools, { vni, port, mtu: stated, numbered: numberedBy(origin, setting, ['vxlanVNI', 'vxlanPort']) }, setting);
    return {
      plugin: 'calico',
      name: 'calico',
      origin,
      mtu,
      guess: null,
      fabric: null,
      ranges: true,
      blocks: { pools: pools.map((p) => p.cidr), around: (address) => blockAround(pools, address) },
      masquerades: { by: 'plugin', off: { natOutgoing: false } },
      ...(hasIpip(pools) ? { modelled: IPIP_MODELLED } : {}),
      ...plannedEndpoints(prefix),
      reserved: (range, all = [range]) => reservedIn(pools, range, all),
      devices: (node, pods) => [
        ...(vxlan === null ? [] : plannedVteps(vxlan, node)),
        ...plannedIpip(pools, node),
        ...plannedHostEnds(pods),
      ],
      withoutAddress: (node) => tunnelsWithoutAddress(pools, vxlan, node),
      betweenNodes: (others, links) => betweenNodes(others, links, pools, vxlan),
      program: (host) => program(host, { prefix, mtu, ipipMtu, pools, vxlan, vxlanPort: port, origin }),
    };
  },
});

const IPIP_MODELLED = "Calico's IPIP is modelled, not verified against a kernel: tunl0, its routes and the header that it adds";

interface CalicoConfig {
  readonly prefix: string;
  readonly mtu: number;
  readonly ipipMtu: number;
  readonly vxlanPort: number;
  readonly pools: readonly Pool[];
  readonly vxlan: VxlanNetwork | null;
  readonly origin: Origin;
}

function program(host: Host, { prefix, mtu, ipipMtu, pools, vxlan, vxlanPort, origin }: CalicoConfig): void {
  if (vxlan !== null) addVteps(vxlan, host, origin);
  addIpipDevice(host, pools, ipipMtu, origin);
  for (const pod of host.pods) addEndpoint(host, pod, mtu);
  addBlackholes(host);
  const ranges = host.pods.flatMap((p) => p.addresses.map((a) => ({ podCidr: hostPrefix(a.address), origin: a.origin })));
  mapPorts({ ...host, ranges }, 'k8s-pod-network', (pod) => pod.vethName);
  calicoRules(host, { prefix, pools, vxlanPort, tunnels: tunnelsOf(host, pools, vxlan), origin });
}

/** The node's tunnels, each with the nodes that it knows by it. */
function tunnelsOf({ builder, peers }: Host, pools: readonly Pool[], vxlan: VxlanNetwork | null): readonly CalicoTunnel[] {
  const known = (device: string) => [...(peers.get(device)?.byAddress.values() ?? [])].map((p) => p.dst);
  const carried =
    vxlan === null ? [] : FAMILIES.map((family) => ({ family, device: vxlan.device[family], hosts: known(vxlan.device[family]) }));
  const routes = hasIpip(pools) ? [...(builder.shared?.values() ?? [])] : [];
  const hops = routes.flatMap((r) => r.nextHops).filter((n) => n.device === IPIP_DEVICE);
  const hosts = [...new Set(hops.flatMap((n) => n.via ?? []))];
  return [
    ...carried.map((t) => ({ ...t, carrier: carrierOf(vxlan?.port ?? null) })),
    ...(hasIpip(pools) ? [{ family: 'IPv4', device: IPIP_DEVICE, carrier: carrierOf(null), hosts } as const] : []),
  ];
}
