import { factsAt, itemText } from './cell.ts';
import { traceCommand } from './command.ts';
import {
  type Excerpt,
  type Fact,
  type GridData,
  type Group,
  groupText,
  hasFamilies,
  MARKS,
  type Mark,
  portsText,
  shareText,
} from './data.ts';
import { element } from './element.ts';
import { type Item, sumOf, type View } from './view.ts';

/** Longer lists of pairs are cut, and say so. */
const MOST_PAIRS = 200;

/** What is said about one cell: a pair with its facts, or the pairs that are folded together in it. */
export function reasons(view: View, row: Item, column: Item, open: (row: Item, column: Item) => void): readonly HTMLElement[] {
  const heading = element('h2', {}, itemText(view, row), element('span', { class: 'faint' }, ' → '), itemText(view, column));
  if (row.places.length > 1 || column.places.length > 1) return [heading, ...pairs(view, row, column, open)];
  const [from, to] = [groupAt(view.data, 'rows', row), groupAt(view.data, 'columns', column)];
  if (from === null || to === null) return [heading];
  const facts = factsAt(view, row, column);
  const nothing = element(
    'p',
    { class: 'faint' },
    view.data.kind === 'diff' ? 'Nothing changes here.' : 'Nothing was asked here, or nothing is reached.',
  );
  return [
    heading,
    ...members(from),
    ...members(to),
    ...(facts.length === 0 ? [nothing] : facts.map((fact) => factCard(view.data, from, to, fact))),
  ];
}

function groupAt(data: GridData, axis: 'rows' | 'columns', item: Item): Group | null {
  const number = data[axis][item.places[0] ?? -1];
  return number === undefined ? null : (data.groups[number] ?? null);
}

/** None where the document does not say who they are, or where it is the only one. */
function members(group: Group): readonly HTMLElement[] {
  const { kind, members: first, size, cidrs = [] } = group;
  if ((size === 0 && cidrs.length === 0) || kind === 'Pod' || kind === 'Service') return [];
  const more = size > first.length ? ` and ${size - first.length} more` : '';
  const what = kind === 'Node' ? 'node' : 'pod';
  const text = kind === 'Network' ? cidrs.join(', ') : `${size} ${what}${size === 1 ? '' : 's'}: ${first.join(', ')}${more}`;
  return [element('p', { class: 'faint members' }, `${groupText(group)}: ${text}`)];
}

function factCard(data: GridData, from: Group, to: Group, fact: Fact): HTMLElement {
  const { mark, families, says, share, assumed, codes, causes = [] } = fact;
  const command = data.everyPort && assumed && mark !== 'blocked' ? null : traceCommand(from, to, fact);
  return element(
    'article',
    { class: `fact is-${mark}` },
    element(
      'h3',
      {},
      `${MARKS[mark].sign} ${MARKS[mark].word} `,
      element('span', { class: 'code' }, portsText(fact)),
      hasFamilies(data) ? ` ${families.join(', ')}` : null,
    ),
    element(
      'p',
      {},
      says,
      codes.filter((code) => !says.includes(code)).map((code) => [' ', element('code', {}, code)]),
      share < 1 ? `, for ${shareText(share)} of the pairs of their members` : null,
    ),
    codes.flatMap((code) => data.meanings[code] ?? []).map((meaning) => element('p', {}, meaning)),
    assumed ? element('p', { class: 'faint' }, 'It rests on something that the input does not state.') : null,
    causes.map(({ object, says: change, before, after }) =>
      element(
        'div',
        { class: 'cause' },
        element('p', {}, 'because of ', element('b', {}, object), change === '' ? null : `: ${change}`),
        before === null ? null : excerpt('before', '−', before),
        after === null ? null : excerpt('after', '+', after),
      ),
    ),
    command === null
      ? null
      : element(
          'p',
          { class: 'faint' },
          data.kind === 'diff' ? 'hop by hop, with either input: ' : 'hop by hop, with the same input: ',
          element('code', { class: 'command' }, command),
        ),
  );
}

const excerpt = (when: 'before' | 'after', sign: string, { at, text }: Excerpt): HTMLElement =>
  element('figure', { class: when }, element('figcaption', {}, `${sign} ${when}, ${at}`), element('pre', {}, text));

function pairs(view: View, row: Item, column: Item, open: (row: Item, column: Item) => void): readonly HTMLElement[] {
  const { counts, pairs: count } = sumOf(view, row, column);
  const summary = element('p', {}, `${count} pairs: `, [...counts].map(([mark, n]) => `${n} ${MARKS[mark].word}`).join(', '));
  const found: HTMLElement[] = [];
  for (const mark of counts.keys()) found.push(...pairsOf(view, row, column, mark, open, MOST_PAIRS - found.length));
  const cut =
    count > found.length ? element('p', { class: 'faint' }, `and ${count - found.length} more: filter, or unfold the namespace`) : null;
  return [summary, element('ul', { class: 'pairs' }, found), ...(cut === null ? [] : [cut])];
}

function pairsOf(
  view: View,
  row: Item,
  column: Item,
  wanted: Mark,
  open: (row: Item, column: Item) => void,
  most: number,
): readonly HTMLElement[] {
  const found: HTMLElement[] = [];
  for (const r of row.places) {
    for (const c of column.places) {
      if (found.length >= most) return found;
      const mark = view.at(r, c)?.mark;
      if (mark !== wanted) continue;
      const [one, other] = [single(view.data, 'rows', r), single(view.data, 'columns', c)];
      const button = element('button', { type: 'button' }, `${MARKS[mark].sign} ${itemText(view, one)} → ${itemText(view, other)}`);
      button.addEventListener('click', () => open(one, other));
      found.push(element('li', { class: `is-${mark}` }, button));
    }
  }
  return found;
}

function single(data: GridData, axis: 'rows' | 'columns', at: number): Item {
  return { section: '', group: data[axis][at] ?? 0, folded: false, places: [at] };
}
