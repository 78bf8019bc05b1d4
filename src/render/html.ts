import type { FamilyDocument, PathDocument, TraceDocument } from '../document/trace-schema.ts';
import { ofFamily } from './families.ts';
import { withCode } from './html-hop.ts';
import { legMarkup } from './html-lanes.ts';
import { laneStyle, SCRIPT, TRACE_STYLE } from './html-style.ts';
import { type Markup, markup } from './markup.ts';
import { page, type Tab, tabs } from './page.ts';
import { pathWays } from './path-ways.ts';
import { legsOf, MARKS, moodOf } from './picture.ts';
import { supposed } from './picture-shown.ts';
import { ends, percent, sentence } from './sentence.ts';
import { mostTelling, type Note, notesOf } from './verdict.ts';

/** So many paths of a family are drawn: those that fail before the others. The embedded data has all. */
const MOST_PATHS = 30;

/** A page of one or several traces. */
export function html(traces: readonly TraceDocument[]): string {
  const titles = traces.map((trace) => ends(trace).join(' → '));
  const style = new Set<string>();
  const all = traces.map((trace, i): Tab => ({ label: tabLabel(trace, titles[i] ?? ''), panel: traceMarkup(trace, `s${i + 1}`, style) }));
  const body = markup`<main><label class="all"><input type="checkbox" id="all"> every hop</label>${tabs('source', 'Sources', all)}</main>
<footer class="faint">A click on a hop shows what it hangs on; <kbd>Esc</kbd> closes all. Numbers are those of the hops in the data, from 0 for each packet: those that are left out only confirm the obvious.</footer>`;
  const [data] = traces;
  return page({
    title: `${titles.join(', ')} · k8s-trace`,
    style: TRACE_STYLE + [...style].join(''),
    script: SCRIPT,
    body,
    data: traces.length === 1 ? data : { schemaVersion: 1, traces },
  });
}

const badge = ({ outcome, reason }: Pick<TraceDocument, 'outcome' | 'reason'>): Markup => {
  const mood = moodOf(outcome);
  return markup`<span class="badge ${mood}"><span aria-hidden="true">${MARKS[mood]}</span> ${outcome}${reason === null ? '' : markup` <code>${reason.code}</code>`}</span>`;
};

const tabLabel = ({ outcome }: Pick<TraceDocument, 'outcome'>, words: string): Markup => {
  const mood = moodOf(outcome);
  return markup`<span class="mark ${mood}" aria-hidden="true">${MARKS[mood]}</span> ${words}<span class="hidden">, ${outcome}</span>`;
};

function traceMarkup(trace: TraceDocument, id: string, style: Set<string>): Markup {
  const [from, to] = ends(trace);
  const families = trace.families ?? [];
  const head = markup`<h1><span class="end">${from}</span> <span class="faint" aria-label="to">${'→'}</span> <span class="end">${to}</span></h1>`;
  if (families.length === 0) return markup`${head}${verdictMarkup(trace, null)}${pathsMarkup(trace, id, style)}`;
  const panels = families.map((family): Tab => {
    const own = ofFamily(trace, family);
    return {
      label: tabLabel(family, family.family),
      panel: markup`${verdictMarkup(own, family.family)}${pathsMarkup(own, `${id}-${family.family}`, style)}`,
    };
  });
  const chosen = families.findIndex((f) => f.family === trace.reason?.family);
  return markup`${head}<p>${badge({ ...trace, reason: null })} over ${families.length} IP families</p>${tabs(`${id}-family`, 'IP families, in the order in which they are tried', panels, Math.max(chosen, 0))}`;
}

function verdictMarkup(trace: TraceDocument, family: FamilyDocument['family'] | null): Markup {
  const notes = notesOf(trace);
  const why = notes.length === 0 ? markup`` : markup`<dl class="notes">${groupsOf(notes).map(noteMarkup)}</dl>`;
  const said = withoutWhy(sentence(trace, family), notes);
  return markup`<div class="verdict ${moodOf(trace.outcome)}-edge"><p class="said">${badge(trace)} ${said}</p>${supposed(trace).map((text) => markup`<p class="supposed">${text}</p>`)}${why}</div>`;
}

/** What is said below is not said twice. */
function withoutWhy(said: string, notes: readonly Note[]): string {
  const why = notes.find((n) => n.title === 'Why')?.text.replace(/ \([^()]*\)\.$/, '.') ?? '';
  return why !== '' && said.endsWith(why) ? said.slice(0, -why.length).trimEnd() : said;
}

/** A note with the ones that belong to it. */
function groupsOf(notes: readonly Note[]): readonly (readonly Note[])[] {
  const groups: Note[][] = [];
  for (const note of notes) {
    if (note.title !== '') groups.push([]);
    groups.at(-1)?.push(note);
  }
  return groups;
}

const noteMarkup = (notes: readonly Note[]): Markup => {
  const items = notes.filter((n) => n.isItem);
  const texts = notes.filter((n) => !n.isItem).map((n) => markup`<p>${withCode(n.text, n.commands)}</p>`);
  const list = items.length === 0 ? markup`` : markup`<ul>${items.map((n) => markup`<li>${n.text}</li>`)}</ul>`;
  return markup`<div><dt>${notes[0]?.title ?? ''}</dt><dd>${texts.slice(0, 1)}${list}${texts.slice(1)}</dd></div>`;
};

function pathsMarkup(trace: TraceDocument, id: string, style: Set<string>): Markup {
  const { paths } = trace;
  const ways = pathWays(paths);
  const drawn = drawnPaths(paths);
  const all = drawn.map((i): Tab => {
    const path = paths[i];
    if (path === undefined) throw new Error('a path that is drawn is there');
    const code = path.reason === null ? '' : `: ${path.reason.code}`;
    const words = `Path ${i + 1}, ${percent(path.probability)}${ways[i] ?? ''}${code}`;
    return { label: tabLabel(path, words), panel: pathMarkup(trace, path, i, `${id}-p${i + 1}`, style) };
  });
  const left = paths.length - drawn.length;
  const more = left === 0 ? markup`` : markup`<p class="faint">${left} more paths are not drawn; the data in this page has them.</p>`;
  return markup`${tabs(`${id}-path`, `${paths.length} paths`, all, Math.max(drawn.indexOf(mostTelling(paths)), 0))}${more}`;
}

function drawnPaths(paths: readonly PathDocument[]): readonly number[] {
  const all = paths.map((_, i) => i);
  const failing = all.filter((i) => paths[i]?.reason !== null);
  const others = all.filter((i) => paths[i]?.reason === null);
  return [...failing, ...others].slice(0, MOST_PATHS).sort((a, b) => a - b);
}

function pathMarkup(trace: TraceDocument, path: PathDocument, index: number, id: string, style: Set<string>): Markup {
  const notes = notesOf({
    ...trace,
    reason: path.reason === null ? null : { ...path.reason, path: index },
    alsoBlockedBy: [],
    assumptions: [],
  });
  return markup`${legsOf(trace, path).map((leg) => {
    style.add(laneStyle(leg));
    return legMarkup(leg, path, notes, id);
  })}`;
}
