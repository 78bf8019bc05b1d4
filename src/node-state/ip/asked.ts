import { DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE, type RoutingRule } from '../../datapath/fib.ts';
import { familyOf, type IpFamily } from '../../net/address.ts';
import type { TabledRoute } from './routes.ts';
import { tableNumber } from './tables.ts';

/** The part of the state that a command lists, as far as the command is known. `family` null: both, or not said. */
export interface Asked {
  readonly noun: 'link' | 'addr' | 'route' | 'rule' | 'neigh' | 'fdb' | null;
  readonly family: IpFamily | null;
  readonly table: number | 'all' | null;
  /** `dev NAME`: the output is of this device only, and does not print it. */
  readonly device: string | null;
}

const NOUNS = ['link', 'addr', 'route', 'rule', 'neigh', 'fdb'] as const;

/** Reads `ip -6 route show table 100`; words may be abbreviated (`ip r s t 100`). */
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

/** The table of routes that are printed without one, as by `ip route show table local`: only the local table has nothing but such types. */
export function tableBy(routes: readonly TabledRoute[]): number {
  return routes.length > 0 && routes.every(({ route }) => route.type === 'local' || route.type === 'broadcast' || route.type === 'anycast')
    ? LOCAL_TABLE
    : MAIN_TABLE;
}

/** The rules of each family, where the output of `ip -6 rule` follows that of `ip rule`: priorities ascend within one output. */
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
 * The family of rules, from their addresses, or else from the table `default`, which only IPv4 has a rule for. `isSaid`: the command is
 * known, and `ip rule` without a family lists IPv4. Null: there are addresses of both families.
 */
export function familyOfRules(rules: readonly RoutingRule[], isSaid: boolean): IpFamily | null {
  const families = new Set(rules.flatMap(({ from, to }) => [from, to].flatMap((p) => (p === null ? [] : [familyOf(p.address)]))));
  if (families.size > 1) return null;
  const [family] = families;
  return family ?? (isSaid || rules.some(({ table }) => table === DEFAULT_TABLE) ? 'IPv4' : 'IPv6');
}
