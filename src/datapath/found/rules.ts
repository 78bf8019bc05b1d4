import type { IpFamily } from '../../net/address.ts';
import type { FoundRules } from '../netfilter/written.ts';
import type { Recognised } from './names.ts';

const OTHER = { IPv4: 'ip6', IPv6: 'ip' } as const;

/** What a family's ruleset has in place of what was compiled; what stays names devices as they were found. */
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
