import type { Fact, FactName } from '../../../k8s/fact.ts';
import { ASK_MODE } from '../../../k8s/guessed-proxy.ts';

const CONFIG_MAPS = 'kubectl get configmaps -n kube-system -o json';
const NODES = 'kubectl get nodes -o json';
const LINKS = 'ip -j link';
const ROUTES = 'ip -j addr; ip -j route';

/** Of each fact: the flag that states it (null: a Topology does), and what a person runs to learn it when no object says it. */
export const ASKING: Readonly<Record<FactName, { readonly flag: string | null; readonly command: string }>> = {
  'cni.plugin': { flag: '--cni', command: 'kubectl get nodes,pods,daemonsets -A -o json' },
  'cni.mode': { flag: '--cni', command: CONFIG_MAPS },
  podCIDR: { flag: '--pod-cidr', command: CONFIG_MAPS },
  serviceCIDR: { flag: '--service-cidr', command: CONFIG_MAPS },
  serviceNodePortRange: {
    flag: '--service-node-port-range',
    command: 'kubectl get pods -n kube-system -l component=kube-apiserver -o json',
  },
  mtu: { flag: '--mtu', command: LINKS },
  nodeMTU: { flag: '--node-mtu', command: LINKS },
  masquerade: { flag: '--non-masquerade-cidrs', command: 'iptables-save -t nat' },
  networkPolicy: { flag: '--network-policy', command: 'kubectl get pods,daemonsets -A -o json' },
  'kubeProxy.mode': { flag: '--kube-proxy-mode', command: 'kubectl logs -n kube-system ds/kube-proxy | grep Proxier' },
  'kubeProxy.clusterCIDR': { flag: '--cluster-cidr', command: CONFIG_MAPS },
  'kubeProxy.detectLocalMode': { flag: '--detect-local-mode', command: CONFIG_MAPS },
  'kubeProxy.nodePortAddresses': { flag: null, command: CONFIG_MAPS },
  clusterDomain: { flag: '--cluster-domain', command: CONFIG_MAPS },
  clusterDNS: { flag: '--cluster-dns', command: 'kubectl get services -n kube-system -o json' },
  segments: { flag: '--segments', command: ROUTES },
  distribution: { flag: null, command: NODES },
  'node.addresses': { flag: null, command: NODES },
  'node.podCIDRs': { flag: null, command: NODES },
  'node.segment': { flag: null, command: ROUTES },
  'node.tunnel': { flag: null, command: NODES },
};

/** k3s and MicroK8s run kube-proxy in a process of their own, rke2 as a static pod of each node: no DaemonSet has its log. */
const WITHOUT_DAEMON_SET: ReadonlySet<string> = new Set(['k3s', 'microk8s', 'rke2']);

/** kube-proxy's mode, where its log cannot be asked for in the usual way: a node tells it. */
export const askedWhereItRuns = (fact: Fact, distribution: string | null): Fact =>
  fact.command !== null && distribution !== null && WITHOUT_DAEMON_SET.has(distribution) ? { ...fact, command: ASK_MODE } : fact;
