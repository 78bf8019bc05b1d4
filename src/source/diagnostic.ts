import type { FindingCode, Severity } from './findings.ts';
import { type Locus, type Path, type Position, type SourceDocument, writtenAt } from './origin.ts';

/** Something wrong, or doubtful, in the input. Input never throws: all that is found is collected and shown at once. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable, for scripts: what kind of problem it is. */
  readonly code: FindingCode;
  readonly message: string;
  /** The remedy, or the nearest name. */
  readonly hint: string | null;
  readonly file: string;
  /** Null when the problem is the file as a whole. */
  readonly place: Place | null;
}

export interface Place {
  readonly line: number;
  readonly column: number;
  /** The line itself; of a very long one, the part around the place. */
  readonly text: string;
  /** The column of the place within `text`. */
  readonly caret: number;
  /** The field, as `pods[2].ip`. */
  readonly field: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

interface Words {
  readonly severity?: Severity;
  readonly code: FindingCode;
  readonly message: string;
  readonly hint?: string | null;
}

/** A diagnostic at a value of a document, or with `key` at its key. */
export function diagnosticAt(document: SourceDocument, path: Path, words: Words, key = false): Diagnostic {
  const { document: own, path: at } = writtenAt({ document, path });
  const diagnostic = diagnosticWhere(own.file, own.position(at, key), (n) => own.line(n), at, words);
  sources.set(diagnostic, { document: own, path: at });
  return diagnostic;
}

/** A diagnostic at a value of the input, about the object that the value belongs to. */
export function diagnosticOf(locus: Locus, words: Words): Diagnostic {
  const diagnostic = diagnosticAt(locus.document, locus.path, words);
  subjects.set(diagnostic, locus.object);
  return diagnostic;
}

/** The object that a diagnostic is about, as `Pod/default/pod-a`; null where none is known. */
export const subjectOf = (diagnostic: Diagnostic): string | null => subjects.get(diagnostic) ?? null;

const subjects = new WeakMap<Diagnostic, string>();

/** Kept beside the diagnostics: they are plain data, which is printed as it is. */
const sources = new WeakMap<Diagnostic, { readonly document: SourceDocument; readonly path: Path }>();

/** The lines on which the field begins, and each field, list item and document that it is in. */
export function enclosingLines(diagnostic: Diagnostic): readonly number[] {
  const source = sources.get(diagnostic);
  if (source === undefined) return diagnostic.place === null ? [] : [diagnostic.place.line];
  const { document, path } = source;
  const around = Array.from({ length: path.length + 1 }, (_, i) => path.slice(0, i));
  return around.map((p) => document.position(p, typeof p.at(-1) === 'string').line);
}

/** A diagnostic at a position of a text that is no document yet. */
export function diagnosticWhere(file: string, position: Position, lineOf: (line: number) => string, path: Path, words: Words): Diagnostic {
  return {
    severity: words.severity ?? 'error',
    code: words.code,
    message: words.message,
    hint: words.hint ?? null,
    file,
    place: { ...position, ...around(lineOf(position.line), position.column), field: formatPath(path) },
  };
}

/** JSON may be one line of megabytes: an excerpt of it has to do. */
const LONGEST_EXCERPT = 1000;

function around(text: string, column: number): Pick<Place, 'text' | 'caret'> {
  if (text.length <= LONGEST_EXCERPT) return { text, caret: column };
  const start = Math.max(0, column - 1 - LONGEST_EXCERPT / 2);
  return { text: text.slice(start, start + LONGEST_EXCERPT), caret: column - start };
}

/** A diagnostic about a file as a whole. */
export function fileDiagnostic(file: string, words: Words): Diagnostic {
  return { severity: words.severity ?? 'error', code: words.code, message: words.message, hint: words.hint ?? null, file, place: null };
}

/** As a person reads them: by file (in the order given), then from top to bottom. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = [...new Set(diagnostics.map((d) => d.file))];
  const rank = (d: Diagnostic) => files.indexOf(d.file);
  const line = (d: Diagnostic) => d.place?.line ?? 0;
  return [...diagnostics].sort((a, b) => rank(a) - rank(b) || line(a) - line(b) || (a.place?.column ?? 0) - (b.place?.column ?? 0));
}

/** `pods[2].labels["a/b"]` */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[A-Za-z_][\w-]*$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
