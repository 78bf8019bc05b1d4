import { asksConntrack, isAboutConntrack, seemsToAsk } from './asks-conntrack.ts';
import { asTable } from './found-table.ts';
import { baseOfIptables, hooksOf, whereItDiffers } from './hook-order.ts';
import { renameDevices } from './rename-devices.ts';
import type { BaseChain, Hooks, IptablesTable, NftTable, Ruleset, TableName } from './ruleset.ts';
import { tiesOf } from './tied.ts';
import { baseOfUntold } from './untold.ts';
import type { FoundRules, Writer, Written, WrittenChains } from './written.ts';
import { writtenTable } from './written-table.ts';

/** The ruleset of one machine: the written rules, and the found ones in place of some. */
export function rulesetOf(written: Written): Ruleset {
  const { found, servers } = written;
  const parts = partsOf(written);
  const { tables, beside, first, nft, nftBefore } = parts;
  const ipvs = found?.ipvs ?? servers;
  const tracksConnections = tracks(written, parts);
  const order: readonly Writer[] = [...nft.slice(0, nftBefore), 'iptables', ...nft.slice(nftBefore)];
  const hooksIn = (writers: readonly Writer[]): Hooks =>
    hooksOf(baseChains(writers, parts, found), tracksConnections, ipvs, written.points);
  const hooks = hooksIn(order);
  const last = found?.nft == null && nft.length > 0 ? written.open : null;
  const isOpen = (found?.nft != null && nft.length > 0) || beside.length > 0;
  const ties = isOpen ? tiesOf(hooks, first) : {};
  return {
    tables,
    ...(beside.length === 0 ? {} : { beside }),
    nft,
    nftBefore,
    ...(ipvs === null ? {} : { ipvs }),
    hooks,
    otherwise: last === null ? null : whereItDiffers(hooks, hooksIn([last, ...order.filter((o) => o !== last)])),
    ...(Object.keys(ties).length === 0 ? {} : { ties }),
    tracksConnections,
  };
}

type WrittenTables = readonly (readonly [name: TableName, chains: WrittenChains])[];

/** The tables of the machine by their source. */
interface Parts {
  /** Written, and not found. */
  readonly stays: WrittenTables;
  readonly tables: Readonly<Partial<Record<TableName, IptablesTable>>>;
  /** The base chains of all these. */
  readonly iptables: readonly Omit<BaseChain, 'registered'>[];
  /** The tables of iptables-nft beside those of iptables-legacy. */
  readonly beside: readonly IptablesTable[];
  /** Written, and asked before what was found in their place. */
  readonly first: readonly IptablesTable[];
  readonly nft: readonly NftTable[];
  readonly nftBefore: number;
}

function partsOf(written: Written): Parts {
  const { iptables, found, isLast } = written;
  const [stays, others] = parted(iptables, found);
  const nft = nftOf(written);
  const tables: Partial<Record<TableName, IptablesTable>> = {};
  for (const [name, chains] of stays) tables[name] = writtenTable(name, renamed(chains, found), written);
  for (const [name, table] of found?.iptables ?? []) tables[name] = asTable(name, table);
  return {
    stays,
    tables,
    iptables: Object.values(tables).flatMap(baseOfIptables),
    beside: [...(found?.iptables ?? [])].flatMap(([name, table]) => (table.beside === undefined ? [] : asTable(name, table.beside))),
    first: found?.beside === true ? others.map(([name, chains]) => writtenTable(name, chains, written)) : [],
    nft,
    nftBefore: isLast ? nft.length : Math.min(written.nftBefore ?? nft.length, nft.length),
  };
}

/** A table that was listed by itself is in the place of the one of its name. */
function nftOf({ nft, found }: Written): readonly NftTable[] {
  const listed = found?.nft ?? null;
  if (listed === null || found?.isNftPart !== true) return listed ?? nft;
  const asListed = (table: NftTable) => listed.find((t) => t.family === table.family && t.name === table.name);
  const stay = nft.map((table) => asListed(table) ?? table);
  return [...stay, ...listed.filter((table) => !stay.includes(table))];
}

/** The tables that were written: those that were not found, and those that were. */
function parted(iptables: Written['iptables'], found: FoundRules | null): readonly [WrittenTables, WrittenTables] {
  const isFound = (name: TableName) => found?.iptables.has(name) === true || found?.nft?.some((t) => isSame(t, name)) === true;
  return [[...iptables].filter(([name]) => !isFound(name)), [...iptables].filter(([name]) => isFound(name))];
}

/** iptables-nft's tables are found where nft is listed, too. */
const isSame = (table: NftTable, name: TableName) => table.isOfIptables === true && table.name === name;

function renamed(chains: WrittenChains, found: FoundRules | null): WrittenChains {
  if (found === null || [...found.devices].every(([a, b]) => a === b)) return chains;
  return new Map([...chains].map(([name, rules]) => [name, renameDevices(rules, found.devices)]));
}

function tracks({ points, found, shared }: Written, { stays, first, nft }: Parts): boolean {
  return (
    points !== null ||
    found?.tracks === true ||
    (found?.ipvs?.servers.rules().length ?? 0) > 0 ||
    (shared.length > 0 && stays.length + first.length > 0) ||
    stays.some(([, chains]) => [...chains.values()].some((rules) => rules.some(isAboutConntrack))) ||
    [...(found?.iptables.values() ?? [])].some((t) => asksConntrack(t) || (t.beside !== undefined && asksConntrack(t.beside))) ||
    nft.some((t) => t.tracksConnections ?? seemsToAsk(t))
  );
}

/** The base chains in the order in which they were added; of one priority the last one runs first. */
function baseChains(writers: readonly Writer[], { iptables, beside, first }: Parts, found: FoundRules | null): readonly BaseChain[] {
  const baseOf = (of: Writer) => (of === 'iptables' ? iptables : of.base.map((b) => ({ ...b, table: of })));
  const later = [...[...beside, ...first].flatMap(baseOfIptables), ...(found?.untold ?? []).flatMap(baseOfUntold)];
  return [...writers.flatMap(baseOf), ...later].map((b, registered) => ({ ...b, registered }));
}
