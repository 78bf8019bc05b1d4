import type { FoundState, FoundTable } from '../datapath/found-state.ts';
import { type NftTable, TABLE_HOOKS, type TableName } from '../datapath/netfilter/ruleset.ts';
import { untoldTable } from '../datapath/netfilter/untold.ts';
import { iptablesFor } from '../datapath/programs.ts';
import { FAMILIES, type IpFamily } from '../net/address.ts';
import type { Origin } from '../source/origin.ts';
import { familyOfCommand } from './command.ts';
import { type Conflict, conflict } from './conflict.ts';
import { sameState } from './same-state.ts';
import { declaredAt, type FoundPiece, type Piece, type StateFault, type StateText } from './text.ts';
import { originIn, untoldIptables, whatIsIn } from './untold.ts';

export interface Iptables {
  readonly tables: FoundState['iptables'];
  /** `FAMILY TABLE` of the tables that iptables-legacy has, which nft does not show. */
  readonly legacy: ReadonlySet<string>;
  /** `FAMILY TABLE` of the tables that may be of either iptables. */
  readonly unsure: ReadonlySet<string>;
  /** Families that iptables-legacy was asked for. */
  readonly legacyOf: ReadonlySet<IpFamily>;
  /** `FAMILY TABLE` of the tables that nft wrote into, so that only nft's listing has all of them. */
  readonly ofNft: ReadonlySet<string>;
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
  const unsure = new Set<string>();
  for (const family of FAMILIES)
    for (const [name, all] of foundIn(pieces, family)) {
      const table = chosen(all, `${iptablesFor(family)}'s table ${name}`, conflicts);
      if (table === null) continue;
      tables[family].set(name, ofVariant(table));
      if (table.by === 'legacy') legacy.add(`${family} ${name}`);
      else if (table.by === null) unsure.add(`${family} ${name}`);
    }
  const ofNft = new Set<string>();
  for (const { piece, text } of pieces) {
    const family = piece.kind === 'iptables' ? familyOfPiece(piece, text) : 'IPv4';
    for (const name of piece.kind === 'iptables' ? piece.ofNft : []) {
      ofNft.add(`${family} ${name}`);
      // nft lists all of such a table.
      if (!tables[family].has(name) && isGivenByNft(pieces)) tables[family].set(name, emptyTable(name, declaredAt(text, 0)));
    }
  }
  for (const [family, name, table] of untoldIptables(faults)) {
    const own = tables[family];
    if (!own.has(name) && !isInNft(pieces, family, name)) own.set(name, table);
  }
  return { tables: inUse(tables, legacy, pieces), legacy, unsure, legacyOf: legacyOf(pieces), ofNft };
}

/** A table, and the text that has it. */
interface Candidate {
  readonly table: FoundTable;
  readonly by: 'nft' | 'legacy' | null;
  readonly text: StateText;
}

function foundIn(pieces: readonly FoundPiece[], family: IpFamily): ReadonlyMap<TableName, readonly Candidate[]> {
  const found = new Map<TableName, Candidate[]>();
  for (const { piece, text } of pieces) {
    if (piece.kind !== 'iptables' || familyOfPiece(piece, text) !== family) continue;
    for (const [name, table] of [...piece.tables, ...unlisted(piece, text)])
      found.set(name, [...(found.get(name) ?? []), { table, by: backendOf(piece, text), text }]);
  }
  return found;
}

/**
 * A machine may have both iptables, with rules in one of them or in both. A text that does not say which of them printed it counts for the
 * one that another text names.
 */
function chosen(all: readonly Candidate[], what: string, conflicts: Conflict[]): Candidate | null {
  const isNft = (c: Candidate) =>
    c.by === 'nft' || (c.by === null && (all.some((o) => o.by === 'nft') || !all.some((o) => o.by === 'legacy')));
  const nft = best(all.filter(isNft), what, conflicts);
  const legacy = best(
    all.filter((c) => !isNft(c)),
    what,
    conflicts,
  );
  if (nft === null || legacy === null) return nft ?? legacy;
  if (isIdle(nft.table)) return legacy;
  if (isIdle(legacy.table)) return nft;
  return { ...legacy, table: { ...legacy.table, beside: ofVariant(nft) } };
}

/** Up to 1.7 there was one iptables, without another name. */
const OF_ONE = /^# Generated by \S+ v(?:0|1\.[0-7])(?:\.|\s)/;

function ofVariant({ table, by, text }: Candidate): FoundTable {
  const isOfOne = by === 'legacy' && text.lines.some((line) => OF_ONE.test(line));
  return by === null || isOfOne ? table : { ...table, variant: by };
}

