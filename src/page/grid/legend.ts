import { type GridData, MARKS, type Mark, markOf } from './data.ts';
import { element } from './element.ts';

export interface Legend {
  readonly node: HTMLElement;
  say(text: string): void;
  clear(): void;
}

/** What the signs mean, and how often each is there; choosing some of them filters. */
export function makeLegend(data: GridData, counts: ReadonlyMap<Mark, number>, choose: (marks: ReadonlySet<Mark>) => void): Legend {
  const chosen = new Set<Mark>();
  const chips = (Object.keys(MARKS) as Mark[]).flatMap((mark) => {
    const count = counts.get(mark);
    if (count === undefined) return [];
    const chip = chipOf(mark, count);
    chip.addEventListener('click', () => {
      if (!chosen.delete(mark)) chosen.add(mark);
      chip.setAttribute('aria-pressed', String(chosen.has(mark)));
      choose(new Set(chosen));
    });
    return [chip];
  });
  const said = element('p', { class: 'said faint', role: 'status' });
  return {
    node: element('div', { class: 'legend', role: 'group', 'aria-label': 'Legend, and filter by it' }, chips, keys(data), said),
    say: (text) => said.replaceChildren(text),
    clear() {
      chosen.clear();
      for (const chip of chips) chip.setAttribute('aria-pressed', 'false');
    },
  };
}

function chipOf(mark: Mark, count: number): HTMLElement {
  const { sign, word, means } = MARKS[mark];
  return element(
    'button',
    { type: 'button', class: 'chip', 'aria-pressed': 'false', title: means },
    element('span', { class: `sample is-${mark}`, 'aria-hidden': 'true' }, sign),
    `${word} `,
    element('span', { class: 'faint' }, String(count)),
  );
}

function keys({ kind, facts }: GridData): readonly HTMLElement[] {
  const isAsked = facts.some((fact) => fact.mark === 'blocked' || fact.mark === 'unknown');
  const blank = kind === 'diff' ? 'no change' : isAsked ? 'not asked' : 'not reached, or not asked';
  const dotted = facts.some((fact) => fact.assumed) ? [key('rests on an assumption', '', 'assumed')] : [];
  return [key(blank), key(kind === 'diff' ? 'pairs that change' : 'pairs that are reached', '7'), ...dotted];
}

const key = (text: string, sign = '', like = ''): HTMLElement =>
  element('span', { class: 'key' }, element('span', { class: `sample ${like}`, 'aria-hidden': 'true' }, sign), text);

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
