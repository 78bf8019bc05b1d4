import type { RoutingRule } from '../datapath/fib.ts';
import type { FoundAddress, FoundConnection, FoundFdbEntry, FoundLink, FoundNeighbour, FoundTable } from '../datapath/found-state.ts';
import type { Ipset } from '../datapath/netfilter/ipset.ts';
import type { NftTable, TableName, VirtualServers } from '../datapath/netfilter/ruleset.ts';
import type { Socket } from '../datapath/netns.ts';
import type { Route } from '../datapath/route.ts';
import type { Sysctl } from '../datapath/sysctl.ts';
import type { Untold } from '../datapath/untold.ts';
import type { IpFamily } from '../net/address.ts';
import { declared, type Locus, type Origin, type SourceDocument } from '../source/origin.ts';

/** The output of one command on a node. */
export interface StateText {
  readonly node: string;
  readonly document: SourceDocument;
  /** Without line ends: LF, CR and LF, or CR alone. */
  readonly lines: readonly string[];
  /** The last line has no line end, and may be cut off. */
  readonly isOpen?: true;
  /** The command, where a heading, a shell's prompt or the file's name says it: `ip -6 rule show`, `ip6tables -S`. */
  readonly command: string | null;
}

/**
 * Text into lines that can be cited: the path of line `i`, counted from 0, is `[i]`. `firstLine`: where it stands in a file that has more,
 * counted from 1.
 */
export function stateText(node: string, file: string, text: string, firstLine = 1, command: string | null = null): StateText {
  const lines = (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text).split('\n');
  if (lines.at(-1) === '') lines.pop();
  const document: SourceDocument = {
    file,
    index: 0,
    position: ([line]) => ({ line: firstLine + (typeof line === 'number' ? line : 0), column: 1 }),
    line: (line) => lines[line - firstLine] ?? '',
  };
  return { node, document, lines, command };
}

/** The place of a line, as the object's: `Node/node-1 iptables nat PREROUTING 3`. */
export const lineOf = ({ document }: StateText, index: number, object: string): Locus => ({ document, path: [index], object });

export const declaredAt = (text: StateText, index: number, object = `Node/${text.node}`): Origin => declared(lineOf(text, index, object));

/** The hint for a text whose last line looks cut off. */
export const againOrEnd = ({ isOpen }: StateText): string =>
  `collect all of it once more${isOpen === true ? '; if it is whole, end its last line' : ''}`;

/** A line that is not understood. `why`: the reason, as 'unknown word "foo"'. */
export interface Unread {
  readonly locus: Locus;
  readonly text: string;
  readonly why: string;
}

/**
 * A text that cannot be used as a whole: it is cut off, or the output of another command. `hint`: the right command. `untold`: the state
 * that the text was to have, which is not known unless another text has it.
 */
export interface StateFault {
  readonly locus: Locus;
  readonly message: string;
  readonly hint: string | null;
  readonly untold?: Untellable;
  /** The command, where it was refused for want of root. */
  readonly asRoot?: string;
}

/** State that a command prints and that the text in its place does not have. */
export type Untellable = { readonly because: string; readonly command: string } & (
  | { readonly area: 'iptables'; readonly family: IpFamily; readonly tables: readonly TableName[] }
  /** Null: all tables of nft. */
  | { readonly area: 'nft'; readonly tables: readonly Pick<NftTable, 'family' | 'name'>[] | null }
  /** All tables of iptables-legacy. */
  | { readonly area: 'legacy'; readonly family: IpFamily }
);

/** The state in one text: several pieces, where its command prints several kinds (`ip addr`: devices and addresses). */
export interface Reading {
  readonly pieces: readonly Piece[];
  readonly unread: readonly Unread[];
  readonly faults: readonly StateFault[];
}

export type Piece =
  /** Family null: neither the command nor an address in the rules says it. */
  | {
      readonly kind: 'iptables';
      readonly family: IpFamily | null;
      readonly backend: 'nft' | 'legacy' | null;
      readonly tables: ReadonlyMap<TableName, FoundTable>;
      /** Tables that are not all in the text, as a remark in it says, because nft wrote into them. */
      readonly ofNft: ReadonlySet<TableName>;
      /** More tables may have followed: why that is not known, and the line. Undefined: the text has all that its command lists. */
      readonly cut?: { readonly untold: Omit<Untold, 'what'>; readonly origin: Origin };
    }
  | { readonly kind: 'nft'; readonly tables: readonly NftTable[] }
  | { readonly kind: 'ipset'; readonly sets: ReadonlyMap<string, Ipset> }
  | { readonly kind: 'ipvs'; readonly family: IpFamily; readonly servers: VirtualServers }
  /** `isAll`: of all devices, so that one that is not there does not exist. */
  | { readonly kind: 'links'; readonly isAll: boolean; readonly links: readonly FoundLink[] }
  /** All of the family. */
  | { readonly kind: 'addresses'; readonly family: IpFamily; readonly addresses: readonly FoundAddress[] }
  /** `isAll`: of all tables (`table all`), so that a table that is not there is empty; else of the tables that it has. */
  | {
      readonly kind: 'routes';
      readonly family: IpFamily;
      readonly isAll: boolean;
      readonly tables: ReadonlyMap<number, readonly Route[]>;
      /** As `route -n` and `netstat -rn` print them, with less of each than `ip route`. */
      readonly areBrief?: true;
    }
  | { readonly kind: 'rules'; readonly family: IpFamily; readonly rules: readonly RoutingRule[] }
  | { readonly kind: 'neighbours'; readonly neighbours: readonly FoundNeighbour[] }
  | { readonly kind: 'fdb'; readonly entries: readonly FoundFdbEntry[] }
  | { readonly kind: 'sysctls'; readonly sysctls: ReadonlyMap<string, Sysctl> }
  /** `listed`: the protocols of which these are all, also where none is among them. */
  | { readonly kind: 'sockets'; readonly sockets: readonly Socket[]; readonly listed: readonly ('tcp' | 'udp' | 'sctp')[] }
  | { readonly kind: 'connections'; readonly connections: readonly FoundConnection[] };

/** Finds an ipset by its name; undefined: no text has it, and a match on it is unknown. */
export type SetSource = (name: string) => Ipset | undefined;

/** A piece, and the text that it was read from. */
export interface FoundPiece {
  readonly piece: Piece;
  readonly text: StateText;
}
