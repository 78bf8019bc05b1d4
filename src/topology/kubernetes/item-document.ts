import type { Path, Position, SourceDocument } from '../../source/origin.ts';
import { bytesAt, type InputFile } from '../syntax/document.ts';
import type { TextPlace } from '../syntax/json-scanner.ts';
import type { Piece } from './piece.ts';
import { pieceSource, pieceText } from './piece-text.ts';

/** Where a piece is in its file; how to read it again. */
export interface Extent extends Pick<Piece, 'syntax' | 'dash'> {
  readonly place: TextPlace;
  readonly length: number;
}

/** A file whose items are read again when a position is asked for. The last one stays at hand: questions come in groups. */
export class Rereader {
  readonly file: InputFile;
  #offset = -1;
  #source: SourceDocument | null = null;
  constructor(file: InputFile) {
    this.file = file;
  }

  sourceOf({ place: { offset }, length, syntax, dash }: Extent): SourceDocument | null {
    if (this.#offset === offset) return this.#source;
    this.#offset = offset;
    this.#source = null;
    try {
      this.#source = pieceSource(this.file.name, pieceText(bytesAt(this.file, offset, length), dash), syntax);
    } catch (error) {
      // The file has changed since, and is no text any more.
      if (!(error instanceof TypeError)) throw error;
    }
    return this.#source;
  }
}

/** More columns than anybody looks at. */
const MOST_COLUMNS = 2 ** 20;

/**
 * An item as a document of its own. A large cluster has some hundred thousand of them and prints the places of a few: it knows where it is
 * in its file, and reads itself again when asked.
 */
export class ItemDocument implements SourceDocument {
  readonly lax = true;
  /** Of no use: objects of a cluster are not changed in a file. */
  readonly index = 0;
  readonly #rereader: Rereader;
  readonly #extent: Extent;
  /** Of the item in the document that was read: lists may stand in lists. */
  readonly #path: Path;
  constructor(rereader: Rereader, extent: Extent, path: Path) {
    this.#rereader = rereader;
    this.#extent = extent;
    this.#path = path;
  }

  get file(): string {
    return this.#rereader.file.name;
  }

  position(path: Path, key?: boolean): Position {
    const { place } = this.#extent;
    const found = this.#rereader.sourceOf(this.#extent)?.position([...this.#path, ...path], key) ?? { line: 1, column: 1 };
    const before = found.line > 1 ? 0 : (this.#textBefore()?.length ?? place.offset - place.lineStart);
    return { line: place.line - 1 + found.line, column: before + found.column };
  }

  /** Of a line on which the item ends, what the item has of it. */
  line(line: number): string {
    const { place } = this.#extent;
    const text = this.#rereader.sourceOf(this.#extent)?.line(line - place.line + 1) ?? '';
    if (line > place.line) return text;
    const before = this.#textBefore();
    return before === null ? '' : before + text;
  }

  /** What stands on its first line before the item; null when that is too much. */
  #textBefore(): string | null {
    const { offset, lineStart } = this.#extent.place;
    if (offset - lineStart > MOST_COLUMNS) return null;
    return new TextDecoder().decode(bytesAt(this.#rereader.file, lineStart, offset - lineStart));
  }
}
