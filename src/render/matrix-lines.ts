import type { MatrixConnectionDocument, MatrixGroupDocument, MatrixResult } from '../document/matrix-schema.ts';
import { portsText } from '../document/ports-text.ts';
import { isWorkload, mayCall, nameIn } from './matrix-names.ts';

/** A matrix by its columns, for people to read. */
export interface MatrixView {
  readonly rows: readonly MatrixGroupDocument[];
  readonly columns: readonly Column[];
  readonly asked: MatrixResult['asked'];
  readonly notAsked: readonly string[];
  /** Pairs of groups of which members may call each other, and those of them that do. */
  readonly pairs: { readonly all: number; readonly connected: number };
  /** Pairs of groups by the codes at which some of it ends, most first. */
  readonly blocked: readonly (readonly [code: string, pairs: number])[];
  /** Are those among `blocked` that are undetermined only counted, and in no cell? */
  readonly areHidden: boolean;
  /** How many connections there are that hang on something that is not stated, and how many in all. */
  readonly assumed: { readonly some: number; readonly all: number };
}

export interface Column {
  readonly group: MatrixGroupDocument;
  /** By the ids of their rows. */
  readonly cells: ReadonlyMap<string, readonly Cell[]>;
  /** What is undetermined and in no cell, by the ids of rows. */
  readonly hidden: ReadonlyMap<string, readonly Cell[]>;
}

/** Ports of a pair of groups that end in one way, in these families. */
export interface Cell extends Pick<MatrixConnectionDocument, 'protocol' | 'ports' | 'outcome' | 'code' | 'share' | 'assumed'> {
  /** Empty: in each that was asked. */
  readonly family: string;
}

/** `showsBlocked`: else what is known not to arrive is left out, and what is undetermined is only counted. */
export function viewOf({ asked: made, groups, connections, notAsked }: MatrixResult, showsBlocked: boolean): MatrixView {
  const asked = { ...made, blocked: made.blocked && showsBlocked };
  const byId = new Map(groups.map((g) => [g.id, g]));
  const named = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const found = new Map(asked.to.map((id) => [id, new Map<string, MatrixConnectionDocument[]>()]));
  const hidden = new Map(asked.to.map((id) => [id, new Map<string, MatrixConnectionDocument[]>()]));
  const assumed = { some: 0, all: 0 };
  for (const connection of connections) {
    const isHidden = !asked.blocked && isBlocked(connection);
    if (isHidden && connection.outcome !== 'undetermined') continue;
    const column = (isHidden ? hidden : found).get(connection.to);
    const before = column?.get(connection.from);
    if (before === undefined) column?.set(connection.from, [connection]);
    else before.push(connection);
    if (isHidden) continue;
    assumed.all++;
    if (connection.assumed) assumed.some++;
  }
  const rows = named(asked.from);
  const columns = named(asked.to)
    .filter(isAskedIn(notAsked))
    .map((group): Column => {
      const cells = (some: typeof found) =>
        new Map([...(some.get(group.id) ?? [])].map(([from, own]) => [from, cellsOf(own, asked.families.length)] as const));
      return { group, cells: cells(found), hidden: cells(hidden) };
    });
  return { rows, columns, asked, notAsked, assumed, areHidden: made.blocked && !asked.blocked, ...countsOf(rows, columns) };
}

/** Not all of its members are among those that nothing was asked of. */
function isAskedIn(notAsked: readonly string[]) {
  const left = new Set(notAsked);
  return ({ namespace, members }: MatrixGroupDocument): boolean =>
    members.length === 0 || !members.every((m) => left.has(namespace === null ? m : `${namespace}/${m}`));
}

/** What is the same in all families is said once. */
function cellsOf(connections: readonly MatrixConnectionDocument[], families: number): readonly Cell[] {
  const found = new Map<string, { readonly first: MatrixConnectionDocument; readonly families: string[] }>();
  for (const c of connections) {
    const key = [c.protocol, c.ports, c.outcome, c.code, c.share, c.assumed].join(' ');
    const known = found.get(key);
    if (known === undefined) found.set(key, { first: c, families: [c.family] });
    else known.families.push(c.family);
  }
  return [...found.values()].map(({ first, families: own }) => ({ ...first, family: own.length === families ? '' : own.join(' and ') }));
}

export const isBlocked = ({ outcome }: Pick<Cell, 'outcome'>): boolean => outcome !== 'delivered' && outcome !== 'exits';

