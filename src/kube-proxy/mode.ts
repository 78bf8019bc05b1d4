import type { RulesetBuilder, SharedChains } from '../datapath/ruleset-builder.ts';
import type { Sysctl } from '../datapath/sysctl.ts';
import type { Cluster } from '../k8s/cluster.ts';

/** A kube-proxy mode. What all nodes have in common is made once for the cluster; each node is then programmed with it. */
export interface ProxyMode {
  readonly name: Cluster['kubeProxy']['mode'];
  compile(cluster: Pick<Cluster, 'services' | 'podCidr' | 'kubeProxy'>): NodeProgram;
}

export interface NodeProgram {
  /** All service chains, for looking at. */
  readonly chains: SharedChains;
  /** Puts the jumps and shared chains into a node's tables. Call it first: its jumps come before everybody's (kube-proxy prepends). */
  program(rules: RulesetBuilder, sysctls: Map<string, Sysctl>): void;
}
