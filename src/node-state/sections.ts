import { isCommand } from './command.ts';
import { kindOfJson, kindOfLine, type LineKind } from './format.ts';

/** A part of a file that one command printed. */
export interface Section {
  /** From a heading or a prompt; null: there is none. */
  readonly command: string | null;
  /** The index of its first line. */
  readonly first: number;
  readonly lines: readonly string[];
  /** Null: it is not the output of a known command. */
  readonly kind: LineKind | null;
  /** A remark of the collecting script in place of an output. */
  readonly remark: Remark | null;
}

export type Remark = { readonly is: 'no output' | 'not installed' } | { readonly is: 'failed'; readonly status: number };

interface Open {
  command: string | null;
  first: number;
  lines: string[];
  kind: LineKind | null;
  remark: Remark | null;
}

/** Cuts a file into what commands printed: at headings, at prompts, at fences of markdown, and where another command's output begins. */
export function sectionsOf(lines: readonly string[]): readonly Section[] {
  const sections: Open[] = [];
  let open: Open = opened(null, 0);
  let depth = 0;
  const cut = (command: string | null, first: number) => {
    sections.push(open);
    open = opened(command, first);
    depth = 0;
  };
  for (const [i, line] of lines.entries()) {
    if (isFence(line)) {
      const isOpening = open.lines.every((l) => l.trim() === '');
      const { command } = open;
      if (isOpening) open.command = null;
      cut(isOpening ? command : null, i + 1);
      continue;
    }
    const remark = remarkIn(line);
    if (remark === null && isSaidByFailed(line, open)) {
      open.lines.push(line);
      continue;
    }
    const heading = remark?.command ?? headingIn(line);
    if (heading !== null) {
      if (remark !== null && heading === open.command && open.lines.every((l) => l.trim() === '')) open.command = null;
      cut(heading, i + 1);
      open.remark = remark?.remark ?? null;
      continue;
    }
    const kind = depth > 0 || isFurther(line, open) ? null : startOf(lines, i, open);
    if (kind !== null && open.kind !== null && !isSame(kind, open.kind)) cut(null, i);
    if (kind !== null && open.kind === null) {
      if (open.lines.some((l) => l.trim() !== '' && !isRemarkOf(kind, l))) cut(open.command, i);
      open.kind = kind;
    }
    if (open.kind?.is === 'state' && open.kind.format === 'nft') depth = Math.max(0, depth + braces(line));
    open.lines.push(line);
  }
  sections.push(open);
  return sections.filter((s) => s.command !== null || s.lines.some((l) => l.trim() !== ''));
}

const opened = (command: string | null, first: number): Open => ({ command, first, lines: [], kind: null, remark: null });

/**
 * The error of a failed command, which the script of `collect` writes below its remark, as `# conntrack v1.4.7 (conntrack-tools): Operation
 * failed`.
 */
const isSaidByFailed = (line: string, { remark, lines }: Open): boolean =>
  remark?.is === 'failed' && /^# ?(?!#)/.test(line) && lines.every((l) => l.startsWith('#'));

const isFence = (line: string): boolean => /^\s*```/.test(line);

/** Lines that cannot begin another command's output; most lines of a large file are such. */
const isFurther = (line: string, { kind }: Open): boolean =>
  line === '' ||
  line.startsWith(' ') ||
  line.startsWith('\t') ||
  (/^(-A|\[\d+:\d+\] -A) /.test(line) && kind?.is === 'state' && kind.format === 'iptables') ||
  (line.startsWith('add ') && kind?.is === 'state' && kind.format === 'ipset') ||
  (kind?.is === 'state' && kind.part === 'json' && !/^[[{]/.test(line));

function startOf(lines: readonly string[], index: number, open: Open): LineKind | null {
  const line = lines[index] ?? '';
  if (!/^[[{]/.test(line) || /^\[\d+:\d+\] /.test(line)) return kindOfLine(withNextHop(line, lines[index + 1]));
  // A text of JSON goes on where the one before it is not whole.
  if (open.kind !== null && !/[\]}]\s*$/.test(lines[index - 1] ?? '')) return null;
  const kind = kindOfJson(lines.slice(index, index + 60).join('\n'));
  return kind === null ? null : { ...kind, ...(kind.is === 'state' ? { part: 'json' } : {}) };
}

/** A route of several next hops may have nothing but its destination on its own line. */
const withNextHop = (line: string, next = ''): string => (/^\s+nexthop /.test(next) ? `${line.trimEnd()} ${next.trim()}` : line);

/** Does the line go on with the output that is open? In a save only the header says which program wrote it. */
function isSame(next: LineKind, open: LineKind): boolean {
  if (next.is === 'wrong') return open.is === 'wrong' && next.command === open.command;
  if (open.is === 'wrong') return false;
  if (next.format !== open.format) return false;
  if (next.part === 'json' || open.part === 'json') return next.part === open.part && next.format !== 'ip';
  return next.part === '' || next.part === open.part;
}

/** Is it a comment that iptables-save or nft prints before the output itself? */
const isRemarkOf = (kind: LineKind, line: string): boolean =>
  kind.is === 'state' && (kind.format === 'iptables' || kind.format === 'nft') && line.startsWith('# ');

/** The braces that a line opens, less those that it closes; those within quotes are part of a comment. */
function braces(line: string): number {
  let sum = 0;
  let isQuoted = false;
  for (const letter of line) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (letter === '{') sum += 1;
    else if (letter === '}') sum -= 1;
  }
  return sum;
}

const PROMPT = /^(?:\[?[\w.-]+@[\w.-]+[: ][^#$%]*[#$%]|[#$%>+]+|={2,}|-{3,}|#{1,6})\s+(.*?)\s*(?:={2,}|-{3,}|:)?$/;

/** The command that a heading or a prompt names: `### ip route`, `root@node-1:~# iptables-save`, `=== ip rule ===`, `+ nft list ruleset`. */
function headingIn(line: string): string | null {
  if (line.length > 300) return null;
  const [, text = ''] = PROMPT.exec(line) ?? [];
  const command = text.replace(/^`|`$/g, '').replace(/^sudo\s+/, '');
  return command !== '' && isCommand(command) && !/^(ip6?tables|nft)\S* v\d/.test(command) ? command : null;
}

/** As `collect` writes it: `# ipset save: no output`. */
function remarkIn(line: string): { readonly command: string; readonly remark: Remark } | null {
  const [, command = '', what = ''] = /^# (.+): (no output|not installed|exit status \d+)$/.exec(line) ?? [];
  if (command === '' || !isCommand(command)) return null;
  if (what === 'no output' || what === 'not installed') return { command, remark: { is: what } };
  return { command, remark: { is: 'failed', status: Number(what.replace(/\D/g, '')) } };
}
