import type { Route } from '../datapath/fib.ts';
import { type FoundLink, type FoundState, type FoundTable, type FoundText, NOTHING_FOUND } from '../datapath/found-state.ts';
import { type NftTable, TABLE_HOOKS, type Table, type TableName } from '../datapath/netfilter/ruleset.ts';
import type { Sysctl } from '../datapath/sysctl.ts';
import type { IpFamily } from '../net/address.ts';
import { type Locus, type Origin, placeOf } from '../source/origin.ts';
import { familyOfCommand } from './command.ts';
import { keyOf, sameState } from './same-state.ts';
import { declaredAt, type Piece, type StateFault, type StateText } from './text.ts';

/** A piece, and the text that has it. */
export interface FoundPiece {
  readonly piece: Piece;
  readonly text: StateText;
}

/** Two texts say different things of one table; the first is taken. */
export interface Conflict extends StateFault {
  readonly other: Locus;
}

/** All that texts of one node say, put together. */
export function merge(pieces: readonly FoundPiece[]): { readonly state: FoundState; readonly conflicts: readonly Conflict[] } {
  const conflicts: Conflict[] = [];
  const iptables = iptablesOf(pieces, conflicts);
  const state: FoundState = {
    ...NOTHING_FOUND,
    iptables: iptables.tables,
    nft: nftOf(pieces, iptables, conflicts),
    links: linksOf(pieces),
    addresses: { IPv4: addressesOf(pieces, 'IPv4'), IPv6: addressesOf(pieces, 'IPv6') },
    routes: { IPv4: routesOf(pieces, 'IPv4', conflicts), IPv6: routesOf(pieces, 'IPv6', conflicts) },
    areAllTables: { IPv4: hasAllTables(pieces, 'IPv4'), IPv6: hasAllTables(pieces, 'IPv6') },
    rules: { IPv4: rulesOf(pieces, 'IPv4', conflicts), IPv6: rulesOf(pieces, 'IPv6', conflicts) },
    neighbours: listOf(
      pieces,
      (p) => (p.kind === 'neighbours' ? p.neighbours : null),
      (n) => `${n.device} ${n.address}`,
    ),
    fdb: listOf(
      pieces,
      (p) => (p.kind === 'fdb' ? p.entries : null),
      (e) => `${e.lladdr} ${e.device} ${e.dst} ${e.vlan} ${e.master}`,
    ),
    sysctls: sysctlsOf(pieces, conflicts),
    ipvs: { IPv4: serversOf(pieces, 'IPv4', conflicts), IPv6: serversOf(pieces, 'IPv6', conflicts) },
    sockets: listOf(
      pieces,
      (p) => (p.kind === 'sockets' ? p.sockets : null),
      (s) => keyOf(s),
    ),
    connections: listOf(pieces, (p) => (p.kind === 'connections' ? p.connections : null), null),
    texts: textsOf(pieces),
  };
  return { state, conflicts };
}

const textsOf = (pieces: readonly FoundPiece[]): readonly FoundText[] =>
  pieces.flatMap(({ piece, text: { document, lines } }) => {
    const program = PROGRAMS.find((name) => name === piece.kind);
    return program === undefined ? [] : [{ program, document, lines }];
  });

const PROGRAMS = ['nft', 'ipset'] as const;

interface Iptables {
  readonly tables: FoundState['iptables'];
  /** Those that came from iptables-legacy, which nft does not show. */
  readonly legacy: ReadonlySet<string>;
}

type IptablesPiece = Extract<Piece, { readonly kind: 'iptables' }>;

const familyOfPiece = (piece: IptablesPiece, text: StateText): IpFamily => piece.family ?? familyOfCommand(text.command) ?? 'IPv4';

const backendOf = (piece: IptablesPiece, { command }: StateText): 'nft' | 'legacy' | null =>
  /^\S*tables-legacy/.test(command ?? '') ? 'legacy' : /^\S*tables-nft/.test(command ?? '') ? 'nft' : piece.backend;

