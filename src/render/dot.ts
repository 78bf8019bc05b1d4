import type { TraceDocument } from '../document/trace-schema.ts';
import { LIGHT } from './palette.ts';
import { type Leg, MARKS, type Mood, moodOf } from './picture.ts';
import type { Lane } from './picture-lanes.ts';
import { arrows, shownOf, stopLines, supposed } from './picture-shown.ts';
import type { RenderOptions } from './renderer.ts';
import { crossingText } from './rows.ts';
import { ends, sentence } from './sentence.ts';
import { safe, wrap } from './text.ts';

const WIDTH = 44;

/** A graph for Graphviz: a cluster a lane, a box a stop, arrows in the order of the packet. */
export function dot(traces: readonly TraceDocument[], options: RenderOptions): string {
  const shown = traces.map((trace) => shownOf(trace, options));
  const title = shown.flatMap(({ trace, family }) => {
    const code = trace.reason === null ? '' : ` ${trace.reason.code}`;
    return [
      ends(trace).join(' → '),
      `${MARKS[moodOf(trace.outcome)]} ${trace.outcome}${code}`,
      ...[sentence(trace, family), ...supposed(trace)].flatMap((text) => wrap(text, 2 * WIDTH)),
    ];
  });
  const paths = shown.flatMap((s) => s.paths);
  return `digraph trace {
  graph [rankdir=LR, label=${centred(title)}, labelloc=t, fontname="Helvetica", fontsize=13, nodesep=0.25, ranksep=0.6];
  node [shape=box, style="rounded,filled", fillcolor="white", color="${LIGHT.line}", fontname="Helvetica", fontsize=10];
  edge [fontname="Helvetica", fontsize=9, color="${LIGHT.accent}"];
${paths.flatMap(({ heading, legs }, i) => pathLines(`p${i + 1}`, heading, legs, options.verbose)).join('\n')}
}
`;
}

function pathLines(id: string, heading: string | null, legs: readonly Leg[], verbose: boolean): readonly string[] {
  const all = legs.flatMap((leg) => leg.lanes);
  const lanes = all.filter((lane, i) => all.findIndex((l) => l.id === lane.id) === i);
  const nodes = legs.flatMap((leg, k) =>
    leg.stops.map((stop, i) => {
      const lines = stopLines(stop, verbose);
      const said = lines.length === 0 ? stop.steps.slice(0, 1).map((s) => `${s.hop.index} ${s.headline}`) : lines;
      const words = [...(i === 0 ? [leg.title] : []), ...said].flatMap((line) => wrap(line, WIDTH));
      return { name: `${id}_${k}_${i}`, lane: leg.lanes[stop.lane]?.id, words };
    }),
  );
  const clusters = lanes.flatMap((lane, i) => [
    `  subgraph cluster_${id}_${i} {`,
    `    label=${centred([`${lane.name} (${lane.what})`])}; style="rounded,filled"; fillcolor="${LIGHT.panel}"; color="${tone(lane)}"; fontcolor="${tone(lane)}";`,
    ...nodes.filter((n) => n.lane === lane.id).map((n) => `    ${n.name} [label=${left(n.words)}];`),
    '  }',
  ]);
  const title =
    heading === null
      ? []
      : [
          `  ${id} [shape=plaintext, style="", label=${centred(wrap(heading, WIDTH))}];`,
          `  ${id} -> ${id}_0_0 [style=dotted, arrowhead=none];`,
        ];
  return [...title, ...clusters, ...legs.flatMap((leg, k) => edges(leg, `${id}_${k}`))];
}

function edges({ walk, stops, end }: Leg, id: string): readonly string[] {
  const style = walk === 'reply' || walk === 'dns-reply' ? ', style=dashed, constraint=false' : '';
  const steps = stops.slice(1).map((_, i) => {
    const sent = stops[i]?.steps.findLast((s) => s.hop.kind === 'interface')?.hop;
    const outer = sent?.packet.outer == null ? [] : ['in a tunnel'];
    return `  ${id}_${i} -> ${id}_${i + 1} [label=${centred(sent === undefined ? [] : [...outer, ...arrows(crossingText(sent)).split(/(?<=\u2192) /)])}${style}];`;
  });
  if (end === null) return steps;
  const flag = `  ${id}_end [shape=${SHAPES[end.mood]}, style=filled, fillcolor="${LIGHT[`${end.mood}-ground`]}", color="${LIGHT[end.mood]}", fontcolor="${LIGHT[end.mood]}", penwidth=2, label=${centred(wrap(`${MARKS[end.mood]} ${end.words}`, 24))}];`;
  return [...steps, flag, `  ${id}_${stops.length - 1} -> ${id}_end [color="${LIGHT[end.mood]}"];`];
}

const SHAPES: Readonly<Record<Mood, string>> = { good: 'ellipse', bad: 'octagon', doubt: 'diamond' };

const tone = ({ kind }: Lane): string => (kind === 'pod' ? LIGHT.pod : kind === 'machine' ? LIGHT.node : LIGHT.network);

/** A quoted string: a backslash begins an escape of Graphviz, and an ampersand an entity. */
const escaped = (line: string): string => safe(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;');

const centred = (lines: readonly string[]): string => `"${lines.map(escaped).join('\\n')}"`;
const left = (lines: readonly string[]): string => `"${lines.map((l) => `${escaped(l)}\\l`).join('')}"`;
