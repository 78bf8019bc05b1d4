import type { ReportFormat } from './formats.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { sarif } from './sarif.ts';
import { tap } from './tap.ts';
import { text } from './text.ts';

export { checkStatus } from './level.ts';

/** One entry a format: its file, a line here, and its name in formats.ts. */
export const reporters: Readonly<Record<ReportFormat, Reporter>> = { text, json, junit, sarif, github, gitlab, tap, markdown };