function iptablesOf(pieces: readonly FoundPiece[], conflicts: Conflict[]): Iptables {
  const tables = { IPv4: new Map<TableName, FoundTable>(), IPv6: new Map<TableName, FoundTable>() };
  const legacy = new Set<string>();
  for (const { piece, text } of pieces) {
    if (piece.kind !== 'iptables') continue;
    const family = familyOfPiece(piece, text);
    const isLegacy = backendOf(piece, text) === 'legacy';
    for (const [name, table] of [...piece.tables, ...unlisted(piece, text)]) {
      const key = `${family} ${name}`;
      const before = tables[family].get(name);
      // A machine may have both iptables, and only one of them in use.
      if (before === undefined || (isIdle(before) && !isIdle(table))) {
        tables[family].set(name, table);
        if (isLegacy) legacy.add(key);
        else legacy.delete(key);
      } else if (!isIdle(table) && !sameState(before, table))
        conflicts.push(conflict(`${family === 'IPv6' ? 'ip6tables' : 'iptables'}'s table ${name}`, before.origin, table.origin, text));
    }
  }
  return { tables, legacy };
}

/** A save has all tables that are loaded, unless it is of one (-t): those that are not there have nothing in them. */
function unlisted(piece: IptablesPiece, text: StateText): readonly (readonly [TableName, FoundTable])[] {
  const command = text.command ?? '';
  const isOfAll = piece.tables.size > 1 || (/-save\b/.test(command) && !/\s-(t|-table)\b/.test(command));
  if (!isOfAll || /\s-\w*S|--list-rules/.test(command)) return [];
  const origin = declaredAt(text, 0);
  return TABLES.filter((name) => !piece.tables.has(name)).map((name) => [
    name,
    {
      policies: new Map(TABLE_HOOKS[name].map((hook) => [hook, 'ACCEPT'])),
      chains: new Map(TABLE_HOOKS[name].map((hook) => [hook, []])),
      origin,
    },
  ]);
}

const TABLES: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** Does it let everything pass? */
const isIdle = ({ policies, chains }: FoundTable): boolean =>
  [...chains.values()].every((rules) => rules.length === 0) && [...policies.values()].every((policy) => policy === 'ACCEPT');

/** A table that iptables-nft wrote is in iptables-save as well, and is taken from there. */
function nftOf(pieces: readonly FoundPiece[], iptables: Iptables, conflicts: Conflict[]): readonly NftTable[] | null {
  const found = new Map<string, { readonly table: NftTable; readonly text: StateText }>();
  let isGiven = false;
  for (const { piece, text } of pieces) {
    if (piece.kind !== 'nft') continue;
    isGiven = true;
    for (const table of piece.tables) {
      const key = `${table.family} ${table.name}`;
      const before = found.get(key);
      if (before === undefined) found.set(key, { table, text });
      else if (!sameChains(before.table, table))
        conflicts.push(conflict(`nft's table ${key}`, declaredAt(before.text, 0), declaredAt(text, 0), text));
    }
  }
  if (!isGiven) return null;
  return [...found.values()].flatMap(({ table }) => (isOfIptables(table, iptables) ? [] : [table]));
}

const rulesIn = (table: Table) => [...table.chains()].map((chain) => [chain.name, chain.rules()]);
const sameChains = (a: Table, b: Table): boolean => sameState(rulesIn(a), rulesIn(b));

function isOfIptables(table: NftTable, { tables, legacy }: Iptables): boolean {
  if (table.family !== 'ip' && table.family !== 'ip6') return false;
  const family = table.family === 'ip' ? 'IPv4' : 'IPv6';
  const name = TABLES.find((t) => t === table.name);
  if (name === undefined || legacy.has(`${family} ${name}`)) return false;
  const saved = tables[family].get(name);
  if (saved === undefined) return false;
  return table.isOfIptables === true || [...table.chains()].every((chain) => saved.chains.has(chain.name));
}

/** Several commands show devices, one more of them than another; where none shows all, what was compiled stays. */
function linksOf(pieces: readonly FoundPiece[]): readonly FoundLink[] | null {
  const all = pieces.flatMap(({ piece }) => (piece.kind === 'links' ? [piece.links] : []));
  if (!pieces.some(({ piece }) => piece.kind === 'links' && piece.isAll)) return null;
  const byName = new Map<string, FoundLink>();
  for (const link of all.flat()) {
    const before = byName.get(link.name);
    byName.set(link.name, before === undefined ? link : filled(before, link));
  }
  return [...byName.values()];
}

/** What one command shows, and where it shows nothing, what another one does. */
const filled = (a: FoundLink, b: FoundLink): FoundLink => ({
  ...a,
  index: a.index ?? b.index,
  kind: a.kind ?? b.kind,
  up: a.up ?? b.up,
  carrier: a.carrier ?? b.carrier,
  mtu: a.mtu ?? b.mtu,
  mac: a.mac ?? b.mac,
  master: a.master ?? b.master,
  link: a.link ?? b.link,
  hairpin: a.hairpin ?? b.hairpin,
  vxlan: a.vxlan ?? b.vxlan,
  tunnel: a.tunnel ?? b.tunnel,
  vlan: a.vlan ?? b.vlan,
  vrf: a.vrf ?? b.vrf,
});

