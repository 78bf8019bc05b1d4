import type { Difference } from '../topology/differences/index.ts';
import type { Undone } from '../topology/differences/mixed.ts';
import type { Cell } from './compare.ts';
import { type Caused, causesOf, type Search } from './leave-out.ts';

/** A cell with what made it: objects of which nobody asked yet which of their values it is, and what is known. */
export interface Explained extends Cell {
  readonly by: readonly Undone[];
  readonly open: readonly Difference[];
}

/** Of an object with more, all are taken to be its cause: each is a cluster that has to be put together. */
const MOST_PARTS = 24;

/** Causes that are objects with several values that differ: the values without which the change does not come about. */
export function refined(search: Search<Undone, Explained>, found: readonly Caused<Undone, Cell>[]): readonly Explained[] {
  const isOpen = ({ parts }: Difference) => parts.length > 1 && parts.length <= MOST_PARTS;
  let all = found.map(({ cell, causes, isJoint }): Explained => {
    const open = isJoint ? [] : causes.flatMap((c) => (isOpen(c.difference) ? [c.difference] : []));
    return { ...cell, by: causes.filter((c) => !open.includes(c.difference)), open };
  });
  for (const difference of new Set(all.flatMap((c) => c.open))) {
    const mine = all.filter((c) => c.open.includes(difference));
    const parts = difference.parts.map((part): Undone => ({ difference, parts: [part] }));
    const asked = causesOf({ ...search, touches: () => true }, parts, mine);
    const known = asked.map(({ cell, causes }) => ({
      ...cell,
      by: [...cell.by, ...(causes.length > 0 ? causes : [{ difference, parts: null }])],
      open: cell.open.filter((d) => d !== difference),
    }));
    all = [...all.filter((c) => !mine.includes(c)), ...known];
  }
  return all;
}
