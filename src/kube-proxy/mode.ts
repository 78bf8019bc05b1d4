import type { RulesetBuilder, SharedChains } from '../datapath/netfilter/builder.ts';
import type { Sysctl } from '../datapath/sysctl.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';

/** What a kube-proxy knows of the node that it runs on. */
export type ProxyNode = Pick<Node, 'name' | 'ip' | 'labels'>;

/** A kube-proxy mode. What all nodes have in common is made once for the cluster; each node is then programmed with it. */
export interface ProxyMode {
  readonly name: Cluster['kubeProxy']['mode'];
  compile(cluster: Pick<Cluster, 'services' | 'podCidr' | 'kubeProxy'>): NodeProgram;
}

export interface NodeProgram {
  /** The service chains of a node, for looking at. */
  chainsOn(node: ProxyNode, addresses: readonly IpAddress[]): SharedChains;
  /**
   * Puts the jumps and the service chains into a node's tables; `addresses` are the node's own. Call it first: its jumps come before
   * everybody's (kube-proxy prepends).
   */
  program(node: ProxyNode, addresses: readonly IpAddress[], rules: RulesetBuilder, sysctls: Map<string, Sysctl>): void;
}
