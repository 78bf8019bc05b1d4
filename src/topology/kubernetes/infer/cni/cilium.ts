import type { CniMode, FactSource, Saying } from '../../../../k8s/fact.ts';
import { parseCidr, prefixOf } from '../../../../net/prefix.ts';
import { nameOf, objectsOf } from '../../objects.ts';
import { type Clues, configMap, type Machine, remembered } from '../clues.ts';
import { assumes, declares, fieldOf, follows, ranges } from '../saying.ts';
import { annotation, type CniRows, MODE_UNKNOWN, type Model, rangeOfNode, singleAddresses } from './rows.ts';

export const CILIUM_PROGRAMS = ['cilium', 'anetd', 'azure-cilium'];

const CONFIG = 'kubectl get configmap cilium-config -n kube-system -o json';

/** https://github.com/cilium/cilium/blob/main/install/kubernetes/cilium/templates/cilium-configmap.yaml */
export const cilium: CniRows = {
  mode: (clues) => [ofRoutingMode(clues), ofTunnel(clues), assumes('vxlan', "Cilium's default")],
  model: modelOf,
  podCidrs(clues) {
    const pool = ciliumSetting(clues, 'cluster-pool-ipv4-cidr', 'cluster-pool-ipv6-cidr');
    const both = ['cluster-pool-ipv4-cidr', 'cluster-pool-ipv6-cidr'].flatMap((key) => ciliumSetting(clues, key)?.value ?? []);
    return pool === null ? [] : [ranges(pool.source, both.join(',').replaceAll(' ', ','), "Cilium's cluster pool")];
  },
  nodeRanges: (clues, machine) => [ofCiliumNode(clues, machine), ofAnnotation(machine), ofNode(clues, machine), singleAddresses(machine)],
  mtu(clues, _mode, nic) {
    const mtu = ciliumSetting(clues, 'mtu');
    const own =
      mtu === null || mtu.value === '0' || !/^\d+$/.test(mtu.value)
        ? null
        : declares(mtu.source, Number(mtu.value), 'mtu of cilium-config');
    return [own, assumes(nic, "that of the node's NIC: Cilium's routes have that of the tunnel")];
  },
  masquerade(clues, podCidrs) {
    const setting = ciliumSetting(clues, 'enable-ipv4-masquerade', 'masquerade');
    if (setting?.value === 'false') return [declares(setting.source, [], 'cilium-config turns masquerading off')];
    const native = ciliumSetting(clues, 'ipv4-native-routing-cidr', 'native-routing-cidr');
    if (native !== null) return [ranges(native.source, native.value, 'what Cilium routes as it is')];
    if (podCidrs.length === 0) return [];
    return [
      setting === null
        ? assumes(podCidrs, "Cilium's default")
        : declares(setting.source, podCidrs, 'Cilium masquerades what leaves the pod range'),
    ];
  },
  commands: { 'cni.mode': CONFIG, podCIDR: CONFIG, 'node.podCIDRs': 'kubectl get ciliumnodes -o json', masquerade: CONFIG },
};

const isOn = (clues: Clues, ...keys: readonly string[]) => ciliumSetting(clues, ...keys)?.value === 'true';
const isOff = (clues: Clues, ...keys: readonly string[]) => ciliumSetting(clues, ...keys)?.value === 'false';

function nativeCidr(clues: Clues, ...keys: readonly string[]) {
  const parsed = parseCidr(ciliumSetting(clues, ...keys)?.value ?? '');
  return parsed === null ? undefined : prefixOf(parsed.address, parsed.length);
}

