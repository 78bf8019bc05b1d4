import type { Diagnostic } from '../source/diagnostic.ts';
import { type Paint, paint } from './paint.ts';
import { hanging, safe, wrap } from './text.ts';

interface Options {
  readonly color: boolean;
  readonly width: number;
}

/**
 * Each with its place, the line itself with a caret, the field and what to do; then how many there were. Editors find places in the first
 * line of each, so that one is never wrapped.
 */
export const formatDiagnostics = (diagnostics: readonly Diagnostic[], options: Options): string =>
  format(diagnostics, options, (head) => [head]);

/** The same beside a result that people read, so all of it is wrapped. */
export const formatWarnings = (diagnostics: readonly Diagnostic[], options: Options): string =>
  format(diagnostics, options, (head) => {
    const [first = '', ...rest] = wrap(head, options.width);
    return [first, ...wrap(rest.join(' '), options.width - INDENT.length).flatMap((line) => (line === '' ? [] : [INDENT + line]))];
  });

/** How many there are, each kind with its number, most first. */
export function countedWarnings(diagnostics: readonly Diagnostic[]): string {
  const numbers = new Map<string, number>();
  for (const { code } of diagnostics) numbers.set(code, (numbers.get(code) ?? 0) + 1);
  const kinds = [...numbers].sort(([, a], [, b]) => b - a).map(([code, n]) => `${n} ${code}`);
  return `${countsOf(diagnostics)} (${kinds.join(', ')})`;
}

const INDENT = '    ';

/** Cuts the first line of a diagnostic into several. */
type Cut = (head: string) => readonly string[];

function format(diagnostics: readonly Diagnostic[], { color, width }: Options, cut: Cut): string {
  const p = paint(color);
  const total = diagnostics.length > 1 ? `${countsOf(diagnostics)}\n` : '';
  return diagnostics.map((d) => `${formatDiagnostic(d, p, width, cut).join('\n')}\n`).join('') + total;
}

function countsOf(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: Diagnostic['severity']) => count(diagnostics.filter((d) => d.severity === severity).length, severity);
  return [of('error'), of('warning'), of('note')].filter((c) => c !== '').join(', ');
}

const count = (n: number, what: string) => (n === 0 ? '' : `${n} ${what}${n === 1 ? '' : 's'}`);

function formatDiagnostic(d: Diagnostic, p: Paint, width: number, cut: Cut): readonly string[] {
  const { place } = d;
  const where = place === null ? safe(d.file) : `${safe(d.file)}:${place.line}:${place.column}`;
  const field = place === null || place.field === '' ? '' : ` (${safe(place.field)})`;
  const lead = `${where}: ${d.severity}: `;
  const code = `[${d.code}]`;
  const painted = `${p.strong(where)}: ${COLORS[d.severity](p)(d.severity)}: `;
  const head = cut(`${lead}${safe(d.message)}${field} ${code}`).map((line, i, all) => {
    const start = i === 0 && line.startsWith(lead) ? lead.length : 0;
    const end = i === all.length - 1 && line.endsWith(code) ? line.length - code.length : line.length;
    return `${start === 0 ? '' : painted}${line.slice(start, end)}${p.faint(line.slice(end))}`;
  });
  const frame = place === null ? [] : excerpt(place.text, place.line, place.caret, width, p);
  const hint = d.hint === null ? [] : hanging('    = ', safe(d.hint), width);
  return [...head, ...frame, ...hint];
}

const COLORS = { error: (p: Paint) => p.bad, warning: (p: Paint) => p.doubtful, note: (p: Paint) => p.change } as const;

/** The line with a caret below the place; of a long line, the part around it. Tabs and control characters are made visible. */
function excerpt(text: string, line: number, column: number, width: number, p: Paint): readonly string[] {
  const gutter = `${line} | `.padStart(7);
  const room = Math.max(width - gutter.length, 20);
  const start = column - 1 < room - 4 ? 0 : Math.max(0, column - 1 - Math.floor(room / 2));
  const shown = text.slice(start, start + room);
  const before = shown.slice(0, column - 1 - start);
  const pad = ' '.repeat(visible(before).length);
  return [`${p.faint(gutter)}${visible(shown)}`, `${' '.repeat(gutter.length)}${pad}${p.bad('^')}`];
}

const visible = (text: string) => safe(text.replaceAll('\t', '→'));
