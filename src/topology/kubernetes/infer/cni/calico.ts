import type { CniMode, Saying } from '../../../../k8s/fact.ts';
import { formatAddress } from '../../../../net/address.ts';
import { parseCidr, prefixOf } from '../../../../net/prefix.ts';
import { type KubeObject, nameOf, objectsOf } from '../../objects.ts';
import { type Clues, configMap, type Machine } from '../clues.ts';
import { variableOf } from '../programs.ts';
import { declares, fieldOf, follows } from '../saying.ts';
import { blockRanges, CALICO_PROGRAMS, installationOf, poolRanges, poolsOf, primaryPools } from './calico-ranges.ts';
import { annotation, type CniRows, MODE_UNKNOWN, type Model, type Tunnel } from './rows.ts';

const POOLS = 'kubectl get ippools.crd.projectcalico.org,blockaffinities.crd.projectcalico.org -o json';

/** https://docs.tigera.io/calico/latest/networking/configuring/vxlan-ipip */
export const calico: CniRows = {
  mode: (clues, machine) => [
    ...primaryPools(clues).map(ofPool),
    ofVariables(clues),
    ofInstallation(clues),
    ofTunnelAddress(machine),
    ofDistribution(machine),
  ],
  model: modelOf,
  podCidrs: poolRanges,
  nodeRanges: blockRanges,
  mtu: (clues, mode) => [ofCniConfig(clues), ofFelix(clues, mode), ofFelixVariable(clues, mode), ofInstallationMtu(clues)],
  masquerade(clues, podCidrs) {
    if (podCidrs.length === 0) return [];
    const [pool] = primaryPools(clues);
    if (pool === undefined) return [{ ...follows(null, podCidrs, "Calico's first pool has natOutgoing"), confidence: 'assumed' }];
    const isNat = pool.data.spec?.natOutgoing === true;
    return [declares(fieldOf(pool, 'spec', 'natOutgoing'), isNat ? podCidrs : [], `natOutgoing of the IPPool is ${isNat}`)];
  },
  tunnel: tunnelOf,
  commands: { 'cni.mode': POOLS, podCIDR: POOLS, 'node.podCIDRs': POOLS },
};

/** `Always`, `CrossSubnet` and `Never`; `cross-subnet`, `off` and lower case in old environments. */
function modeOf(ipip: string | null | undefined, vxlan: string | null | undefined): CniMode {
  const is = (word: string | null | undefined, what: string) => word?.toLowerCase().replace('-', '') === what;
  if (is(ipip, 'always')) return 'ipip';
  if (is(ipip, 'crosssubnet')) return 'ipip-cross-subnet';
  if (is(vxlan, 'always')) return 'vxlan';
  return is(vxlan, 'crosssubnet') ? 'vxlan-cross-subnet' : 'native';
}

function ofPool(pool: KubeObject<'IPPool'>): Saying {
  const { ipipMode, vxlanMode } = pool.data.spec ?? {};
  const mode = modeOf(ipipMode, vxlanMode);
  const field = mode.startsWith('vxlan') ? 'vxlanMode' : 'ipipMode';
  return declares(fieldOf(pool, 'spec', field), mode, `ipipMode ${ipipMode ?? 'Never'}, vxlanMode ${vxlanMode ?? 'Never'} of the IPPool`);
}

function ofVariables(clues: Clues): Saying | null {
  const ipip = variableOf(clues, CALICO_PROGRAMS, 'CALICO_IPV4POOL_IPIP');
  const vxlan = variableOf(clues, CALICO_PROGRAMS, 'CALICO_IPV4POOL_VXLAN');
  const mode = modeOf(ipip?.value, vxlan?.value);
  const source = mode.startsWith('vxlan') ? vxlan?.source : (ipip?.source ?? vxlan?.source);
  return source === undefined ? null : declares(source, mode, "Calico's first pool is made with this");
}

const ENCAPSULATIONS: Readonly<Record<string, CniMode>> = {
  IPIP: 'ipip',
  IPIPCrossSubnet: 'ipip-cross-subnet',
  VXLAN: 'vxlan',
  VXLANCrossSubnet: 'vxlan-cross-subnet',
  None: 'native',
};

function ofInstallation(clues: Clues): Saying | null {
  const installation = installationOf(clues);
  const mode = ENCAPSULATIONS[installation?.data.spec?.calicoNetwork?.ipPools?.[0]?.encapsulation ?? ''];
  if (installation === null || mode === undefined) return null;
  return declares(fieldOf(installation, 'spec', 'calicoNetwork', 'ipPools', 0, 'encapsulation'), mode, 'encapsulation of the Installation');
}

const WORDS = ['Always', 'CrossSubnet'] as const;
const wordOf = (text: string | null | undefined) =>
  WORDS.find((word) => text?.toLowerCase().replace('-', '') === word.toLowerCase()) ?? ('Never' as const);

/** A pool as the plugin's keys say it. */
function keysOf(pool: KubeObject<'IPPool'>) {
  const { cidr, ipipMode, vxlanMode, natOutgoing, blockSize } = pool.data.spec ?? {};
  const parsed = parseCidr(cidr ?? '');
  const keys = { ipipMode: wordOf(ipipMode), vxlanMode: wordOf(vxlanMode), natOutgoing: natOutgoing === true };
  return parsed === null ? [] : [{ cidr: prefixOf(parsed.address, parsed.length), ...keys, ...(blockSize == null ? {} : { blockSize }) }];
}

