import { makeAside } from './aside.ts';
import type { GridData } from './data.ts';
import { element } from './element.ts';
import { EVERYTHING, type Filter } from './filter.ts';
import { makeGrid } from './grid.ts';
import { countMarks, makeLegend } from './legend.ts';
import { reasons } from './panel.ts';
import { makeToolbar } from './toolbar.ts';
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

  const aside = makeAside(
    host,
    () => grid.resize(),
    () => grid.focus(),
  );
  const explain = (row: Item, column: Item, byKey: boolean) =>
    aside.show(
      reasons(view, row, column, (one, other) => explain(one, other, true)),
      byKey,
    );

  const all = (axis: 'rows' | 'columns'): Item => ({
    section: 'everything',
    group: null,
    folded: true,
    places: view[axis].flatMap((item) => (item.group === null && !item.folded ? [] : item.places)),
  });
  const stage = element('div', { class: 'stage' });
  const grid = makeGrid(view, {
    room: () => stage.clientWidth - aside.width(),
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
  const refilter = (part: Partial<Filter>) => {
    filter = { ...filter, ...part };
    show();
  };
  const legend = makeLegend(data, countMarks(data, answers), (marks) => refilter({ marks }));
  const toolbar = makeToolbar(data, wide, {
    filter: refilter,
    clear: () => {
      legend.clear();
      refilter(EVERYTHING);
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
    legend.say(view.pairs === total ? `${total} pairs` : `${view.pairs} of ${total} pairs`);
    empty.hidden = view.pairs > 0;
    grid.node.hidden = view.pairs === 0;
    grid.show(view, wide);
  }

  stage.append(grid.node, empty, aside.node);
  host.append(toolbar, legend.node, stage);
  document.documentElement.classList.add('scripted');
  show();
  new ResizeObserver(() => grid.resize()).observe(stage);
}

const host = document.getElementById('grid');
const text = document.getElementById('data')?.textContent;
// The page's own data, as its renderer wrote it.
const data: GridData | null = text == null ? null : JSON.parse(text);
if (host !== null && data !== null && data.rows.length > 0) start(data, host);
