import type { FoundTable, UntoldTables } from '../found-state.ts';
import type { PolicyPoints } from '../policy-point.ts';
import type { Chain, Hook, NftTable, Policy, Rule, TableName, VirtualServers } from './ruleset.ts';

/** Chains that many machines have in common, found by name. */
export interface SharedChains {
  chain(table: TableName, name: string): Chain | undefined;
  names(table: TableName): readonly string[];
}

/** Tables as they were found. Null: not given. */
export interface FoundRules {
  readonly iptables: ReadonlyMap<TableName, FoundTable>;
  readonly nft: readonly NftTable[] | null;
  /** Others stay as they were written. Undefined: there are none. */
  readonly isNftPart?: true;
  readonly ipvs: VirtualServers | null;
  /** Unknown tables. */
  readonly untold: readonly UntoldTables[];
  /** Connections were listed: something has switched their tracking on, whatever was given of the rules. */
  readonly tracks: boolean;
  /** The written rules are kept beside the found ones, and run first: they stand for programs that use no table. */
  readonly beside: boolean;
  /** Names of devices, by those that rules which stay were written with. */
  readonly devices: ReadonlyMap<string, string>;
}

/** The writer of base chains: a table of nft, or iptables, whose tables are added together. */
export type Writer = NftTable | 'iptables';

export type WrittenChains = Map<string, Rule[]>;

/** All that writers have said of one machine's rules. */
export interface Written {
  readonly iptables: Map<TableName, WrittenChains>;
  readonly policies: Map<TableName, Map<Hook, Policy>>;
  readonly shared: SharedChains[];
  readonly nft: NftTable[];
  /** How many tables of nft came before the first of iptables; null: iptables has none. */
  nftBefore: number | null;
  /** The base chains of iptables came after all of nft's. */
  isLast: boolean;
  /** Came last, or before all else; null: the order is known. */
  open: Writer | null;
  servers: VirtualServers | null;
  points: PolicyPoints | null;
  found: FoundRules | null;
}
