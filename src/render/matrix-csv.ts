import type { MatrixGroupDocument, MatrixResult } from '../document/matrix-schema.ts';

const HEAD = [
  'fromKind',
  'fromNamespace',
  'from',
  'toKind',
  'toNamespace',
  'to',
  'family',
  'protocol',
  'ports',
  'outcome',
  'code',
  'share',
  'assumed',
];

/** RFC 4180, a connection a line; one that has no ports, or no code, has an empty field there. */
export function* matrixCsv({ groups, connections }: MatrixResult): Iterable<string> {
  const byId = new Map(groups.map((group) => [group.id, group]));
  yield lineOf(HEAD);
  for (const { from, to, family, protocol, ports, outcome, code, share, assumed } of connections)
    yield lineOf([
      ...end(byId.get(from), from),
      ...end(byId.get(to), to),
      family,
      protocol,
      ports.join(' '),
      outcome,
      code ?? '',
      String(share),
      String(assumed),
    ]);
}

const end = (group: MatrixGroupDocument | undefined, id: string): readonly string[] => [
  group?.kind ?? '',
  group?.namespace ?? '',
  group?.name ?? id,
];

const lineOf = (cells: readonly string[]): string => `${cells.map(cellOf).join(',')}\r\n`;

/** Spreadsheets take a cell that begins with one of these for a formula, and run it (OWASP, CSV Injection): an apostrophe makes it a text. */
const FORMULA = /^[=+\-@\t\r]/;

function cellOf(text: string): string {
  const inert = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
