import type { IpAddress } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import type { RemovedRoute, Route, RoutingRule } from './fib.ts';
import type { Sysctl } from './sysctl.ts';

/** What the input says of a device that would otherwise be derived. Undefined: nothing. */
export interface DeviceOverrides {
  readonly mtu?: number;
  readonly up?: boolean;
  readonly hairpin?: boolean;
  readonly locus: Locus;
}

/** A namespace's own settings, each of which wins over what would be derived: how a fault is modelled. */
export interface Overrides {
  readonly sysctls: ReadonlyMap<string, Sysctl>;
  readonly routes: readonly { readonly table: number; readonly route: Route }[];
  readonly removedRoutes: readonly RemovedRoute[];
  readonly rules: readonly RoutingRule[];
  readonly devices: ReadonlyMap<string, DeviceOverrides>;
  readonly addresses: readonly { readonly address: IpAddress; readonly prefix: Prefix; readonly device: string; readonly locus: Locus }[];
  readonly neighbours: readonly { readonly address: IpAddress; readonly device: string; readonly locus: Locus }[];
}

/** What two families' views of one machine state of it. */
export function mergeOverrides(views: readonly Overrides[]): Overrides | null {
  const [first = null, second] = views;
  if (first === null || second === undefined) return first;
  return {
    sysctls: new Map([...first.sysctls, ...second.sysctls]),
    routes: [...first.routes, ...second.routes],
    removedRoutes: [...first.removedRoutes, ...second.removedRoutes],
    rules: mergeRules(first.rules, second.rules),
    devices: new Map([...first.devices, ...second.devices]),
    addresses: [...first.addresses, ...second.addresses],
    neighbours: [...first.neighbours, ...second.neighbours],
  };
}

/** A rule without addresses is in both views and counts once; the others stay before or after it, as they were stated. */
function mergeRules(first: readonly RoutingRule[], second: readonly RoutingRule[]): readonly RoutingRule[] {
  const isShared = ({ from, to }: RoutingRule) => from === null && to === null;
  const waiting = [...second];
  const merged: RoutingRule[] = [];
  const upToShared = () => {
    for (let rule = waiting.shift(); rule !== undefined && !isShared(rule); rule = waiting.shift()) merged.push(rule);
  };
  for (const rule of first) {
    if (isShared(rule)) upToShared();
    merged.push(rule);
  }
  upToShared();
  return merged;
}
