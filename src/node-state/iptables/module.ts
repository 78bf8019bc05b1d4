import type { Lack, Match } from '../../datapath/netfilter/match.ts';
import type { TableName } from '../../datapath/netfilter/ruleset.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import type { IpFamily } from '../../net/address.ts';
import type { SetSource } from '../text.ts';

/** The table that a rule is read in, and the rest of its file as far as the rule's meaning hangs on it. */
export interface Context {
  readonly family: IpFamily;
  readonly table: TableName;
  readonly sets: SetSource;
  /** Header fields that some rule of the file writes: a packet may come to another rule with a different value than it was sent with. */
  readonly writes: { readonly tos: boolean; readonly ttl: boolean };
  /** Does the table have a chain of this name? A target of the same name is then a jump. */
  isChain(name: string): boolean;
}

/** An option as it stands in a rule. */
export interface Stated {
  readonly name: string;
  readonly args: readonly string[];
  readonly negated: boolean;
}

/**
 * A module of iptables: how many words each of its options takes, and what they ask together. Null: that is not modelled. Options are in
 * iptables-extensions(8).
 */
export interface Module {
  readonly options: Readonly<Record<string, number>>;
  readonly read: (options: readonly Stated[], context: Context) => readonly Match[] | null;
  /** Where it is not modelled because of what nobody gave. */
  readonly lacks?: (options: readonly Stated[], context: Context) => Lack | null;
}

/** The same for a target. Null: it does nothing to the packet's way. Undefined: that is not modelled. */
export interface TargetModule {
  readonly options: Readonly<Record<string, number>>;
  readonly read: (options: readonly Stated[], context: Context) => Target | null | undefined;
  /** What it does to sets. */
  readonly writes?: (options: readonly Stated[], context: Context) => readonly Match[];
}

/** Options that take one word each, and flags that take none. */
export const taking = (words: string, flags = ''): Readonly<Record<string, number>> =>
  Object.fromEntries([...list(words).map((name) => [name, 1] as const), ...list(flags).map((name) => [name, 0] as const)]);

const list = (names: string): readonly string[] => names.split(' ').filter((name) => name !== '');

/** A module that is not modelled. */
export const unmodelled = (options: Readonly<Record<string, number>>, lacks?: Module['lacks']): Module => ({
  options,
  read: () => null,
  ...(lacks === undefined ? {} : { lacks }),
});

/** The word of an option that is there. */
export const wordOf = (options: readonly Stated[], name: string): string | undefined => options.find((o) => o.name === name)?.args[0];

/** A module whose options ask one by one; null for one of them: none of them is understood. */
export const each = (options: Readonly<Record<string, number>>, read: (option: Stated, context: Context) => Match | null): Module => ({
  options,
  read: (stated, context) => {
    const found: Match[] = [];
    for (const option of stated) {
      const match = read(option, context);
      if (match === null) return null;
      found.push(match);
    }
    return found;
  },
});

/** What the kernel keeps for a module under a name, and shows in a file. */
export const kept = (what: string, directory: string, name: string): Lack => ({
  what: `the ${what} that are kept as ${name}`,
  command: `cat /proc/net/${directory}/${name}`,
  look: true,
});
