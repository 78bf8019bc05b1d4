import type { Connection } from '../matrix/matrix.ts';
import type { PortRange } from '../reach/ports.ts';
import type { Locus, Path } from '../source/origin.ts';

/** Connections of two groups that end in one way; where it was looked at, who receives them and which way they take. */
export interface Row extends Omit<Connection, 'assumed'> {
  readonly route?: Route;
}

/** Where packets go, but for the names of members that are alike. */
export interface Route {
  /** Who receives them, and at which port: groups, ascending. */
  readonly endpoints: readonly string[];
  /** Machines, devices and translations on the way, in order. */
  readonly way: readonly string[];
  /** Those on the way back. */
  readonly back: readonly string[];
}

export interface Ends extends Pick<Row, 'from' | 'to' | 'family' | 'protocol'> {}

export type ChangeKind = 'gained' | 'lost' | 'changed';
export const CHANGE_KINDS: readonly ChangeKind[] = ['lost', 'gained', 'changed'];

/** What is said of calls before a change, or after it. */
export type Told = Pick<Row, 'outcome' | 'code' | 'share' | 'route'>;

/** Calls that end otherwise in a later input than in an earlier one. */
export interface Change extends Ends {
  readonly kind: ChangeKind;
  /** Ascending; empty for ICMP. */
  readonly ports: readonly PortRange[];
  /** Null: there is no such connection, because an end or its port is not there. */
  readonly before: Told | null;
  readonly after: Told | null;
  /** Of what is gained, that which reached before, where this is not all that is said of it. */
  readonly reached: Told | null;
  readonly causes: readonly Cause[];
}

/** Something without which a change would not be: an object that was added or removed, or a value in one. */
export interface Cause {
  readonly object: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Where it stands; null: it is not there. */
  readonly before: At | null;
  readonly after: At | null;
}

export type At = Pick<Locus, 'document'> & { readonly path: Path };
