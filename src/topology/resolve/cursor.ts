import { type Diagnostic, diagnosticOf } from '../../source/diagnostic.ts';
import type { ErrorCode, WarningCode } from '../../source/findings.ts';
import { at, type Locus, ofObject, type Path, placeOf, wholeDocument } from '../../source/origin.ts';
import type { ParsedDocument } from '../syntax/document.ts';

/**
 * A place of the input while it is read, and the list that findings about it go into: the reader of an object names the object's own fields,
 * whichever document it comes from. A class, for a large input makes hundreds of thousands.
 */
export class Cursor {
  readonly locus: Locus;
  readonly #found: Diagnostic[];
  constructor(locus: Locus, found: Diagnostic[]) {
    this.locus = locus;
    this.#found = found;
  }
  /** `file:line`, for pointing at this place from another one. */
  get place(): string {
    return placeOf(this.locus);
  }
  /** The place of a field, or of a field of a field. */
  at(...path: Path): Cursor {
    return new Cursor(at(this.locus, ...path), this.#found);
  }
  /** The same place, as the beginning of an object of its own. */
  of(object: string): Cursor {
    return new Cursor(ofObject(this.locus, object), this.#found);
  }
  /** Another place, with the same list of findings. */
  from(locus: Locus): Cursor {
    return new Cursor(locus, this.#found);
  }
  /** In an object of a running cluster, which has taken it, only a warning. */
  error(code: ErrorCode, message: string, hint: string | null = null): void {
    this.#add({ severity: this.locus.document.lax === true ? 'warning' : 'error', code, message, hint });
  }
  warn(code: WarningCode, message: string, hint: string | null = null): void {
    this.#add({ severity: 'warning', code, message, hint });
  }
  #add(words: Parameters<typeof diagnosticOf>[1]): void {
    this.#found.push(diagnosticOf(this.locus, words));
  }
}

/** The beginning of a document; errors and warnings go into `found`. */
export const cursorOf = (document: ParsedDocument, object: string, found: Diagnostic[]): Cursor =>
  new Cursor(wholeDocument(document.source, object), found);

/** Reports every item whose name an earlier one has; null is no name. */
export function uniqueNames<T>(
  items: readonly T[],
  kind: string,
  nameOf: (item: T) => string | null,
  cursorOfItem: (index: number) => Cursor,
): void {
  const first = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const name = nameOf(item);
    if (name === null) continue;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, i);
    else cursorOfItem(i).error('duplicate-name', `a second ${kind} ${name}; the first one is at ${cursorOfItem(earlier).place}`);
  }
}
