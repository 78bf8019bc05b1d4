import * as z from 'zod';
import { projected } from '../../../source/objects.ts';
import { type Clues, configMap, remembered } from './clues.ts';
import { readConfig } from './config-text.ts';

/** Where Kubernetes' own programs are told how the cluster is. */

/** Extra arguments are a mapping, and a list of names and values since kubeadm's v1beta4. */
const extraArgs = z
  .union([z.record(z.string(), z.string()), z.array(projected(() => ({ name: z.string(), value: z.string() })))])
  .nullish();

/** https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/ */
const clusterConfiguration = projected(() => ({
  networking: projected(() => ({
    podSubnet: z.string().nullish(),
    serviceSubnet: z.string().nullish(),
    dnsDomain: z.string().nullish(),
  })).nullish(),
  apiServer: projected(() => ({ extraArgs })).nullish(),
}));

export const kubeadmConfig = remembered((clues: Clues) => {
  const map = configMap(clues, 'kubeadm-config', 'kube-system');
  return map === null
    ? null
    : (readConfig(map, 'ClusterConfiguration', clusterConfiguration, clues.note) ??
        readConfig(map, 'MasterConfiguration', clusterConfiguration, clues.note));
});

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
const kubeletConfiguration = projected(() => ({ clusterDomain: z.string().nullish(), clusterDNS: z.array(z.string()).nullish() }));

const minorOf = (name: string): number => Number(/-1\.(\d+)$/.exec(name)?.[1] ?? Number.POSITIVE_INFINITY);

/** Its name ended with the version before 1.24, and upgrades left one of each. */
export const kubeletConfig = remembered((clues: Clues) => {
  const names = [...clues.configMapsBy.keys()].filter((name) => /^kubelet-config(-1\.\d+)?$/.test(name));
  const [newest] = names.sort((a, b) => minorOf(b) - minorOf(a));
  const map = newest === undefined ? null : configMap(clues, newest, 'kube-system');
  return map === null ? null : readConfig(map, 'kubelet', kubeletConfiguration, clues.note);
});
