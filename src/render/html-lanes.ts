import type { PathDocument } from '../document/trace-schema.ts';
import { hopMarkup } from './html-hop.ts';
import { laneClass } from './html-style.ts';
import { type Markup, markup } from './markup.ts';
import { type Leg, MARKS, type Stop } from './picture.ts';
import { flowText } from './rows.ts';
import type { Note } from './verdict.ts';

/** A packet's way: a column a lane where there is room, and below each other where there is none; in the order in which it happens. */
export function legMarkup(leg: Leg, path: PathDocument, notes: readonly Note[], id: string): Markup {
  const { title, walk, lanes, stops } = leg;
  const first = stops[0]?.steps[0]?.hop;
  const flow = first?.kind === 'socket' ? markup` <code class="faint">${flowText(first.packet).replace(' > ', ' → ')}</code>` : null;
  const columns = lanes.map(
    ({ kind, what, name }, i) =>
      markup`<li class="bg" aria-hidden="true"><div class="ground ${kind} c${i + 1}"></div><p class="name ${kind} c${i + 1}"><b>${name}</b> <span class="what">${what}</span></p></li>`,
  );
  const opens = walk === 'forward' || walk === 'reply' || (leg.end !== null && leg.end.mood !== 'good');
  const all = stops.map((stop, i) => markup`${throughMarkup(stops[i - 1], stop)}${stopMarkup(leg, i, path, notes, id)}`);
  return markup`<details class="leg"${{ markup: opens ? ' open' : '' }}><summary><h2>${title}</h2>${flow}${endWords(leg)}</summary>
<ol class="lanes ${laneClass(leg)}">${columns}${all}</ol></details>`;
}

const endWords = ({ end }: Leg): Markup =>
  end === null
    ? markup``
    : markup` <span class="mark ${end.mood}" aria-hidden="true">${MARKS[end.mood]}</span> <span class="end-words">${end.words}</span>`;

function stopMarkup(leg: Leg, index: number, path: PathDocument, notes: readonly Note[], id: string): Markup {
  const { lanes, stops, end } = leg;
  const stop = stops[index];
  const lane = lanes[stop?.lane ?? 0];
  if (stop === undefined || lane === undefined) throw new Error('a stop is in a lane');
  const isLast = index === stops.length - 1;
  const flag =
    isLast && end !== null
      ? markup`<p class="flag ${end.mood}"><span class="sign" aria-hidden="true">${MARKS[end.mood]}</span> ${end.words}</p>`
      : markup``;
  const quiet = stop.steps.every((s) => s.isQuiet) ? ' quiet' : '';
  return markup`<li class="stop ${lane.kind} c${stop.lane + 1} r${stop.row + 1} ${wayOf(stops[index - 1], stop)}${quiet}"><p class="place"><b>${lane.name}</b> <span class="what">${lane.what}</span></p><ol class="hops">${stop.steps.map((step) => hopMarkup(step, leg.walk, path, notes, id))}</ol>${flag}</li>`;
}

function wayOf(before: Stop | undefined, stop: Stop): string {
  if (before === undefined) return 'first';
  if (before.row !== stop.row) return 'turn';
  return stop.lane > before.lane ? 'right' : 'left';
}

/** Lanes that the packet does not touch on its way from one to another. */
function throughMarkup(before: Stop | undefined, stop: Stop): Markup {
  if (before === undefined || before.row !== stop.row) return markup``;
  const [from, to] = [Math.min(before.lane, stop.lane) + 1, Math.max(before.lane, stop.lane)];
  const between = Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);
  return markup`${between.map((lane) => markup`<li class="through c${lane + 1} r${stop.row + 1}" aria-hidden="true"></li>`)}`;
}
