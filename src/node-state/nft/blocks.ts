import type { Tokens } from './tokens.ts';

/** A listing while it is read, and the lines of it that are not understood. */
export interface Reader {
  readonly t: Tokens;
  readonly unread: { line: number; why: string }[];
  /** The line in which a block begins that has no end; null: all have one. */
  cut: number | null;
}

/** Reads a block to its closing brace, a statement at a time. `one`: reads one statement; false: it is not understood. */
export function inBlock(read: Reader, begins: number, one: (line: number) => boolean): void {
  const { t, unread } = read;
  for (t.skipEnds(); !t.take('}'); t.skipEnds()) {
    if (t.peek() === undefined) {
      read.cut ??= begins;
      return;
    }
    t.forget();
    const { line, at } = t;
    const isKnown = one(line);
    if (read.cut !== null) return;
    if (isKnown && (t.isAtEnd || t.text() === '}')) continue;
    unread.push({ line, why: 'nft prints nothing like it there, as far as it is known' });
    t.skipStatement();
    if (t.at === at) t.next();
  }
}