const addressesOf = (pieces: readonly FoundPiece[], family: IpFamily) =>
  listOf(
    pieces,
    (p) => (p.kind === 'addresses' && p.family === family ? p.addresses : null),
    (a) => `${a.device} ${a.address}`,
  );

function routesOf(pieces: readonly FoundPiece[], family: IpFamily, conflicts: Conflict[]): FoundState['routes'][IpFamily] {
  const texts = new Map<number, StateText>();
  const result = new Map<number, readonly Route[]>();
  for (const { piece, text } of pieces) {
    if (piece.kind !== 'routes' || piece.family !== family) continue;
    for (const [id, routes] of piece.tables) {
      const before = result.get(id);
      if (before === undefined) {
        result.set(id, routes);
        texts.set(id, text);
      } else if (!sameState(sorted(before), sorted(routes)))
        conflicts.push(conflict(`routing table ${id} (${family})`, firstOf(before, texts.get(id) ?? text), firstOf(routes, text), text));
    }
  }
  return result;
}

interface Origined {
  readonly origin: Origin;
}

const firstOf = ([first]: readonly Origined[], text: StateText): Origin => first?.origin ?? declaredAt(text, 0);

/** Two commands need not have one order. */
const sorted = (routes: readonly Route[]): readonly string[] => routes.map((r) => keyOf(r)).sort();

const hasAllTables = (pieces: readonly FoundPiece[], family: IpFamily): boolean =>
  pieces.some(({ piece }) => piece.kind === 'routes' && piece.family === family && piece.isAll);

function rulesOf(pieces: readonly FoundPiece[], family: IpFamily, conflicts: Conflict[]) {
  const [first, ...others] = pieces.flatMap(({ piece, text }) =>
    piece.kind === 'rules' && piece.family === family ? [{ rules: piece.rules, text }] : [],
  );
  if (first === undefined) return null;
  for (const { rules, text } of others)
    if (!sameState(first.rules, rules))
      conflicts.push(conflict(`the routing rules (${family})`, firstOf(first.rules, first.text), firstOf(rules, text), text));
  return first.rules;
}

function serversOf(pieces: readonly FoundPiece[], family: IpFamily, conflicts: Conflict[]) {
  const [first, ...others] = pieces.flatMap(({ piece, text }) =>
    piece.kind === 'ipvs' && piece.family === family ? [{ servers: piece.servers, text }] : [],
  );
  if (first === undefined) return null;
  for (const { servers, text } of others)
    if (!sameChains(first.servers, servers))
      conflicts.push(conflict(`the virtual servers (${family})`, declaredAt(first.text, 0), declaredAt(text, 0), text));
  return first.servers;
}

function sysctlsOf(pieces: readonly FoundPiece[], conflicts: Conflict[]): FoundState['sysctls'] {
  const sysctls = new Map<string, Sysctl>();
  for (const { piece, text } of pieces)
    for (const [name, sysctl] of piece.kind === 'sysctls' ? piece.sysctls : []) {
      const before = sysctls.get(name);
      if (before === undefined) sysctls.set(name, sysctl);
      else if (before.value !== sysctl.value) conflicts.push(conflict(name, before.origin, sysctl.origin, text));
    }
  return sysctls;
}

/** What several commands list, each thing once. */
function listOf<T extends object>(
  pieces: readonly FoundPiece[],
  of: (piece: Piece) => readonly T[] | null,
  key: ((item: T) => string) | null,
): readonly T[] | null {
  const lists = pieces.flatMap(({ piece }) => of(piece) ?? []);
  if (!pieces.some(({ piece }) => of(piece) !== null)) return null;
  return key === null ? lists : [...new Map([...lists].reverse().map((item) => [key(item), item])).values()].reverse();
}

function conflict(what: string, before: Origin, after: Origin, text: StateText): Conflict {
  const own = { document: text.document, path: [0], object: `Node/${text.node}` };
  const [first, second] = [before.locus ?? own, after.locus ?? own];
  return {
    locus: { ...second, object: `Node/${text.node}` },
    other: first,
    message: `${what} of node ${text.node} is in ${placeOf(first)}, too, and is not the same there`,
    hint: 'is one of them older, or of another node? Leave it out, or say whose it is: --node-state NODE=PATH',
  };
}
