import { NFT_FAMILIES, type NftTable, TABLE_HOOKS, type TableName } from '../datapath/netfilter/ruleset.ts';
import type { IpFamily } from '../net/address.ts';
import { familyOfCommand } from './command.ts';
import { type Format, RIGHT } from './format.ts';
import type { Untellable } from './text.ts';

/** The state that a command leaves out; null: a walk meets none of it. */
export function leftOut(by: string, right: string, lines: readonly string[]): Untellable | null {
  const told = { because: `${by} does not print all of it`, command: right };
  if (/tables(-nft|-legacy)?-save$/.test(right))
    return { ...told, area: 'iptables', family: familyOf(right), tables: [tableIn(by, lines)] };
  return right === RIGHT.nft ? { ...told, area: 'nft', tables: tablesNamed(lines) } : null;
}

/** The state that a command was refused without root; null: a walk meets none of it. */
export function unseen(command: string, format: Format): Untellable | null {
  return allOf(command, format, { because: `${command} was not run as root`, command: `${command}, as root` });
}

/** The state of an empty file: there is nothing, or the command failed; null: a walk meets none of it. */
export const notPrinted = (command: string, format: Format): Untellable | null =>
  allOf(command, format, { because: `${command} printed nothing, as it may where it fails`, command });

function allOf(command: string, format: Format, told: { readonly because: string; readonly command: string }): Untellable | null {
  if (format === 'nft') return { ...told, area: 'nft', tables: null };
  return format === 'iptables' ? { ...told, area: 'iptables', family: familyOfCommand(command) ?? 'IPv4', tables: ALL } : null;
}

/** The tables of nft that a listing has the names of. */
export const tablesNamed = (lines: readonly string[]): readonly Pick<NftTable, 'family' | 'name'>[] =>
  lines.flatMap((line) => {
    const [, of, name] = /^table (\S+) (\S+)/.exec(line.trim()) ?? [];
    const family = NFT_FAMILIES.find((f) => f === of);
    return family === undefined || name === undefined ? [] : [{ family, name }];
  });

const familyOf = (right: string): IpFamily => (right.startsWith('ip6') ? 'IPv6' : 'IPv4');

/** The table of an `iptables -L`, from the command or else from its base chains. */
function tableIn(by: string, lines: readonly string[]): TableName {
  const asked = /(?:^|\s)(?:-\w*t|--table)[ =]?(\S+)/.exec(by)?.[1];
  const named = TABLES.find((t) => t === asked);
  if (named !== undefined) return named;
  const listed = new Set(lines.flatMap((line) => /^Chain (\S+) \(policy /.exec(line)?.[1] ?? []));
  const all = TABLES.find((t) => TABLE_HOOKS[t].length === listed.size && TABLE_HOOKS[t].every((hook) => listed.has(hook)));
  return all ?? TABLES.find((t) => [...listed].every((chain) => TABLE_HOOKS[t].some((hook) => hook === chain))) ?? 'filter';
}

/** Tables with different base chains; security has those of filter. */
const TABLES: readonly TableName[] = ['filter', 'nat', 'mangle', 'raw'];
const ALL: readonly TableName[] = [...TABLES, 'security'];
