import { Lexer } from 'yaml';

/** `# k8s-trace: ignore CODE, CODE -- why` */
export interface IgnoreComment {
  readonly line: number;
  readonly column: number;
  /** The line of the file that it is about. */
  readonly about: number;
  readonly codes: readonly string[];
}

const IGNORE = /^#+\s*k8s-trace:\s*ignore\b(.*)$/;

/** The comments of a text, whose lines end with line feeds, that ask to ignore something. Beside a value, one is about its line; alone, about the next line that is not a comment. */
export function ignoreComments(text: string): readonly IgnoreComment[] {
  // Few files have any, and the lexer reads all of the text.
  if (!/#\s*k8s-trace:\s*ignore/.test(text)) return [];
  const lines = text.split(/\r?\n/);
  return commentsOf(text).flatMap(({ line, column, comment }) => {
    const match = IGNORE.exec(comment);
    if (match === null) return [];
    const codes = (match[1] ?? '').replace(/\s--\s.*$/, '').split(/[\s,]+/);
    const alone = (lines[line - 1] ?? '').slice(0, column - 1).trim() === '';
    return [{ line, column, about: alone ? nextOf(lines, line) : line, codes: codes.filter((c) => c !== '') }];
  });
}

const isComment = (line: string | undefined) => line?.trimStart().startsWith('#') === true;

function nextOf(lines: readonly string[], line: number): number {
  let next = line + 1;
  while (isComment(lines[next - 1])) next++;
  return next;
}

/** The lexer marks a scalar by a control character before it: a `#` in one is text. Source: yaml/src/parse/cst.ts, SCALAR. */
const SCALAR = '\u001f';

function commentsOf(text: string): readonly { readonly line: number; readonly column: number; readonly comment: string }[] {
  const found: { line: number; column: number; comment: string }[] = [];
  let line = 1;
  let column = 1;
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.startsWith('#') && before !== SCALAR) found.push({ line, column, comment: lexeme.trimEnd() });
    before = lexeme;
    if (isControl(lexeme)) continue;
    const breaks = lexeme.split('\n');
    line += breaks.length - 1;
    column = breaks.length > 1 ? (breaks.at(-1) ?? '').length + 1 : column + lexeme.length;
  }
  return found;
}

/** Marks of the lexer's own, which are not in the text: of a document, of a flow collection's end by error, of a scalar. */
const isControl = (lexeme: string) => lexeme === SCALAR || lexeme === '\u0002' || lexeme === '\u0018';
