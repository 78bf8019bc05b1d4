import { familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { RouteInput, RuleInput } from '../schema/linux.ts';
import type { ServiceInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** Those of the pod ranges; without any, those of the first node's addresses. The first one is the primary family. */
export function clusterFamilies({ cluster: { podCIDR, podCIDRs }, nodes: [node] }: TopologyInput): readonly IpFamily[] {
  const ranges = [podCIDR, ...(podCIDRs ?? [])].flatMap((p) => (p === undefined ? [] : [familyOf(p.address)]));
  return ranges.length > 0 ? ranges : [node?.ip, ...(node?.ips ?? [])].flatMap((a) => (a === undefined ? [] : [familyOf(a)]));
}

/** As the API server fills them in: those of the ClusterIPs; without one the primary family, or both when the policy asks for them. */
export function serviceFamilies(service: ServiceInput, families: readonly IpFamily[]): readonly IpFamily[] {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, type } = service;
  // A name has no family.
  if (type === 'ExternalName') return families;
  if (ipFamilies !== undefined) return ipFamilies;
  const addresses = clusterIPs ?? (clusterIP === undefined || clusterIP === 'None' ? [] : [clusterIP]);
  if (addresses.length > 0) return addresses.map(familyOf);
  return ipFamilyPolicy === 'PreferDualStack' || ipFamilyPolicy === 'RequireDualStack' ? families : families.slice(0, 1);
}

/** A value of the input, and where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly cursor: Cursor;
}

/** The values of a field and of its plural, each value at its own place, in the order of the cluster's families. */
export function oneOrSeveral<T extends IpAddress | Prefix>(
  here: Cursor,
  field: string,
  one: T | undefined,
  several: readonly T[] | undefined,
  families: readonly IpFamily[],
): readonly Placed<T>[] {
  const all = [
    ...(one === undefined ? [] : [{ value: one, cursor: here.at(field) }]),
    ...(several ?? []).map((value, i) => ({ value, cursor: here.at(`${field}s`, i) })),
  ];
  return all.length < 2 ? all : families.flatMap((f) => all.filter(({ value }) => familyIn(value) === f));
}

export const familyIn = (value: IpAddress | Prefix): IpFamily => familyOf(typeof value === 'object' ? value.address : value);

/** `default` is of its next hop's family; without one it says none. */
export function familyOfRoute({ to, via, nexthops }: RouteInput): IpFamily | null {
  const address = to === 'default' ? (via ?? nexthops?.[0]?.via) : to.address;
  return address === undefined ? null : familyOf(address);
}

/** Of a routing rule, or a firewall's: one that is about no address is of both families. */
export function familyOfRule({ from, to }: Pick<RuleInput, 'from' | 'to'>): IpFamily | null {
  const prefix = from ?? to;
  return prefix === undefined ? null : familyOf(prefix.address);
}
