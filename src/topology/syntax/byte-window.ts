import type { InputFile } from './document.ts';

const CHUNK = 8 * 1024 * 1024;

/**
 * The part of a file that is at hand. Places are offsets in the file: the byte at one of them is `bytes[offset - base]`. A small file is
 * at hand as a whole; of a large one, what nobody needs any more makes room for what comes.
 */
export class ByteWindow {
  bytes: Uint8Array;
  base = 0;
  /** Behind the last byte at hand. */
  end: number;
  /** What is before this is not needed any more. */
  keep = 0;
  readonly #file: InputFile;
  constructor(file: InputFile) {
    this.#file = file;
    this.bytes = 'bytes' in file ? file.bytes : new Uint8Array(Math.min(CHUNK, file.size));
    this.end = 'bytes' in file ? file.bytes.length : file.read(this.bytes, 0);
  }

  /** Reads on; false when the file has no more. */
  more(): boolean {
    const file = this.#file;
    if ('bytes' in file || this.end >= file.size) return false;
    const kept = this.bytes.subarray(this.keep - this.base, this.end - this.base);
    if (kept.length > this.bytes.length / 2) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(kept);
      this.bytes = larger;
    } else this.bytes.copyWithin(0, this.keep - this.base, this.end - this.base);
    this.base = this.keep;
    const read = file.read(this.bytes.subarray(kept.length), this.end);
    this.end += read;
    return read > 0;
  }

  /** The byte at a place; -1 behind the end of the file. */
  at(offset: number): number {
    while (offset >= this.end) if (!this.more()) return -1;
    return this.bytes[offset - this.base] ?? -1;
  }

  /** The bytes from a place that is kept to one that has been read. Good until more is read. */
  slice(from: number, to: number): Uint8Array {
    return this.bytes.subarray(from - this.base, to - this.base);
  }
}
