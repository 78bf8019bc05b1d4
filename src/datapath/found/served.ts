import { FAMILIES } from '../../net/address.ts';
import { formatPrefix, isHostPrefix } from '../../net/prefix.ts';
import { LOCAL_TABLE } from '../fib.ts';
import type { FoundState } from '../found-state.ts';
import type { Netns } from '../netns.ts';

/**
 * IPVS balances what comes in for the machine itself (kube-proxy puts the addresses of services on kube-ipvs0): where no text has its addresses, nobody
 * knows whether those of virtual servers are among them.
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
