import type { KubeProxy } from '../k8s/cluster.ts';
import { nodeIp, prefixesIn } from '../k8s/families.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { ProxiedNode } from './mode.ts';

/**
 * The node's own addresses that answer node ports, those of the loopback device among them; null: whatever address is the node's. Ranges of
 * one family say nothing of the other. Source: NewNodePortAddresses, pkg/proxy/util/nodeport_addresses.go.
 */
export function nodePortAddresses(
  stated: KubeProxy['nodePortAddresses'],
  node: ProxiedNode,
  family: IpFamily,
): readonly IpAddress[] | null {
  if (stated === null) return null;
  if (stated === 'primary') {
    const own = nodeIp(node, family);
    return own === null ? [] : [own];
  }
  const ranges = prefixesIn(stated, family);
  if (ranges.length === 0 || ranges.some((p) => p.length === 0)) return null;
  return node.interfaceAddresses.filter((a) => ranges.some((p) => contains(p, a)));
}
