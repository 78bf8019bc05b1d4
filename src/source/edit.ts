import type { Locus } from './origin.ts';

/** A value as JSON has it. */
export type Value = string | number | boolean | readonly Value[] | { readonly [field: string]: Value };

/** A change of the input that a program can make. What is missing on the way to its place is made. */
export type Edit =
  /** A field gets a value, whether it has one or not. */
  | { readonly edit: 'set'; readonly locus: Locus; readonly value: Value }
  /** The list at `locus` gets one more item: before the one with this index, or at its end (null). */
  | { readonly edit: 'insert'; readonly locus: Locus; readonly before: number | null; readonly value: Value }
  /** A field or an item goes. */
  | { readonly edit: 'remove'; readonly locus: Locus };

export const set = (locus: Locus, value: Value): Edit => ({ edit: 'set', locus, value });
export const append = (list: Locus, value: Value): Edit => ({ edit: 'insert', locus: list, before: null, value });
export const insert = (list: Locus, before: number, value: Value): Edit => ({ edit: 'insert', locus: list, before, value });
export const remove = (locus: Locus): Edit => ({ edit: 'remove', locus });
