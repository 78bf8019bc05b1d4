import type { Saying } from '../../../k8s/fact.ts';
import { objectsOf } from '../objects.ts';
import type { Clues } from './clues.ts';
import { CALICO_PROGRAMS } from './cni/calico-ranges.ts';
import { ciliumSetting } from './cni/cilium.ts';
import { antreaConfigOf, kubeRouterFlag } from './cni/generic.ts';
import { programsOf, variableOf } from './programs.ts';
import { declares, fieldOf, follows } from './saying.ts';

/** What does the services instead of kube-proxy. */
export interface Replacement {
  readonly who: 'cilium' | 'antrea' | 'kube-router' | 'ovn-kubernetes' | 'calico';
  /** Of kubeProxy.mode. */
  readonly saying: Saying;
  /** False: kube-proxy does a part. */
  readonly isWhole: boolean;
}

export const replacementOf = (clues: Clues, plugin: string): Replacement | null =>
  ofCilium(clues) ?? ofCloudCilium(clues, plugin) ?? ofAntrea(clues) ?? ofKubeRouter(clues) ?? ofOvn(plugin) ?? ofCalico(clues);

/** `true` and `strict` replace it; `partial` and `probe`, of old versions, leave it a part. */
function ofCilium(clues: Clues): Replacement | null {
  const setting = ciliumSetting(clues, 'kube-proxy-replacement');
  if (setting === null || !['true', 'strict', 'partial', 'probe'].includes(setting.value)) return null;
  const isWhole = setting.value === 'true' || setting.value === 'strict';
  return {
    who: 'cilium',
    isWhole,
    saying: declares(setting.source, 'none', `Cilium does the services: kube-proxy-replacement is ${setting.value}`),
  };
}

/** GKE's and AKS' own Cilium comes without kube-proxy, and often without a configuration in the input. */
function ofCloudCilium(clues: Clues, plugin: string): Replacement | null {
  const [program] = programsOf(clues, ['anetd', 'azure-cns']);
  if (plugin !== 'cilium' || program === undefined || programsOf(clues, ['kube-proxy']).length > 0) return null;
  return { who: 'cilium', isWhole: true, saying: follows(program.at('name'), 'none', "the cloud's Cilium does the services") };
}

function ofAntrea(clues: Clues): Replacement | null {
  const config = antreaConfigOf(clues);
  if (config?.value.antreaProxy?.proxyAll !== true) return null;
  return {
    who: 'antrea',
    isWhole: true,
    saying: declares(config.at('antreaProxy', 'proxyAll'), 'none', 'Antrea does the services: proxyAll is true'),
  };
}

/** It programs IPVS as kube-proxy does. */
function ofKubeRouter(clues: Clues): Replacement | null {
  const flag = kubeRouterFlag(clues, 'run-service-proxy');
  if (flag === null || flag.value === 'false') return null;
  return {
    who: 'kube-router',
    isWhole: true,
    saying: declares(flag.source, 'ipvs', 'kube-router does the services, with IPVS: --run-service-proxy'),
  };
}

const ofOvn = (plugin: string): Replacement | null =>
  plugin === 'ovn-kubernetes'
    ? { who: 'ovn-kubernetes', isWhole: true, saying: follows(null, 'none', 'OVN-Kubernetes does the services') }
    : null;

function ofCalico(clues: Clues): Replacement | null {
  const felix = objectsOf(clues.objects, 'FelixConfiguration').find(({ data }) => data.spec?.bpfEnabled === true);
  const words = 'Calico does the services, in its eBPF datapath';
  if (felix !== undefined) return { who: 'calico', isWhole: true, saying: declares(fieldOf(felix, 'spec', 'bpfEnabled'), 'none', words) };
  const variable = variableOf(clues, CALICO_PROGRAMS, 'FELIX_BPFENABLED');
  return variable?.value === 'true' ? { who: 'calico', isWhole: true, saying: declares(variable.source, 'none', words) } : null;
}
