import type { FoundTable, UntoldTables } from '../datapath/found-state.ts';
import type { TableName } from '../datapath/netfilter/ruleset.ts';
import { untoldTable } from '../datapath/netfilter/untold.ts';
import type { IpFamily } from '../net/address.ts';
import { declared, type Locus, type Origin } from '../source/origin.ts';
import type { StateFault } from './text.ts';

/** What texts were to tell and do not: what nobody knows of a node, unless another text tells it. */

export const whatIsIn = (family: IpFamily, table: TableName): string => `what is in ${table} (${programOf(family)})`;

const programOf = (family: IpFamily): string => (family === 'IPv6' ? 'ip6tables' : 'iptables');

/** A place in the text, as that of a table. */
export const originIn = ({ locus, ...origin }: Origin, name: string): Origin => ({
  ...origin,
  locus: locus === null ? null : { ...locus, object: `${locus.object} ${name}` },
});

export function untoldIptables(faults: readonly StateFault[]): readonly (readonly [IpFamily, TableName, FoundTable])[] {
  return faults.flatMap(({ untold, locus }) => {
    if (untold?.area !== 'iptables') return [];
    const { family, tables, because, command } = untold;
    return tables.map((table) => {
      const origin = at(locus, `${programOf(family)} ${table}`);
      return [family, table, untoldTable(table, { what: whatIsIn(family, table), because, command }, origin)] as const;
    });
  });
}

const at = (locus: Locus, of: string): Origin => declared({ ...locus, object: `${locus.object} ${of}` });

export const untoldTables = (faults: readonly StateFault[]): readonly UntoldTables[] =>
  faults.flatMap(({ untold, locus }) => {
    if (untold?.area !== 'tables') return [];
    const { families, what, because, command } = untold;
    return [{ families, what, because, command, origin: at(locus, what) }];
  });