/** Without a tunnel its nodes have routes to each other where they are told so only; otherwise the network has to know where pods are. */
function modelOf(clues: Clues, mode: CniMode | null): Model {
  if (mode !== 'native' && mode !== 'vxlan' && mode !== 'geneve') return MODE_UNKNOWN;
  if (mode === 'native' && !isOn(clues, 'auto-direct-node-routes'))
    return { why: 'it routes natively without auto-direct-node-routes, and no object tells how the network delivers to pods' };
  if (isOff(clues, 'enable-ipv4-masquerade', 'masquerade'))
    return { why: 'it does not masquerade, and what then translates what pods send out is in no object' };
  const chained = ciliumSetting(clues, 'cni-chaining-mode')?.value ?? 'none';
  if (chained !== 'none' && chained !== 'portmap') return { why: `it is chained to another plugin (${chained})` };
  const port = Number(ciliumSetting(clues, 'tunnel-port')?.value ?? (mode === 'geneve' ? 6081 : 8472));
  const replaces = ['true', 'strict'].includes(ciliumSetting(clues, 'kube-proxy-replacement')?.value ?? '');
  return {
    config: {
      plugin: 'cilium',
      ...(mode === 'native'
        ? { routingMode: 'native' }
        : { routingMode: 'tunnel', tunnelProtocol: mode, tunnelPort: port === 0 ? undefined : port }),
      kubeProxyReplacement: replaces,
      enableIPv6Masquerade: !isOff(clues, 'enable-ipv6-masquerade'),
      bpfMasquerade: isOn(clues, 'enable-bpf-masquerade'),
      ipv4NativeRoutingCIDR: nativeCidr(clues, 'ipv4-native-routing-cidr', 'native-routing-cidr'),
      ipv6NativeRoutingCIDR: nativeCidr(clues, 'ipv6-native-routing-cidr'),
    },
  };
}

/** The first of some keys of cilium-config that is set; later names of a setting first. */
export function ciliumSetting(clues: Clues, ...keys: readonly string[]): { readonly value: string; readonly source: FactSource } | null {
  const map = configMap(clues, 'cilium-config', 'kube-system', 'cilium');
  for (const key of keys) {
    const value = map?.data.data?.[key];
    if (map !== null && value !== undefined && value !== '') return { value, source: fieldOf(map, 'data', key) };
  }
  return null;
}

function ofRoutingMode(clues: Clues): Saying | null {
  const mode = ciliumSetting(clues, 'routing-mode');
  if (mode?.value === 'native') return declares(mode.source, 'native', "Cilium's routing-mode is native");
  const protocol = ciliumSetting(clues, 'tunnel-protocol');
  if (protocol !== null)
    return declares(protocol.source, protocol.value === 'geneve' ? 'geneve' : 'vxlan', `Cilium's tunnel-protocol is ${protocol.value}`);
  return mode?.value === 'tunnel' ? follows(mode.source, 'vxlan', "Cilium's routing-mode is tunnel, by default VXLAN") : null;
}

/** Before 1.14 one key said both. */
function ofTunnel(clues: Clues): Saying | null {
  const tunnel = ciliumSetting(clues, 'tunnel');
  if (tunnel === null) return null;
  const mode = tunnel.value === 'disabled' ? 'native' : tunnel.value === 'geneve' ? 'geneve' : 'vxlan';
  return declares(tunnel.source, mode, `Cilium's tunnel is ${tunnel.value}`);
}

const ciliumNodes = remembered((clues: Clues) => new Map(objectsOf(clues.objects, 'CiliumNode').map((node) => [nameOf(node), node])));

function ofCiliumNode(clues: Clues, { name }: Machine): Saying | null {
  const node = ciliumNodes(clues).get(name);
  return node === undefined ? null : ranges(fieldOf(node, 'spec', 'ipam', 'podCIDRs'), node.data.spec?.ipam?.podCIDRs, 'CiliumNode');
}

function ofAnnotation(machine: Machine): Saying | null {
  const found = annotation(machine, 'network.cilium.io/ipv4-pod-cidr', 'io.cilium.network.ipv4-pod-cidr');
  if (found === null || machine.object === null) return null;
  return ranges(fieldOf(machine.object, 'metadata', 'annotations', found.key), found.value, 'Cilium notes it on the node');
}

/** The Node's own range counts only where Cilium takes it for IPAM. */
const ofNode = (clues: Clues, machine: Machine): Saying | null =>
  ciliumSetting(clues, 'ipam')?.value === 'kubernetes' ? rangeOfNode(machine) : null;
