import type { DetectLocal, KubeProxy } from '../../k8s/cluster.ts';
import type { Prefix } from '../../net/prefix.ts';
import { declared, inferred } from '../../source/origin.ts';
import type { KubeProxyInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** kube-proxy's configuration: a mode's name, a mapping, or left out. */
export function readKubeProxy(here: Cursor, { cluster: { kubeProxy } }: TopologyInput, podCidrs: readonly Prefix[]): KubeProxy {
  const options: KubeProxyInput = typeof kubeProxy === 'object' ? kubeProxy : {};
  return {
    mode: typeof kubeProxy === 'string' ? kubeProxy : (options.mode ?? 'iptables'),
    guess: null,
    detectLocal: detectLocal(options, podCidrs),
    masqueradeBit: options.masqueradeBit ?? 14,
    masqueradeAll: options.masqueradeAll ?? false,
    nodePortAddresses: nodePortAddresses(options),
    ...(options.registered === undefined ? {} : { registered: options.registered }),
    localhostNodePorts: options.localhostNodePorts ?? true,
    strictArp: options.strictARP ?? false,
    origin: kubeProxy === undefined ? inferred(here.locus) : declared(here.locus),
  };
}

/** `primary` stands alone. */
function nodePortAddresses({ nodePortAddresses: stated }: KubeProxyInput): KubeProxy['nodePortAddresses'] {
  if (stated === undefined) return null;
  return stated.includes('primary') ? 'primary' : stated.filter((a) => a !== 'primary');
}

/** The schema has seen to it that a mode has the field that it needs. */
function detectLocal({ detectLocalMode = 'ClusterCIDR', ...options }: KubeProxyInput, podCidrs: readonly Prefix[]): DetectLocal {
  switch (detectLocalMode) {
    case 'ClusterCIDR':
      return { mode: detectLocalMode, cidrs: options.clusterCIDR ?? podCidrs };
    case 'NodeCIDR':
      return { mode: detectLocalMode };
    case 'BridgeInterface':
      return { mode: detectLocalMode, bridgeInterface: options.bridgeInterface ?? '' };
    case 'InterfaceNamePrefix':
      return { mode: detectLocalMode, interfaceNamePrefix: options.interfaceNamePrefix ?? '' };
  }
}
