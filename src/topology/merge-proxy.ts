import { MODE_OF_KEY } from './schema/kube-proxy.ts';
import type { ClusterInput, KubeProxyInput } from './schema/topology.ts';

/** kube-proxy's options one by one, of which the second ones count. A mode that takes the place of another one leaves that one's keys behind. */
export function mergedProxy(own: ClusterInput['kubeProxy'], over: ClusterInput['kubeProxy']): ClusterInput['kubeProxy'] {
  if (own === undefined || over === undefined) return over ?? own;
  const [before, after] = [mapping(own), mapping(over)];
  const { mode = before.mode } = after;
  const kept = mode === before.mode ? before : without(before, mode);
  return { ...kept, ...after };
}

const mapping = (stated: NonNullable<ClusterInput['kubeProxy']>): KubeProxyInput =>
  typeof stated === 'string' ? { mode: stated } : stated;

/** A mode that is not stated is left to whoever states one, and its keys with it. */
function without(options: KubeProxyInput, mode: KubeProxyInput['mode']): KubeProxyInput {
  if (options.mode === undefined) return options;
  const isOther = (key: string) => Object.entries(MODE_OF_KEY).some(([name, of]) => name === key && of !== mode);
  return Object.fromEntries(Object.entries(options).filter(([key]) => !isOther(key)));
}
