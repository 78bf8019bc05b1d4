import type { TraceDocument } from '../document/trace-schema.ts';
import { type Leg, MARKS, moodOf, type Stop } from './picture.ts';
import type { Lane } from './picture-lanes.ts';
import { arrows, type Shown, shownOf, stopLines, supposed } from './picture-shown.ts';
import type { RenderOptions } from './renderer.ts';
import { crossingText } from './rows.ts';
import { ends, sentence } from './sentence.ts';
import { safe, wrap } from './text.ts';

/** GitHub and others draw no large diagram: so many arrows, and then words. */
const MOST_ARROWS = 50;
const WIDTH = 44;

/** A sequence diagram: a participant a lane. */
export function mermaid(traces: readonly TraceDocument[], options: RenderOptions): string {
  const shown = traces.map((trace) => shownOf(trace, options));
  const lanes = lanesOf(shown);
  const lines = ['sequenceDiagram', ...lanes.map((lane, i) => `  participant l${i + 1} as ${escaped(lane.name)}<br/>${lane.what}`)];
  let room = MOST_ARROWS;
  let left = 0;
  for (const { trace, family, paths } of shown) {
    const mood = moodOf(trace.outcome);
    const code = trace.reason === null ? '' : ` ${trace.reason.code}`;
    lines.push(
      note(lanes, [`${ends(trace).join(' → ')}: ${MARKS[mood]} ${trace.outcome}${code}`, sentence(trace, family), ...supposed(trace)]),
    );
    for (const { heading, legs } of paths) {
      if (heading !== null) lines.push(note(lanes, [heading]));
      for (const leg of legs) {
        room -= leg.stops.length - 1;
        if (room < 0) left++;
        else lines.push(...legLines(leg, lanes, options.verbose));
      }
    }
  }
  if (left > 0)
    lines.push(note(lanes, [`${left} more packets are not drawn: a diagram of Mermaid is small. -o svg and -o html have no such limit.`]));
  return `${lines.join('\n')}\n`;
}

/** In the order in which they are met. */
function lanesOf(shown: readonly Shown[]): readonly Lane[] {
  const all = shown.flatMap(({ paths }) => paths.flatMap(({ legs }) => legs.flatMap((leg) => leg.lanes)));
  return all.filter((lane, i) => all.findIndex((l) => l.id === lane.id) === i);
}

function legLines({ walk, title, lanes: own, stops, end }: Leg, lanes: readonly Lane[], verbose: boolean): readonly string[] {
  const number = (stop: Stop) => 1 + lanes.findIndex((l) => l.id === own[stop.lane]?.id);
  const back = walk === 'reply' || walk === 'dns-reply';
  return stops.flatMap((stop, i) => {
    const before = stops[i - 1];
    const sent = before?.steps.findLast((s) => s.hop.kind === 'interface')?.hop ?? stop.steps[0]?.hop;
    const flow = sent === undefined ? '' : `${sent.packet.outer === null ? '' : 'in a tunnel: '}${arrows(crossingText(sent))}`;
    const arrow = before === undefined ? [] : [`  l${number(before)}${back ? '-->>' : '->>'}l${number(stop)}: ${escaped(flow)}`];
    const texts = [...(before === undefined ? [title] : []), ...stopLines(stop, verbose)];
    const last = i === stops.length - 1 && end !== null ? [`${MARKS[end.mood]} ${end.words}`] : [];
    const said = [...texts, ...last];
    return [...arrow, ...(said.length === 0 ? [] : [`  Note over l${number(stop)}: ${broken(said)}`])];
  });
}

/** Over all lanes. */
const note = (lanes: readonly Lane[], texts: readonly string[]): string =>
  `  Note over l1${lanes.length > 1 ? `,l${lanes.length}` : ''}: ${broken(texts, WIDTH * 2)}`;

const broken = (texts: readonly string[], width = WIDTH): string =>
  texts
    .flatMap((t) => wrap(t, width))
    .map(escaped)
    .join('<br/>');

/** What Mermaid reads as more than a letter (`#`, `;`, `%`, tags) by its number, which it shows as the letter. */
const escaped = (text: string): string =>
  safe(text).replace(/[^\p{L}\p{N} .,:/()[\]_=+*!?'\u2192\u21d2\u2713\u2715\u2026@-]/gu, (c) => `#${c.codePointAt(0)};`);