function countsOf(rows: readonly MatrixGroupDocument[], columns: readonly Column[]): Pick<MatrixView, 'pairs' | 'blocked'> {
  let all = 0;
  let connected = 0;
  const codes = new Map<string, number>();
  for (const { group, cells, hidden } of columns)
    for (const row of rows) {
      if (!mayCall(row, group)) continue;
      all++;
      const own = cells.get(row.id) ?? [];
      if (own.some((c) => !isBlocked(c))) connected++;
      for (const code of new Set([...own, ...(hidden.get(row.id) ?? [])].filter(isBlocked).map(endOf)))
        codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  return { pairs: { all, connected }, blocked: [...codes].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)) };
}

/** Ports of a column at which the same callers fare the same. */
export interface Line {
  readonly ports: string;
  readonly callers: string;
  /** `delivered`, `exits`, `undetermined`, or the code. */
  readonly end: string;
  readonly outcome: Cell['outcome'];
}

interface Merged {
  readonly cell: Cell;
  /** Shares by ids of rows. */
  readonly callers: ReadonlyMap<string, number>;
  readonly ports: (readonly [Cell['protocol'], string | null])[];
}

/** Names that a line has at most, where not all are wanted. */
const MOST_NAMES = 12;

/** A column port by port, ports together that the same callers reach. */
export function linesOf(column: Column, view: Pick<MatrixView, 'rows' | 'asked'>, all: boolean): readonly Line[] {
  return [...shownLines(column, view, all), ...hiddenLine(column)];
}

/** How many may or may not reach it. */
function hiddenLine({ hidden }: Column): readonly Line[] {
  if (hidden.size === 0) return [];
  const ports = portsText([...hidden.values()].flat());
  return [{ ports, callers: `${hidden.size} group${hidden.size === 1 ? '' : 's'}`, end: 'undetermined', outcome: 'undetermined' }];
}

function shownLines({ group, cells }: Column, { rows, asked }: Pick<MatrixView, 'rows' | 'asked'>, all: boolean): readonly Line[] {
  const merged = asked.anyPort ? byCaller(cells) : byPort(cells);
  const others = rows.filter((row) => mayCall(row, group));
  return merged
    .map((line) => ({
      ports: `${portsOf(line.ports)}${line.cell.family === '' ? '' : ` ${line.cell.family}`}`,
      callers:
        !all && asked.blocked && isRest(line, merged, others.length)
          ? REST
          : callersText(line.callers, others, group, { all, isDoubtful: (id) => !isBlocked(line.cell) && isDoubtful(id, cells) }),
      end: endOf(line.cell),
      outcome: line.cell.outcome,
      first: firstOf(line.ports),
    }))
    .sort(
      (a, b) => Number(isBlocked(a)) - Number(isBlocked(b)) || a.first - b.first || Number(a.callers === REST) - Number(b.callers === REST),
    );
}

const REST = 'all others';

/** That something comes in from outside is a finding, and its way in is what inputs most often do not state. */
const isDoubtful = (id: string, cells: Column['cells']): boolean =>
  id.startsWith('Network/') && (cells.get(id) ?? []).some((cell) => !isBlocked(cell) && cell.assumed);

/** Who fares the same at a port; then the ports of which all that is true of the same callers. */
function byPort(cells: Column['cells']): readonly Merged[] {
  const atoms = new Map<string, { readonly cell: Cell; readonly port: string | null; readonly callers: Map<string, number> }>();
  for (const [from, own] of cells)
    for (const cell of own)
      for (const port of cell.ports.length === 0 ? [null] : cell.ports) {
        const key = [cell.protocol, port, endKey(cell)].join(' ');
        const known = atoms.get(key) ?? { cell, port, callers: new Map<string, number>() };
        known.callers.set(from, (known.callers.get(from) ?? 0) + cell.share);
        atoms.set(key, known);
      }
  const merged = new Map<string, Merged>();
  for (const { cell, port, callers } of atoms.values()) {
    const key = [endKey(cell), ...[...callers].map(([id, share]) => `${id}=${share}`)].join(' ');
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { cell, callers, ports: [[cell.protocol, port]] });
    else known.ports.push([cell.protocol, port]);
  }
  return [...merged.values()];
}

/** Ranges of ports begin and end otherwise for each caller: all that is true of one is one, and callers with the same are together. */
function byCaller(cells: Column['cells']): readonly Merged[] {
  const merged = new Map<string, { readonly cell: Cell; readonly callers: Map<string, number>; readonly ports: Merged['ports'] }>();
  for (const [from, own] of cells) {
    const ends = new Map<string, Cell[]>();
    for (const cell of own) ends.set(`${endKey(cell)} ${cell.share}`, [...(ends.get(`${endKey(cell)} ${cell.share}`) ?? []), cell]);
    for (const some of ends.values()) {
      const [cell] = some;
      if (cell === undefined) continue;
      const ports = some.flatMap((c): Merged['ports'] =>
        c.ports.length === 0 ? [[c.protocol, null]] : c.ports.map((p) => [c.protocol, p]),
      );
      const key = [endKey(cell), portsOf(ports)].join(' ');
      const known = merged.get(key) ?? { cell, callers: new Map<string, number>(), ports };
      merged.set(key, { ...known, callers: known.callers.set(from, (known.callers.get(from) ?? 0) + cell.share) });
    }
  }
  return [...merged.values()];
}