/** A table that is listed wins over one that is not, and a table with rules over one without. */
function best(all: readonly Candidate[], what: string, conflicts: Conflict[]): Candidate | null {
  const told = all.filter((c) => c.table.untold === undefined);
  const used = told.filter((c) => !isIdle(c.table));
  const [first, ...others] = used.length > 0 ? used : told.length > 0 ? told : all;
  if (first === undefined) return null;
  for (const { table, text } of used.length > 0 ? others : [])
    if (!sameState(first.table, table)) conflicts.push(conflict(what, first.table.origin, table.origin, text));
  return first;
}

/** The tables of iptables-nft beside those of iptables-legacy are left out where nft lists them: they are among nft's tables then. */
function inUse(tables: FoundState['iptables'], legacy: ReadonlySet<string>, pieces: readonly FoundPiece[]): FoundState['iptables'] {
  const without = (family: IpFamily) =>
    new Map(
      [...tables[family]].map(([name, { beside, ...table }]) => [
        name,
        beside === undefined || (legacy.has(`${family} ${name}`) && isInNft(pieces, family, name)) ? table : { ...table, beside },
      ]),
    );
  return { IPv4: without('IPv4'), IPv6: without('IPv6') };
}

/** iptables-nft keeps a table where nft lists it. */
const isInNft = (pieces: readonly FoundPiece[], family: IpFamily, name: TableName): boolean =>
  pieces.some(({ piece }) => piece.kind === 'nft' && piece.tables.some((t) => t.isOfIptables === true && isCalled(t, family, name)));

const isCalled = (table: NftTable, family: IpFamily, name: TableName): boolean =>
  table.name === name && table.family === (family === 'IPv4' ? 'ip' : 'ip6');

/** Tables that a save does not have: it lists all that are loaded, unless it is of one (-t), so that the others are empty. */
function unlisted(piece: IptablesPiece, text: StateText): readonly (readonly [TableName, FoundTable])[] {
  const command = text.command ?? '';
  const isOfAll = piece.cut !== undefined || piece.tables.size > 1 || /-save\b/.test(command);
  if (!isOfAll || /\s-(t|-table)\b/.test(command) || /\s-\w*S|--list-rules/.test(command)) return [];
  return TABLES.filter((name) => !piece.tables.has(name) && !piece.ofNft.has(name)).map((name) => [name, unlistedTable(name, piece, text)]);
}

/**
 * iptables-nft-save lists tables in this order, whatever order they came in, so that a save which is cut off has all up to the last. Seen of 1.8.9; before
 * its first line said (nf_tables), and of iptables-legacy, the order is another one. Source: nft_for_each_table, iptables/nft.c.
 */
const NFT_ORDER: readonly TableName[] = ['mangle', 'security', 'raw', 'filter', 'nat'];
const OF_NFT = /^# Generated by \S+ v\S+ \(nf_tables\)/;

function cameBefore(name: TableName, { backend, tables }: IptablesPiece, { lines }: StateText): boolean {
  const listed = [...tables.keys()].map((table) => NFT_ORDER.indexOf(table));
  const isInOrder = listed.every((place, i) => place > (listed[i - 1] ?? -1));
  return backend === 'nft' && isInOrder && NFT_ORDER.indexOf(name) < (listed.at(-1) ?? -1) && lines.some((line) => OF_NFT.test(line));
}

function unlistedTable(name: TableName, piece: IptablesPiece, text: StateText): FoundTable {
  const { cut, family } = piece;
  if (cut !== undefined && !cameBefore(name, piece, text))
    return untoldTable(name, { ...cut.untold, what: whatIsIn(family ?? 'IPv4', name) }, originIn(cut.origin, name));
  return emptyTable(name, declaredAt(text, 0));
}

function emptyTable(name: TableName, origin: Origin): FoundTable {
  const hooks = TABLE_HOOKS[name];
  return { policies: new Map(hooks.map((hook) => [hook, 'ACCEPT'])), chains: new Map(hooks.map((hook) => [hook, []])), origin };
}

export const TABLES: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** Has the table no rule, and no policy but ACCEPT? */
const isIdle = ({ policies, chains }: FoundTable): boolean =>
  [...chains.values()].every((rules) => rules.length === 0) && [...policies.values()].every((policy) => policy === 'ACCEPT');

/** All tables of nft are listed: not one by itself, by `nft list table`. */
export const isGivenByNft = (pieces: readonly FoundPiece[]): boolean =>
  pieces.some(({ piece, text }) => piece.kind === 'nft' && !/\slist\s+table\s/.test(text.command ?? ''));
