import { familyOf, formatAddress, type IpAddress, type IpFamily, ip, nextAddress } from '../../net/address.ts';
import { cidr, formatPrefix, lastAddress, type Prefix, prefixOf } from '../../net/prefix.ts';
import type { Given, Inference } from './infer/index.ts';

/** Ranges that no node uses for want of another: RFC 6598, and a part of RFC 4193's. */
const FIRST: Readonly<Record<IpFamily, IpAddress>> = { IPv4: ip('100.64.0.1'), IPv6: ip('fd64::1') };

/** The pods' range in the built-in cluster. */
const ASSUMED_PODS = cidr('10.244.0.0/16');

/** Addresses for nodes that have none of the cluster's families in the input, as statements: without one, a node is on no network. */
export function nodeStandIns({ nodes, families }: Inference, assumedNodes: readonly string[]): Given {
  const next = { ...FIRST };
  const give = (family: IpFamily) => {
    const given = next[family];
    next[family] = nextAddress(given);
    return given;
  };
  return [...nodes].flatMap(([node, { addresses }]) => {
    if (assumedNodes.includes(node) || addresses.some((a) => families.includes(familyOf(a)))) return [];
    const value = families.map(give).map(formatAddress);
    return [{ fact: 'node.addresses', node, value, source: null, text: 'it stands in for one that the input does not have' } as const];
  });
}

/** A range for the pods of a cluster that does not run, where nothing says one: plugins give addresses out of it. */
export function rangeStandIn({ podCidrs }: Inference, assumedNodes: readonly string[]): Given {
  if (assumedNodes.length === 0 || podCidrs.length > 0) return [];
  const value = [formatPrefix(ASSUMED_PODS)];
  return [{ fact: 'podCIDR', node: null, value, source: null, text: 'it stands in for one that the input does not have' }];
}

/** The range of the nth node that is taken to be there: the next 256 addresses of the pods' range, where that has room for as many nodes. */
export function assumedRange(podCidrs: readonly Prefix[], nth: number): Prefix {
  const range = podCidrs.find((p) => familyOf(p.address) === 'IPv4' && p.length <= 16) ?? ASSUMED_PODS;
  let own = prefixOf(range.address, 24);
  for (let i = 0; i <= nth; i++) own = prefixOf(nextAddress(lastAddress(own)), 24);
  return own;
}
