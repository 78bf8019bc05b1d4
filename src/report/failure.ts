import { safe } from '../render/text.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Severity } from '../source/findings.ts';
import type { Directory, ReportOptions } from './reporter.ts';
import { fileOf } from './words.ts';

/** Why there is no result: the command line, the input or the machine did not allow one. */
export interface Failure {
  readonly message: string;
  readonly hint: string | null;
  /** The diagnostics of the files, when these are at fault. */
  readonly diagnostics: readonly Diagnostic[];
}

type Options = Pick<ReportOptions, 'version' | 'directory'>;

/** A format's own form of a failure; null when it has none for this one. */
export type FailureReporter = (failure: Failure, options: Options) => string | null;

/** One thing that is wrong. */
export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  /** With what to do about it. */
  readonly text: string;
  /** As reports name it; null for what is no file. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** All that is wrong, in texts of one line. */
export function problemsOf({ message, hint, diagnostics }: Failure, { directory }: Options): readonly Problem[] {
  if (diagnostics.length === 0)
    return [{ code: 'NO_ANSWER', severity: 'error', text: oneLine(message, hint), file: null, line: null, column: null }];
  return diagnostics.map((d) => problemOf(d, directory));
}

/** A finding, as reports tell it. */
export const problemOf = ({ code, severity, message, hint, file, place }: Diagnostic, directory: Directory): Problem => ({
  code,
  severity,
  text: oneLine(message, hint),
  file: fileOf({ file }, directory),
  line: place?.line ?? null,
  column: place?.column ?? null,
});

const oneLine = (text: string, more: string | null) => safe(more === null ? text : `${text}; ${more}`);

/** `topology.yaml:3:5: error: …`, as compilers say it. */
export function lineOf({ file, line, column, severity, text }: Problem): string {
  const where = [file, line, column].filter((part) => part !== null).map((part) => safe(String(part)));
  return [...(where.length === 0 ? [] : [where.join(':')]), severity, text].join(': ');
}
