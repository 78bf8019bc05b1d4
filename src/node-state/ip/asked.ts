import { DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE, type RoutingRule } from '../../datapath/fib.ts';
import { familyOf, type IpFamily } from '../../net/address.ts';
import type { TabledRoute } from './routes.ts';
import { tableNumber } from './tables.ts';

/** What a command asks for, as far as it is known. `family` null: both, or not said. */
export interface Asked {
  readonly noun: 'link' | 'addr' | 'route' | 'rule' | 'neigh' | 'fdb' | null;
  readonly family: IpFamily | null;
  readonly table: number | 'all' | null;
  /** Of one device only, which is left out of what is printed. */
  readonly device: string | null;
}

const NOUNS = ['link', 'addr', 'route', 'rule', 'neigh', 'fdb'] as const;

/** `ip -6 route show table 100`: words may be cut short (`ip r s t 100`). */
export function askedBy(command: string | null): Asked {
  const words = (command ?? '').trim().split(/\s+/);
  const noun = words.slice(1).find((word) => /^[a-z]/.test(word) && word !== 'inet' && word !== 'inet6') ?? '';
  const table = words[words.findIndex((word) => /^t(a(b(le?)?)?)?$/.test(word)) + 1];
  const hasTable = words.some((word) => /^t(a(b(le?)?)?)?$/.test(word));
  return {
    noun: noun === '' ? null : (NOUNS.find((n) => n.startsWith(noun) || noun.startsWith(n)) ?? null),
    family: words.includes('-6') || words.includes('inet6') ? 'IPv6' : words.includes('-4') || words.includes('inet') ? 'IPv4' : null,
    device: words.includes('dev') ? (words[words.indexOf('dev') + 1] ?? null) : null,
    table: !hasTable || table === undefined ? null : table === 'all' || table === '0' ? 'all' : tableNumber(table),
  };
}

/** `ip route show table local` names no table: what it has is nowhere else. */
export function tableBy(routes: readonly TabledRoute[]): number {
  return routes.length > 0 && routes.every(({ route }) => route.type === 'local' || route.type === 'broadcast' || route.type === 'anycast')
    ? LOCAL_TABLE
    : MAIN_TABLE;
}

/** The rules of one family after those of the other: each begins with a lower priority than the one before has. */
export function groupsOf(rules: readonly RoutingRule[]): readonly (readonly RoutingRule[])[] {
  const groups: RoutingRule[][] = [];
  for (const rule of rules) {
    const last = groups.at(-1);
    if (last === undefined || rule.priority < (last.at(-1)?.priority ?? 0)) groups.push([rule]);
    else last.push(rule);
  }
  return groups;
}

/**
 * By the addresses in them; else by the table `default`, which IPv4 alone has a rule for. `isSaid`: `ip rule` without a family is of IPv4.
 * Null: there are addresses of both.
 */
export function familyOfRules(rules: readonly RoutingRule[], isSaid: boolean): IpFamily | null {
  const families = new Set(rules.flatMap(({ from, to }) => [from, to].flatMap((p) => (p === null ? [] : [familyOf(p.address)]))));
  if (families.size > 1) return null;
  const [family] = families;
  return family ?? (isSaid || rules.some(({ table }) => table === DEFAULT_TABLE) ? 'IPv4' : 'IPv6');
}
