import type { FoundTable, UntoldTables } from '../datapath/found-state.ts';
import type { NftTable, TableName } from '../datapath/netfilter/ruleset.ts';
import { untoldTable } from '../datapath/netfilter/untold.ts';
import { iptablesFor } from '../datapath/programs.ts';
import { FAMILIES, type IpFamily } from '../net/address.ts';
import { declared, type Locus, type Origin } from '../source/origin.ts';
import type { StateFault } from './text.ts';

/** State that texts should have and do not, so that it is not known, unless another text has it. */

export const whatIsIn = (family: IpFamily, table: TableName): string => `what is in ${table} (${iptablesFor(family)})`;

/** The same place in the text, as that of a table. */
export const originIn = ({ locus, ...origin }: Origin, name: string): Origin => ({
  ...origin,
  locus: locus === null ? null : { ...locus, object: `${locus.object} ${name}` },
});

export function untoldIptables(faults: readonly StateFault[]): readonly (readonly [IpFamily, TableName, FoundTable])[] {
  return faults.flatMap(({ untold, locus }) => {
    if (untold?.area !== 'iptables') return [];
    const { family, tables, because, command } = untold;
    return tables.map((table) => {
      const origin = at(locus, `${iptablesFor(family)} ${table}`);
      return [family, table, untoldTable(table, { what: whatIsIn(family, table), because, command }, origin)] as const;
    });
  });
}

const at = (locus: Locus, of: string): Origin => declared({ ...locus, object: `${locus.object} ${of}` });

/** The rules that texts do have. */
export interface ToldRules {
  readonly iptables: Readonly<Record<IpFamily, ReadonlyMap<TableName, FoundTable>>>;
  /** Families of which iptables-legacy was listed, and `FAMILY TABLE` of the tables that came from it. */
  readonly legacyOf: ReadonlySet<IpFamily>;
  readonly legacy: ReadonlySet<string>;
  /** Null: no text lists them. */
  readonly nft: readonly NamedTable[] | null;
  readonly isNftWhole: boolean;
}

type NamedTable = Pick<NftTable, 'family' | 'name'>;

export function untoldTables(faults: readonly StateFault[], told: ToldRules): readonly UntoldTables[] {
  return faults.flatMap(({ untold, locus }): readonly UntoldTables[] => {
    if (untold === undefined) return [];
    const { because, command } = untold;
    const of = (what: string, families: readonly IpFamily[]) => ({ families, what, because, command, origin: at(locus, what) });
    if (untold.area === 'legacy') {
      const { family } = untold;
      return told.legacyOf.has(family) ? [] : [of(`what is in the tables of ${iptablesFor(family)}-legacy`, [family])];
    }
    if (untold.area !== 'nft') return [];
    if (untold.tables === null) return !told.isNftWhole ? [of('what is in the tables of nft', FAMILIES)] : [];
    return untold.tables.flatMap((table) =>
      isTold(table, told) ? [] : [of(`what is in ${table.family} ${table.name} (nft)`, familiesOf(table))],
    );
  });
}

/** Is the table in a listing of nft, or of iptables-nft, whose tables have the same names there? */
function isTold(table: NamedTable, { iptables, legacy, nft }: ToldRules): boolean {
  if (nft?.some((t) => t.family === table.family && t.name === table.name) === true) return true;
  const [family, ...others] = familiesOf(table);
  if (family === undefined || others.length > 0) return false;
  return [...iptables[family]].some(([name, t]) => name === table.name && t.untold === undefined && !legacy.has(`${family} ${name}`));
}

/** The families whose packets meet the table: all packets meet those below IP. */
const familiesOf = ({ family }: NamedTable): readonly IpFamily[] => (family === 'ip' ? ['IPv4'] : family === 'ip6' ? ['IPv6'] : FAMILIES);
