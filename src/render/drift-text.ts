import type { DriftDocument } from '../document/drift-schema.ts';
import { byCause, type DriftGroup, fixLines, groupTitle, MOST_ROWS, placesOf, rowsOf, tailLines, verdictOf } from './drift-words.ts';
import { type Paint, paint } from './paint.ts';
import { plainTable } from './plain-table.ts';
import { hanging, safe, wrap } from './text.ts';
import { whatIfLines } from './what-if.ts';

export interface DriftOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Every flow, however many have one cause. */
  readonly verbose: boolean;
}

/** Of one cause. */
const MOST_FIXES = 3;
const INDENT = '  ';

/** For a terminal: how many flows differ, then by what makes them, with the line that does. */
export function driftText(document: DriftDocument, options: DriftOptions): string {
  const p = paint(options.color);
  const { width } = options;
  const ink = document.outcome === 'same' ? p.good : document.outcome === 'different' ? p.bad : p.doubtful;
  const blocks = [
    [...hanging('', safe(verdictOf(document)), width).map(ink), ...whatIfLines(document.whatIf, p, width)],
    ...byCause(document).map((group) => groupLines(group, p, options)),
    tailLines(document, options.verbose).flatMap((line) => wrap(safe(line), width).map((part) => p.faint(part))),
  ];
  return `${blocks.flatMap((lines) => (lines.length === 0 ? [] : [lines.join('\n')])).join('\n\n')}\n`;
}

function groupLines(group: DriftGroup, p: Paint, { width, verbose }: DriftOptions): readonly string[] {
  const all = rowsOf(group.flows, verbose);
  const shown = verbose || all.length <= MOST_ROWS ? all : all.slice(0, MOST_ROWS - 1);
  const head = ['FROM', 'TO', 'PORT', 'SHOULD', 'HAS'];
  const table = plainTable(
    head.map((h) => p.faint(h)),
    head,
    shown.map((r) => [r.from, r.to, r.port, r.should, r.has]),
    width - INDENT.length,
  );
  const left = all.length - shown.length;
  const fixes = fixLines(group);
  const told =
    verbose || fixes.length <= MOST_FIXES + 1
      ? fixes
      : [...fixes.slice(0, MOST_FIXES), `… and ${fixes.length - MOST_FIXES} more: -v shows them`];
  return [
    ...hanging('', safe(groupTitle(group)), width).map((line) => p.strong(line)),
    ...placesOf(group).flatMap((place) => hanging(INDENT, safe(place), width)),
    ...told.flatMap((line) => hanging(INDENT, safe(line), width)),
    ...[...table.split('\n'), ...(left === 0 ? [] : [p.faint(`… and ${left} more: -v shows them`)])].map((line) => `${INDENT}${line}`),
  ];
}
