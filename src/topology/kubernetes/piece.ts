import type { TextPlace } from '../syntax/json-scanner.ts';

/** What an object says it is; null where it does not. */
export interface Head {
  kind: string | null;
  apiVersion: string | null;
}

/** A list's own, which may come behind its items. */
export interface ListHead extends Head {
  /** Items that have begun. */
  count: number;
  /** It says that there is more of it. */
  isPart: boolean;
  /** A bare list has no place to say anything. */
  readonly isBare: boolean;
}

/** A part of a file that is one object, before it is parsed. */
export interface Piece extends Readonly<Head> {
  readonly what: 'piece';
  readonly syntax: 'json' | 'yaml';
  readonly place: TextPlace;
  /** Good until the next piece is asked for. */
  readonly bytes: Uint8Array;
  readonly list: ListHead | null;
  /** Of an item of a YAML list, the column of its dash. */
  readonly dash: number | null;
}

/** All items of a list have been seen, and all that it says of itself. */
export interface ListEnd {
  readonly what: 'list-end';
  readonly list: ListHead;
}

/** A YAML document has ended. */
export interface DocumentEnd {
  readonly what: 'document-end';
  readonly from: TextPlace;
  readonly to: number;
  /** A list with lines around it that only a parser understands. */
  readonly isOdd: boolean;
}
