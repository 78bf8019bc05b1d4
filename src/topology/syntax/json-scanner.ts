import type { ByteWindow } from './byte-window.ts';
import { MOST_LEVELS } from './document.ts';
import { firstSyntaxError } from './json-errors.ts';

/** Why a scan ends before the text does: the text is cut off, is no JSON, or is nested too deep. */
export class ScanFault extends Error {
  readonly why: 'cut' | 'syntax' | 'deep';
  readonly place: TextPlace;
  constructor(why: ScanFault['why'], place: TextPlace) {
    super(why);
    this.why = why;
    this.place = place;
  }
}

/** An offset in a file, in bytes, its line from 1, and the offset where the line begins. */
export interface TextPlace {
  readonly offset: number;
  readonly line: number;
  readonly lineStart: number;
}

export const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a] as const;
export const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d] as const;
const [TAB, LINE_FEED, RETURN, SPACE, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x5c] as const;
/** Braces and brackets differ in this bit only. */
const CURLY = 0x20;

const decoder = new TextDecoder();

/**
 * Goes through JSON of any size by its bytes: over strings and from bracket to bracket, in about the time that the engine's parser takes.
 * Nothing is checked but what is passed on the way; who wants a value has it parsed.
 */
export class JsonScanner {
  readonly window: ByteWindow;
  /** The place that is reached, as an offset in the file. */
  at = 0;
  line = 1;
  lineStart = 0;
  constructor(window: ByteWindow) {
    this.window = window;
  }

  get place(): TextPlace {
    return { offset: this.at, line: this.line, lineStart: this.lineStart };
  }

  fault(why: ScanFault['why']): never {
    throw new ScanFault(why, this.place);
  }

  /** Passes white space. The byte that is next; -1 at the end of the file. */
  next(): number {
    for (;;) {
      const { bytes, base, end } = this.window;
      for (; this.at < end; this.at++) {
        const byte = bytes[this.at - base] ?? -1;
        if (byte === LINE_FEED) this.#endLine(this.at + 1);
        else if (byte !== SPACE && byte !== RETURN && byte !== TAB) return byte;
      }
      if (!this.window.more()) return -1;
    }
  }

  /** The next byte has to be this one. */
  pass(wanted: number): void {
    const found = this.next();
    if (found !== wanted) this.fault(found === -1 ? 'cut' : 'syntax');
    this.at++;
  }

  /** Passes a string, at its first quote. The string itself. */
  string(): string {
    const from = this.at;
    this.#passString();
    const text = decoder.decode(this.window.slice(from, this.at));
    return text.includes('\\') ? this.#unescaped(text) : text.slice(1, -1);
  }

  #unescaped(text: string): string {
    try {
      return String(JSON.parse(text));
    } catch {
      return this.fault('syntax');
    }
  }

  /** Passes a value of any kind. */
  passValue(): void {
    const first = this.next();
    if (first === QUOTE) this.#passString();
    else if (first === OPEN_BRACE || first === OPEN_BRACKET) this.#passBrackets();
    else this.#passWord();
  }

  /** What was passed since a place that is kept has to be JSON between these texts: the engine's own parser has the last word. */
  check(from: TextPlace, before = '', behind = ''): void {
    const passed = decoder.decode(this.window.slice(from.offset, this.at));
    const text = before + passed + behind;
    try {
      JSON.parse(text);
    } catch {
      throw new ScanFault('syntax', placeIn(from, passed.slice(0, Math.max(0, firstSyntaxError(text) - before.length))));
    }
  }

  #passString(): void {
    for (;;) {
      const { bytes, base, end } = this.window;
      const stop = end - base;
      let i = this.at - base + 1;
      for (; i < stop; i++) {
        const byte = bytes[i] ?? 0;
        if (byte === BACKSLASH) i++;
        else if (byte === QUOTE) {
          this.at = base + i + 1;
          return;
        } else if (byte < SPACE) this.fault('syntax');
      }
      if (!this.window.more()) this.fault('cut');
    }
  }

  /** A number, true, false or null. */
  #passWord(): void {
    const from = this.at;
    for (let byte = this.window.at(this.at); isOfWord(byte); byte = this.window.at(this.at)) this.at++;
    if (this.at === from) this.fault(this.window.at(from) === -1 ? 'cut' : 'syntax');
  }

  #passBrackets(): void {
    let depth = 0;
    for (;;) {
      const { bytes, base, end } = this.window;
      const stop = end - base;
      let i = this.at - base;
      while (i < stop) {
        const byte = bytes[i] ?? 0;
        if (byte === QUOTE) {
          const string = i++;
          for (; i < stop; i++) {
            const inside = bytes[i] ?? 0;
            if (inside === BACKSLASH) i++;
            else if (inside === QUOTE) break;
          }
          if (i >= stop) {
            i = string;
            break;
          }
        } else if (byte === LINE_FEED) this.#endLine(base + i + 1);
        else {
          const bracket = byte | CURLY;
          if (bracket === OPEN_BRACE) {
            if (++depth > MOST_LEVELS) this.#tooDeep(base + i);
          } else if (bracket === CLOSE_BRACE && --depth === 0) {
            this.at = base + i + 1;
            return;
          }
        }
        i++;
      }
      this.at = base + i;
      if (!this.window.more()) this.fault('cut');
    }
  }

  #tooDeep(at: number): never {
    this.at = at;
    return this.fault('deep');
  }

  /** Passes what is left of a line, which is no JSON. */
  passLine(): void {
    for (;;) {
      const byte = this.window.at(this.at);
      if (byte === -1) return;
      this.at++;
      if (byte === LINE_FEED) {
        this.#endLine(this.at);
        return;
      }
    }
  }

  #endLine(start: number): void {
    this.line++;
    this.lineStart = start;
  }
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** The place behind a text that begins at another place. */
function placeIn({ offset, line, lineStart }: TextPlace, text: string): TextPlace {
  const at = offset + byteLength(text);
  const lines = text.split('\n');
  return lines.length === 1
    ? { offset: at, line, lineStart }
    : { offset: at, line: line + lines.length - 1, lineStart: at - byteLength(lines.at(-1) ?? '') };
}

/** Letters, digits, signs and dots. */
const isOfWord = (byte: number) => (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x2b && byte <= 0x39 && byte !== COMMA) || byte === 0x45;
