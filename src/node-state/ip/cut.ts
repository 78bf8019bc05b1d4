import { LOCAL_TABLE, MAIN_TABLE, type RoutingRule } from '../../datapath/fib.ts';
import { ipFor } from '../../datapath/programs.ts';
import type { Route } from '../../datapath/route.ts';
import type { Untold } from '../../datapath/untold.ts';
import { FAMILIES, type IpFamily } from '../../net/address.ts';
import { DEFAULT_PREFIX } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import type { Piece } from '../text.ts';
import type { Asked } from './asked.ts';

/**
 * The pieces of a text that is cut off. More specific routes, rules of a lower priority number and more addresses may have followed, so
 * that routes and rules as a whole are not known, and the list of devices is not complete.
 */
export function cutOff(pieces: readonly Piece[], asked: Asked, text: string, origin: Origin): readonly Piece[] {
  // Without its end the family of a listing is known from the command only.
  const families = FAMILIES.filter((f) => asked.family === null || asked.family === f);
  const some = pieces.length > 0 ? pieces : begun(asked, text);
  const told = some.flatMap((piece): readonly Piece[] => {
    if (piece.kind === 'routes') return [untoldRoutes(piece.family, tablesOf(piece), origin)];
    if (piece.kind === 'rules') return families.map((family) => ({ ...piece, family, rules: [untoldRule(family, origin)] }));
    if (piece.kind === 'links') return [{ ...piece, isAll: false }];
    return piece.kind === 'addresses' ? [] : [piece];
  });
  const areOfDevices = some.some(({ kind }) => kind === 'links' || kind === 'addresses');
  return areOfDevices ? [...told, ...families.map((family) => untoldRoutes(family, [LOCAL_TABLE], origin, ADDRESSES))] : told;
}

/** The piece that a text without a whole object would have had, from its command or else from its keys. */
function begun({ noun, family }: Asked, text: string): readonly Piece[] {
  const of = family ?? 'IPv4';
  if (noun === 'route' || (noun === null && text.includes('"dst"')))
    return [{ kind: 'routes', family: of, isAll: false, tables: new Map() }];
  if (noun === 'rule' || (noun === null && text.includes('"priority"'))) return [{ kind: 'rules', family: of, rules: [] }];
  return noun === 'link' || noun === 'addr' || noun === null ? [{ kind: 'links', isAll: false, links: [] }] : [];
}

const tablesOf = ({ isAll, tables }: Extract<Piece, { kind: 'routes' }>): readonly number[] =>
  isAll ? [...new Set([LOCAL_TABLE, MAIN_TABLE, ...tables.keys()])] : tables.size > 0 ? [...tables.keys()] : [MAIN_TABLE];

const tableName = (id: number): string => (id === LOCAL_TABLE ? 'local' : id === MAIN_TABLE ? 'main' : String(id));

const ADDRESSES: Omit<Untold, 'what'> = { because: 'ip addr is cut off there', command: 'ip -d address' };

function untoldRoutes(
  family: IpFamily,
  tables: readonly number[],
  origin: Origin,
  { because, command } = {
    because: 'ip route is cut off there',
    command: `${ipFor(family)} route show table all`,
  },
): Piece {
  const routes = (id: number): readonly Route[] => {
    const untold: Untold = { what: `what is in the routing table ${tableName(id)} (${family})`, because, command };
    const prefix = DEFAULT_PREFIX[family];
    return [{ prefix, type: 'unicast', metric: 0, nextHops: [], source: null, unmodelled: untold.what, untold, origin }];
  };
  return { kind: 'routes', family, isAll: false, tables: new Map(tables.map((id) => [id, routes(id)])) };
}

function untoldRule(family: IpFamily, origin: Origin): RoutingRule {
  const command = `${ipFor(family)} rule`;
  const untold: Untold = { what: `what the routing rules (${family}) are`, because: 'ip rule is cut off there', command };
  return {
    priority: 0,
    from: null,
    to: null,
    iif: null,
    mark: null,
    table: MAIN_TABLE,
    family,
    action: { kind: 'unmodelled', text: untold.what },
    untold,
    origin,
  };
}
