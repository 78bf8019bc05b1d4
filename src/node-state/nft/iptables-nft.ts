import { priorityOf } from './priority.ts';
import type { ChainSyntax, TableSyntax } from './syntax.ts';

/** The base chains of iptables-nft: their names, types and priorities. Source: xtables_ipv4, iptables/nft.c. */
const TABLES: Readonly<Record<string, Readonly<Record<string, readonly [type: string, priority: number]>>>> = {
  raw: { PREROUTING: ['filter', -300], OUTPUT: ['filter', -300] },
  mangle: {
    PREROUTING: ['filter', -150],
    INPUT: ['filter', -150],
    FORWARD: ['filter', -150],
    OUTPUT: ['route', -150],
    POSTROUTING: ['filter', -150],
  },
  filter: { INPUT: ['filter', 0], FORWARD: ['filter', 0], OUTPUT: ['filter', 0] },
  security: { INPUT: ['filter', 50], FORWARD: ['filter', 50], OUTPUT: ['filter', 50] },
  nat: { PREROUTING: ['nat', -100], INPUT: ['nat', 100], OUTPUT: ['nat', -100], POSTROUTING: ['nat', 100] },
};

/**
 * Is the table one of iptables-nft? Newer nft prints a remark that says so. Without it, a table counts as one if it has the name of an
 * iptables table, no sets, and only base chains that iptables has there: no other program writes such tables.
 */
export function isOfIptables({ family, name, sets, chains }: TableSyntax, managed: ReadonlySet<string>): boolean {
  if (managed.has(`${family} ${name}`)) return true;
  const known = (family === 'ip' || family === 'ip6') && Object.hasOwn(TABLES, name) ? TABLES[name] : undefined;
  if (known === undefined || sets.length > 0) return false;
  const base = chains.filter((c) => c.base !== null);
  return base.length > 0 && base.every((c) => isOne(c, known, family));
}

function isOne({ name, base }: ChainSyntax, known: Readonly<Record<string, readonly [string, number]>>, family: string): boolean {
  const usual = Object.hasOwn(known, name) ? known[name] : undefined;
  if (usual === undefined || base === null || base.hook !== name.toLowerCase()) return false;
  return base.type === usual[0] && priorityOf(base.priority, family) === usual[1];
}
