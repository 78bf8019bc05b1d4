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
  readonly writes: { readonly tos: boolean };
  /** Does the table have a chain of this name? A target of the same name is then a jump. */
  isChain(name: string): boolean;
}

/** An option of a rule, with its arguments. */
export interface Stated {
  readonly name: string;
  readonly args: readonly string[];
  readonly negated: boolean;
}

/**
 * A match module of iptables, with the number of arguments of each option. `read`: the matches that the options are together; null: they
 * are not modelled. Options are in iptables-extensions(8).
 */
export interface Module {
  readonly options: Readonly<Record<string, number>>;
  readonly read: (options: readonly Stated[], context: Context) => readonly Match[] | null;
  /** The missing input, where a match is unmodelled only because of that. */
  readonly lacks?: (options: readonly Stated[], context: Context) => Lack | null;
}

/** A target module. `read` null: the target does not change a packet's way; undefined: it is not modelled. */
export interface TargetModule {
  readonly options: Readonly<Record<string, number>>;
  readonly read: (options: readonly Stated[], context: Context) => Target | null | undefined;
  /** Where it is not modelled because of what nobody gave. */
  readonly lacks?: Lack;
  /** The elements that it adds to sets or deletes from them. */
  readonly writes?: (options: readonly Stated[], context: Context) => readonly Match[];
}

/** The options in `words` with one argument each, and the `flags` with none. */
export const taking = (words: string, flags = ''): Readonly<Record<string, number>> =>
  Object.fromEntries([...list(words).map((name) => [name, 1] as const), ...list(flags).map((name) => [name, 0] as const)]);

const list = (names: string): readonly string[] => names.split(' ').filter((name) => name !== '');

/** A module none of whose matches is modelled. */
export const unmodelled = (options: Readonly<Record<string, number>>, lacks?: Module['lacks']): Module => ({
  options,
  read: () => null,
  ...(lacks === undefined ? {} : { lacks }),
});

/** The first argument of an option; undefined: the rule does not have it. */
export const wordOf = (options: readonly Stated[], name: string): string | undefined => options.find((o) => o.name === name)?.args[0];

/** A module whose options are matches of their own. One that is not modelled makes all of them unmodelled. */
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

/** A missing input that the kernel shows in a file of /proc/net, by the name that the rule gives it. */
export const kept = (what: string, directory: string, name: string): Lack => ({
  what: `the ${what} that are kept as ${name}`,
  command: `cat /proc/net/${directory}/${name}`,
  look: true,
});
