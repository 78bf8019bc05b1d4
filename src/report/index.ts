import type { FailureReporter } from './failure.ts';
import type { ReportFormat } from './formats.ts';
import { github, githubFailure } from './github.ts';
import { gitlab, gitlabFailure } from './gitlab.ts';
import { json } from './json.ts';
import { junit, junitFailure } from './junit.ts';
import { markdown, markdownFailure } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { sarif, sarifFailure } from './sarif.ts';
import { tap, tapFailure } from './tap.ts';
import { text, textFailure } from './text.ts';

export { diffFailureReporters, diffReporters } from './diff.ts';
export { findingsReporters } from './findings.ts';
export { checkStatus } from './level.ts';

/** One entry a format: its file, a line here, and its name in formats.ts. */
export const reporters: Readonly<Record<ReportFormat, Reporter>> = { text, json, junit, sarif, github, gitlab, tap, markdown };

/** A format's entry for a check that could not be made. JSON's document is of results, and has nothing without any. */
export const failureReporters: Readonly<Record<ReportFormat, FailureReporter | null>> = {
  text: textFailure,
  json: null,
  junit: junitFailure,
  sarif: sarifFailure,
  github: githubFailure,
  gitlab: gitlabFailure,
  tap: tapFailure,
  markdown: markdownFailure,
};
