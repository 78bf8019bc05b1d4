import { element } from './element.ts';

export interface Aside {
  readonly node: HTMLElement;
  /** What it takes of the room beside the grid. */
  width(): number;
  show(parts: readonly HTMLElement[], byKey: boolean): void;
}

/** Beside the grid, or over it where there is no room: shut by its button and by Escape, which `back` follows. `moved`: it came or went. */
export function makeAside(host: HTMLElement, moved: () => void, back: () => void): Aside {
  const node = element('aside', { class: 'reasons', 'aria-label': 'Reason', tabindex: -1, hidden: '' });
  const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
  const shut = () => {
    node.hidden = true;
    moved();
    back();
  };
  close.addEventListener('click', shut);
  host.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !node.hidden) shut();
  });
  return {
    node,
    // What is fixed over the page has no such parent.
    width: () => (node.offsetParent === null ? 0 : node.offsetWidth),
    show(parts, byKey) {
      node.replaceChildren(close, ...parts);
      node.hidden = false;
      node.scrollTop = 0;
      moved();
      if (byKey) node.focus({ preventScroll: true });
    },
  };
}
