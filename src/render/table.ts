import type { HopDocument, PathDocument, TraceDocument, WalkDocument } from '../document/trace-schema.ts';
import { shownTrace } from './families.ts';
import { type Paint, paint } from './paint.ts';
import { borderless } from './plain-table.ts';
import type { Renderer, RenderOptions } from './renderer.ts';
import { detailsOf, flowText, type Row, rowsOf } from './rows.ts';
import { hanging, safe, wrap } from './text.ts';
import { explanation, mostTelling, pathLines, verdict } from './verdict.ts';

/** The default view: the verdict, the hops of the most telling path as a table, and what follows from it. */
export const table: Renderer = (document, options) => {
  const p = paint(options.color);
  const trace = shownTrace(document);
  const files = sourceFiles(trace);
  const telling = mostTelling(trace.paths);
  const blocks = [verdict(document, p, options)];
  const titles = trace.paths.length > 1 ? pathLines(trace.paths, p, options) : [];
  for (const [i, path] of trace.paths.entries()) {
    const shown = options.allPaths || i === telling;
    const title = titles[i];
    if (title !== undefined) blocks.push([...(shown && i > 0 ? [''] : []), title]);
    if (shown) blocks.push(...pathTables(path, files, p, options));
  }
  const after = explanation(trace, p, options);
  const notes = legend(trace, files, options);
  const note = notes === '' ? [] : wrap(notes, options.width).map((l) => p.faint(l));
  return `${[...blocks.flat(), '', ...after, ...(after.length > 0 ? [''] : []), ...note].join('\n').trimEnd()}\n`;
};

/** The meaning of the numbers. */
function legend({ paths }: TraceDocument, files: readonly string[], options: RenderOptions): string {
  const lines = `Line numbers are of ${safe(files[0] ?? '')}; in brackets: derived from that line; default: what Linux or Kubernetes does by itself.`;
  const shown = options.allPaths ? paths : paths.slice(mostTelling(paths)).slice(0, 1);
  const walks = shown.flatMap((path) => walksOf(path).filter(({ name }) => isShown(name, path, options)));
  const hasGaps = walks.some(({ walk }) => rowsOf(walk, options.verbose).length < walk.hops.length);
  return [...(files.length === 1 ? [lines] : []), ...(hasGaps ? ['-v shows the hops whose numbers are left out.'] : [])].join(' ');
}

/** The files that the shown hops cite: with one, a line number is enough. */
function sourceFiles(trace: TraceDocument): readonly string[] {
  const files = new Set<string>();
  for (const path of trace.paths)
    for (const { walk } of walksOf(path)) for (const { source } of walk.hops) if (source !== null) files.add(source.file);
  return [...files];
}

/** The walks that a path has, in the order in which they happen. */
export function walksOf(path: PathDocument): readonly { readonly name: keyof typeof TITLES; readonly walk: WalkDocument }[] {
  const { dns, forward, reply, ack, data } = path;
  const walks = { dns: dns?.forward ?? null, 'dns-reply': dns?.reply ?? null, forward, reply, ack, data };
  return NAMES.flatMap((name) => {
    const walk = walks[name];
    return walk === null ? [] : [{ name, walk }];
  });
}

const NAMES = ['dns', 'dns-reply', 'forward', 'reply', 'ack', 'data'] as const;

export const TITLES = {
  dns: 'DNS query',
  'dns-reply': 'DNS answer',
  forward: 'Request',
  reply: 'Answer',
  ack: "Handshake's third packet",
  data: 'Data packet',
} as const;

/** The request always; of what follows, a line each while all goes well. */
function pathTables(path: PathDocument, files: readonly string[], p: Paint, options: RenderOptions): readonly (readonly string[])[] {
  return walksOf(path).map(({ name, walk }) => {
    if (!isShown(name, path, options)) return [summary(name, path, walk, p)];
    const sent = walk.hops.find((h) => h.kind === 'socket');
    return [
      '',
      ...(name === 'forward' && !options.reply && path.dns === null ? [] : walkTitle(`${TITLES[name]}  `, sent, p, options)),
      hopTable(rowsOf(walk, options.verbose), files, p, options),
    ];
  });
}

/** With the header of the packet that is sent, below it where there is no room beside it. */
export function walkTitle(title: string, sent: HopDocument | undefined, p: Paint, { width }: RenderOptions): readonly string[] {
  if (sent === undefined) return [p.strong(title.trimEnd())];
  const flow = flowText(sent.packet);
  if (title.length + flow.length <= width) return [p.strong(`${title}${p.faint(flow)}`)];
  return [p.strong(title.trimEnd()), ...hanging('  ', flow, width).map((l) => p.faint(l))];
}

