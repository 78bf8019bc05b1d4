import type { DiffDocument } from '../document/diff-schema.ts';
import { diffText } from '../render/diff-text.ts';
import { jsonText } from '../render/text.ts';
import { diffGithub } from './diff-github.ts';
import { diffMarkdown, diffMarkdownFailure } from './diff-markdown.ts';
import type { FailureReporter } from './failure.ts';
import type { DiffFormat } from './formats.ts';
import { githubFailure } from './github.ts';
import type { ReportOptions } from './reporter.ts';
import { textFailure } from './text.ts';

type DiffReporter = (document: DiffDocument, options: Pick<ReportOptions, 'color' | 'width' | 'verbose' | 'directory'>) => string;

/** One entry a format. */
export const diffReporters: Readonly<Record<DiffFormat, DiffReporter>> = {
  text: diffText,
  json: (document) => `${jsonText(document)}\n`,
  markdown: diffMarkdown,
  github: diffGithub,
};

/** A format's entry for a diff that could not be made. */
export const diffFailureReporters: Readonly<Record<DiffFormat, FailureReporter | null>> = {
  text: textFailure,
  json: null,
  markdown: diffMarkdownFailure,
  github: githubFailure,
};
