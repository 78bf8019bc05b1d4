import type { MatrixGroupDocument } from '../document/matrix-schema.ts';
import { isWorkload, nameIn } from './matrix-names.ts';

/** Names that a line has at most, where not all are wanted. */
const MOST_NAMES = 12;

/** So many are left out of all, where more than so many are not. */
const FEW = 2;
const MOST_APART = 5;

/** Who calls: all workloads, all of a namespace, or names; nodes and the internet always by name. */
export function callersText(
  callers: ReadonlyMap<string, number>,
  others: readonly MatrixGroupDocument[],
  to: MatrixGroupDocument,
  { all, isDoubtful }: { readonly all: boolean; readonly isDoubtful: (id: string) => boolean },
): string {
  const whole = (some: readonly MatrixGroupDocument[]) => some.length > 2 && some.every((g) => isWhole(callers.get(g.id) ?? 0));
  const workloads = others.filter(isWorkload);
  const said = new Set<string>();
  const words: string[] = [];
  const say = (word: string, some: readonly MatrixGroupDocument[]) => {
    words.push(word);
    for (const g of some) said.add(g.id);
  };
  const present = workloads.filter((g) => isWhole(callers.get(g.id) ?? 0));
  const missing = workloads.filter((g) => !callers.has(g.id));
  if (whole(workloads)) say(`all ${workloads.length} workloads`, workloads);
  else if (missing.length <= FEW && present.length > MOST_APART && present.length + missing.length === workloads.length)
    say(`all ${workloads.length} workloads (not ${missing.map((g) => nameIn(g, to.namespace)).join(', not ')})`, present);
  else
    for (const namespace of new Set(workloads.map((g) => g.namespace))) {
      const own = workloads.filter((g) => g.namespace === namespace);
      if (whole(own)) say(`all ${own.length} of ${namespace}`, own);
    }
  const named = others
    .filter((g) => callers.has(g.id) && !said.has(g.id))
    .map((g) => `${nameIn(g, to.namespace)}${shareText(callers.get(g.id) ?? 1)}${isDoubtful(g.id) ? ' (assumed)' : ''}`);
  const shown = all || named.length <= MOST_NAMES ? named : [...named.slice(0, MOST_NAMES - 1), `${named.length - MOST_NAMES + 1} more`];
  return [...words, ...shown].join(', ');
}

/** Sums of shares of one are not always 1. */
export const isWhole = (share: number): boolean => share > 1 - 1e-9;

/** Empty: all of it. */
export function shareText(share: number): string {
  if (isWhole(share)) return '';
  const percent = share * 100;
  return ` (${percent < 1 ? '<1' : percent > 99 ? '>99' : Math.round(percent)}%)`;
}
