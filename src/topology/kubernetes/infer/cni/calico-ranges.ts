import type { Saying } from '../../../../k8s/fact.ts';
import { type KubeObject, objectsOf } from '../../objects.ts';
import { type Clues, configMap, type Machine, remembered } from '../clues.ts';
import type { VariableName } from '../names-read.ts';
import { variableOf } from '../programs.ts';
import { fieldOf, ranges } from '../saying.ts';
import { aroundAddresses, rangeOfNode, type Sources } from './rows.ts';

export const CALICO_PROGRAMS = ['calico-node'];

/** Disabled pools give no addresses. */
export const poolsOf = remembered((clues: Clues) => objectsOf(clues.objects, 'IPPool').filter(({ data }) => data.spec?.disabled !== true));

/** Those of IPv4, where there are any: pools of both families may differ. */
export function primaryPools(clues: Clues): readonly KubeObject<'IPPool'>[] {
  const ipv4 = poolsOf(clues).filter(({ data }) => data.spec?.cidr?.includes(':') !== true);
  return ipv4.length === 0 ? poolsOf(clues) : ipv4;
}

export const installationOf = (clues: Clues) => objectsOf(clues.objects, 'Installation')[0] ?? null;

export const poolRanges = (clues: Clues): Sources => [ofPools(clues), installationPools(clues), ofPoolVariables(clues)];

export const blockRanges = (clues: Clues, machine: Machine): Sources => [
  blocksOf(clues, machine),
  ofHostLocal(clues, machine),
  aroundPods(clues, machine),
];

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
  const names: readonly VariableName[] = ['CALICO_IPV4POOL_CIDR', 'CALICO_IPV6POOL_CIDR'];
  const found = names.map((name) => variableOf(clues, CALICO_PROGRAMS, name)).filter((v) => v !== null);
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
