import type { PathDocument } from '../document/trace-schema.ts';
import { type Markup, markup } from './markup.ts';
import { decidingWalk, type Leg, type Step } from './picture.ts';
import type { Lane } from './picture-lanes.ts';
import { flowText } from './rows.ts';
import { type Block, cardOf } from './svg-card.ts';
import { NORMAL, round, SMALL, textLines } from './svg-text.ts';

const GAP = 26;
const TITLE = 30;
const HEAD = 26;

const LEAST: Readonly<Record<Lane['kind'], number>> = { pod: 184, machine: 248, network: 118 };

/** The lanes of a leg side by side; they grow to the width that there is. */
export const leastWidth = ({ lanes }: Leg): number => lanes.reduce((sum, l) => sum + LEAST[l.kind] + GAP, -GAP);

interface Placed {
  readonly lane: number;
  readonly row: number;
  readonly card: Block;
}

/** A packet's way. `verbose`: with the hops that only confirm the obvious. */
export function legBlock(leg: Leg, path: PathDocument, width: number, verbose: boolean): Block {
  const { lanes, title, end } = leg;
  const grow = Math.max((width - GAP * (lanes.length - 1)) / (leastWidth(leg) - GAP * (lanes.length - 1)), 1);
  const widths = lanes.map((l) => LEAST[l.kind] * grow);
  const lefts = widths.map((_, i) => widths.slice(0, i).reduce((sum, w) => sum + w + GAP, 0));
  const decides = ({ hop }: Step) => decidingWalk(path) === leg.walk && path.reason?.hop === hop.index;
  const stops = leg.stops.map((stop) => ({ ...stop, steps: stop.steps.filter((s) => verbose || !s.isQuiet || decides(s)) }));
  const placed = stops.flatMap((stop, i): readonly Placed[] => {
    const lane = lanes[stop.lane];
    const isLast = i === stops.length - 1;
    if (lane === undefined || (stop.steps.length === 0 && !isLast)) return [];
    return [{ ...stop, card: cardOf(lane, stop.steps, isLast ? end : null, widths[stop.lane] ?? 0, decides) }];
  });
  const rows = 1 + (placed.at(-1)?.row ?? 0);
  const heights = Array.from({ length: rows }, (_, row) => Math.max(0, ...placed.filter((p) => p.row === row).map((p) => p.card.height)));
  const tops = heights.map((_, row) => heights.slice(0, row).reduce((sum, h) => sum + h + GAP, TITLE + HEAD));
  const height = (tops.at(-1) ?? 0) + (heights.at(-1) ?? 0) + 8;
  const first = leg.stops[0]?.steps[0]?.hop;
  const flow = first?.kind === 'socket' ? `  ${flowText(first.packet).replace(' > ', ' → ')}` : '';
  return {
    height: height + 14,
    at(x, y) {
      const place = (p: Placed) => ({
        x: x + (lefts[p.lane] ?? 0),
        y: y + (tops[p.row] ?? 0),
        width: widths[p.lane] ?? 0,
        height: p.card.height,
      });
      const grounds = lanes.map((lane, i) => laneMarkup(lane, x + (lefts[i] ?? 0), y + TITLE - 4, widths[i] ?? 0, height - TITLE + 8));
      const cards = placed.map((p) => p.card.at(place(p).x, place(p).y));
      const arrows = placed.flatMap((p, i) => {
        const before = placed[i - 1];
        return before === undefined ? [] : [arrow(place(before), place(p), before.row === p.row)];
      });
      return markup`${textLines([`${title}${flow}`], round(x), y, NORMAL, 'faint', { letters: title.length, ink: 'ink strong' })}${grounds}${cards}${arrows}`;
    },
  };
}

const laneMarkup = (lane: Lane, x: number, y: number, width: number, height: number): Markup =>
  markup`<rect x="${round(x - 8)}" y="${round(y)}" width="${round(width + 16)}" height="${round(height)}" rx="8" class="lane-${lane.kind}"/>${textLines(laneName(lane, width), round(x), y + 6, SMALL, 'faint', { letters: lane.name.length, ink: `${lane.kind} strong` })}`;

/** In one line, without the kind where there is no room for it: the end of a long name tells more than its beginning. */
function laneName({ name, what }: Lane, width: number): readonly string[] {
  const room = Math.floor(width / SMALL.letter);
  const text = `${name} ${what}`.length <= room ? `${name} ${what}` : name;
  return [text.length <= room ? text : `…${text.slice(text.length - room + 1)}`];
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function arrow(from: Box, to: Box, sameRow: boolean): Markup {
  const y = from.y + 15;
  if (sameRow && from.x < to.x)
    return line([
      [from.x + from.width + 3, y],
      [to.x - 3, y],
    ]);
  if (sameRow)
    return line([
      [from.x - 3, y],
      [to.x + to.width + 3, y],
    ]);
  const [a, b] = [from.x + from.width / 2, to.x + to.width / 2];
  const between = to.y - GAP / 2;
  return line([
    [a, from.y + from.height + 2],
    [a, between],
    [b, between],
    [b, to.y - 3],
  ]);
}

const line = (points: readonly (readonly [number, number])[]): Markup =>
  markup`<polyline points="${points.map((p) => p.map(round).join(',')).join(' ')}" class="arrow" marker-end="url(#head)"/>\n`;
