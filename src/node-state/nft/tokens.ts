/** `end`: of a line, or `;`. `string`: without its quotes. */
export interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

// These patterns are used with test() alone: what exec() allocates was most of the time that a large listing took.
const BETWEEN = /(?:\s+|#.*)*/y;
const WORD = /[^\s{},;()"#=<>!&|^]+/y;
const STRING = /"[^"]*"/y;
const SIGN = /[{},;()]|==|!=|<=|>=|<<|>>|[=<>&|^!]/y;

/** The end of the pattern's match at `from`; `from` itself, where it does not match. */
function endOf(written: RegExp, text: string, from: number): number {
  written.lastIndex = from;
  return written.test(text) ? written.lastIndex : from;
}

function tokenAt(text: string, line: number, from: number): Token {
  const word = endOf(WORD, text, from);
  if (word > from) return { kind: 'word', text: text.slice(from, word), line, from, to: word };
  const string = endOf(STRING, text, from);
  if (string > from) return { kind: 'string', text: text.slice(from + 1, string - 1), line, from, to: string };
  const sign = endOf(SIGN, text, from);
  // A quote without an end.
  if (sign === from) return { kind: 'word', text: text.slice(from, from + 1), line, from, to: from + 1 };
  return { kind: text[from] === ';' ? 'end' : 'sign', text: text.slice(from, sign), line, from, to: sign };
}

/** Adds the tokens of a line from a column on, and its end. */
function addTokens(tokens: Token[], text: string, line: number, from: number): void {
  for (let at = endOf(BETWEEN, text, from); at < text.length; ) {
    const token = tokenAt(text, line, at);
    tokens.push(token);
    at = endOf(BETWEEN, text, token.to);
  }
  tokens.push({ kind: 'end', text: '\n', line, from: text.length, to: text.length });
}

/**
 * A reader of tokens that only goes forwards. A large listing has millions, so that they are made when they are read, and dropped behind
 * `forget`.
 */
export class Tokens {
  readonly #lines: readonly string[];
  /** The tokens from the index `#base` on, of the lines before `#nextLine`. */
  #tokens: Token[] = [];
  #base = 0;
  #nextLine: number;
  #at = 0;

  /** From a line, and a place in it, on. */
  constructor(lines: readonly string[], line = 0, column = 0) {
    this.#lines = lines;
    this.#nextLine = line;
    if (column > 0) this.#addLine(column);
  }

  /** A function that reads again from here. */
  again(): () => Tokens {
    const { line, from } = this.peek() ?? { line: this.#lines.length, from: 0 };
    return () => new Tokens(this.#lines, line, from);
  }

  #addLine(from: number): void {
    const line = this.#nextLine++;
    addTokens(this.#tokens, this.#lines[line] ?? '', line, from);
  }

  /** Drops the tokens before this one. */
  forget(): void {
    if (this.#at - this.#base < 256) return;
    this.#tokens = this.#tokens.slice(this.#at - this.#base);
    this.#base = this.#at;
  }

  #token(at: number): Token | undefined {
    while (at - this.#base >= this.#tokens.length && this.#nextLine < this.#lines.length) this.#addLine(0);
    return this.#tokens[at - this.#base];
  }

  get at(): number {
    return this.#at;
  }

  /** The line of the next token; of the last, where there is none. */
  get line(): number {
    return this.#token(this.#at)?.line ?? Math.max(this.#lines.length - 1, 0);
  }

  peek(ahead = 0): Token | undefined {
    return this.#token(this.#at + ahead);
  }

  /** The next word or sign; `''` at the end of a statement, and for a string. */
  text(ahead = 0): string {
    const token = this.peek(ahead);
    return token === undefined || token.kind === 'end' || token.kind === 'string' ? '' : token.text;
  }

  next(): Token | undefined {
    const token = this.#token(this.#at);
    if (token !== undefined) this.#at++;
    return token;
  }

  /** Goes past so many tokens. */
  skip(count: number): void {
    for (let i = 0; i < count; i++) this.next();
  }

  /** Is it next? Then goes past it. */
  take(text: string): boolean {
    if (this.text() !== text) return false;
    this.#at++;
    return true;
  }

  skipEnds(): void {
    while (this.peek()?.kind === 'end') this.#at++;
  }

  /** A word or a string, which is a name; null: neither is next. */
  name(): string | null {
    const token = this.peek();
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'string')) return null;
    this.#at++;
    return token.text;
  }

  get isAtEnd(): boolean {
    const token = this.peek();
    return token === undefined || token.kind === 'end';
  }

  /** Skips to the end of the statement, or to the brace that closes the block around it. */
  skipStatement(): void {
    for (let depth = 0; ; this.#at++) {
      const token = this.peek();
      if (token === undefined) return;
      if (depth === 0 && (token.kind === 'end' || (token.kind === 'sign' && token.text === '}'))) return;
      if (token.kind !== 'sign') continue;
      if (token.text === '{') depth++;
      if (token.text === '}') depth--;
    }
  }

  /** The text from the token `from` up to here. */
  since(from: number): string {
    const [first, last] = [this.#token(from), this.#token(this.#at - 1)];
    if (first === undefined || last === undefined || this.#at <= from) return '';
    if (first.line === last.line) return (this.#lines[first.line] ?? '').slice(first.from, last.to);
    const lines = this.#lines.slice(first.line, last.line + 1);
    return lines.map((l, i) => (i === 0 ? l.slice(first.from) : i === lines.length - 1 ? l.slice(0, last.to) : l).trim()).join(' ');
  }

  /** The lines from this one to the last token. */
  linesSince(line: number): string {
    const last = this.#token(this.#at - 1)?.line ?? line;
    return this.#lines.slice(line, last + 1).join('\n');
  }
}
