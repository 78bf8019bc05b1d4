import type { Saying } from '../../../k8s/fact.ts';
import type { Clues, Machine } from './clues.ts';
import { AWS_PROGRAMS } from './cni/aws.ts';
import { CALICO_PROGRAMS } from './cni/calico-ranges.ts';
import { CILIUM_PROGRAMS, ciliumSetting } from './cni/cilium.ts';
import { AZURE_PROGRAMS } from './cni/clouds.ts';
import { CANAL_PROGRAMS, FLANNEL_PROGRAMS } from './cni/flannel.ts';
import { ANTREA_PROGRAMS, KUBE_ROUTER_PROGRAMS, OVN_PROGRAMS, SDN_PROGRAMS, WEAVE_PROGRAMS } from './cni/generic.ts';
import { KINDNET_PROGRAMS } from './cni/kindnet.ts';
import { type Program, programsOf, variableOf } from './programs.ts';
import { follows } from './saying.ts';

/** The programs that a plugin runs on each node: DaemonSets, and what they are called. */
const PROGRAMS: readonly (readonly [plugin: string, programs: readonly string[]])[] = [
  ['canal', CANAL_PROGRAMS],
  ['kindnet', KINDNET_PROGRAMS],
  ['flannel', FLANNEL_PROGRAMS],
  ['aws-vpc-cni', AWS_PROGRAMS],
  ['cilium', CILIUM_PROGRAMS],
  ['azure-cni', AZURE_PROGRAMS],
  ['weave', WEAVE_PROGRAMS],
  ['antrea', ANTREA_PROGRAMS],
  ['ovn-kubernetes', OVN_PROGRAMS],
  ['openshift-sdn', SDN_PROGRAMS],
  ['kube-router', KUBE_ROUTER_PROGRAMS],
  ['calico', CALICO_PROGRAMS],
];

/** What runs on a node. Policy engines and chained plugins run beside the one that routes. */
export function ofPrograms(clues: Clues, machine: Machine | null): Saying | null {
  const found = new Map<string, Program>();
  for (const [plugin, programs] of PROGRAMS) {
    const [program] = programsOf(clues, programs, machine);
    if (program !== undefined && !(plugin === 'calico' && isPolicyOnly(clues, machine))) found.set(plugin, program);
  }
  const calico = programsOf(clues, CALICO_PROGRAMS, machine)[0];
  const flannel = found.get('flannel');
  if (flannel !== undefined && calico !== undefined) return follows(flannel.at('name'), 'canal', 'flannel and Calico run together');
  for (const chained of ['calico', 'kube-router']) if (found.size > 1) found.delete(chained);
  if (found.size > 1) found.delete(chains(clues) ? 'cilium' : found.has('cilium') ? 'azure-cni' : '');
  const [best] = found;
  if (best === undefined) return null;
  const [plugin, { object, at }] = best;
  return follows(at('name'), plugin, `${object.kind === 'Pod' ? 'its pod' : 'its DaemonSet'} ${object.data.metadata.name}`);
}

/** Calico with another plugin's routes. */
function isPolicyOnly(clues: Clues, machine: Machine | null): boolean {
  return variableOf(clues, CALICO_PROGRAMS, 'CALICO_NETWORKING_BACKEND', machine)?.value === 'none';
}

/** Cilium that hangs on another plugin's interfaces. */
function chains(clues: Clues): boolean {
  const mode = ciliumSetting(clues, 'cni-chaining-mode')?.value ?? 'none';
  return mode !== 'none' && mode !== 'portmap';
}

/** kube-proxy's pods are in the input, and none of a plugin that would be beside them: it is not there. */
export function isMissing(clues: Clues, plugin: string): boolean {
  const programs = PROGRAMS.find(([name]) => name === plugin)?.[1];
  return programs !== undefined && plugin !== 'azure-cni' && clues.podsBy.has('kube-proxy') && programsOf(clues, programs).length === 0;
}
