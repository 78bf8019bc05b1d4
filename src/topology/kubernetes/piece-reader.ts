import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Path } from '../../source/origin.ts';
import { bytesAt, type InputFile } from '../syntax/document.ts';
import { beginningOf, faultOf, wrongFormFault } from './faults.ts';
import { type Extent, ItemDocument, Rereader } from './item-document.ts';
import { fieldOf, isPart, type Kind, kindOfFile, kindOfShape, nameOf } from './kind-of.ts';
import { parsePiece } from './parse-piece.ts';
import type { DocumentEnd, Head, ListEnd, Piece } from './piece.ts';
import type { Item, Reading, Wanted } from './reading.ts';
import { wrongForm, wrongKind, wrongName } from './wrong-form.ts';

/** A kind that was found out; inferred when neither the object nor its list says it. */
interface Known extends Kind {
  readonly inferred: boolean;
}

/** An item whose kind its list may say at its end. */
interface Waiting {
  readonly extent: Extent;
  readonly head: Readonly<Head>;
  readonly index: number;
}

/** An item that cannot be read without its document: it may have an alias of what stands before it. */
interface Failed {
  readonly index: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** A document of more is not read a second time as a whole. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/** As much of a piece as tells what it is. */
const LOOKED_AT = 64 * 1024;
/** A file of YAML without is none of Kubernetes: a chart's values, what CI does. */
const HAS_KIND = /^[ \t]*(?:- )?["']?kind["']?:/m;

/** Makes readings of the pieces of a file. */
export class PieceReader {
  readonly #file: InputFile;
  readonly #wanted: Wanted;
  readonly #rereader: Rereader;
  readonly #kindOfFile: Kind | null;
  #waiting: Waiting[] = [];
  #failed: Failed | null = null;
  /** The file has had something that Kubernetes has. */
  hasFound = false;
  constructor(file: InputFile, wanted: Wanted) {
    this.#file = file;
    this.#wanted = wanted;
    this.#rereader = new Rereader(file);
    this.#kindOfFile = kindOfFile(file.name);
  }

  *read(piece: Piece | ListEnd | DocumentEnd): Generator<Reading> {
    if (piece.what === 'list-end') yield* this.#endList(piece);
    else if (piece.what === 'document-end') yield* this.#endDocument(piece);
    else if (this.#failed === null) yield* this.#piece(piece);
  }

  *#piece({ place, bytes, syntax, dash, kind, apiVersion, list }: Piece): Generator<Reading> {
    const extent = { place, length: bytes.length, syntax, dash };
    const head = { kind, apiVersion };
    const index = list === null ? null : list.count - 1;
    const mayFollow = list !== null && !list.isBare && list.kind === null;
    if (kind === null && mayFollow && index !== null) this.#waiting.push({ extent, head, index });
    else yield* this.#extent(extent, bytes, kindStated(head, list), index);
  }

  *#endList({ list }: ListEnd): Generator<Reading> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { extent, head, index } of waiting) {
      const bytes = bytesAt(this.#file, extent.place.offset, extent.length);
      if (this.#failed === null) yield* this.#extent(extent, bytes, kindStated(head, list), index);
    }
    const of = list.kind === null ? this.#kindOfFile : kindOfItems(list);
    if (list.kind !== null || of !== null) this.hasFound = true;
    if (of !== null) yield* this.#list(of, list.count, list.isPart);
  }

  *#list({ kind, apiVersion }: Kind, count: number, isPart: boolean): Generator<Reading> {
    if (this.#wanted.isKind(kind)) yield { what: 'list', kind, apiVersion, count, isPart };
  }

  /** A document with an item that cannot be read alone is read as a whole, from that item on. */
  *#endDocument({ from, to, isOdd }: DocumentEnd): Generator<Reading> {
    const failed = this.#failed ?? (isOdd ? { index: Number.POSITIVE_INFINITY, diagnostics: [] } : null);
    this.#failed = null;
    if (failed === null) return;
    const extent: Extent = { place: from, length: to - from.offset, syntax: 'yaml', dash: null };
    if (extent.length > LARGEST_DOCUMENT) {
      if (failed.diagnostics.length > 0) yield faultOf(this.#file, this.#wanted, failed.diagnostics);
      return;
    }
    const parsed = parsePiece(this.#file.name, extent, bytesAt(this.#file, from.offset, extent.length), false);
    if ('diagnostics' in parsed) yield faultOf(this.#file, this.#wanted, parsed.diagnostics);
    else for (const data of parsed.documents) yield* this.#items(extent, [], data, failed.index);
  }

  *#extent(extent: Extent, bytes: Uint8Array, known: Known | null, index: number | null): Generator<Reading> {
    if (known !== null && !this.#isRead(known)) {
      yield* this.#wrongKind(known);
      return;
    }
    const isOurs = known?.apiVersion.startsWith('k8s-trace/') === true;
    const parsed = parsePiece(this.#file.name, extent, bytes, isOurs);
    if ('documents' in parsed) for (const data of parsed.documents) yield* this.#data(extent, [], data, known, index === null);
    else if (extent.syntax === 'yaml' && index !== null) this.#failed = { index, diagnostics: parsed.diagnostics };
    else yield* this.#fault(extent, bytes, parsed.diagnostics);
  }

  *#fault({ syntax }: Extent, bytes: Uint8Array, diagnostics: readonly Diagnostic[]): Generator<Reading> {
    const text = new TextDecoder().decode(bytes.subarray(0, LOOKED_AT));
    if (this.#file.isFromDirectory === true && syntax === 'yaml' && !HAS_KIND.test(text)) return;
    const form = wrongForm(this.#file.name, text);
    yield form === null ? faultOf(this.#file, this.#wanted, diagnostics) : wrongFormFault(this.#file, this.#wanted, form);
  }

  /** Whether an object has to be read: a list for what is in it. */
  #isRead({ kind, apiVersion }: Known): boolean {
    if (isList(kind)) return true;
    this.hasFound = true;
    return wrongKind(apiVersion, kind) === null && this.#wanted.wants(apiVersion, kind);
  }

  /** A directory's kustomization is there for kubectl; its other files are read. */
  *#wrongKind({ kind, apiVersion }: Known): Generator<Reading> {
    const form = wrongKind(apiVersion, kind);
    if (form !== null && (kind === 'Table' || this.#file.isFromDirectory !== true)) yield wrongFormFault(this.#file, this.#wanted, form);
  }

  /** What was parsed. `known`: of this kind, and wanted. */
  *#data(extent: Extent, path: Path, data: unknown, known: Known | null, isDocument: boolean): Generator<Reading> {
    const kind = known ?? kindStated(headOf(data), null) ?? this.#kindInferred(data);
    if (isDocument && Array.isArray(fieldOf(data, 'items'))) yield* this.#items(extent, path, data, 0);
    else if (kind === null) {
      if (isDocument) yield* this.#unknown(extent, path, data);
    } else if (known === null && !this.#isRead(kind)) yield* this.#wrongKind(kind);
    else if (!isList(kind.kind)) yield this.#named(extent, path, data, kind);
    else if (fieldOf(data, 'items') === undefined) this.#wanted.wants(kind.apiVersion, kind.kind);
    else yield* this.#items(extent, path, data, 0);
  }

  #named(extent: Extent, path: Path, data: unknown, known: Known): Reading {
    const form = wrongName(nameOf(data));
    return form === null ? this.#item(extent, path, data, known) : wrongFormFault(this.#file, this.#wanted, form);
  }

  /** The kind of an object that does not say it. */
  #kindInferred(data: unknown): Known | null {
    if (typeof nameOf(data) !== 'string') return null;
    const kind = this.#kindOfFile ?? kindOfShape(data);
    return kind === null ? null : { ...kind, inferred: true };
  }

  /** The items of a list, from one of them on. */
  *#items(extent: Extent, path: Path, data: unknown, from: number): Generator<Reading> {
    this.hasFound = true;
    const list = headOf(data);
    const items = fieldOf(data, 'items');
    const all: readonly unknown[] = Array.isArray(items) ? items : [];
    for (const [i, item] of all.entries()) {
      if (i < from) continue;
      const known = kindStated(headOf(item), list);
      if (known !== null && !this.#isRead(known)) yield* this.#wrongKind(known);
      else yield* this.#data(extent, [...path, 'items', i], item, known, false);
    }
    const of = from === 0 ? kindOfItems(list) : null;
    if (of !== null) yield* this.#list(of, all.length, isPart(data));
  }

  #item(extent: Extent, path: Path, data: unknown, { kind, apiVersion, inferred }: Known): Item {
    return { what: 'item', kind, apiVersion, data, document: new ItemDocument(this.#rereader, extent, path), kindInferred: inferred };
  }

  /** A document that does not say what it is: a fault when somebody named the file. */
  *#unknown(extent: Extent, path: Path, data: unknown): Generator<Reading> {
    if (this.#file.isFromDirectory === true) return;
    this.hasFound = true;
    const form = wrongForm(this.#file.name, beginningOf(this.#file));
    if (form !== null) yield wrongFormFault(this.#file, this.#wanted, form);
    else yield this.#item(extent, path, data, { kind: '', apiVersion: headOf(data).apiVersion ?? '', inferred: false });
  }
}

/** The kind that an object states, or its list. */
function kindStated({ kind, apiVersion }: Readonly<Head>, list: Readonly<Head> | null): Known | null {
  const typed = list === null ? null : kindOfItems(list);
  if (kind === null) return typed === null ? null : { ...typed, apiVersion: apiVersion ?? typed.apiVersion, inferred: false };
  return { kind, apiVersion: apiVersion ?? (kind === typed?.kind ? typed.apiVersion : ''), inferred: false };
}

const isList = (kind: string) => kind.endsWith('List');

function headOf(data: unknown): Head {
  const [kind, apiVersion] = [fieldOf(data, 'kind'), fieldOf(data, 'apiVersion')];
  return { kind: typeof kind === 'string' ? kind : null, apiVersion: typeof apiVersion === 'string' ? apiVersion : null };
}

/** `PodList` is a list of Pods; `List` is one of anything. */
function kindOfItems({ kind, apiVersion }: Readonly<Head>): Kind | null {
  return kind === null || kind === 'List' || !isList(kind) ? null : { kind: kind.slice(0, -'List'.length), apiVersion: apiVersion ?? '' };
}
