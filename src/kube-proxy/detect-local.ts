import type { Match } from '../datapath/netfilter/match.ts';
import type { DetectLocal } from '../k8s/cluster.ts';
import { prefixIn } from '../k8s/families.ts';
import type { IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { ProxiedNode } from './mode.ts';

/** The condition that a packet comes from a pod; negated, that it comes from anywhere else. */
export type LocalDetector = (negated: boolean) => Match;

/**
 * Null: nothing is local, and no rule asks (NoOpLocalDetector). A packet that is sent from the node itself has come in by no device.
 * Source: getLocalDetectors, cmd/kube-proxy/app/server_linux.go; pkg/proxy/util/iptables/traffic.go.
 */
export function localDetector(detect: DetectLocal, { podCidrs }: Pick<ProxiedNode, 'podCidrs'>, family: IpFamily): LocalDetector | null {
  switch (detect.mode) {
    case 'ClusterCIDR':
      return bySource(prefixIn(detect.cidrs, family));
    case 'NodeCIDR':
      return bySource(prefixIn(podCidrs, family));
    case 'BridgeInterface':
      return byInterface(detect.bridgeInterface);
    case 'InterfaceNamePrefix':
      return byInterface(`${detect.interfaceNamePrefix}+`);
  }
}

const bySource = (prefix: Prefix | null): LocalDetector | null =>
  prefix === null ? null : (negated) => ({ kind: 'source', prefix, negated });

const byInterface =
  (name: string): LocalDetector =>
  (negated) => ({ kind: 'in-interface', name, negated });
