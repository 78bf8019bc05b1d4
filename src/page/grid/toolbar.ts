import type { GridData } from './data.ts';
import { element } from './element.ts';
import { type Filter, reasonsOf } from './filter.ts';

interface Actions {
  filter(fields: Omit<Filter, 'marks'>): void;
  clear(): void;
  foldAll(folded: boolean): void;
  wide(wide: boolean): void;
}

/** The fields of the filter, and how the grid is shown. */
export function makeToolbar(data: GridData, wide: boolean, actions: Actions): HTMLElement {
  const fields = {
    from: field('From', search('name, namespace')),
    to: field('To', search('name, namespace')),
    port: field('Port', search('443, 53/udp')),
    code: field(data.kind === 'diff' ? 'Code or cause' : 'Outcome or code', choice(data)),
  };
  const inputs = Object.values(fields).map(({ input }) => input);
  const tell = () => {
    const text = (of: keyof typeof fields) => fields[of].input.value.trim();
    actions.filter({ from: text('from'), to: text('to'), port: text('port'), code: text('code') });
  };
  for (const input of inputs) input.addEventListener('input', tell);
  const clear = button('Clear', () => {
    for (const input of inputs) input.value = '';
    actions.clear();
  });
  const form = element(
    'form',
    { class: 'tools', role: 'search', 'aria-label': 'Filter' },
    Object.values(fields).map(({ label }) => label),
    clear,
    element(
      'span',
      { class: 'folds' },
      button('Fold all', () => actions.foldAll(true)),
      button('Unfold all', () => actions.foldAll(false)),
      details(wide, actions.wide),
    ),
  );
  form.addEventListener('submit', (event) => event.preventDefault());
  return form;
}

const search = (placeholder: string) => element('input', { type: 'search', placeholder, autocomplete: 'off', spellcheck: 'false' });

function choice(data: GridData) {
  const reasons = [...new Set(data.facts.flatMap(reasonsOf))].sort();
  return element(
    'select',
    {},
    element('option', { value: '' }, 'any'),
    reasons.map((value) => element('option', { value }, value)),
  );
}

const field = <T extends HTMLElement>(name: string, input: T) => ({
  input,
  label: element('label', {}, element('span', {}, name), input),
});

function details(wide: boolean, change: (wide: boolean) => void): HTMLElement {
  const box = element('input', { type: 'checkbox' });
  box.checked = wide;
  box.addEventListener('change', () => change(box.checked));
  return element('label', { class: 'check' }, box, 'details in cells');
}

function button(text: string, act: () => void): HTMLElement {
  const made = element('button', { type: 'button' }, text);
  made.addEventListener('click', act);
  return made;
}