const endKey = ({ family, outcome, code }: Cell): string => [family, outcome, code].join(' ');

/** Not known is no code that stops anything. */
export const endOf = ({ outcome, code }: Pick<Cell, 'outcome' | 'code'>): string =>
  outcome === 'exits' || outcome === 'undetermined' ? outcome : (code ?? outcome);

/** Are they more than can be read, and all of whom no other line at these ports speaks? */
function isRest(line: Merged, all: readonly Merged[], others: number): boolean {
  const { cell, callers, ports } = line;
  if (!isBlocked(cell) || cell.family !== '' || callers.size <= 3 || [...callers.values()].some((share) => !isWhole(share))) return false;
  const near = all.filter((other) => other !== line && other.ports.some((p) => ports.some((q) => p.join() === q.join())));
  if (near.length === 0 || near.some((other) => other.callers.size >= callers.size || other.cell.family !== '')) return false;
  return new Set([...callers.keys(), ...near.flatMap((other) => [...other.callers.keys()])]).size === others;
}

type Ports = readonly (readonly [Cell['protocol'], string | null])[];

/** What is left of all ports is only said where that is a few ports. */
function portsOf(ports: Ports): string {
  const said = textOf(ports);
  if (!/^all but .*(all|icmp)/.test(said)) return said;
  const protocols = [...new Set(ports.map(([protocol]) => protocol))];
  return protocols.map((protocol) => textOf(ports.filter(([own]) => own === protocol))).join(', ');
}

const textOf = (ports: Ports): string => portsText(ports.map(([protocol, port]) => ({ protocol, ports: port === null ? [] : [port] })));

const firstOf = (ports: Ports): number =>
  Math.min(...ports.map(([, port]) => (port === null ? Number.POSITIVE_INFINITY : Number.parseInt(port, 10))));

/** So many are left out of all, where more than so many are not. */
const FEW = 2;
const MOST_APART = 5;

/** Who calls: all workloads, all of a namespace, or names; nodes and the internet always by name. */
function callersText(
  callers: ReadonlyMap<string, number>,
  others: readonly MatrixGroupDocument[],
  to: MatrixGroupDocument,
  { all, isDoubtful }: { readonly all: boolean; readonly isDoubtful: (id: string) => boolean },
): string {
  const whole = (some: readonly MatrixGroupDocument[]) => some.length > 2 && some.every((g) => isWhole(callers.get(g.id) ?? 0));
  const workloads = others.filter(isWorkload);
  const said = new Set<string>();
  const words: string[] = [];
  const say = (word: string, some: readonly MatrixGroupDocument[]) => {
    words.push(word);
    for (const g of some) said.add(g.id);
  };
  const present = workloads.filter((g) => isWhole(callers.get(g.id) ?? 0));
  const missing = workloads.filter((g) => !callers.has(g.id));
  if (whole(workloads)) say(`all ${workloads.length} workloads`, workloads);
  else if (missing.length <= FEW && present.length > MOST_APART && present.length + missing.length === workloads.length)
    say(`all ${workloads.length} workloads (not ${missing.map((g) => nameIn(g, to.namespace)).join(', not ')})`, present);
  else
    for (const namespace of new Set(workloads.map((g) => g.namespace))) {
      const own = workloads.filter((g) => g.namespace === namespace);
      if (whole(own)) say(`all ${own.length} of ${namespace}`, own);
    }
  const named = others
    .filter((g) => callers.has(g.id) && !said.has(g.id))
    .map((g) => `${nameIn(g, to.namespace)}${shareText(callers.get(g.id) ?? 1)}${isDoubtful(g.id) ? ' (assumed)' : ''}`);
  const shown = all || named.length <= MOST_NAMES ? named : [...named.slice(0, MOST_NAMES - 1), `${named.length - MOST_NAMES + 1} more`];
  return [...words, ...shown].join(', ');
}

/** Sums of shares of one are not always 1. */
const isWhole = (share: number): boolean => share > 1 - 1e-9;

/** Empty: all of it. */
export function shareText(share: number): string {
  if (isWhole(share)) return '';
  const percent = share * 100;
  return ` (${percent < 1 ? '<1' : percent > 99 ? '>99' : Math.round(percent)}%)`;
}
