import {
  type Fact,
  type GridData,
  groupText,
  hasFamilies,
  MARKS,
  portsText,
  saysText,
  sectionOf,
  shareText,
  spread,
} from '../../page/grid/data.ts';
import { type Markup, markup } from '../markup.ts';

/** The same in words, by destination: for paper, for pages without scripts, and for who would rather read. */
export function list(data: GridData): Markup {
  if (data.columns.length === 0)
    return markup`<p class="empty">${data.kind === 'diff' ? 'No connection changes.' : 'Nothing was asked, or nothing is reached.'}</p>`;
  const said = factsByColumn(data);
  const families = hasFamilies(data);
  const totals = new Map<string, number>();
  for (const row of data.rows) count(totals, sectionAt(data, row));
  const bySection = new Map<string, Markup[]>();
  for (const [column, number] of data.columns.entries()) {
    const group = data.groups[number];
    if (group === undefined) continue;
    const facts = [...(said[column] ?? [])].sort(([a], [b]) => rankOf(data, a) - rankOf(data, b));
    const items = facts.map(([fact, sources]) => item(data.facts[fact], families, sourcesText(data, sources, totals)));
    const section = sectionOf(group);
    bySection.set(section, [...(bySection.get(section) ?? []), markup`<h3>to ${groupText(group)}</h3>\n<ul>${items}</ul>\n`]);
  }
  return markup`<div class="list">${[...bySection].map(([section, its]) => markup`<section><h2>${section}</h2>\n${its}</section>\n`)}</div>`;
}

/** By column, and by fact: the groups it is said of. */
function factsByColumn(data: GridData): readonly ReadonlyMap<number, readonly number[]>[] {
  const said = data.columns.map(() => new Map<number, number[]>());
  const line = new Int32Array(data.columns.length);
  for (const [at, row] of data.cells.entries()) {
    spread(row, line);
    for (const [column, answer] of line.entries()) {
      for (const fact of data.answers[answer] ?? []) {
        const sources = said[column]?.get(fact);
        if (sources === undefined) said[column]?.set(fact, [data.rows[at] ?? 0]);
        else sources.push(data.rows[at] ?? 0);
      }
    }
  }
  return said;
}

const ORDER = Object.keys(MARKS);
const rankOf = (data: GridData, fact: number) => ORDER.indexOf(data.facts[fact]?.mark ?? '');

function item(fact: Fact | undefined, families: boolean, sources: string): Markup {
  if (fact === undefined) return markup``;
  const { mark, share, assumed, causes = [] } = fact;
  const notes = [...(families ? fact.families : []), ...(assumed ? ['assumed'] : [])];
  const part = share < 1 ? ` for ${shareText(share)} of the pairs` : '';
  const why = causes.map(
    ({ object, says: change, before, after }) =>
      markup`<br><span class="faint">because of ${object}${change === '' ? '' : `: ${change}`}${before === null ? '' : `, was ${before.at}`}${after === null ? '' : `, is ${after.at}`}</span>`,
  );
  return markup`<li class="is-${mark}"><span aria-hidden="true">${MARKS[mark].sign}</span> <b>${portsText(fact)}</b> ${saysText(fact)}${part} <span class="faint">${notes.join(', ')}</span> from ${sources}${why}</li>\n`;
}

/** `shop: web, api; data: all 12`. */
function sourcesText(data: GridData, numbers: readonly number[], totals: ReadonlyMap<string, number>): string {
  const sections = new Map<string, string[]>();
  for (const number of numbers) {
    const section = sectionAt(data, number);
    const names = sections.get(section);
    const name = data.groups[number]?.name ?? '';
    if (names === undefined) sections.set(section, [name]);
    else names.push(name);
  }
  return [...sections]
    .map(
      ([section, names]) =>
        `${section}: ${names.length > 2 && names.length === totals.get(section) ? `all ${names.length}` : names.join(', ')}`,
    )
    .join('; ');
}

function sectionAt(data: GridData, number: number): string {
  const group = data.groups[number];
  return group === undefined ? '' : sectionOf(group);
}

const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
