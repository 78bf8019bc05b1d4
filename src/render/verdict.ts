import { sentencesOf } from '../document/sentences.ts';
import type { PathDocument, ReasonDocument, SourceDocumentRef, TraceDocument } from '../document/trace-schema.ts';
import { capitalized } from '../source/sentence.ts';
import { piecesOf } from './commands.ts';
import { ofFamily, shownFamily } from './families.ts';
import { outcomePaint, type Paint } from './paint.ts';
import { pathWays } from './path-ways.ts';
import { policyWhy } from './policy-why.ts';
import type { RenderOptions } from './renderer.ts';
import { percent, sentence } from './sentence.ts';
import { hanging, safe, wrap } from './text.ts';

/** The first line: outcome, code, one sentence; with several IP families it is about the one that is shown, and each other has a line. */
export function verdict(trace: TraceDocument, p: Paint, options: RenderOptions): readonly string[] {
  const shown = shownFamily(trace);
  if (shown === null) return outcomeLines('', trace, sentence(trace, null), p, options);
  const others = (trace.families ?? []).filter((f) => f !== shown);
  return [
    ...outcomeLines('', trace, sentence(ofFamily(trace, shown), shown.family), p, options),
    ...others.flatMap((f) => outcomeLines(`${f.family} `, f, sentence(ofFamily(trace, f), f.family), p, options)),
  ];
}

function outcomeLines(
  lead: string,
  { outcome, reason }: Pick<TraceDocument, 'outcome' | 'reason'>,
  text: string,
  p: Paint,
  { width }: RenderOptions,
): readonly string[] {
  const head = [outcome, ...(reason === null ? [] : [reason.code])].join(' ');
  const [first = '', ...rest] = wrap(`${lead}${head}: ${text}`, width);
  const end = lead.length + head.length;
  return [lead + p.strong(outcomePaint(p, outcome)(first.slice(lead.length, end))) + first.slice(end), ...rest];
}

const CLIENT_WORDS: Readonly<Record<ReasonDocument['client'], string>> = {
  answer: 'an answer',
  refused: 'Connection refused',
  'host-unreachable': 'No route to host',
  'net-unreachable': 'Network is unreachable',
  'not-permitted': 'Operation not permitted, or Permission denied',
  'not-available': 'Protocol not available',
  invalid: 'Invalid argument',
  'message-too-long': 'Message too long',
  'time-out': 'nothing, until it gives up (a time-out)',
  'name-not-found': 'that the name has no address',
  'http-404': 'HTTP 404, Not Found',
  'http-500': 'HTTP 500, Internal Server Error',
  'http-502': 'HTTP 502, Bad Gateway',
  'http-503': 'HTTP 503, Service Unavailable',
  'http-504': 'HTTP 504, Gateway Time-out',
  unknown: 'nothing that the input could tell',
};

/** The error of a program that no packet was sent for. */
const WITHOUT_PACKET: Readonly<Partial<Record<ReasonDocument['code'], string>>> = {
  NO_SHARED_NAMESPACE: 'No such file or directory (ENOENT)',
  NO_SHARED_VOLUME: 'No such file or directory (ENOENT)',
  VOLUME_READ_ONLY: 'Read-only file system (EROFS)',
};

/** A limit of the program's own ends it. */
const REDIRECTED = 'redirects, until it has followed as many as it will (curl: 50)';

/** getaddrinfo tells a name without an address (EAI_NONAME) from a query without an answer (EAI_AGAIN). */
const seen = ({ code, client, walk }: ReasonDocument) =>
  walk === 'dns' && client === 'name-not-found'
    ? 'that the name cannot be looked up (Temporary failure in name resolution)'
    : code === 'REDIRECT_LOOP'
      ? REDIRECTED
      : (WITHOUT_PACKET[code] ?? CLIENT_WORDS[client]);

export function place(source: SourceDocumentRef): string {
  return source === null ? '' : `${safe(source.file)}:${source.line}:${source.column}`;
}

