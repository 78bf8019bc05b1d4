import { type Fact, groupText, MARKS, type Mark, portsText, saysText } from './data.ts';
import { portText } from './port-text.ts';
import { type Item, type Sum, sumOf, type View } from './view.ts';

/** What is in a cell: a class for its colour, a short text, and what a screen reader says. Null: nothing was found or asked. */
export interface Cell {
  readonly mark: Mark;
  readonly text: string;
  readonly label: string;
  readonly assumed: boolean;
  /** Of a folded cell: how much of it is open, from 0 to 4. */
  readonly level: number | null;
}

/** `wide`: there is room for ports. */
export function cellOf(view: View, row: Item, column: Item, wide: boolean): Cell | null {
  // A namespace whose groups follow is a heading.
  if (row.group === null && !row.folded) return null;
  const sum = sumOf(view, row, column);
  const mark = markOfSum(sum);
  if (mark === null) return null;
  const ends = `${itemText(view, row)} to ${itemText(view, column)}`;
  const assumed = sum.assumed ? ', rests on assumptions' : '';
  if (row.folded || column.folded) {
    const text = wide ? `${shortSum(sum, mark)} of ${sum.pairs}` : shortSum(sum, mark);
    // Some assumption is in most of them.
    return { mark, text, label: `${ends}: ${sumText(sum)}${assumed}`, assumed: false, level: levelOf(sum) };
  }
  const facts = factsAt(view, row, column);
  const text = wide ? `${MARKS[mark].sign} ${wideText(facts, mark)}` : MARKS[mark].sign;
  return { mark, text, label: `${ends}: ${facts.map(factText).join('; ')}${assumed}`, assumed: sum.assumed, level: null };
}

export const factsAt = (view: View, row: Item, column: Item): readonly Fact[] =>
  view.at(row.places[0] ?? -1, column.places[0] ?? -1)?.facts ?? [];

export const itemText = ({ data }: View, { group, section }: Item): string => {
  const found = group === null ? undefined : data.groups[group];
  return found === undefined ? section : groupText(found);
};

const factText = (fact: Fact): string => `${portsText(fact)} ${saysText(fact)}`;

const OPEN: readonly Mark[] = ['reached', 'exits', 'part'];

const countOf = ({ counts }: Sum, marks: readonly Mark[]) => marks.reduce((all, mark) => all + (counts.get(mark) ?? 0), 0);

function markOfSum({ counts }: Sum): Mark | null {
  const [first, second] = counts.keys();
  if (first === undefined || second === undefined) return first ?? null;
  if (['gained', 'lost', 'changed', 'several'].includes(first)) return 'several';
  if ([...counts.keys()].some((mark) => OPEN.includes(mark)))
    return [...counts.keys()].every((mark) => mark !== 'part' && OPEN.includes(mark)) ? 'reached' : 'part';
  return 'unknown';
}

/** In a matrix how many pairs are reached, in a diff how many change. */
function shortSum(sum: Sum, mark: Mark): string {
  if (['gained', 'lost', 'changed', 'several'].includes(mark)) return `${MARKS[mark].sign}${sum.pairs}`;
  const open = countOf(sum, OPEN);
  return open === 0 ? MARKS[mark].sign : String(open);
}

const levelOf = (sum: Sum): number => Math.ceil((4 * countOf(sum, OPEN)) / sum.pairs);

const sumText = ({ counts, pairs }: Sum): string =>
  `of ${pairs} pairs ${[...counts].map(([mark, count]) => `${count} ${MARKS[mark].word}`).join(', ')}`;

function wideText(facts: readonly Fact[], mark: Mark): string {
  const telling = mark === 'part' ? facts.filter((fact) => fact.mark === 'reached' || fact.mark === 'exits') : facts;
  if (mark === 'blocked' || mark === 'unknown') return codeWords(telling[0]?.codes[0] ?? telling[0]?.says ?? '');
  return portText(telling);
}

const codeWords = (code: string): string => code.toLowerCase().replaceAll('_', ' ');
