import type { HopDocument, PathDocument, TraceDocument, WalkDocument } from '../document/trace-schema.ts';
import { shownTrace } from './families.ts';
import { type Cited, hopTable } from './hop-table.ts';
import { outcomePaint, type Paint, paint } from './paint.ts';
import type { Renderer, RenderOptions } from './renderer.ts';
import { flowText, rowsOf } from './rows.ts';
import { shortFiles, shortNames } from './short-names.ts';
import { hanging, safe, wrap } from './text.ts';
import { explanation, mostTelling, pathLines, verdict } from './verdict.ts';
import { whatIfLines } from './what-if.ts';

/** The default view: the verdict, the hops of the most telling path as a table, and what follows from it. */
export const table: Renderer = (document, options) => {
  const p = paint(options.color);
  const trace = shownTrace(document);
  const cited: Cited = { names: shortNames(trace), files: shortFiles(sourceFiles(trace)) };
  const telling = mostTelling(trace.paths);
  const blocks: (readonly string[])[] = [[...verdict(document, p, options), ...whatIfLines(document.whatIf, p, options.width)]];
  const titles = trace.paths.length > 1 ? pathLines(trace.paths, p, options) : [];
  for (const [i, path] of trace.paths.entries()) {
    const shown = options.allPaths || i === telling;
    const title = titles[i];
    if (title !== undefined) blocks.push([...(shown && i > 0 ? [''] : []), title]);
    if (shown) blocks.push(...pathTables(path, cited, p, options));
  }
  const after = explanation(trace, p, options);
  const notes = legend(trace, cited, options);
  const note = notes === '' ? [] : wrap(notes, options.width).map((l) => p.faint(l));
  return `${[...blocks.flat(), '', ...after, ...(after.length > 0 ? [''] : []), ...note].join('\n').trimEnd()}\n`;
};

/** The meaning of the numbers, and what is left out. */
function legend({ paths }: TraceDocument, { names, files }: Cited, options: RenderOptions): string {
  const shown = options.allPaths ? paths : paths.slice(mostTelling(paths)).slice(0, 1);
  const walks = shown.flatMap((path) => walksOf(path).filter(({ name }) => isShown(name, path, options)));
  const hasGaps = walks.some(({ walk }) => rowsOf(walk, options.verbose).length < walk.hops.length);
  const notes = [filesNote(files), names.note, ...(hasGaps ? ['-v shows the hops whose numbers are left out.'] : [])];
  return notes.filter((note) => note !== '').join(' ');
}

const DERIVED = 'in brackets: derived from that line; default: what Linux or Kubernetes does by itself.';

function filesNote(files: Cited['files']): string {
  const [first, ...others] = files.keys();
  if (first === undefined) return '';
  if (others.length === 0) return `Line numbers are of ${safe(first)}; ${DERIVED}`;
  if ([...files].every(([file, short]) => file === short)) return '';
  const directories = new Set([...files].map(([file, short]) => file.slice(0, file.length - short.length)));
  const [directory = ''] = directories;
  const where = directories.size === 1 ? `Files are in ${safe(directory)}` : `Files: ${[...files.keys()].map(safe).join(', ')}`;
  return `${where}; ${DERIVED}`;
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
function pathTables(path: PathDocument, cited: Cited, p: Paint, options: RenderOptions): readonly (readonly string[])[] {
  return walksOf(path).map(({ name, walk }) => {
    if (!isShown(name, path, options)) return [cited.names.shorten(summary(name, path, walk, p, options))];
    const sent = walk.hops.find((h) => h.kind === 'socket');
    return [
      '',
      ...(name === 'forward' && !options.reply && path.dns === null ? [] : walkTitle(`${TITLES[name]}  `, sent, p, options)),
      hopTable(rowsOf(walk, options.verbose, cited.names.namespace), cited, p, options),
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
export function summary(name: keyof typeof TITLES, path: PathDocument, walk: WalkDocument, p: Paint, { width }: RenderOptions): string {
  const first = walk.hops[0]?.packet;
  const refusal = name === 'reply' && path.outcome !== 'delivered' && (first?.tcpFlags === 'RST' || first?.icmp?.original != null);
  const title = refusal ? 'Refusal' : TITLES[name];
  const crossed = walk.hops.filter((h) => h.kind === 'interface').length;
  const undone = walk.hops.filter(undoesNat).map((h) => h.node);
  const nat = undone.length === 0 ? '' : `NAT undone on ${[...new Set(undone)].map(safe).join(', ')}`;
  const end = walk.outcome === 'delivered' ? 'arrives' : walk.outcome === 'exits' ? 'leaves' : walk.outcome;
  const after = `after ${crossed} device${crossed === 1 ? '' : 's'}`;
  const painted = `${p.strong(title)}: ${walk.outcome === 'delivered' ? p.good(end) : outcomePaint(p, walk.outcome)(end)} ${after}`;
  if (nat === '') return painted;
  if (`${title}: ${end} ${after}, ${nat}`.length <= width) return `${painted}, ${nat}`;
  return [`${painted},`, ...hanging('  ', nat, width)].join('\n');
}

const undoesNat = (hop: HopDocument) =>
  (hop.kind === 'nat' || hop.kind === 'gateway' || hop.kind === 'load-balancer') && hop.action.startsWith('un-');
