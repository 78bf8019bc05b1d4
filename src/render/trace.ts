import type { PathDocument, WalkDocument } from '../document/trace-schema.ts';
import { shownTrace } from './families.ts';
import { type Paint, paint } from './paint.ts';
import type { Renderer, RenderOptions } from './renderer.ts';
import { detailsOf, isRefusal, type Row, rowsOf } from './rows.ts';
import { isShown, summary, TITLES, walksOf, walkTitle } from './table.ts';
import { hanging, safe } from './text.ts';
import { explanation, mostTelling, pathLines, verdict } from './verdict.ts';
import { whatIfLines } from './what-if.ts';

/** One step a line, indented by node and namespace: it reads from top to bottom like the packet's diary. */
export const trace: Renderer = (document, options) => {
  const p = paint(options.color);
  const shown = shownTrace(document);
  const telling = mostTelling(shown.paths);
  const titles = shown.paths.length > 1 ? pathLines(shown.paths, p, options) : [];
  const blocks = shown.paths.map((path, i) => {
    const inFull = options.allPaths || i === telling;
    const head = titles.slice(i, i + 1);
    return [...head, ...(inFull ? walks(path, p, options) : [])];
  });
  const after = explanation(shown, p, options);
  return `${[...verdict(document, p, options), ...whatIfLines(document.whatIf, p, options.width), '', ...blocks.flat(), ...(after.length > 0 ? ['', ...after] : [])].join('\n').trimEnd()}\n`;
};

function walks(path: PathDocument, p: Paint, options: RenderOptions): readonly string[] {
  return walksOf(path).flatMap(({ name, walk }) => {
    if (!isShown(name, path, options)) return [summary(name, path, walk, p, options)];
    const first = walk.hops.find((h) => h.kind === 'socket');
    return [...walkTitle(`${TITLES[name]} `, first, p, options), ...walkLines(walk, p, options)];
  });
}

function walkLines(walk: WalkDocument, p: Paint, options: RenderOptions): readonly string[] {
  const lines: string[] = [];
  let node = '';
  let netns = '';
  for (const row of rowsOf(walk, options.verbose)) {
    if (row.hop.kind === 'underlay') {
      lines.push(...rowLines(row, '  ', p, options));
      continue;
    }
    if (row.hop.node !== node) lines.push(`  ${p.strong(safe(row.hop.node))}`);
    if (row.hop.netns !== row.hop.node && row.hop.netns !== netns) lines.push(`    ${safe(row.hop.netns)}`);
    node = row.hop.node;
    netns = row.hop.netns;
    lines.push(...rowLines(row, netns === node ? '    ' : '      ', p, options));
  }
  return lines;
}

function rowLines(row: Row, indent: string, p: Paint, { width, verbose }: RenderOptions): readonly string[] {
  const lead = `${indent}${row.step.padEnd(8)}`;
  const device = row.hop.device !== null && !['socket', 'interface', 'bridge'].includes(row.hop.kind) ? safe(row.hop.device) : null;
  const subject = [device, row.about].filter((part) => part !== null).join(', ');
  const source =
    row.hop.source === null
      ? ''
      : `  [${safe(row.hop.source.file)}:${row.hop.source.line}${row.hop.evidence === 'declared' ? '' : `, ${row.hop.evidence}`}]`;
  const lines = hanging(lead, `${subject === '' ? '' : `${subject}: `}${row.text}${source}`, width);
  const painted = isRefusal(row.hop) ? lines.map((l) => p.bad(l)) : lines;
  const deeper = `${' '.repeat(lead.length)}`;
  const header = row.header === null ? [] : hanging(deeper, row.header, width).map((l) => p.change(l));
  return [
    ...painted,
    ...header,
    ...detailsOf(row.hop, verbose)
      .flatMap((l) => hanging(deeper, l, width))
      .map((l) => p.faint(l)),
  ];
}
