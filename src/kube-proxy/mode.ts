import type { NetnsBuilder } from '../datapath/builder.ts';
import type { RulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';

/** A kube-proxy mode. A family's Proxier is made once for the cluster; each node is then programmed with it. */
export interface ProxyMode {
  readonly name: Cluster['kubeProxy']['mode'];
  compile(cluster: ProxiedCluster, family: IpFamily): Proxier;
}

export type ProxiedCluster = Pick<Cluster, 'services' | 'kubeProxy' | 'serviceCidrs'>;

/** kube-proxy in one IP family: with two of them it has two proxiers, which know nothing of each other. */
export interface Proxier {
  /** Puts its chains into a node's tables. Call it before other writers: kube-proxy prepends its jumps to theirs. */
  program(node: ProxiedNode, rules: RulesetBuilder, host: NetnsBuilder): void;
}

/** The node that a kube-proxy runs on. */
export interface ProxiedNode extends Pick<Node, 'name' | 'addresses' | 'labels' | 'podCidrs'> {
  /** Of the proxier's family, on any of the node's interfaces. */
  readonly interfaceAddresses: readonly IpAddress[];
}
