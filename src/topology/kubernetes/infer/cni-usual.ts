import type { Saying } from '../../../k8s/fact.ts';
import { parseAddress } from '../../../net/address.ts';
import { contains } from '../../../net/prefix.ts';
import type { Clues, Machine } from './clues.ts';
import { isMissing } from './cni-programs.ts';
import { distributionAt, distributionOf } from './distribution.ts';
import { k3sArgument } from './k3s.ts';
import { kubeProxyRange } from './kube-proxy-config.ts';
import { declares, follows } from './saying.ts';
import { prefixesIn } from './values.ts';

/** What a distribution installs when nothing says otherwise. */

/** k3s has flannel inside of itself; rke2 installs what it is told. */
export function ofK3s(clues: Clues, machine: Machine | null): Saying | null {
  const distribution = machine === null ? null : distributionOf(machine);
  if (distribution?.value === 'k3s') {
    const backend = k3sArgument(clues, 'flannel-backend');
    if (backend?.value === 'none') return null;
    return follows(backend?.source ?? distribution.source, 'flannel', "k3s' default");
  }
  if (distribution?.value !== 'rke2') return null;
  const given = k3sArgument(clues, 'cni');
  const plugin = given?.value.split(',').find((name) => name !== 'multus');
  if (given === null || plugin === undefined) return follows(distribution.source, 'canal', "rke2's default");
  return plugin === 'none' ? null : declares(given.source, plugin, "rke2's --cni");
}

const USUAL: Readonly<Record<string, string>> = {
  kind: 'kindnet',
  eks: 'aws-vpc-cni',
  doks: 'cilium',
  oke: 'flannel',
  iks: 'calico',
  gke: 'gke',
  'docker-desktop': 'bridge',
};

export function ofDistribution(clues: Clues, machine: Machine | null): Saying | null {
  const distribution = distributionAt(clues, machine);
  if (distribution === null) return null;
  const plugin = special(clues, machine, String(distribution.value)) ?? USUAL[String(distribution.value)];
  return plugin === undefined || isMissing(clues, plugin)
    ? null
    : follows(distribution.source, plugin, `${distribution.value} has it unless told otherwise`);
}

function special(clues: Clues, machine: Machine | null, distribution: string): string | null {
  const { nodeInfo } = machine?.object?.data.status ?? {};
  if (distribution === 'minikube') {
    const isContainer = !/buildroot/i.test(nodeInfo?.osImage ?? '') && !nodeInfo?.containerRuntimeVersion?.startsWith('docker:');
    return (clues.machines.length > 1 || isContainer) && !isMissing(clues, 'kindnet') ? 'kindnet' : 'bridge';
  }
  if (distribution === 'microk8s') return minorOf(nodeInfo?.kubeletVersion) >= 19 ? 'calico' : null;
  return distribution === 'aks' ? ofAzure(clues, machine) : null;
}

/** kubenet has routes to the nodes' ranges, which lie apart from the nodes; Azure CNI's overlay has ranges too, and a label. */
function ofAzure(clues: Clues, machine: Machine | null): string {
  const { metadata, spec, status } = machine?.object?.data ?? {};
  if (spec?.podCIDR == null || spec.podCIDR === '' || metadata?.labels?.['kubernetes.azure.com/podnetwork-type'] === 'overlay')
    return 'azure-cni';
  const own = parseAddress(status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '');
  const taken = prefixesIn(kubeProxyRange(clues)?.value ?? null);
  return own !== null && taken.some((range) => contains(range, own)) ? 'azure-cni' : 'kubenet';
}

/** MicroK8s has Calico since 1.19. */
const minorOf = (version: string | null | undefined): number => Number(/^v1\.(\d+)/.exec(version ?? '')?.[1] ?? Number.NaN);
