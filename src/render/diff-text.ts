import type { ChangeDocument, DiffDocument } from '../document/diff-schema.ts';
import {
  byCause,
  type CauseGroup,
  causeText,
  changesOf,
  effectlessLines,
  endsText,
  groupLines,
  KINDS,
  type Kind,
  NO_CAUSE,
  notComparedLines,
  onLines,
  rowsOf,
  snippet,
  verdictOf,
} from './diff-words.ts';
import { type Paint, paint } from './paint.ts';
import { plainTable } from './plain-table.ts';
import { hanging, safe, wrap } from './text.ts';
import { whatIfLines } from './what-if.ts';

export interface DiffOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Every connection, however many have one cause. */
  readonly verbose: boolean;
}

/** Of one cause. */
const MOST_SHOWN = 12;
const MOST_WITHOUT_EFFECT = 8;

/** For a terminal: how much differs, then by kind what made it, and the connections. */
export function diffText(document: DiffDocument, options: DiffOptions): string {
  const p = paint(options.color);
  const { width, verbose } = options;
  const tail = [...effectlessLines(document, verbose ? Number.POSITIVE_INFINITY : MOST_WITHOUT_EFFECT), ...notComparedLines(document)];
  const blocks = [
    [
      p.strong(safe(verdictOf(document))),
      ...whatIfLines(document.whatIf, p, width),
      ...groupLines(document).flatMap((line) => hanging('  ', safe(line), width)),
    ],
    ...KINDS.flatMap((kind) => kindBlocks(document, kind, p, options)),
    tail.flatMap((line) => wrap(safe(line), width).map((part, i) => p.faint(i === 0 ? part : `  ${part}`))),
  ];
  return `${blocks.flatMap((lines) => (lines.length === 0 ? [] : [lines.join('\n')])).join('\n\n')}\n`;
}

function kindBlocks(document: DiffDocument, kind: Kind, p: Paint, options: DiffOptions): readonly (readonly string[])[] {
  const groups = byCause(changesOf(document, kind));
  const title = inkOf(kind, p)(`${kind[0]?.toUpperCase()}${kind.slice(1)}`);
  return groups.map((group, i) => [
    ...(i === 0 ? [title] : []),
    ...causeLines(group, p, options),
    ...connectionLines(group.changes, document, options, p),
  ]);
}

const inkOf = (kind: Kind, p: Paint): ((text: string) => string) => (kind === 'lost' ? p.bad : kind === 'gained' ? p.good : p.doubtful);

function causeLines({ causes }: CauseGroup, p: Paint, { width }: DiffOptions): readonly string[] {
  if (causes.length === 0) return hanging('  ', NO_CAUSE, width).map((line) => p.faint(line));
  return onLines(causes).flatMap((cause) => [
    ...hanging('  ', safe(causeText(cause)), width).map((line) => p.strong(line)),
    ...snippet(cause, Math.max(width - SIGN.length, 20)).map(([sign, line]) =>
      (sign === '-' ? p.bad : p.good)(`    ${sign} ${safe(line)}`),
    ),
  ]);
}

const SIGN = '    - ';

function connectionLines(
  changes: readonly ChangeDocument[],
  document: DiffDocument,
  { width, verbose }: DiffOptions,
  p: Paint,
): readonly string[] {
  const all = rowsOf(changes, document);
  const shown = verbose || all.length <= MOST_SHOWN + 1 ? all : all.slice(0, MOST_SHOWN);
  const head = ['FROM', 'TO', 'PORTS', 'WHAT'];
  const rows = shown.map((r) => [endsText(r.from), endsText(r.to), r.ports, r.what]);
  const table = plainTable(
    head.map((h) => p.faint(h)),
    head,
    rows,
    width - INDENT.length,
  );
  const left = all.length - shown.length;
  const more = left === 0 ? [] : [p.faint(`… and ${left} more: -v shows them`)];
  return [...table.split('\n'), ...more].map((line) => `${INDENT}${line}`);
}

const INDENT = '    ';
