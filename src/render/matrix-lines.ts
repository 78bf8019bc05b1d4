import { portsText } from '../document/ports-text.ts';
import { callersText, isWhole } from './matrix-callers.ts';
import { mayCall } from './matrix-names.ts';
import { type Cell, type Column, endOf, isBlocked, type MatrixView } from './matrix-view.ts';

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
