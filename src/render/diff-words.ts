import type { CauseDocument, ChangeDocument, DiffDocument, PlaceDocument } from '../document/diff-schema.ts';
import { portsText } from '../document/ports-text.ts';

/** The words that all formats of a diff share. They are not safe for a line yet. */

export const KINDS = ['lost', 'gained', 'changed'] as const;
export type Kind = (typeof KINDS)[number];

/** Changes of one kind that have the same causes. */
export interface CauseGroup {
  readonly causes: readonly CauseDocument[];
  readonly changes: readonly ChangeDocument[];
}

/** Those that explain most come first. */
export function byCause(changes: readonly ChangeDocument[]): readonly CauseGroup[] {
  const found = new Map<string, { readonly causes: readonly CauseDocument[]; readonly changes: ChangeDocument[] }>();
  for (const change of changes) {
    const key = JSON.stringify(change.causes);
    const known = found.get(key);
    if (known === undefined) found.set(key, { causes: change.causes, changes: [change] });
    else known.changes.push(change);
  }
  return [...found.values()].sort((a, b) => b.changes.length - a.changes.length);
}

export const changesOf = ({ changes }: DiffDocument, kind: Kind): readonly ChangeDocument[] => changes.filter((c) => c.kind === kind);

/** `1 lost, 3 gained, 2 changed`. */
export function verdictOf(document: DiffDocument): string {
  const counts = KINDS.flatMap((kind) => {
    const n = changesOf(document, kind).length;
    return n === 0 ? [] : [`${n} ${kind}`];
  });
  if (counts.length > 0) return counts.join(', ');
  return document.same ? 'same: no connection differs' : 'no connection differs';
}

/** Groups that come and go, a line each. */
export function groupLines({ groups: { added, removed } }: DiffDocument): readonly string[] {
  const line = (what: string, some: readonly { readonly id: string }[]) =>
    some.length === 0 ? [] : [`${what}: ${listText(some.map((g) => g.id))}`];
  return [...line('new', added), ...line('gone', removed)];
}

const MOST_NAMED = 12;

const listText = (items: readonly string[]): string =>
  items.length <= MOST_NAMED ? items.join(', ') : `${items.slice(0, MOST_NAMED).join(', ')} and ${items.length - MOST_NAMED} more`;

/** Groups that are the only ones of their kind need no more than their name. */
const endText = (id: string): string => id.replace(/^Network\//, '').replace(/^Node\/nodes$/, 'nodes');

/** `80, 443/tcp`; with the family where there are two. */
function portsOf(change: ChangeDocument, { changes }: DiffDocument): string {
  const families = new Set(changes.map((c) => c.family));
  return `${portsText([change])}${families.size > 1 ? ` (${change.family})` : ''}`;
}

const placeText = ({ file, line, column }: PlaceDocument): string => `${file}:${line}:${column}`;

/** `NetworkPolicy/shop/db was added (policies.yaml:3:1)`. */
export function causeText({ object, change, before, after }: CauseDocument): string {
  // A node that --without takes down has changed in neither input's text.
  if (change === 'changed' && before === null && after === null && object.startsWith('Node/')) return `${object} is down (--without)`;
  const places = [after, before].flatMap((place) => (place === null ? [] : [placeText(place)]));
  const where = change === 'changed' && after !== null && before !== null ? `${placeText(after)}, before ${placeText(before)}` : places[0];
  return `${object} was ${change}${where === undefined ? '' : ` (${where})`}`;
}

/** Of several values on one line one is enough to find them. */
export const onLines = (causes: readonly CauseDocument[]): readonly CauseDocument[] =>
  [...new Map(causes.toReversed().map((c) => [JSON.stringify([c.object, lineKey(c.before), lineKey(c.after)]), c])).values()].toReversed();

const lineKey = (place: PlaceDocument | null): string => (place === null ? '' : `${place.file}:${place.line}`);

export const NO_CAUSE = 'no single object or field was found to make this change';

/** What a cause was and is, in two lines at most, and no wider than this. */
export function snippet({ before, after }: CauseDocument, width: number): readonly (readonly ['-' | '+', string])[] {
  const side = (sign: '-' | '+', place: PlaceDocument | null) => (place === null ? [] : [[sign, lineOf(place, width)] as const]);
  return [...side('-', before), ...side('+', after)];
}

/** The first line; after a line that only says what follows, some of that, too. */
function lineOf({ text, column }: PlaceDocument, width: number): string {
  const [line = '', ...more] = text.split('\n');
  const first = line.trim();
  const isHead = /[:{[]$|^(- )?(apiVersion|kind):/.test(first);
  const joined = [first, ...(isHead ? more.slice(0, 5).map((l) => l.trim()) : [])].join('  ');
  const whole = more.length > (isHead ? 5 : 0) ? `${joined} …` : joined;
  if (whole.length <= width) return whole;
  // What differs is to be seen, and a little of what stands before it.
  const start = Math.max(0, Math.min(column - 1 - (line.length - line.trimStart().length) - 10, whole.length - width + 1));
  const lead = start > 0 ? '…' : '';
  const rest = whole.slice(start + lead.length, start + width);
  return `${lead}${rest.length + lead.length < width || start + width >= whole.length ? rest : `${rest.slice(0, -1)}…`}`;
}

/** Connections of which the same is said: those who call are one row. */
export interface Row {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: string;
  readonly what: string;
}

export function rowsOf(changes: readonly ChangeDocument[], document: DiffDocument): readonly Row[] {
  const rows = changes.map((c): Row => ({ from: [endText(c.from)], to: [endText(c.to)], ports: portsOf(c, document), what: c.what }));
  const byCallers = merged(
    rows,
    (r) => [r.to, r.ports, r.what],
    (a, b) => ({ ...a, from: [...a.from, ...b.from] }),
  );
  return merged(
    byCallers,
    (r) => [r.from, r.ports, r.what],
    (a, b) => ({ ...a, to: [...a.to, ...b.to] }),
  );
}

function merged(rows: readonly Row[], alike: (row: Row) => unknown, join: (a: Row, b: Row) => Row): readonly Row[] {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify(alike(row));
    const known = found.get(key);
    found.set(key, known === undefined ? row : join(known, row));
  }
  return [...found.values()];
}

/** Ends in a cell. */
export const endsText = (ids: readonly string[]): string => listText(ids);

/** What is asked by URL. */
const OF_URLS = /^(Ingress|IngressClass|Gateway|GatewayClass|HTTPRoute|ReferenceGrant)\//;

const aside = ({ object }: CauseDocument): string =>
  OF_URLS.test(object) ? ' that was asked (requests to URLs are expectations: --expectations)' : ' that was asked';

/** One line for what made no difference. */
export function effectlessLines({ withoutEffect }: DiffDocument, most: number): readonly string[] {
  const lines = withoutEffect.slice(0, most).map((cause) => `${causeText(cause)}: touches no path${aside(cause)}`);
  const left = withoutEffect.length - lines.length;
  return left > 0 ? [...lines, `and ${left} more that touch no path`] : lines;
}

export function notComparedLines({ notCompared }: DiffDocument): readonly string[] {
  if (notCompared === 0) return [];
  return [
    `${notCompared} more connections arrive as before, and were not followed to see whether they go the same way: --from and --to ask of fewer`,
  ];
}
