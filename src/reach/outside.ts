import { podRangeAt, serviceAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { partyAt } from '../k8s/policy/party.ts';
import { type IpAddress, nextAddress } from '../net/address.ts';
import { contains, lastAddress, type Prefix } from '../net/prefix.ts';

/** An address of the prefix that nothing of the cluster has or could have; null: there is none. */
export function outsideAddress(cluster: Cluster, prefix: Prefix): IpAddress | null {
  const last = lastAddress(prefix);
  let address = prefix.address;
  while (contains(prefix, address)) {
    const end = endOfOwn(cluster, address);
    if (end === null) return address;
    if (end >= last) return null;
    address = nextAddress(end);
  }
  return null;
}

/** The last address of what of the cluster holds this one; null: it is outside. */
function endOfOwn(cluster: Cluster, address: IpAddress): IpAddress | null {
  const ranges = [...cluster.podCidrs, ...cluster.serviceCidrs].filter((range) => contains(range, address));
  const range = ranges[0] ?? podRangeAt(cluster, address)?.podCidr;
  if (range !== undefined) return lastAddress(range);
  return serviceAt(cluster, address) === null && partyAt(cluster, address, false).kind === 'outside' ? null : address;
}
