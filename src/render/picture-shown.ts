import type { FamilyDocument, PathDocument, TraceDocument } from '../document/trace-schema.ts';
import { shownFamily, shownTrace } from './families.ts';
import { pathWays } from './path-ways.ts';
import { type Leg, legsOf, type Stop } from './picture.ts';
import type { RenderOptions } from './renderer.ts';
import { percent } from './sentence.ts';
import { mostTelling } from './verdict.ts';
import { whatIfText } from './what-if.ts';

/** What a picture without tabs shows of a trace: one family, and one path unless all are asked for. */
export interface Shown {
  readonly trace: TraceDocument;
  /** Null: there is only one. */
  readonly family: FamilyDocument['family'] | null;
  readonly paths: readonly { readonly path: PathDocument; readonly heading: string | null; readonly legs: readonly Leg[] }[];
}

export function shownOf(document: TraceDocument, options: RenderOptions): Shown {
  const trace = shownTrace(document);
  const { paths } = trace;
  const drawn = options.allPaths ? paths : paths.slice(mostTelling(paths)).slice(0, 1);
  const ways = pathWays(paths);
  const heading = (path: PathDocument): string | null => {
    const i = paths.indexOf(path);
    const end = path.reason === null ? path.outcome : `${path.outcome} ${path.reason.code}`;
    return paths.length === 1 ? null : `Path ${i + 1} of ${paths.length}, ${percent(path.probability)}${ways[i] ?? ''}: ${end}`;
  };
  return {
    trace,
    family: shownFamily(document)?.family ?? null,
    paths: drawn.map((path) => ({ path, heading: heading(path), legs: shownLegs(trace, path, options) })),
  };
}

/** Request and answer; what comes after them only when it fails, or on demand. */
const shownLegs = (trace: TraceDocument, path: PathDocument, { reply }: RenderOptions): readonly Leg[] =>
  legsOf(trace, path).filter(({ walk }) => reply || (walk !== 'ack' && walk !== 'data') || path.reason?.walk === walk);

/** What happens at a stop, in lines for pictures whose arrows say where the packet goes. */
export const stopLines = ({ steps }: Stop, verbose: boolean): readonly string[] =>
  steps
    .filter(({ hop, isQuiet }) => (verbose || !isQuiet) && hop.kind !== 'interface' && hop.kind !== 'underlay')
    .flatMap(({ hop, headline, header, about, step }) => {
      const lead = hop.kind === 'socket' || hop.kind === 'drop' ? '' : `${step}: `;
      const shown = hop.kind === 'socket' ? null : header;
      return [`${hop.index} ${lead}${headline}${about === null ? '' : ` (${about})`}`, ...(shown === null ? [] : [arrows(shown)])];
    });

/** The changes of the input that the answer supposes, in a line; none: nothing is supposed. */
export const supposed = ({ whatIf }: TraceDocument): readonly string[] =>
  [whatIfText(whatIf)].filter((text) => text !== '').map((text) => `What if ${text}`);

/** Arrows in place of `->`, what is changed into what, and `>`, who sends to whom. */
export const arrows = (text: string): string => text.replaceAll(' -> ', ' ⇒ ').replaceAll(' > ', ' → ');
