import * as z from 'zod';
import type { FactSource, Saying } from '../../../k8s/fact.ts';
import { projected } from '../../../source/objects.ts';
import { argumentsOf } from './arguments.ts';
import { type Clues, configMap, type Machine, remembered } from './clues.ts';
import { type Config, readConfig } from './config-text.ts';
import { k3sComponentArgument } from './k3s.ts';
import type { FlagName } from './names-read.ts';
import { flagOf, programsOf } from './programs.ts';
import { declares, follows, ranges } from './saying.ts';

/** https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
const kubeProxyConfiguration = projected(() => ({
  mode: z.string().nullish(),
  clusterCIDR: z.string().nullish(),
  detectLocalMode: z.string().nullish(),
  detectLocal: projected(() => ({ bridgeInterface: z.string().nullish(), interfaceNamePrefix: z.string().nullish() })).nullish(),
  nodePortAddresses: z.array(z.string()).nullish(),
  iptables: projected(() => ({
    masqueradeAll: z.boolean().nullish(),
    masqueradeBit: z.number().nullish(),
    localhostNodePorts: z.boolean().nullish(),
  })).nullish(),
  nftables: projected(() => ({ masqueradeAll: z.boolean().nullish(), masqueradeBit: z.number().nullish() })).nullish(),
  ipvs: projected(() => ({ scheduler: z.string().nullish(), strictARP: z.boolean().nullish() })).nullish(),
}));

export type KubeProxyConfig = Config<z.output<typeof kubeProxyConfiguration>>;

const CONFIGS: readonly (readonly [name: string, namespace: string, key: string])[] = [
  ['kube-proxy', 'kube-system', 'config.conf'],
  ['kube-proxy-config', 'kube-system', 'config'],
  ['kube-proxy-config', 'kube-system', 'kube-proxy-config'],
  ['sdn-config', 'openshift-sdn', 'kube-proxy-config.yaml'],
];

/** kubeadm's, EKS' or OpenShift SDN's. */
export const kubeProxyConfig = remembered((clues: Clues): KubeProxyConfig | null => {
  for (const [name, namespace, key] of CONFIGS) {
    const map = configMap(clues, name, namespace);
    const config = map === null ? null : readConfig(map, key, kubeProxyConfiguration, clues.note);
    if (config !== null) return config;
  }
  return null;
});

const PROGRAM = 'kube-proxy';

export const kubeProxyPrograms = (clues: Clues, machine: Machine | null = null) => programsOf(clues, [PROGRAM], machine);

/** With a file of configuration all flags but --hostname-override are void. */
export function kubeProxyFlag(
  clues: Clues,
  name: FlagName,
  machine: Machine | null = null,
): { readonly value: string; readonly source: FactSource } | null {
  if (configFile(clues) !== null) return k3sComponentArgument(clues, PROGRAM, name);
  return flagOf(clues, [PROGRAM], name, machine) ?? k3sComponentArgument(clues, PROGRAM, name);
}

/** The file that kube-proxy's pods are told to read. */
export const configFile = remembered((clues: Clues) => flagOf(clues, [PROGRAM], 'config'));

/** What kube-proxy takes for the pods' range. An empty one is a statement too: nothing is local. */
export function kubeProxyRange(clues: Clues): Saying | null {
  const config = kubeProxyConfig(clues);
  const flag = kubeProxyFlag(clues, 'cluster-cidr');
  if (config !== null) {
    const source = config.at('clusterCIDR');
    return (
      ranges(source, config.value.clusterCIDR, "kube-proxy's clusterCIDR") ?? declares(source, [], "kube-proxy's clusterCIDR is empty")
    );
  }
  const [program] = kubeProxyPrograms(clues);
  if (flag === null && program !== undefined && configFile(clues) === null && argumentsOf(program.container).length > 0)
    return follows(program.at('command'), [], 'kube-proxy runs without --cluster-cidr');
  return flag === null
    ? null
    : (ranges(flag.source, flag.value, "kube-proxy's --cluster-cidr") ?? declares(flag.source, [], "kube-proxy's --cluster-cidr is empty"));
}