/** The address of a tunnel alone does not tell whether it is for all nodes, or between segments only. */
function modelOf(clues: Clues, mode: CniMode | null): Model {
  if (isBpf(clues)) return { why: 'its dataplane is eBPF, which has no model' };
  const pools = poolsOf(clues);
  if (primaryPools(clues).some(({ data }) => data.spec?.natOutgoing !== true))
    return { why: 'natOutgoing of an IPPool is false, and what then translates what its pods send out is in no object' };
  const tunnels = pools.flatMap(({ data }) => modeOf(data.spec?.ipipMode, data.spec?.vxlanMode).slice(0, 4));
  if (tunnels.includes('ipip') && tunnels.includes('vxla')) return { why: 'its pools have tunnels of two kinds' };
  if (pools.length > 0) return { config: { plugin: 'calico', ipPools: pools.flatMap(keysOf) } };
  const isSaid = [ofVariables(clues), ofInstallation(clues), ...clues.machines.slice(0, 1).map(ofDistribution)].some(
    (s) => s?.value === mode,
  );
  if (mode === null || !isSaid) return MODE_UNKNOWN;
  const way = mode.endsWith('cross-subnet') ? 'CrossSubnet' : 'Always';
  return {
    config: {
      plugin: 'calico',
      ipipMode: mode.startsWith('ipip') ? way : 'Never',
      vxlanMode: mode.startsWith('vxlan') ? way : 'Never',
    },
  };
}

const isBpf = (clues: Clues): boolean =>
  variableOf(clues, CALICO_PROGRAMS, 'FELIX_BPFENABLED')?.value === 'true' ||
  objectsOf(clues.objects, 'FelixConfiguration').some(({ data }) => data.spec?.bpfEnabled === true);

/** A node has the address of a tunnel that it has. */
function ofTunnelAddress(machine: Machine | null): Saying | null {
  const found = annotation(machine, 'projectcalico.org/IPv4IPIPTunnelAddr', 'projectcalico.org/IPv4VXLANTunnelAddr');
  if (found === null || machine?.object == null) return null;
  const mode = found.key.includes('IPIP') ? 'ipip' : 'vxlan';
  return follows(
    fieldOf(machine.object, 'metadata', 'annotations', found.key),
    mode,
    `the node has the address of ${mode === 'ipip' ? 'tunl0' : 'vxlan.calico'}`,
  );
}

/** MicroK8s and IBM Cloud install it in one way only. */
function ofDistribution(machine: Machine | null): Saying | null {
  if (machine?.object == null) return null;
  const { metadata, spec } = machine.object.data;
  if (metadata.labels?.['microk8s.io/cluster'] !== undefined)
    return follows(fieldOf(machine.object, 'metadata', 'labels', 'microk8s.io/cluster'), 'vxlan', 'MicroK8s sets vxlanMode Always');
  if (spec?.providerID?.startsWith('ibm://') !== true) return null;
  return follows(fieldOf(machine.object, 'spec', 'providerID'), 'ipip-cross-subnet', 'IBM Cloud sets ipipMode CrossSubnet');
}

function ofCniConfig(clues: Clues): Saying | null {
  const map = configMap(clues, 'calico-config', 'kube-system', 'calico-system');
  const mtu = Number(map?.data.data?.['veth_mtu']);
  return map === null || !Number.isInteger(mtu) || mtu === 0
    ? null
    : declares(fieldOf(map, 'data', 'veth_mtu'), mtu, 'veth_mtu of calico-config');
}

/** Felix' fields are about a tunnel's device; the pods have no more. */
function ofFelix(clues: Clues, mode: CniMode | null): Saying | null {
  const felix = objectsOf(clues.objects, 'FelixConfiguration').find((f) => nameOf(f) === 'default');
  const field = mode?.startsWith('ipip') === true ? 'ipipMTU' : mode?.startsWith('vxlan') === true ? 'vxlanMTU' : null;
  const mtu = field === null ? null : felix?.data.spec?.[field];
  return felix === undefined || field === null || mtu == null || mtu === 0
    ? null
    : declares(fieldOf(felix, 'spec', field), mtu, `${field} of Felix`);
}

function ofFelixVariable(clues: Clues, mode: CniMode | null): Saying | null {
  const name = mode?.startsWith('vxlan') === true ? 'FELIX_VXLANMTU' : 'FELIX_IPINIPMTU';
  const found = mode?.startsWith('vxlan') === true || mode?.startsWith('ipip') === true ? variableOf(clues, CALICO_PROGRAMS, name) : null;
  const mtu = Number(found?.value);
  return found === null || !Number.isInteger(mtu) || mtu === 0 ? null : declares(found.source, mtu, name);
}

function ofInstallationMtu(clues: Clues): Saying | null {
  const installation = installationOf(clues);
  const mtu = installation?.data.spec?.calicoNetwork?.mtu;
  return installation === null || mtu == null || mtu === 0
    ? null
    : declares(fieldOf(installation, 'spec', 'calicoNetwork', 'mtu'), mtu, 'mtu of the Installation');
}

function tunnelOf(machine: Machine): Tunnel | null {
  const found = annotation(machine, 'projectcalico.org/IPv4IPIPTunnelAddr', 'projectcalico.org/IPv4VXLANTunnelAddr');
  if (found === null || machine.object === null) return null;
  const outer = parseCidr(annotation(machine, 'projectcalico.org/IPv4Address')?.value ?? '');
  return {
    type: found.key.includes('IPIP') ? 'ipip' : 'vxlan',
    ip: found.value,
    mac: null,
    publicIP: outer === null ? null : formatAddress(outer.address),
    source: fieldOf(machine.object, 'metadata', 'annotations', found.key),
    text: "Calico's end of the tunnel",
  };
}