/** A paragraph after the hops. An empty title: it is about the same as the one before; an item is one of a list below it. */
export interface Note {
  readonly title: string;
  readonly text: string;
  readonly isItem: boolean;
  /** Commands that the text has, in this order. */
  readonly commands: readonly string[];
}

/** Why, what to change, what else would block it, what was assumed. */
export function notesOf(trace: TraceDocument): readonly Note[] {
  const { reason, alsoBlockedBy, assumptions } = trace;
  const note = (title: string, text: string): Note => ({ title, text, isItem: false, commands: [] });
  const notes: Note[] = [];
  if (reason !== null && trace.outcome !== 'exits') {
    const { message: why, fix: fixes } = sentencesOf(reason);
    const where = reason.source === null ? '' : ` (${place(reason.source)}, ${safe(reason.source.object)})`;
    notes.push(
      note('Why', `${safe(capitalized(why))}${where}.`),
      ...policyWhy(trace).map((line) => ({ title: '', text: line.slice(2), isItem: true, commands: [] })),
      note('', `The ${trace.over === 'network' ? 'client' : 'program'} sees ${seen(reason)}.`),
    );
    for (const [i, fix] of fixes.entries())
      notes.push({ ...note(i === 0 ? 'Fix' : '', `${safe(capitalized(fix))}.`), commands: (fix.commands ?? []).map(safe) });
    for (const [i, also] of alsoBlockedBy.entries()) {
      const at = also.source === null ? '' : ` (${place(also.source)})`;
      notes.push(note(i === 0 ? 'Also' : '', `${also.code}: ${safe(also.message)}${at}.`));
    }
    notes.push(note('More', `k8s-trace explain ${reason.code}`));
  }
  for (const [i, { message: assumed }] of assumptions.entries()) notes.push(note(i === 0 ? 'Assumed' : '', `${safe(assumed)}.`));
  return notes;
}

/** The same for a terminal. A command has a line of its own, however long it is, so that it can be copied. */
export function explanation(trace: TraceDocument, p: Paint, { width }: RenderOptions): readonly string[] {
  return notesOf(trace).flatMap(({ title, text, isItem, commands }) => {
    if (isItem) return hanging(`${' '.repeat(9)}- `, text, width);
    const lead = `${title.padEnd(8)} `;
    const indent = ' '.repeat(lead.length);
    const lines = piecesOf(text, commands).flatMap((piece) =>
      piece.isCommand ? [`${indent}  ${piece.text}`] : hanging(indent, piece.text, width),
    );
    const [first = '', ...rest] = lines;
    return [p.strong(lead) + first.slice(lead.length), ...rest];
  });
}

/** Shares are products of fractions: two that differ by less are the same. */
const SAME_SHARE = 1e-9;

/** The path to show when only one is: the first that fails, or leaves what is known; else the likeliest, of equals the first. */
export function mostTelling(paths: readonly PathDocument[]): number {
  const lost = paths.findIndex((x) => x.reason !== null && x.outcome !== 'exits');
  const failing = lost === -1 ? paths.findIndex((x) => x.reason !== null) : lost;
  if (failing !== -1) return failing;
  return paths.reduce((best, x, i) => (x.probability > (paths[best]?.probability ?? 0) + SAME_SHARE ? i : best), 0);
}

/** A line for each path, with its outcome. */
export function pathLines(paths: readonly PathDocument[], p: Paint, { width }: RenderOptions): readonly string[] {
  const ways = pathWays(paths);
  return paths.map(({ probability, outcome, reason }, i) => {
    const head = `Path ${i + 1} of ${paths.length}`;
    const way = `, ${percent(probability)}${ways[i]}:`;
    const end = reason === null ? outcome : `${outcome} ${reason.code}`;
    const painted = outcomePaint(p, outcome)(end);
    if (head.length + way.length + 1 + end.length <= width) return `${p.strong(head)}${way} ${painted}`;
    const [first = '', ...rest] = [...wrap(`${head}${way}`, width), ...hanging('  ', end, width).map((l) => outcomePaint(p, outcome)(l))];
    return [p.strong(head) + first.slice(head.length), ...rest].join('\n');
  });
}