/** The request always; the answer and the packets after it only when they fail, or on demand. */
export function isShown(name: keyof typeof TITLES, { reason, dns }: PathDocument, { reply }: RenderOptions): boolean {
  if (name === 'forward' || name === 'dns' || reply) return true;
  if (name === 'dns-reply') return reason?.walk === 'dns' && dns?.reason?.walk === 'reply';
  return reason?.walk === name;
}

/** The answer or a packet after it, in one line. */
export function summary(name: keyof typeof TITLES, path: PathDocument, walk: WalkDocument, p: Paint): string {
  const first = walk.hops[0]?.packet;
  const refusal = name === 'reply' && path.outcome !== 'delivered' && (first?.tcpFlags === 'RST' || first?.icmp?.original != null);
  const title = refusal ? 'Refusal' : TITLES[name];
  const crossed = walk.hops.filter((h) => h.kind === 'interface').length;
  const undone = walk.hops.filter(undoesNat).map((h) => h.node);
  const nat = undone.length === 0 ? '' : `, NAT undone on ${[...new Set(undone)].map(safe).join(', ')}`;
  const end = walk.outcome === 'delivered' ? p.good('arrives') : p.bad(walk.outcome);
  return `${p.strong(title)}: ${end} after ${crossed} device${crossed === 1 ? '' : 's'}${nat}`;
}

const undoesNat = (hop: HopDocument) =>
  (hop.kind === 'nat' || hop.kind === 'gateway' || hop.kind === 'load-balancer') && hop.action.startsWith('un-');

const COLUMN_GAP = 2;

function hopTable(rows: readonly Row[], files: readonly string[], p: Paint, { width, verbose }: RenderOptions): string {
  const cells = rows.map((row) => ({
    number: String(row.hop.index),
    node: safe(row.hop.node),
    where: row.where,
    step: row.step,
    line: citation(row.hop, files),
  }));
  const widest = (title: string, values: readonly string[], most: number) =>
    Math.min(most, Math.max(title.length, ...values.map((v) => v.length)));
  const widths = {
    number: widest(
      '#',
      cells.map((c) => c.number),
      5,
    ),
    node: widest(
      'NODE',
      cells.map((c) => c.node),
      Math.floor(width / 6),
    ),
    where: widest(
      'WHERE',
      cells.map((c) => c.where),
      Math.floor(width / 5),
    ),
    step: widest(
      'STEP',
      cells.map((c) => c.step),
      8,
    ),
    line: widest(
      'LINE',
      cells.map((c) => c.line),
      Math.floor(width / 5),
    ),
  };
  const used = Object.values(widths).reduce((sum, w) => sum + w + COLUMN_GAP, 0);
  const longest = Math.max('WHAT HAPPENS'.length, ...rows.map((r) => Math.max(r.text.length, r.header?.length ?? 0)));
  const room = Math.max(width - used - COLUMN_GAP, 16);
  const text = verbose ? room : Math.min(room, longest);
  const grid: string[][] = [];
  let node = '';
  for (const [i, row] of rows.entries()) {
    const cell = cells[i];
    if (cell === undefined) continue;
    const lines = (value: string, most: number) => wrap(value, most).join('\n');
    const shownNode = cell.node === node ? '' : cell.node;
    node = cell.node;
    const what = [
      ...wrap(row.text, text).map((l) => stepPaint(p, row.hop)(l)),
      ...headerLines(row, text, p),
      ...detailsOf(row.hop, verbose)
        .flatMap((l) => wrap(l, text))
        .map((l) => p.faint(l)),
    ];
    grid.push([
      p.faint(cell.number),
      p.strong(lines(shownNode, widths.node)),
      lines(cell.where, widths.where),
      cell.step,
      what.join('\n'),
      p.faint(lines(cell.line, widths.line)),
    ]);
  }
  const head = ['#', 'NODE', 'WHERE', 'STEP', 'WHAT HAPPENS', 'LINE'].map((h) => p.faint(h));
  return borderless(head, [widths.number, widths.node, widths.where, widths.step, text, widths.line], grid);
}

function stepPaint(p: Paint, hop: HopDocument): (text: string) => string {
  if (hop.kind === 'drop') return p.bad;
  return hop.kind === 'skip' || hop.kind === 'neighbour' ? p.faint : (text) => text;
}

function headerLines({ header }: Row, width: number, p: Paint): readonly string[] {
  return header === null ? [] : wrap(header, width).map((l) => p.change(l));
}

function citation({ source, evidence }: HopDocument, files: readonly string[]): string {
  if (source === null) return evidence === 'declared' ? '' : 'default';
  const at = files.length === 1 ? String(source.line) : `${safe(source.file)}:${source.line}`;
  return evidence === 'declared' ? at : `(${at})`;
}
