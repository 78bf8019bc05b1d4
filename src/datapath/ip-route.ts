import { familyOf, formatAddress } from '../net/address.ts';
import { formatDestination } from '../net/prefix.ts';
import { MAIN_TABLE } from './fib.ts';
import { ipFor } from './programs.ts';
import type { NextHop, Route } from './route.ts';

/** A route in its table. */
export interface InTable {
  readonly table: number;
  readonly route: Route;
}

/** The route in the words of `ip route`, without the fields that do not change a packet's way. */
export const routeText = (route: Route): string =>
  `${route.type === 'unicast' ? '' : `${route.type} `}${formatDestination(route.prefix)}${route.nextHops.map(hopText).join('')}`;

const hopText = ({ via, device }: NextHop): string => `${via === null ? '' : ` via ${formatAddress(via)}`} dev ${device}`;

/** The command that does it. */
export function ipRoute(action: 'add' | 'replace' | 'del', { table, route }: InTable): string {
  const command = `${ipFor(familyOf(route.prefix.address))} route`;
  const inTable = table === MAIN_TABLE ? '' : ` table ${table}`;
  const hops = route.nextHops.length > 1 ? route.nextHops.map((n) => ` nexthop${hopText(n)} weight ${n.weight}`).join('') : routeEnd(route);
  return `${command} ${action} ${route.type === 'unicast' ? '' : `${route.type} `}${formatDestination(route.prefix)}${hops}${inTable}`;
}

const routeEnd = ({ nextHops, source }: Route): string =>
  nextHops
    .map((n) => `${hopText(n)}${n.onlink === true ? ' onlink' : ''}${source === null ? '' : ` src ${formatAddress(source)}`}`)
    .join('');
