import * as z from 'zod';
import type { Setting } from '../k8s/cni.ts';
import type { CniMode } from '../k8s/fact.ts';
import { prefixIn } from '../k8s/families.ts';
import { oneOf, port, whole } from '../source/fields.ts';
import { checked, field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { vxlanMtu } from './mtu.ts';
import type { WrongKey } from './plugin.ts';
import { numberedBy, type VxlanNetwork } from './vxlan.ts';

/** What flanneld does, whoever connects the pods: flannel's own plugin, or Calico's in canal. */

const backendType = oneOf(['vxlan', 'host-gw'], ['alloc', 'ali-vpc', 'extension', 'ipip', 'ipsec', 'tencent-vpc', 'udp', 'wireguard']);

const backendFields = strict(() => ({
  type: field(backendType.optional(), 'vxlan: a tunnel between the nodes; host-gw: each node is the next hop to its pods, on one link.'),
  vni: field(
    whole(1, 9_999_999).optional(),
    "Of vxlan: the network's identifier; the device is named flannel.VNI, over IPv6 flannel-v6.VNI.",
  ),
  port: field(port.optional(), 'Of vxlan: the UDP port.'),
  directRouting: field(z.boolean().optional(), 'Of vxlan: nodes in the same prefix are next hops, as with host-gw.'),
}));

/** flanneld's net-conf.json has the keys of the backend; the others are those of the plugin that it has its pods connected by. */
const backend = checked(backendFields, (value, wrong) => {
  if (value.type !== 'host-gw') return;
  for (const name of ['vni', 'port', 'directRouting'] as const)
    if (value[name] !== undefined) wrong(name, 'this is read with type vxlan only');
});

const backendField = z.union([backendType, backend]);
type BackendInput = z.output<typeof backendField>;

export const daemonFields = () => ({
  backend: field(backendField.optional(), 'How packets get from node to node: a type, or a type with its keys.'),
  ipMasq: field(
    z.boolean().optional(),
    "Does flanneld masquerade what leaves the pods' range, and what comes into it? If not, `flannel` has the bridge plugin masquerade what leaves the node's.",
  ),
  enableNFTables: field(z.boolean().optional(), 'Does flanneld write its rules as nftables?'),
});

/** flannel-v6.9999 has the fifteen characters that Linux has for a name. */
const MOST_V6 = 9999;

/** The device of IPv6 has the longer name. */
export function wrongBackend(stated: BackendInput | undefined, { families }: Pick<Setting, 'families'>): readonly WrongKey[] {
  const vni = typeof stated === 'object' ? stated.vni : undefined;
  if (vni === undefined || vni <= MOST_V6 || !families.includes('IPv6')) return [];
  const message = `flannel-v6.${vni} has more than 15 characters, and no device of Linux may: with IPv6 the VNI is at most ${MOST_V6}`;
  return [{ path: ['backend', 'vni'], message, hint: 'leave it out, for 1' }];
}

/** Which of them, as facts name it. */
export function backendMode(stated: BackendInput = {}): CniMode {
  const { type = 'vxlan', directRouting = false } = typeof stated === 'string' ? { type: stated } : stated;
  return type === 'vxlan' && directRouting ? 'vxlan-cross-subnet' : type;
}

/** Null: nodes are next hops. */
export function backendNetwork(stated: BackendInput = {}, origin: Origin, setting: Setting): VxlanNetwork | null {
  const { type = 'vxlan', vni = 1, port = 8472, directRouting = false } = typeof stated === 'string' ? { type: stated } : stated;
  if (type === 'host-gw') return null;
  return {
    device: { IPv4: `flannel.${vni}`, IPv6: `flannel-v6.${vni}` },
    namedBy: ['backend', 'vni'],
    vni,
    port,
    numbered: numberedBy(origin, setting, ['backend']),
    mtu: vxlanMtu(setting),
    direct: directRouting,
    addressOf: ({ podCidrs }, family) => prefixIn(podCidrs, family)?.address ?? null,
  };
}
