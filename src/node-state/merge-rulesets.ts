import type { FoundState, FoundTable } from '../datapath/found-state.ts';
import { type NftTable, TABLE_HOOKS, type Table, type TableName } from '../datapath/netfilter/ruleset.ts';
import { untoldTable } from '../datapath/netfilter/untold.ts';
import type { IpFamily } from '../net/address.ts';
import { familyOfCommand } from './command.ts';
import { type Conflict, conflict } from './conflict.ts';
import { sameState } from './same-state.ts';
import { declaredAt, type FoundPiece, type Piece, type StateFault, type StateText } from './text.ts';
import { originIn, untoldIptables, whatIsIn } from './untold.ts';

interface Iptables {
  readonly tables: FoundState['iptables'];
  /** Those that came from iptables-legacy, which nft does not show. */
  readonly legacy: ReadonlySet<string>;
  /** Families that iptables-legacy was asked for. */
  readonly legacyOf: ReadonlySet<IpFamily>;
}

type IptablesPiece = Extract<Piece, { readonly kind: 'iptables' }>;

const familyOfPiece = (piece: IptablesPiece, text: StateText): IpFamily => piece.family ?? familyOfCommand(text.command) ?? 'IPv4';

const backendOf = (piece: IptablesPiece, { command }: StateText): 'nft' | 'legacy' | null =>
  /^\S*tables-legacy/.test(command ?? '') ? 'legacy' : /^\S*tables-nft/.test(command ?? '') ? 'nft' : piece.backend;

/** The families that iptables-legacy was asked for. */
export const legacyOf = (pieces: readonly FoundPiece[]): ReadonlySet<IpFamily> =>
  new Set(
    pieces.flatMap(({ piece, text }) =>
      piece.kind === 'iptables' && backendOf(piece, text) === 'legacy' ? [familyOfPiece(piece, text)] : [],
    ),
  );

/** The tables of iptables and ip6tables, by family and name. */
export function iptablesOf(pieces: readonly FoundPiece[], faults: readonly StateFault[], conflicts: Conflict[]): Iptables {
  const tables = { IPv4: new Map<TableName, FoundTable>(), IPv6: new Map<TableName, FoundTable>() };
  const legacy = new Set<string>();
  for (const { piece, text } of pieces) {
    if (piece.kind !== 'iptables') continue;
    const family = familyOfPiece(piece, text);
    const isLegacy = backendOf(piece, text) === 'legacy';
    for (const [name, table] of [...piece.tables, ...unlisted(piece, text).filter(([n]) => !isOfNft(faults, family, n))]) {
      const key = `${family} ${name}`;
      const before = tables[family].get(name);
      // A machine may have both iptables, and only one of them in use.
      if (before === undefined || isBetter(table, before)) {
        tables[family].set(name, table);
        if (isLegacy) legacy.add(key);
        else legacy.delete(key);
      } else if (table.untold === undefined && !isIdle(table) && !sameState(before, table))
        conflicts.push(conflict(`${family === 'IPv6' ? 'ip6tables' : 'iptables'}'s table ${name}`, before.origin, table.origin, text));
    }
  }
  for (const [family, name, table] of untoldIptables(faults)) {
    const own = tables[family];
    if (!own.has(name) && !isInNft(pieces, family, name, isOfNft(faults, family, name))) own.set(name, table);
  }
  return { tables, legacy, legacyOf: legacyOf(pieces) };
}

/** What is told wins over what is not, and a table in use over one that is not. */
function isBetter(table: FoundTable, before: FoundTable): boolean {
  if (table.untold !== undefined || before.untold !== undefined) return table.untold === undefined;
  return isIdle(before) && !isIdle(table);
}

/** iptables-nft keeps a table where nft lists it. */
const isInNft = (pieces: readonly FoundPiece[], family: IpFamily, name: TableName, isAnyones: boolean): boolean =>
  pieces.some(({ piece }) => piece.kind === 'nft' && piece.tables.some((t) => (isAnyones || t.isOfIptables) && isCalled(t, family, name)));

const isCalled = (table: NftTable, family: IpFamily, name: TableName): boolean =>
  table.name === name && table.family === (family === 'IPv4' ? 'ip' : 'ip6');

/** A save says that it does not have the table because of the rules of nft that are in it. */
const isOfNft = (faults: readonly StateFault[], family: IpFamily, name: TableName): boolean =>
  faults.some(({ untold: u }) => u?.area === 'iptables' && u.isOfNft === true && u.family === family && u.tables.includes(name));

/** A save has all tables that are loaded, unless it is of one (-t): those that are not there have nothing in them. */
function unlisted(piece: IptablesPiece, text: StateText): readonly (readonly [TableName, FoundTable])[] {
  const command = text.command ?? '';
  const isOfAll = piece.cut !== undefined || piece.tables.size > 1 || /-save\b/.test(command);
  if (!isOfAll || /\s-(t|-table)\b/.test(command) || /\s-\w*S|--list-rules/.test(command)) return [];
  return TABLES.filter((name) => !piece.tables.has(name)).map((name) => [name, unlistedTable(name, piece, text)]);
}

function unlistedTable(name: TableName, { cut, family }: IptablesPiece, text: StateText): FoundTable {
  if (cut !== undefined) return untoldTable(name, { ...cut.untold, what: whatIsIn(family ?? 'IPv4', name) }, originIn(cut.origin, name));
  const hooks = TABLE_HOOKS[name];
  return {
    policies: new Map(hooks.map((hook) => [hook, 'ACCEPT'])),
    chains: new Map(hooks.map((hook) => [hook, []])),
    origin: declaredAt(text, 0),
  };
}

const TABLES: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** Does it let everything pass? */
const isIdle = ({ policies, chains }: FoundTable): boolean =>
  [...chains.values()].every((rules) => rules.length === 0) && [...policies.values()].every((policy) => policy === 'ACCEPT');

/** All tables that nft lists. */
export const listedByNft = (pieces: readonly FoundPiece[]): readonly NftTable[] | null =>
  pieces.some(({ piece }) => piece.kind === 'nft') ? pieces.flatMap(({ piece }) => (piece.kind === 'nft' ? piece.tables : [])) : null;

/** A table that iptables-nft wrote is in iptables-save as well, and is taken from there. */
export function nftOf(pieces: readonly FoundPiece[], iptables: Iptables, conflicts: Conflict[]): readonly NftTable[] | null {
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

/** The virtual servers of IPVS; null: nobody listed them. */
export function serversOf(pieces: readonly FoundPiece[], family: IpFamily, conflicts: Conflict[]) {
  const [first, ...others] = pieces.flatMap(({ piece, text }) =>
    piece.kind === 'ipvs' && piece.family === family ? [{ servers: piece.servers, text }] : [],
  );
  if (first === undefined) return null;
  for (const { servers, text } of others)
    if (!sameChains(first.servers, servers))
      conflicts.push(conflict(`the virtual servers (${family})`, declaredAt(first.text, 0), declaredAt(text, 0), text));
  return first.servers;
}
