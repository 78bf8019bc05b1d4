import { json } from './json.ts';
import type { Reporter } from './reporter.ts';
import { text } from './text.ts';

export { checkStatus, type Level } from './level.ts';

/** One entry a format: its file, and a line here. */
export const reporters = { text, json } satisfies Record<string, Reporter>;

export type ReportFormat = keyof typeof reporters;
export const REPORT_FORMATS = Object.keys(reporters) as readonly ReportFormat[];
