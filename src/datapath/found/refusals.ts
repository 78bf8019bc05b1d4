import { FAMILIES } from '../../net/address.ts';
import type { RoutingRule } from '../fib.ts';
import type { FoundState } from '../found-state.ts';
import type { Device, Netns } from '../netns.ts';
import type { Route } from '../route.ts';
import type { FoundNames } from './names.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Refusals of a node on which a program forwards packets beside the devices, routes and rules, which then stay as compiled. A NIC that is
 * down still sends nothing; whether the program comes before a route or rule that refuses is not known.
 */
export function foundRefusals(netns: Mutable<Netns>, { links, routes, rules }: FoundState, names: FoundNames): void {
  for (const device of netns.devices.values()) {
    const own: Mutable<Device> = device;
    const link = links?.find((l) => l.name === (names.get(device.name) ?? device.name));
    if (device.kind === 'nic' && link?.up === false) own.down = link.origin;
  }
  for (const family of FAMILIES)
    for (const [id, all] of routes[family])
      for (const route of all) if (isRefusal(route)) netns.tables.get(id)?.routes.add(route.prefix, doubtful(route));
  const refusing = FAMILIES.flatMap((family) => (rules[family] ?? []).flatMap((r) => (refuses(r) ? [{ ...inDoubt(r), family }] : [])));
  if (refusing.length > 0) netns.rules = [...netns.rules, ...refusing].sort((a, b) => a.priority - b.priority);
}

const REFUSALS: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit']);

/** The kernel's own for IPv6 comes after all others, and is for what no route is for. */
const isRefusal = ({ type, prefix }: Route): boolean => REFUSALS.has(type) && prefix.length > 0;
const refuses = ({ action }: RoutingRule): boolean => action !== undefined && REFUSALS.has(action.kind);

const doubtful = (route: Route): Route => ({ ...route, unmodelled: `${route.type}, which a program may be before,` });
const inDoubt = (rule: RoutingRule): RoutingRule => ({
  ...rule,
  action: { kind: 'unmodelled', text: `${rule.action?.kind}, which a program may be before` },
});
