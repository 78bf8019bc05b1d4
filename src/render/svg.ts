import type { TraceDocument } from '../document/trace-schema.ts';
import { markup } from './markup.ts';
import { DARK, LIGHT, type Palette } from './palette.ts';
import { MARKS, moodOf } from './picture.ts';
import { type Shown, shownOf, supposed } from './picture-shown.ts';
import type { RenderOptions } from './renderer.ts';
import { ends, sentence } from './sentence.ts';
import type { Block } from './svg-card.ts';
import { leastWidth, legBlock } from './svg-leg.ts';
import { NORMAL, round, textLines, wrapped } from './svg-text.ts';
import { notesOf } from './verdict.ts';

const MARGIN = 22;
const LEAST_WIDTH = 760;

/** One drawing of one or several traces, light or dark as the reader's page is. */
export function svg(traces: readonly TraceDocument[], options: RenderOptions): string {
  const drawn = traces.map((trace) => shownOf(trace, options));
  const inner = Math.max(LEAST_WIDTH, ...drawn.flatMap(({ paths }) => paths.flatMap(({ legs }) => legs.map(leastWidth))));
  const blocks = drawn.flatMap(({ trace, family, paths }) => [
    headBlock(trace, saidOf(trace, family), inner),
    ...paths.flatMap(({ path, heading, legs }) => [
      ...(heading === null ? [] : [headingBlock(heading, inner)]),
      ...legs.map((leg) => legBlock(leg, path, inner, options.verbose)),
    ]),
  ]);
  let y = MARGIN;
  const body = blocks.map((block) => {
    const part = block.at(MARGIN, y);
    y += block.height;
    return part;
  });
  const [width, height] = [round(inner + 2 * MARGIN), round(y + MARGIN / 2)];
  const title = drawn.map(({ trace }) => ends(trace).join(' → ')).join(', ');
  const said = drawn.map(({ trace, family }) => `${trace.outcome}: ${saidOf(trace, family)}`).join(' ');
  return `${
    markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title said">
<title id="title">${title}</title>
<desc id="said">${said}</desc>
<style>${{ markup: STYLE }}</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="head"/></marker></defs>
<rect width="${width}" height="${height}" rx="10" class="ground"/>
${body}</svg>`.markup
  }\n`;
}

const saidOf = (trace: TraceDocument, family: Shown['family']): string => [sentence(trace, family), ...supposed(trace)].join(' ');

function headBlock(trace: TraceDocument, said: string, width: number): Block {
  const mood = moodOf(trace.outcome);
  const head = `${MARKS[mood]} ${[trace.outcome, ...(trace.reason === null ? [] : [trace.reason.code])].join(' ')}`;
  const lines = wrapped(`${head}  ${said}`, width - 28, NORMAL);
  const fixes = notesOf(trace).filter((n) => n.title === 'Fix');
  const under = fixes.flatMap((n) => wrapped(`Fix  ${n.text}`, width - 28, NORMAL));
  const box = (lines.length + under.length) * NORMAL.line + 18 + (under.length > 0 ? 4 : 0);
  return {
    height: 34 + box + 16,
    at: (x, y) => markup`<text x="${x}" y="${round(y + 18)}" class="title ink">${ends(trace).join(' → ')}</text>
<rect x="${x}" y="${round(y + 32)}" width="${width}" height="${box}" rx="7" class="card"/><rect x="${x}" y="${round(y + 32)}" width="5" height="${box}" rx="2.5" class="on-${mood}"/>
${textLines(lines, x + 18, y + 41, NORMAL, 'ink', { letters: head.length, ink: `${mood} strong` })}${textLines(under, x + 18, y + 45 + lines.length * NORMAL.line, NORMAL, 'ink', { letters: 3, ink: 'strong' })}`,
  };
}

function headingBlock(heading: string, width: number): Block {
  const lines = wrapped(heading, width, NORMAL);
  return { height: lines.length * NORMAL.line + 8, at: (x, y) => textLines(lines, x, y, NORMAL, 'faint') };
}

const inks = (p: Palette): string =>
  ['ink', 'faint', 'good', 'bad', 'doubt', 'change', 'pod', 'network']
    .map((name) => `.${name}{fill:${p[name as keyof Palette]}}`)
    .join('') +
  `.machine{fill:${p.node}}.ground{fill:${p.ground}}.card{fill:${p.raised};stroke:${p.line}}.number{fill:${p.panel}}` +
  `.on-pod{fill:${p.pod}}.on-machine{fill:${p.node}}.on-network{fill:${p.network}}.on-change{fill:${p.change}}` +
  `.on-good{fill:${p.good}}.on-bad{fill:${p.bad}}.on-doubt{fill:${p.doubt}}.on-bad-ink{fill:${p['bad-ground']}}` +
  `.lane-pod{fill:${p.pod};fill-opacity:.07}.lane-machine{fill:${p.node};fill-opacity:.07}.lane-network{fill:${p.network};fill-opacity:.08}` +
  `.change-ground{fill:${p['change-ground']}}.bad-box{fill:${p['bad-ground']};stroke:${p.bad}}` +
  `.flag-good{fill:${p['good-ground']}}.flag-bad{fill:${p['bad-ground']};stroke:${p.bad};stroke-width:2}.flag-doubt{fill:${p['doubt-ground']};stroke:${p.doubt};stroke-width:2;stroke-dasharray:5 3}` +
  `.arrow{fill:none;stroke:${p.accent};stroke-width:1.8}.head{fill:${p.accent}}`;

const MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace';

/** Plain rules: not all that show SVG know custom properties. */
const STYLE = `text{font-family:${MONO}}.small{font-size:11px}.normal{font-size:12.5px}.title{font:600 17px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}.count{font-size:9.5px;font-weight:600;text-anchor:middle}.strong{font-weight:700}${inks(LIGHT)}@media (prefers-color-scheme:dark){${inks(DARK)}}`;
