import { areOnSegments, type Cni } from '../../k8s/cni.ts';
import { prefixesIn } from '../../k8s/families.ts';
import { familyOf, formatAddress, type IpAddress, nextAddress } from '../../net/address.ts';
import { contains, formatPrefix, lastAddress, type Prefix } from '../../net/prefix.ts';
import type { TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { type NodePlan, RESERVED_ADDRESS } from './node-plan.ts';

/** The next free address of a range; null: there is none left. */
export type Allocate = (range: Prefix) => IpAddress | null;

/** In file order, as host-local gives addresses; what the plugin reserves, and what the input states for any machine, is taken. */
export function allocator({ pods = [], nodes, underlay, internet }: TopologyInput, cni: Cni): Allocate {
  const further = [...pods, ...nodes].flatMap((o) => (o.addresses ?? []).map((a) => a.ip));
  const interfaces = (underlay?.routers ?? []).flatMap((r) => r.interfaces);
  const gateway = internet === undefined ? [] : [internet.gateway];
  const stated = [...pods, ...nodes, ...interfaces, ...gateway].flatMap((o) => [...(o.ip === undefined ? [] : [o.ip]), ...(o.ips ?? [])]);
  const taken = new Set<IpAddress>([...stated, ...nodes.flatMap((n) => (n.nics ?? []).map((nic) => nic.ip)), ...further]);
  const next = new Map<Prefix, IpAddress>();
  return (range) => {
    let candidate = next.get(range);
    if (candidate === undefined) {
      for (const { address } of cni.reserved(range)) taken.add(address);
      candidate = nextAddress(range.address);
    }
    while (taken.has(candidate)) candidate = nextAddress(candidate);
    const last = lastAddress(range);
    // The last one is IPv4's broadcast address; IPv6 has none.
    if (familyOf(last) === 'IPv4' ? candidate >= last : candidate > last) return null;
    taken.add(candidate);
    next.set(range, nextAddress(candidate));
    return candidate;
  };
}

/** Reports an address that no pod of the node can have. */
export function checkAddress(at: Cursor, ip: IpAddress, { name }: NodePlan, cni: Cni, all: readonly Prefix[]): void {
  const ranges = prefixesIn(all, familyOf(ip));
  const isOnLink = areOnSegments(cni);
  const text = formatAddress(ip);
  const range = ranges.find((r) => contains(r, ip));
  if (cni.blocks !== undefined) {
    checkPooled(at, ip, cni.blocks.pools);
    if (range === undefined) return;
  }
  if (ranges.length === 0 || !(cni.ranges || isOnLink)) return;
  if (range === undefined) {
    at.error(
      'address-outside',
      `${text} is outside ${ranges.map(formatPrefix).join(' and ')}, the ${isOnLink ? "link of the pod's NIC on" : 'pod range of'} ${name}`,
    );
    return;
  }
  const owner = cni.reserved(range, ranges).find((r) => r.address === ip);
  if (owner !== undefined) at.error('duplicate-address', `${text} is the address of ${name}'s ${owner.by}`);
  else if (cni.blocks === undefined && (ip === range.address || (familyOf(ip) === 'IPv4' && ip === lastAddress(range))))
    at.error('bad-value', `${text} is the ${RESERVED_ADDRESS[familyOf(ip)]} address of ${formatPrefix(range)}`);
}

/** A pod may have an address of another node's block, but none outside the pools. */
function checkPooled(at: Cursor, ip: IpAddress, pools: readonly Prefix[]): void {
  const own = prefixesIn(pools, familyOf(ip));
  if (own.some((p) => contains(p, ip))) return;
  at.error(
    'address-outside',
    `${formatAddress(ip)} is outside ${own.map(formatPrefix).join(' and ')}, the ${own.length === 1 ? 'pool' : 'pools'} of pods' addresses`,
  );
}
