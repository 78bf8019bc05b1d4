import type { FactFlags } from '../index.ts';

/** Flags that state facts, as they are written. */
export const FACT_FLAGS: Readonly<Record<keyof FactFlags | 'nodes', string>> = {
  cni: '--cni',
  kubeProxyMode: '--kube-proxy-mode',
  clusterCidr: '--cluster-cidr',
  detectLocalMode: '--detect-local-mode',
  podCidr: '--pod-cidr',
  serviceCidr: '--service-cidr',
  serviceNodePortRange: '--service-node-port-range',
  mtu: '--mtu',
  nodeMtu: '--node-mtu',
  nonMasqueradeCidrs: '--non-masquerade-cidrs',
  networkPolicy: '--network-policy',
  clusterDomain: '--cluster-domain',
  clusterDns: '--cluster-dns',
  segments: '--segments',
  nodes: '--nodes',
};
