import type { KubeProxy } from './cluster.ts';

/** The command that shows what does services, by its name. */
const COMMANDS: Readonly<Record<string, string>> = {
  cilium: 'cilium-dbg service list',
  antrea: 'ovs-ofctl dump-flows br-int',
  'ovn-kubernetes': 'ovn-nbctl lb-list',
  'kube-router': 'ipvsadm -Ln',
  calico: 'calico-node -bpf nat dump',
};

/** kube-proxy's own answer, on a node. */
export const ASK_MODE = 'curl -s http://localhost:10249/proxyMode';

/** The name of a guess: it is kube-proxy, and its mode is not known. */
export const UNKNOWN_MODE = "kube-proxy's mode";

/**
 * In place of what does services instead of kube-proxy (by its name, as `cilium`): iptables' rules, as far as they are known. Null: not even
 * the mode is known.
 */
export function guessedProxy(name: string | null): Pick<KubeProxy, 'mode' | 'guess'> {
  const what =
    name === null
      ? "kube-proxy's mode is not known, and is taken to be iptables"
      : `${name} does services instead of kube-proxy, and is modelled as kube-proxy's mode iptables`;
  return { mode: 'iptables', guess: { name: name ?? UNKNOWN_MODE, what, command: COMMANDS[name ?? ''] ?? ASK_MODE } };
}
