import type { DetectLocal, KubeProxy } from '../../k8s/cluster.ts';
import type { ProxyModeName } from '../../k8s/node.ts';
import type { Prefix } from '../../net/prefix.ts';
import { declared, inferred } from '../../source/origin.ts';
import { MODE_OF_KEY } from '../schema/kube-proxy.ts';
import type { KubeProxyInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** kube-proxy's configuration: a mode's name, a mapping, or left out. */
export function readKubeProxy(here: Cursor, { cluster: { kubeProxy }, nodes }: TopologyInput, podCidrs: readonly Prefix[]): KubeProxy {
  const options: KubeProxyInput = typeof kubeProxy === 'object' ? kubeProxy : {};
  const mode = typeof kubeProxy === 'string' ? kubeProxy : (options.mode ?? 'iptables');
  checkKeys(here, options, [mode, ...nodes.map((n) => n.kubeProxy?.mode ?? mode)]);
  return {
    mode,
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

const KEYS_OF_MODES = Object.keys(MODE_OF_KEY) as (keyof typeof MODE_OF_KEY)[];

/** Keys that no mode reads which a node has. */
function checkKeys(here: Cursor, options: KubeProxyInput, modes: readonly ProxyModeName[]): void {
  for (const key of KEYS_OF_MODES) {
    const of = MODE_OF_KEY[key];
    if (options[key] === undefined || modes.includes(of)) continue;
    here.at(key).error('bad-value', foreign(key, of, modes), `leave it out, or state mode: ${of}`);
  }
}

function foreign(key: keyof typeof MODE_OF_KEY, of: ProxyModeName, [mode]: readonly ProxyModeName[]): string {
  const read = `this is read with mode ${of} only`;
  if (key !== 'localhostNodePorts') return read;
  if (mode === 'none') return 'mode none has no node ports';
  return mode === 'nftables' ? `${read}: in mode nftables no node port answers on 127.0.0.1` : read;
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
