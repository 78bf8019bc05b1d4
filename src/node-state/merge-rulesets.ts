import type { NftTable, Table } from '../datapath/netfilter/ruleset.ts';
import type { IpFamily } from '../net/address.ts';
import { type Conflict, conflict } from './conflict.ts';
import { type Iptables, TABLES } from './merge-iptables.ts';
import { betterOf } from './same-rules.ts';
import { sameState } from './same-state.ts';
import { declaredAt, type FoundPiece, type StateText } from './text.ts';

interface Listed {
  readonly table: NftTable;
  readonly text: StateText;
}

/** nft's tables by family and name, each from the text that is understood best; null: no text lists them. */
export function nftListed(pieces: readonly FoundPiece[], conflicts: Conflict[]): ReadonlyMap<string, Listed> | null {
  const found = new Map<string, Listed>();
  for (const { piece, text } of pieces)
    for (const table of piece.kind === 'nft' ? piece.tables : []) {
      const key = `${table.family} ${table.name}`;
      const before = found.get(key);
      const better = before === undefined ? table : betterOf(before.table, table);
      if (better === table) found.set(key, { table, text });
      else if (before !== undefined && better === null)
        conflicts.push(conflict(`nft's table ${key}`, declaredAt(before.text, 0), declaredAt(text, 0), text));
    }
  return pieces.some(({ piece }) => piece.kind === 'nft') ? found : null;
}

/** A table that iptables-nft wrote is in iptables-save as well, and is taken from there. */
export const nftOf = (listed: ReadonlyMap<string, Listed> | null, iptables: Iptables): readonly NftTable[] | null =>
  listed === null ? null : [...listed.values()].flatMap(({ table }) => (isOfIptables(table, iptables) ? [] : [table]));

const rulesIn = (table: Table) => [...table.chains()].map((chain) => [chain.name, chain.rules()]);
const sameChains = (a: Table, b: Table): boolean => sameState(rulesIn(a), rulesIn(b));

/** Is the table in iptables-save as well? Where the save does not say which iptables printed it, the names of its chains decide. */
function isOfIptables(table: NftTable, { tables, legacy, unsure, ofNft }: Iptables): boolean {
  if (table.family !== 'ip' && table.family !== 'ip6') return false;
  const family = table.family === 'ip' ? 'IPv4' : 'IPv6';
  const name = TABLES.find((t) => t === table.name);
  if (name === undefined || legacy.has(`${family} ${name}`) || ofNft.has(`${family} ${name}`)) return false;
  const saved = tables[family].get(name);
  if (saved === undefined) return false;
  return (
    (table.isOfIptables === true && !unsure.has(`${family} ${name}`)) || [...table.chains()].every((chain) => saved.chains.has(chain.name))
  );
}

/** The virtual servers of IPVS; null: no text lists them. */
export function serversOf(pieces: readonly FoundPiece[], family: IpFamily, conflicts: Conflict[]) {
  const all = pieces.flatMap(({ piece, text }) =>
    piece.kind === 'ipvs' && piece.family === family ? [{ servers: piece.servers, text }] : [],
  );
  const told = all.filter(({ servers }) => servers.servers.rules().every((r) => r.target?.kind !== 'untold'));
  const [first, ...others] = told.length > 0 ? told : all.slice(0, 1);
  if (first === undefined) return null;
  for (const { servers, text } of others)
    if (!sameChains(first.servers, servers))
      conflicts.push(conflict({ many: `the virtual servers (${family})` }, declaredAt(first.text, 0), declaredAt(text, 0), text));
  return first.servers;
}
