import { FAMILIES } from '../../net/address.ts';
import { formatPrefix, isHostPrefix } from '../../net/prefix.ts';
import { LOCAL_TABLE } from '../fib.ts';
import type { FoundState } from '../found-state.ts';
import type { Netns } from '../netns.ts';

/**
 * The addresses of virtual servers, which kube-proxy adds to kube-ipvs0, because IPVS balances only packets to the machine itself. Where no
 * text has the addresses of that device, it is not known whether they are there.
 */
export function servedAddresses({ tables }: Netns, { addresses, routes, ipvs }: FoundState): void {
  const local = tables.get(LOCAL_TABLE);
  for (const family of FAMILIES) {
    if (local === undefined || addresses[family] !== null || routes[family].has(LOCAL_TABLE)) continue;
    for (const { matches, origin } of ipvs[family]?.servers.rules() ?? [])
      for (const m of matches) {
        if (m.kind !== 'destination' || !isHostPrefix(m.prefix)) continue;
        const { prefix } = m;
        if (local.routes.at(prefix.address, prefix.length) !== undefined) continue;
        const what = `whether ${formatPrefix(prefix)}, which IPVS serves, is an address of the machine`;
        const untold = { what, because: 'no file has its addresses', command: 'ip -d address' };
        local.routes.add(prefix, { prefix, type: 'local', metric: 0, nextHops: [], source: null, unmodelled: what, untold, origin });
      }
  }
}
