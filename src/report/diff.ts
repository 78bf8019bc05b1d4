import type { DiffDocument } from '../document/diff-schema.ts';
import { diffText } from '../render/diff-text.ts';
import { diffHtml } from '../render/grid/diff.ts';
import { jsonText } from '../render/text.ts';
import { diffGithub } from './diff-github.ts';
import { diffMarkdown, diffMarkdownFailure } from './diff-markdown.ts';
import type { FailureReporter } from './failure.ts';
import type { DiffFormat } from './formats.ts';
import { githubFailure } from './github.ts';
import type { ReportOptions } from './reporter.ts';
import { textFailure } from './text.ts';

/** `meanings`: of reason codes, in one sentence each, where a format has them. */
type DiffReporter = (
  document: DiffDocument,
  options: Pick<ReportOptions, 'color' | 'width' | 'verbose' | 'directory'> & { readonly meanings: Readonly<Record<string, string>> },
) => string;

/** One entry a format. */
export const diffReporters: Readonly<Record<DiffFormat, DiffReporter>> = {
  text: diffText,
  json: (document) => `${jsonText(document)}\n`,
  markdown: diffMarkdown,
  github: diffGithub,
  html: (document, { meanings }) => diffHtml(document, meanings),
};

/** A format's entry for a diff that could not be made. */
export const diffFailureReporters: Readonly<Record<DiffFormat, FailureReporter | null>> = {
  text: textFailure,
  json: null,
  markdown: diffMarkdownFailure,
  github: githubFailure,
  html: null,
};
