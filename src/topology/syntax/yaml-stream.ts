import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { MOST_LEVELS } from './document.ts';

/**
 * The documents of a YAML text, with where its lines begin, and where characters stand that end a line for some readers only; or where it
 * is nested too deep.
 */
export type Stream =
  | { readonly documents: readonly Document[]; readonly lines: LineCounter; readonly breaks: readonly number[] }
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
  const breaks: number[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    const start = parser.offset - lexeme.length;
    if (levelsOf(parser) > MOST_LEVELS) return { tooDeep: start, lines };
    const at = /^["']/.test(lexeme) ? -1 : lexeme.search(OTHER_BREAK);
    if (at !== -1) breaks.push(start + at);
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
  return { documents: [...composer.compose(tokens)], lines, breaks };
}

/**
 * NEL, LS and PS end a line in YAML 1.1, and so a comment or a plain scalar; in 1.2 they are characters like others (5.4). kubectl's reader
 * is of the first kind: is_break, yamlprivateh.go of go-yaml. In quotes both read nearly the same.
 */
const OTHER_BREAK = /[\u0085\u2028\u2029]/;

/** How many lists and mappings are open: neither the document nor a scalar is one. */
function levelsOf({ stack }: Parser): number {
  return stack.length - (stack.at(-1)?.type.endsWith('scalar') === true ? 2 : 1);
}
