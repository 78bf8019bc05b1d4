import type { HopDocument, PathDocument, TraceDocument, WalkDocument } from '../document/trace-schema.ts';
import { type Lane, laneOf, lanesOf } from './picture-lanes.ts';
import { type Row, rowsOf } from './rows.ts';
import { TITLES, walksOf } from './table.ts';

/** What every picture of a path is drawn from: its walks, each in lanes, as the packet goes through them. */
export interface Leg {
  readonly walk: keyof typeof TITLES;
  readonly title: string;
  readonly lanes: readonly Lane[];
  readonly stops: readonly Stop[];
  /** How the walk ends; null: another leg goes on where this one ends. */
  readonly end: End | null;
}

/** A hop in a picture. */
export interface Step extends Row {
  /** What happens, without the chains that lead there: these are in `text`. */
  readonly headline: string;
  /** It only confirms the obvious. */
  readonly isQuiet: boolean;
}

/** Hops one after the other in one lane. */
export interface Stop {
  /** Its place in `Leg.lanes`. */
  readonly lane: number;
  /** Stops beside each other in the direction of the packet are a row; where it turns round, the next row begins. */
  readonly row: number;
  readonly steps: readonly Step[];
}

export interface End {
  readonly mood: Mood;
  readonly words: string;
}

export type Mood = 'good' | 'bad' | 'doubt';

export const moodOf = (outcome: TraceDocument['outcome']): Mood =>
  outcome === 'delivered' ? 'good' : outcome === 'exits' || outcome === 'undetermined' ? 'doubt' : 'bad';

/** A shape for each outcome, so that no picture says it by colour alone. */
export const MARKS: Readonly<Record<Mood, string>> = { good: '✓', bad: '✕', doubt: '?' };

interface Part {
  readonly walk: keyof typeof TITLES;
  readonly isRefusal: boolean;
  readonly steps: readonly Step[];
  /** Connections of the walk that it is of. */
  readonly of: number;
  readonly end: End | null;
}

/** The walks of a path, parted where a controller ends one connection and begins another. */
export function legsOf(trace: TraceDocument, path: PathDocument): readonly Leg[] {
  const parts = walksOf(path).flatMap(({ name, walk }) => {
    const all = connections(stepsOf(walk));
    const isRefusal = name === 'reply' && path.outcome !== 'delivered' && refuses(walk.hops[0]);
    return all.map((steps, i): Part => {
      const end = i < all.length - 1 ? null : endOf(walk, path, name);
      return { walk: name, isRefusal, steps, of: all.length, end };
    });
  });
  const lanes = lanesOf(
    trace,
    parts.map(({ walk, steps }) => ({
      kind: walk.startsWith('dns') ? ('dns' as const) : ('connection' as const),
      back: walk === 'reply' || walk === 'dns-reply',
      hops: steps.map((s) => s.hop),
    })),
  );
  return parts.map((part, i) => {
    const own = lanes[i] ?? [];
    const stops = stopsOf(part.steps, own);
    return { walk: part.walk, title: titleOf(part, own, stops), lanes: own, stops, end: part.end };
  });
}

function stepsOf(walk: WalkDocument): readonly Step[] {
  const telling = new Set(rowsOf(walk, false).map((row) => row.hop));
  return rowsOf(walk, true).map((row) => ({ ...row, headline: headline(row), isQuiet: !telling.has(row.hop) }));
}

/** `PREROUTING -> KUBE-SERVICES -> KUBE-SVC-…: DNAT to …` is `DNAT to …`. */
const headline = ({ text, hop }: Row): string =>
  (hop.kind === 'nat' || hop.kind === 'filter') && text.includes(' -> ') && text.includes(': ') ? text.slice(text.indexOf(': ') + 2) : text;

/** Behind a hop of a controller, what it or its client sends next. */
function connections(steps: readonly Step[]): readonly (readonly Step[])[] {
  const starts = steps.flatMap(({ hop }, i) =>
    steps[i - 1]?.hop.kind === 'proxy' && hop.kind === 'socket' && hop.action === 'send' ? [i] : [],
  );
  return [0, ...starts].map((start, i) => steps.slice(start, starts[i]));
}

const refuses = (hop: HopDocument | undefined): boolean => hop?.packet.tcpFlags === 'RST' || hop?.packet.icmp?.original != null;

/** With its ends, where there are several connections. */
function titleOf({ walk, isRefusal, of }: Part, lanes: readonly Lane[], stops: readonly Stop[]): string {
  const title = isRefusal ? 'Refusal' : TITLES[walk];
  const nameOf = (stop: Stop | undefined) => lanes[stop?.lane ?? 0]?.name ?? '';
  return of > 1 ? `${title}: ${nameOf(stops[0])} to ${nameOf(stops.at(-1))}` : title;
}

function endOf({ outcome, reason, hops }: WalkDocument, path: PathDocument, walk: keyof typeof TITLES): End {
  const fails = path.reason !== null && decidingWalk(path) === walk;
  // A walk may leave what the input describes where the path is known to fail.
  const shown = fails ? path.outcome : outcome;
  const mood = moodOf(shown);
  if (mood === 'good') return { mood, words: hops.at(-1)?.kind === 'socket' ? 'arrives' : 'done' };
  const code = fails ? path.reason?.code : reason?.code;
  const where = shown === 'exits' ? 'leaves the input here' : shown === 'undetermined' ? 'what happens here is not known' : 'ends here';
  return { mood, words: `${where}: ${[shown, code].filter((word) => word !== undefined).join(' ')}` };
}

/** The walk that the reason of a path counts its hop in. */
export function decidingWalk({ reason, dns }: PathDocument): keyof typeof TITLES | null {
  if (reason === null) return null;
  return reason.walk === 'dns' && dns?.reason?.walk === 'reply' ? 'dns-reply' : reason.walk;
}

function stopsOf(steps: readonly Step[], lanes: readonly Lane[]): readonly Stop[] {
  const stops: { lane: number; row: number; steps: Step[] }[] = [];
  let way = 0;
  for (const step of steps) {
    const lane = lanes.findIndex((l) => l.id === laneOf(step.hop));
    const last = stops.at(-1);
    if (last?.lane === lane) {
      last.steps.push(step);
      continue;
    }
    const next = last === undefined ? 0 : Math.sign(lane - last.lane);
    const turns = way !== 0 && next !== way;
    stops.push({ lane, row: (last?.row ?? 0) + (turns ? 1 : 0), steps: [step] });
    way = turns ? 0 : next;
  }
  return stops;
}
