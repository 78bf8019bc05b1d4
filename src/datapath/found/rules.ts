import type { IpFamily } from '../../net/address.ts';
import type { FoundRules } from '../netfilter/written.ts';
import type { Recognised } from './names.ts';

const OTHER = { IPv4: 'ip6', IPv6: 'ip' } as const;

/** The found rules of a family, which replace compiled ones; compiled rules that stay get the found names of devices. */
export function rulesFor(
  { found: { iptables, nft, isNftPart, ipvs, untold, connections }, names }: Recognised,
  family: IpFamily,
  beside: boolean,
): FoundRules {
  return {
    iptables: iptables[family],
    nft: nft?.filter((t) => t.family !== OTHER[family]) ?? null,
    ...(isNftPart === true ? { isNftPart } : {}),
    ipvs: ipvs[family],
    untold: untold.filter((u) => u.families.includes(family)),
    tracks: connections !== null && connections.length > 0,
    beside,
    devices: names,
  };
}
