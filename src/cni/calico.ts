import * as z from 'zod';
import type { Cni, Host } from '../k8s/cni.ts';
import { hostPrefix } from '../net/prefix.ts';
import { mtu, port, whole } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { addEndpoint, plannedEndpoints, plannedHostEnds } from './calico-endpoints.ts';
import { blockAround, ipPools, type Pool, poolFields, poolsOf, wrongPools } from './calico-pools.ts';
import { addBlackholes, inPools } from './calico-routes.ts';
import { calicoRules } from './calico-rules.ts';
import { viaNodes } from './host-gateway.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';

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
  configure: ({ interfacePrefix: prefix = 'cali', mtu: stated, ...config }, origin, setting): Cni => {
    const pools = poolsOf(config, setting.podCidrs);
    const mtu = stated ?? withinNic(setting);
    return {
      plugin: 'calico',
      name: 'calico',
      origin,
      mtu,
      guess: null,
      fabric: null,
      ranges: true,
      blocks: { pools: pools.map((p) => p.cidr), around: (address) => blockAround(pools, address) },
      masquerades: { by: 'plugin', off: { key: 'natOutgoing', value: false } },
      ...plannedEndpoints(prefix),
      reserved: () => [],
      devices: (_, pods) => plannedHostEnds(pods),
      betweenNodes: (others) => viaNodes(others.map((other) => inPools(other, pools, () => true))),
      program: (host) => program(host, { prefix, mtu, pools, origin }),
    };
  },
});

interface CalicoConfig {
  readonly prefix: string;
  readonly mtu: number;
  readonly pools: readonly Pool[];
  readonly origin: Origin;
}

function program(host: Host, { prefix, mtu, pools, origin }: CalicoConfig): void {
  for (const pod of host.pods) addEndpoint(host, pod, mtu);
  addBlackholes(host);
  const ranges = host.pods.flatMap((p) => p.addresses.map((a) => ({ podCidr: hostPrefix(a.address), origin: a.origin })));
  mapPorts({ ...host, ranges }, 'k8s-pod-network', (pod) => pod.vethName);
  calicoRules(host, { prefix, pools, vxlan: null, hosts: [], origin });
}
