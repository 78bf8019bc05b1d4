/** `end`: of a line, or `;`. `string`: without its quotes. */
export interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

const PART = /\s+|#.*|"([^"]*)"|([{},;()]|==|!=|<=|>=|<<|>>|[=<>&|^!])|([^\s{},;()"#=<>!&|^]+)|"/gy;

export function tokensOf(lines: readonly string[]): readonly Token[] {
  const tokens: Token[] = [];
  for (const [line, text] of lines.entries()) {
    for (const m of text.matchAll(PART)) {
      const [whole, string, sign, word] = m;
      const place = { line, from: m.index, to: m.index + whole.length };
      if (string !== undefined) tokens.push({ kind: 'string', text: string, ...place });
      else if (sign !== undefined) tokens.push({ kind: sign === ';' ? 'end' : 'sign', text: sign, ...place });
      else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...place });
      else if (whole === '"') tokens.push({ kind: 'word', text: whole, ...place });
    }
    tokens.push({ kind: 'end', text: '\n', line, from: text.length, to: text.length });
  }
  return tokens;
}

/** A place among tokens, which goes on only. */
export class Tokens {
  readonly #tokens: readonly Token[];
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#tokens = tokensOf(lines);
  }

  get at(): number {
    return this.#at;
  }

  /** The line of the next token; of the last, where there is none. */
  get line(): number {
    return (this.#tokens[this.#at] ?? this.#tokens.at(-1))?.line ?? 0;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  /** The next word or sign; `''` at the end of a statement, and for a string. */
  text(ahead = 0): string {
    const token = this.peek(ahead);
    return token === undefined || token.kind === 'end' || token.kind === 'string' ? '' : token.text;
  }

  next(): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token !== undefined) this.#at++;
    return token;
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

  /** To the end of a statement or to the brace that closes what it is in, past braces that it opens. */
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

  /** What was written from the token `from` up to here. */
  since(from: number): string {
    const [first, last] = [this.#tokens[from], this.#tokens[this.#at - 1]];
    if (first === undefined || last === undefined || this.#at <= from) return '';
    if (first.line === last.line) return (this.#lines[first.line] ?? '').slice(first.from, last.to);
    const lines = this.#lines.slice(first.line, last.line + 1);
    return lines.map((l, i) => (i === 0 ? l.slice(first.from) : i === lines.length - 1 ? l.slice(0, last.to) : l).trim()).join(' ');
  }

  /** The same with its lines, as it stands in a table. */
  textOf(from: number): string {
    const [first, last] = [this.#tokens[from], this.#tokens[this.#at - 1]];
    if (first === undefined || last === undefined) return '';
    return this.#lines.slice(first.line, last.line + 1).join('\n');
  }
}
