import type { FoundState, FoundTable } from '../../src/datapath/found-state.ts';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import type { Rule } from '../../src/datapath/netfilter/ruleset.ts';
import type { Route } from '../../src/datapath/route.ts';

const SUFFIX = 'qq';

/** `lo` is `lo` everywhere; the names of others end otherwise. */
const other = (name: string): string => (name === 'lo' || name.endsWith('+') ? name : `${name}${SUFFIX}`);

/** A text with the names as they were. */
export const asBefore = (text: string): string => text.replaceAll(SUFFIX, '');

/** What was found on the same machine, had its devices other names. */
export const underOtherNames = (s: FoundState): FoundState => ({
  ...s,
  iptables: { IPv4: renamedTables(s.iptables.IPv4), IPv6: renamedTables(s.iptables.IPv6) },
  links: s.links?.map((l) => ({ ...l, name: other(l.name), master: l.master === null ? null : other(l.master) })) ?? null,
  addresses: {
    IPv4: s.addresses.IPv4?.map((a) => ({ ...a, device: other(a.device) })) ?? null,
    IPv6: s.addresses.IPv6?.map((a) => ({ ...a, device: other(a.device) })) ?? null,
  },
  routes: { IPv4: renamedRoutes(s.routes.IPv4), IPv6: renamedRoutes(s.routes.IPv6) },
  rules: {
    IPv4: s.rules.IPv4?.map((r) => ({ ...r, iif: r.iif === null ? null : other(r.iif) })) ?? null,
    IPv6: s.rules.IPv6?.map((r) => ({ ...r, iif: r.iif === null ? null : other(r.iif) })) ?? null,
  },
  neighbours: s.neighbours?.map((n) => ({ ...n, device: other(n.device) })) ?? null,
  fdb: s.fdb?.map((e) => ({ ...e, device: other(e.device) })) ?? null,
  sysctls: new Map(
    [...s.sysctls].map(([name, value]) => [name.replace(OF_DEVICE, (_, a, device, b) => `${a}${other(device)}${b}`), value]),
  ),
});

const OF_DEVICE = /^(net\.ipv[46]\.conf\.)(?!all\.|default\.)(.+)(\.[a-z_]+)$/;

const renamedRoutes = (tables: ReadonlyMap<number, readonly Route[]>) =>
  new Map(
    [...tables].map(([id, routes]) => [
      id,
      routes.map((r) => ({ ...r, nextHops: r.nextHops.map((n) => ({ ...n, device: other(n.device) })) })),
    ]),
  );

const renamedTables = (tables: FoundState['iptables']['IPv4']) => new Map([...tables].map(([name, table]) => [name, renamedTable(table)]));

const renamedTable = (table: FoundTable): FoundTable => ({
  ...table,
  chains: new Map([...table.chains].map(([name, rules]) => [name, rules.map(renamedRule)])),
});

const renamedRule = (rule: Rule): Rule => ({ ...rule, matches: rule.matches.map(renamedMatch) });

const renamedMatch = (m: Match): Match =>
  m.kind === 'in-interface' || m.kind === 'out-interface' || m.kind === 'physdev-in' || m.kind === 'physdev-out'
    ? { ...m, name: other(m.name) }
    : m;
