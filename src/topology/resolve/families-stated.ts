import { familyOf, type IpFamily } from '../../net/address.ts';
import type { Path } from '../../source/origin.ts';
import type { RouteInput, RuleInput } from '../schema/linux.ts';
import type { OverridesInput } from '../schema/topology.ts';
import type { Wanted } from './of-family.ts';
import { ofIp } from './of-family.ts';

/**
 * What is stated of a namespace, as far as one family goes. Settings hold for both, and so does a routing rule without an address; a route to
 * `default` that says no family counts once: for the first family that the thing has (`isFirst`).
 */
export function statedOf(stated: OverridesInput, path: Path, { family, moved }: Wanted, isFirst: boolean): OverridesInput {
  const { sysctls, devices, routes, rules, addresses, neighbours } = stated;
  return {
    sysctls,
    devices,
    routes: routes === undefined ? undefined : routesOf(routes, [...path, 'routes'], { family, moved }, isFirst),
    rules: rules === undefined ? undefined : moved.filter(rules, [...path, 'rules'], (r) => (familyOfRule(r) ?? family) === family),
    addresses: addresses === undefined ? undefined : moved.filter(addresses, [...path, 'addresses'], ofIp(family)),
    neighbours: neighbours === undefined ? undefined : moved.filter(neighbours, [...path, 'neighbours'], ofIp(family)),
  };
}

type RoutesForm = NonNullable<OverridesInput['routes']>;

function routesOf(
  { add, remove }: RoutesForm,
  path: Path,
  { family, moved }: Pick<Wanted, 'family' | 'moved'>,
  isFirst: boolean,
): RoutesForm {
  const first = isFirst ? family : null;
  return {
    add: moved.filter(add, [...path, 'add'], (r) => (familyOfRoute(r) ?? first) === family),
    remove: moved.filter(remove, [...path, 'remove'], (p) => (p === 'default' ? first : familyOf(p.address)) === family),
  };
}

/** `default` is of its next hop's family; without one it says none. */
export function familyOfRoute({ to, via, nexthops }: RouteInput): IpFamily | null {
  const stated = to === 'default' ? (via ?? nexthops?.[0]?.via) : to.address;
  return stated === undefined ? null : familyOf(stated);
}

/** Of a routing rule, or a firewall's: one that is about no address is of both families. */
export function familyOfRule({ from, to }: Pick<RuleInput, 'from' | 'to'>): IpFamily | null {
  const prefix = from ?? to;
  return prefix === undefined ? null : familyOf(prefix.address);
}
