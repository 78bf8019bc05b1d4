import type { ByteWindow } from './byte-window.ts';
import type { TextPlace } from './json-scanner.ts';

const [LINE_FEED, RETURN, SPACE, HASH, PERCENT, DASH, DOT] = [0x0a, 0x0d, 0x20, 0x23, 0x25, 0x2d, 0x2e] as const;
const decoder = new TextDecoder();

/**
 * The lines of a YAML text of any size, one at a time: where each begins, how deep it is indented, and with what. A carriage return alone
 * ends a line, too (YAML 1.2.2, 5.4).
 */
export class YamlLines {
  readonly window: ByteWindow;
  /** Where the line begins, and where the next one does; offsets in the file. */
  start = 0;
  end = 0;
  line = 0;
  indent = 0;
  /** There is no line left. */
  isEnd = false;
  #first = -1;
  constructor(window: ByteWindow) {
    this.window = window;
    if (BYTE_ORDER_MARK.every((byte, i) => window.at(i) === byte)) this.end = BYTE_ORDER_MARK.length;
    this.advance();
  }

  /** Goes on to the next line. */
  advance(): void {
    const { window } = this;
    this.start = this.end;
    this.line++;
    for (;;) {
      const { bytes, base } = window;
      const stop = window.end - base;
      const from = this.start - base;
      let at = from;
      while (at < stop && bytes[at] === SPACE) at++;
      const content = at;
      while (at < stop && bytes[at] !== LINE_FEED && bytes[at] !== RETURN) at++;
      const after = at + (bytes[at] === RETURN && bytes[at + 1] === LINE_FEED ? 2 : 1);
      if (after >= stop && window.more()) continue;
      this.indent = content - from;
      this.#first = content < stop ? (bytes[content] ?? -1) : -1;
      this.end = base + Math.min(after, stop);
      this.isEnd = from >= stop;
      return;
    }
  }

  get place(): TextPlace {
    return { offset: this.start, line: this.line, lineStart: this.start };
  }

  /** Nothing, or a comment. */
  get isEmpty(): boolean {
    const first = this.#first;
    return first === LINE_FEED || first === HASH || first === -1 || first === RETURN;
  }

  get isDash(): boolean {
    return this.#first === DASH && !isInWord(this.window.at(this.start + this.indent + 1));
  }

  get isDirective(): boolean {
    return this.indent === 0 && this.#first === PERCENT;
  }

  /** The mark between documents, or the one behind a document. */
  get isMark(): boolean {
    const first = this.#first;
    if (this.indent > 0 || (first !== DASH && first !== DOT)) return false;
    const [second, third, fourth] = [1, 2, 3].map((i) => this.window.at(this.start + i));
    return second === first && third === first && !isInWord(fourth ?? -1);
  }

  /** What is on the line from a column on, without its end. */
  from(column: number): string {
    return decoder.decode(this.window.slice(this.start + column, this.end)).trimEnd();
  }
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Neither white space nor the end of the file. */
const isInWord = (byte: number) => byte > SPACE;
