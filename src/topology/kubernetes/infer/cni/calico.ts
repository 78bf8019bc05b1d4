import type { CniMode, Saying } from '../../../../k8s/fact.ts';
import { formatAddress } from '../../../../net/address.ts';
import { parseCidr } from '../../../../net/prefix.ts';
import { type KubeObject, nameOf, objectsOf } from '../../objects.ts';
import { type Clues, configMap, type Machine, remembered } from '../clues.ts';
import { variableOf } from '../programs.ts';
import { declares, fieldOf, follows, ranges } from '../saying.ts';
import { annotation, aroundAddresses, type CniRows, rangeOfNode, type Tunnel } from './rows.ts';

export const CALICO_PROGRAMS = ['calico-node'];

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
  podCidrs: (clues) => [ofPools(clues), installationPools(clues), ofPoolVariables(clues)],
  nodeRanges: (clues, machine) => [blocksOf(clues, machine), ofHostLocal(clues, machine), aroundPods(clues, machine)],
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

const poolsOf = remembered((clues: Clues) => objectsOf(clues.objects, 'IPPool').filter(({ data }) => data.spec?.disabled !== true));

/** Those of IPv4, where there are any: pools of both families may differ. */
function primaryPools(clues: Clues): readonly KubeObject<'IPPool'>[] {
  const ipv4 = poolsOf(clues).filter(({ data }) => data.spec?.cidr?.includes(':') !== true);
  return ipv4.length === 0 ? poolsOf(clues) : ipv4;
}

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

const installationOf = (clues: Clues) => objectsOf(clues.objects, 'Installation')[0] ?? null;

function ofInstallation(clues: Clues): Saying | null {
  const installation = installationOf(clues);
  const mode = ENCAPSULATIONS[installation?.data.spec?.calicoNetwork?.ipPools?.[0]?.encapsulation ?? ''];
  if (installation === null || mode === undefined) return null;
  return declares(fieldOf(installation, 'spec', 'calicoNetwork', 'ipPools', 0, 'encapsulation'), mode, 'encapsulation of the Installation');
}

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

function ofPools(clues: Clues): Saying | null {
  const pools = poolsOf(clues);
  const [first] = pools;
  if (first === undefined) return null;
  return ranges(fieldOf(first, 'spec', 'cidr'), oneAFamily(pools.map((p) => p.data.spec?.cidr)), 'cidr of the IPPool');
}

function installationPools(clues: Clues): Saying | null {
  const installation = installationOf(clues);
  if (installation === null) return null;
  const cidrs = oneAFamily((installation.data.spec?.calicoNetwork?.ipPools ?? []).map((p) => p.cidr));
  return ranges(fieldOf(installation, 'spec', 'calicoNetwork', 'ipPools'), cidrs, 'pools of the Installation');
}

const oneAFamily = (cidrs: readonly (string | null | undefined)[]): readonly string[] => {
  const known = cidrs.filter((c) => c != null);
  return [known.find((c) => !c.includes(':')), known.find((c) => c.includes(':'))].filter((c) => c !== undefined);
};

function ofPoolVariables(clues: Clues): Saying | null {
  const found = ['CALICO_IPV4POOL_CIDR', 'CALICO_IPV6POOL_CIDR']
    .map((name) => variableOf(clues, CALICO_PROGRAMS, name))
    .filter((v) => v !== null);
  const [first] = found;
  return first === undefined
    ? null
    : ranges(
        first.source,
        found.map((v) => v.value),
        "Calico's first pool is made with this",
      );
}

/** Blocks are what a node takes of a pool, and has routes of. */
const blocksByNode = remembered((clues: Clues) => {
  const blocks = new Map<string, KubeObject<'BlockAffinity' | 'IPAMBlock'>[]>();
  const add = (node: string | undefined, block: KubeObject<'BlockAffinity' | 'IPAMBlock'>) => {
    if (node !== undefined) blocks.set(node, [...(blocks.get(node) ?? []), block]);
  };
  for (const block of objectsOf(clues.objects, 'BlockAffinity'))
    if (block.data.spec?.state !== 'pendingDeletion') add(block.data.spec?.node ?? undefined, block);
  for (const block of objectsOf(clues.objects, 'IPAMBlock')) add(/^host:(.*)$/.exec(block.data.spec?.affinity ?? '')?.[1], block);
  return blocks;
});

function blocksOf(clues: Clues, { name }: Machine): Saying | null {
  const blocks = blocksByNode(clues).get(name) ?? [];
  const [first] = blocks;
  if (first === undefined) return null;
  const cidrs = blocks.map(({ data }) => data.spec?.cidr).filter((c) => c != null);
  return ranges(fieldOf(first, 'spec', 'cidr'), [...new Set(cidrs)], "Calico's blocks of the node");
}

/** With host-local IPAM a node's pods come from the Node's own range. */
function ofHostLocal(clues: Clues, machine: Machine): Saying | null {
  const setting = variableOf(clues, CALICO_PROGRAMS, 'USE_POD_CIDR');
  const usesNodes =
    setting?.value === 'true' ||
    configMap(clues, 'calico-config', 'kube-system')?.data.data?.['cni_network_config']?.includes('host-local');
  return usesNodes === true ? rangeOfNode(machine) : null;
}

/** Without its blocks: those of the usual size that hold the node's pods. */
const aroundPods = (clues: Clues, machine: Machine): Saying | null =>
  aroundAddresses(machine, poolsOf(clues)[0]?.data.spec?.blockSize ?? 26);

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
    ip: found.value,
    mac: null,
    publicIP: outer === null ? null : formatAddress(outer.address),
    source: fieldOf(machine.object, 'metadata', 'annotations', found.key),
    text: "Calico's end of the tunnel",
  };
}
