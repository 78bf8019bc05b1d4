import { familyOf, formatAddress, type IpAddress, type IpFamily, ip, nextAddress } from '../../net/address.ts';
import type { Given, Inference } from './infer/index.ts';

/** Ranges that no node uses for want of another: RFC 6598, and a part of RFC 4193's. */
const FIRST: Readonly<Record<IpFamily, IpAddress>> = { IPv4: ip('100.64.0.1'), IPv6: ip('fd64::1') };

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
