import type { Paint } from './paint.ts';
import { plainTable } from './plain-table.ts';

type Cells = readonly (readonly string[])[];

/** A table with a title; without rows, a line that says so. */
export function section(p: Paint, title: string, head: readonly string[], rows: Cells, width: number): string {
  if (rows.length === 0) return `${p.strong(title)}: none`;
  return `${p.strong(title)}\n${plainTable(
    head.map((h) => p.faint(h)),
    head,
    rows,
    width,
  )}`;
}
