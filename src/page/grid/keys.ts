import type { Spot } from './draw.ts';

/** Where a key leads, as in the grids of the ARIA practices; null: it is none of ours. Headings are number -1. */
export function moved({ row, column }: Spot, event: KeyboardEvent, rows: number, columns: number, page: number): Spot | null {
  const far = event.ctrlKey || event.metaKey;
  const to = ((): Spot | null => {
    switch (event.key) {
      case 'ArrowUp':
        return { row: far ? 0 : row - 1, column };
      case 'ArrowDown':
        return { row: far ? rows - 1 : row + 1, column };
      case 'ArrowLeft':
        return { row, column: far ? 0 : column - 1 };
      case 'ArrowRight':
        return { row, column: far ? columns - 1 : column + 1 };
      case 'PageUp':
        return { row: Math.max(0, row - page), column };
      case 'PageDown':
        return { row: row + page, column };
      case 'Home':
        return { row: far ? 0 : row, column: -1 };
      case 'End':
        return { row: far ? rows - 1 : row, column: columns - 1 };
      default:
        return null;
    }
  })();
  if (to === null) return null;
  const within = { row: Math.min(rows - 1, Math.max(-1, to.row)), column: Math.min(columns - 1, Math.max(-1, to.column)) };
  // The corner is neither.
  return within.row === -1 && within.column === -1 ? { row, column } : within;
}
