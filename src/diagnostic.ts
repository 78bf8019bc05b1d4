import type { Locus, Path, SourceDocument } from './origin.ts';

/** Something wrong, or doubtful, in the input. Input never throws: all that is found is collected and shown at once. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable, for scripts: what kind of problem it is. */
  readonly code: string;
  readonly message: string;
  /** What to do about it, or the nearest name. */
  readonly hint: string | null;
  readonly file: string;
  /** Null when the problem is the file as a whole. */
  readonly place: Place | null;
}

export interface Place {
  readonly line: number;
  readonly column: number;
  /** The line itself. */
  readonly text: string;
  /** The field, as `pods[2].ip`. */
  readonly field: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

interface Words {
  readonly severity?: Diagnostic['severity'];
  readonly code: string;
  readonly message: string;
  readonly hint?: string | null;
}

/** A diagnostic at a value of a document, or with `key` at its key. */
export function diagnosticAt(document: SourceDocument, path: Path, words: Words, key = false): Diagnostic {
  const { line, column } = document.position(path, key);
  return {
    severity: words.severity ?? 'error',
    code: words.code,
    message: words.message,
    hint: words.hint ?? null,
    file: document.file,
    place: { line, column, text: document.line(line), field: formatPath(path) },
  };
}

export function diagnosticOn(locus: Locus, words: Words): Diagnostic {
  return diagnosticAt(locus.document, locus.path, words);
}

/** A diagnostic about a file as a whole. */
export function fileDiagnostic(file: string, words: Words): Diagnostic {
  return { severity: words.severity ?? 'error', code: words.code, message: words.message, hint: words.hint ?? null, file, place: null };
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
