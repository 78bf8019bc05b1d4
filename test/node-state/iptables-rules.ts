import type { FoundTable } from '../../src/datapath/found-state.ts';
import type { TableName } from '../../src/datapath/netfilter/ruleset.ts';
import { readIptables } from '../../src/node-state/iptables/index.ts';
import { type SetSource, stateText } from '../../src/node-state/text.ts';

const NO_SETS: SetSource = () => undefined;

/** What is read of a text, in a form that a test can state. */
export function read(text: string, command: string | null = null, sets = NO_SETS) {
  const { pieces, unread, faults } = readIptables(stateText('node-1', 'save.txt', text, 1, command), sets);
  const place = ({ document, path }: (typeof unread)[number]['locus']) => document.position(path).line;
  return {
    pieces: pieces.flatMap((p) => (p.kind === 'iptables' ? [p] : [])),
    unread: unread.map((u) => `${place(u.locus)}: ${u.why}`),
    faults: faults.map((f) => `${place(f.locus)}: ${f.message}${f.hint === null ? '' : ` [${f.hint}]`}`),
  };
}

export type Read = ReturnType<typeof read>;

export function tableIn({ pieces }: Read, name: TableName, at = 0): FoundTable {
  const table = pieces[at]?.tables.get(name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

/** The text of a save of one table, with these rules in a chain of it. */
export const saved = (table: TableName, chain: string, ...rules: readonly string[]): string =>
  [`*${table}`, `:${chain} ${/^[A-Z]+$/.test(chain) ? 'ACCEPT' : '-'} [0:0]`, ...rules.map((r) => `-A ${chain} ${r}`), 'COMMIT'].join('\n');
