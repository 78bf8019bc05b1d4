import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import type { ErrorCode, WarningCode } from '../../source/findings.ts';
import type { Locus, Path } from '../../source/origin.ts';
import type { ParsedDocument } from '../syntax/document.ts';

/** Collects what is wrong while a document is resolved. */
export interface Report {
  readonly diagnostics: Diagnostic[];
  error(path: Path, code: ErrorCode, message: string, hint?: string | null): void;
  warn(path: Path, code: WarningCode, message: string, hint?: string | null): void;
  locus(path: Path, object: string): Locus;
  /** `file:line`, for pointing at another place in a message. */
  place(path: Path): string;
}

export function newReport(document: ParsedDocument): Report {
  const diagnostics: Diagnostic[] = [];
  return {
    diagnostics,
    error: (path, code, message, hint = null) => diagnostics.push(diagnosticAt(document, path, { code, message, hint })),
    warn: (path, code, message, hint = null) =>
      diagnostics.push(diagnosticAt(document, path, { severity: 'warning', code, message, hint })),
    locus: (path, object) => ({ document, path, object }),
    place: (path) => `${document.file}:${document.position(path).line}`,
  };
}

/** Reports every item whose name an earlier one has. */
export function uniqueNames<T>(
  report: Report,
  items: readonly T[],
  what: string,
  nameOf: (item: T) => string | null,
  pathOf: (index: number) => Path,
): void {
  const first = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const name = nameOf(item);
    if (name === null) continue;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, i);
    else report.error(pathOf(i), 'duplicate-name', `a second ${what} ${name}; the first one is at ${report.place(pathOf(earlier))}`);
  }
}
