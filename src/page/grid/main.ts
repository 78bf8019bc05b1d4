import type { GridData } from './data.ts';
import { element } from './element.ts';
import { EVERYTHING, type Filter } from './filter.ts';
import { makeGrid } from './grid.ts';
import { reasons } from './panel.ts';
import { countMarks, makeToolbar } from './toolbar.ts';
import { type Folds, type Item, table, type View, viewOf } from './view.ts';

/** Up to so many columns there is room for ports and codes in the cells. */
const MOST_WIDE = 12;

function start(data: GridData, host: HTMLElement): void {
  const answers = table(data);
  let filter: Filter = EVERYTHING;
  let folds: Folds = { rows: new Map(), columns: new Map() };
  let wide = data.columns.length <= MOST_WIDE;
  let view: View = viewOf(data, answers, filter, folds);
  const total = view.pairs;

  const panel = element('aside', { class: 'reasons', 'aria-label': 'Reason', tabindex: -1, hidden: '' });
  const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
  const shut = () => {
    panel.hidden = true;
    host.classList.remove('explained');
    grid.focus();
  };
  close.addEventListener('click', shut);
  host.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) shut();
  });
  const explain = (row: Item, column: Item, byKey: boolean) => {
    panel.replaceChildren(close, ...reasons(view, row, column, (one, other) => explain(one, other, true)));
    panel.hidden = false;
    panel.scrollTop = 0;
    host.classList.add('explained');
    if (byKey) panel.focus({ preventScroll: true });
  };

  const all = (axis: 'rows' | 'columns'): Item => ({
    section: 'everything',
    group: null,
    folded: true,
    places: view[axis].flatMap((item) => (item.group === null && !item.folded ? [] : item.places)),
  });
  const grid = makeGrid(view, {
    open: (spot, byKey) => {
      const [row, column] = [view.rows[spot.row] ?? all('rows'), view.columns[spot.column] ?? all('columns')];
      explain(row, column, byKey);
    },
    fold: (axis, section) => {
      const item = view[axis].find((one) => one.section === section);
      folds = { ...folds, [axis]: new Map(folds[axis]).set(section, item?.folded !== true) };
      show();
    },
  });
  const toolbar = makeToolbar(data, countMarks(data, answers), wide, {
    filter: (next) => {
      filter = next;
      show();
    },
    foldAll: (folded) => {
      const sections = (axis: 'rows' | 'columns') => new Map(view[axis].map(({ section }) => [section, folded]));
      folds = { rows: sections('rows'), columns: sections('columns') };
      show();
    },
    wide: (is) => {
      wide = is;
      show();
    },
  });
  const empty = element('p', { class: 'empty', hidden: '' }, 'Nothing fits the filter.');

  function show(): void {
    view = viewOf(data, answers, filter, folds);
    toolbar.say(view.pairs === total ? `${total} pairs` : `${view.pairs} of ${total} pairs`);
    empty.hidden = view.pairs > 0;
    grid.node.hidden = view.pairs === 0;
    grid.show(view, wide);
  }

  host.append(toolbar.node, toolbar.legend, element('div', { class: 'stage' }, grid.node, empty, panel));
  document.documentElement.classList.add('scripted');
  show();
}

const host = document.getElementById('grid');
const text = document.getElementById('data')?.textContent;
// The page's own data, as its renderer wrote it.
if (host !== null && text != null) start(JSON.parse(text), host);
