import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { MOST_LEVELS } from './document.ts';

/** The documents of a YAML text, with where its lines begin; or where it is nested too deep. */
export type Stream =
  | { readonly documents: readonly Document[]; readonly lines: LineCounter }
  | { readonly tooDeep: number; readonly lines: LineCounter };

/**
 * Parses a text without the package's own `parseAllDocuments`, which composes a document by calling itself for each level: this stops
 * before. Keys that are there twice and values that kubectl reads otherwise are left to the reader of the documents; the package would
 * compare each key with all before it.
 */
export function parseStream(text: string): Stream {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (levelsOf(parser) > MOST_LEVELS) return { tooDeep: parser.offset - lexeme.length, lines };
  }
  tokens.push(...parser.end());
  const composer = new Composer({
    merge: true,
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  return { documents: [...composer.compose(tokens)], lines };
}

/** How many lists and mappings are open: neither the document nor a scalar is one. */
function levelsOf({ stack }: Parser): number {
  return stack.length - (stack.at(-1)?.type.endsWith('scalar') === true ? 2 : 1);
}
