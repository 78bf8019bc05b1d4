import { type GridData, MARKS, type Mark, markOf } from './data.ts';
import { element } from './element.ts';
import { EVERYTHING, type Filter } from './filter.ts';

interface Actions {
  filter(filter: Filter): void;
  foldAll(folded: boolean): void;
  wide(wide: boolean): void;
}

export interface Toolbar {
  readonly node: HTMLElement;
  readonly legend: HTMLElement;
  say(text: string): void;
}

/** The filter, and the legend, whose entries filter too. `counts`: pairs by mark. */
export function makeToolbar(data: GridData, counts: ReadonlyMap<Mark, number>, wide: boolean, actions: Actions): Toolbar {
  let marks: ReadonlySet<Mark> = EVERYTHING.marks;
  const from = field('From', 'name, namespace');
  const to = field('To', 'name, namespace');
  const port = field('Port', '443, 53/udp');
  const code = select(data);
  const said = element('p', { class: 'said faint', role: 'status' });
  const tell = () =>
    actions.filter({
      from: from.input.value.trim(),
      to: to.input.value.trim(),
      port: port.input.value.trim(),
      code: code.input.value,
      marks,
    });

  const chips = (Object.keys(MARKS) as Mark[]).flatMap((mark) => {
    const count = counts.get(mark) ?? 0;
    if (count === 0) return [];
    const { sign, word, means } = MARKS[mark];
    const label = [
      element('span', { class: `sample is-${mark}`, 'aria-hidden': 'true' }, sign),
      `${word} `,
      element('span', { class: 'faint' }, String(count)),
    ];
    const chip = element('button', { type: 'button', class: 'chip', 'aria-pressed': 'false', title: means }, label);
    chip.addEventListener('click', () => {
      const others = new Set([...marks].filter((m) => m !== mark));
      marks = others.size === marks.size ? others.add(mark) : others;
      chip.setAttribute('aria-pressed', String(marks.has(mark)));
      tell();
    });
    return [chip];
  });

  const clear = button('Clear', () => {
    for (const { input } of [from, to, port, code]) input.value = '';
    marks = EVERYTHING.marks;
    for (const chip of chips) chip.setAttribute('aria-pressed', 'false');
    tell();
  });
  const ports = element('input', { type: 'checkbox' });
  ports.checked = wide;
  ports.addEventListener('change', () => actions.wide(ports.checked));
  for (const { input } of [from, to, port]) input.addEventListener('input', tell);
  code.input.addEventListener('change', tell);

  const node = element(
    'form',
    { class: 'tools', role: 'search', 'aria-label': 'Filter' },
    [from.label, to.label, port.label, code.label, clear],
    element(
      'span',
      { class: 'folds' },
      button('Fold all', () => actions.foldAll(true)),
      button('Unfold all', () => actions.foldAll(false)),
      element('label', { class: 'check' }, ports, 'details in cells'),
    ),
  );
  node.addEventListener('submit', (event) => event.preventDefault());
  const assumed = data.facts.some((fact) => fact.assumed)
    ? element('span', { class: 'key' }, element('span', { class: 'sample assumed', 'aria-hidden': 'true' }), 'rests on an assumption')
    : null;
  const numbers = element(
    'span',
    { class: 'key' },
    element('span', { class: 'sample', 'aria-hidden': 'true' }, '7'),
    data.kind === 'diff' ? 'pairs that change' : 'pairs that are reached',
  );
  const blank =
    data.kind === 'diff' ? 'no change' : data.facts.some((fact) => fact.mark === 'blocked') ? 'not asked' : 'not reached, or not asked';
  const none = element('span', { class: 'key' }, element('span', { class: 'sample', 'aria-hidden': 'true' }), blank);
  return {
    node,
    legend: element(
      'div',
      { class: 'legend', role: 'group', 'aria-label': 'Legend, and filter by it' },
      chips,
      none,
      numbers,
      assumed,
      said,
    ),
    say: (text) => said.replaceChildren(text),
  };
}

function field(name: string, placeholder: string) {
  const input = element('input', { type: 'search', placeholder, autocomplete: 'off', spellcheck: 'false' });
  return { input, label: element('label', {}, element('span', {}, name), input) };
}

function select(data: GridData) {
  const says = [...new Set(data.facts.map((fact) => fact.says))].sort();
  const codes = Object.keys(data.meanings).concat(data.facts.flatMap((fact) => fact.codes));
  const options = [...says, ...[...new Set(codes)].sort()].map((value) => element('option', { value }, value));
  const input = element('select', {}, element('option', { value: '' }, 'any'), options);
  return { input, label: element('label', {}, element('span', {}, 'Outcome or code'), input) };
}

function button(text: string, act: () => void): HTMLElement {
  const made = element('button', { type: 'button' }, text);
  made.addEventListener('click', act);
  return made;
}

/** Pairs by the mark of their answers. */
export function countMarks(data: GridData, answers: readonly Int32Array[]): ReadonlyMap<Mark, number> {
  const marks = data.answers.map((answer) => markOf(answer.flatMap((i) => data.facts[i] ?? [])));
  const counts = new Map<Mark, number>();
  for (const row of answers) {
    for (const answer of row) {
      const mark = marks[answer] ?? null;
      if (mark !== null) counts.set(mark, (counts.get(mark) ?? 0) + 1);
    }
  }
  return counts;
}
