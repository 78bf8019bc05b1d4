import type { Tokens } from './tokens.ts';

/** A listing that is read, and what of it is not understood. */
export interface Reader {
  readonly t: Tokens;
  readonly unread: { line: number; why: string }[];
  /** The line of the block that has no end. */
  cut: number | null;
}

/** What is in braces, a statement at a time, up to the closing one. `one` says whether it knows what is next. */
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
