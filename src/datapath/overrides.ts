import type { IpAddress } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import type { RemovedRule, RoutingRule } from './fib.ts';
import type { FdbEntry, Neighbour } from './peers.ts';
import type { RemovedRoute, Route } from './route.ts';
import type { Sysctl } from './sysctl.ts';

/** The input's settings of a device that would otherwise be derived. Undefined: nothing. */
export interface DeviceOverrides {
  readonly mtu?: number;
  readonly up?: boolean;
  readonly hairpin?: boolean;
  /** Of a VXLAN device. */
  readonly vni?: number;
  readonly port?: number;
  readonly locus: Locus;
}

/** A namespace's own settings, each of which wins over the derived one: that is how a fault is modelled. */
export interface Overrides {
  readonly sysctls: ReadonlyMap<string, Sysctl>;
  readonly routes: readonly { readonly table: number; readonly route: Route }[];
  readonly removedRoutes: readonly RemovedRoute[];
  readonly rules: readonly RoutingRule[];
  readonly removedRules: readonly RemovedRule[];
  readonly devices: ReadonlyMap<string, DeviceOverrides>;
  readonly addresses: readonly { readonly address: IpAddress; readonly prefix: Prefix; readonly device: string; readonly locus: Locus }[];
  readonly neighbours: readonly Neighbour[];
  readonly fdb: readonly (FdbEntry & { readonly device: string })[];
}
