import { element } from './element.ts';

export interface Aside {
  readonly node: HTMLElement;
  show(parts: readonly HTMLElement[], byKey: boolean): void;
}

/** Beside the grid, or over it where there is no room: shut by its button and by Escape, which `back` follows. */
export function makeAside(host: HTMLElement, back: () => void): Aside {
  const node = element('aside', { class: 'reasons', 'aria-label': 'Reason', tabindex: -1, hidden: '' });
  const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
  const shut = () => {
    node.hidden = true;
    back();
  };
  close.addEventListener('click', shut);
  host.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !node.hidden) shut();
  });
  return {
    node,
    show(parts, byKey) {
      node.replaceChildren(close, ...parts);
      node.hidden = false;
      node.scrollTop = 0;
      if (byKey) node.focus({ preventScroll: true });
    },
  };
}
