import { draw, idOf, type Shape, type Spot, shapeOf, sizeOf, windowOf } from './draw.ts';
import { element, place } from './element.ts';
import { moved } from './keys.ts';
import type { Axis, View } from './view.ts';

interface Actions {
  /** A cell, or a heading with all that it is about. */
  open(spot: Spot, byKey: boolean): void;
  fold(axis: Axis, section: string): void;
  /** How wide it may be. */
  room(): number;
}

export interface Grid {
  readonly node: HTMLElement;
  show(view: View, wide: boolean): void;
  focus(): void;
  /** There is more or less room for it. */
  resize(): void;
}

/** The grid: only what is seen of it is drawn, again as it is scrolled; one cell of it is the active one. */
export function makeGrid(first: View, actions: Actions): Grid {
  const plane = element('div', { class: 'plane', role: 'presentation' });
  const node = element(
    'div',
    { class: 'grid', role: 'grid', tabindex: 0, 'aria-readonly': 'true', 'aria-label': 'sources by destinations' },
    plane,
  );
  let view = first;
  let shape: Shape = shapeOf(false, 0, 1);
  let active: Spot = { row: 0, column: 0 };
  let drawn = '';
  let whole = false;

  const paint = (anew: boolean) => {
    const window = windowOf(view, shape, node, whole);
    const key = JSON.stringify([window.rows, window.columns]);
    if (!anew && key === drawn) return;
    drawn = key;
    draw(view, shape, window, plane);
    markActive();
  };

  const markActive = () => {
    for (const old of plane.querySelectorAll('.active')) old.classList.remove('active');
    const found = document.getElementById(idOf(active));
    found?.classList.add('active');
    if (found === null) node.removeAttribute('aria-activedescendant');
    else node.setAttribute('aria-activedescendant', found.id);
  };

  const reveal = () => {
    const { cellWidth, cellHeight, headWidth, headHeight } = shape;
    node.scrollTop = within(node.scrollTop, active.row, cellHeight, node.clientHeight - headHeight);
    node.scrollLeft = within(node.scrollLeft, active.column, cellWidth, node.clientWidth - headWidth);
    paint(false);
    markActive();
  };

  /** A heading of a namespace folds it, anything else opens. */
  const act = (spot: Spot, byKey: boolean) => {
    const item = spot.column === -1 ? view.rows[spot.row] : spot.row === -1 ? view.columns[spot.column] : undefined;
    if (item !== undefined && item.group === null) actions.fold(spot.column === -1 ? 'rows' : 'columns', item.section);
    else if (view.rows[spot.row]?.group !== null || view.rows[spot.row]?.folded === true || spot.row === -1) actions.open(spot, byKey);
  };

  node.addEventListener('scroll', () => requestAnimationFrame(() => paint(false)), { passive: true });
  node.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor((node.clientHeight - shape.headHeight) / shape.cellHeight) - 1);
    const spot = moved(active, event, view.rows.length, view.columns.length, page);
    if (spot !== null) {
      active = spot;
      reveal();
    } else if (event.key === 'Enter' || event.key === ' ') act(active, true);
    else return;
    event.preventDefault();
  });
  node.addEventListener('click', ({ target }) => {
    const band = target instanceof Element ? target.closest('.band') : null;
    const section = view.columns[Number(band?.getAttribute('data-column') ?? -1)]?.section;
    if (section !== undefined) return actions.fold('columns', section);
    const spot = spotOf(target);
    if (spot === null) return;
    active = spot;
    markActive();
    act(spot, false);
  });
  node.addEventListener('mouseover', ({ target }) => {
    const spot = spotOf(target);
    for (const old of plane.querySelectorAll('.hot')) old.classList.remove('hot');
    if (spot === null) return;
    document.getElementById(idOf({ row: spot.row, column: -1 }))?.classList.add('hot');
    document.getElementById(idOf({ row: -1, column: spot.column }))?.classList.add('hot');
  });
  const all = (is: boolean) => () => {
    // On paper nothing scrolls.
    whole = is && view.rows.length * view.columns.length <= MOST_ON_PAPER;
    node.classList.toggle('too-large', is && !whole);
    paint(true);
  };
  window.addEventListener('beforeprint', all(true));
  window.addEventListener('afterprint', all(false));
  let wide = false;
  const resize = () => {
    shape = shapeOf(wide, actions.room(), view.columns.length);
    // What is seen depends on how large it is, and what was drawn before may be larger.
    plane.replaceChildren();
    place(plane, sizeOf(view, shape));
    paint(true);
  };

  return {
    node,
    resize,
    focus: () => node.focus({ preventScroll: true }),
    show(next, isWide) {
      view = next;
      wide = isWide;
      node.classList.toggle('broad', wide);
      node.classList.toggle('tall', !wide);
      active = { row: Math.min(active.row, next.rows.length - 1), column: Math.min(active.column, next.columns.length - 1) };
      node.setAttribute('aria-rowcount', String(next.rows.length + 1));
      node.setAttribute('aria-colcount', String(next.columns.length + 1));
      resize();
    },
  };
}

const MOST_ON_PAPER = 2500;

/** Scrolled as little as shows the whole of the item. */
function within(scroll: number, item: number, size: number, room: number): number {
  if (item < 0) return scroll;
  return Math.max((item + 1) * size - room, Math.min(scroll, item * size));
}

function spotOf(target: EventTarget | null): Spot | null {
  const found = target instanceof Element ? target.closest('[data-row]') : null;
  return found === null ? null : { row: Number(found.getAttribute('data-row')), column: Number(found.getAttribute('data-column')) };
}
