import type { Network } from '../k8s/compiled-network.ts';
import type { Matrix } from '../matrix/matrix.ts';
import type { AskedPort, MatrixQuestion } from '../matrix/question.ts';
import type { PortRange } from '../reach/ports.ts';
import type { Row } from './change.ts';
import { byEnds, type Cell, cellsOf, keyOf, type Rows, toldOf } from './compare.ts';

/** What a matrix says of a network. */
export interface MatrixSource {
  readonly engine: (network: Network, question: MatrixQuestion) => Matrix;
  /** The same question of each network: its own rows and columns. Null: it has none of them. */
  questionOf(network: Network): MatrixQuestion | null;
}

/** All rows, or only those of some that call anybody and of the others that call some. */
export function matrixRows(
  { engine }: MatrixSource,
  network: Network,
  question: MatrixQuestion,
  only: { readonly callers: (id: string) => boolean; readonly called: (id: string) => boolean } | null,
): readonly Row[] {
  if (only === null) return [...engine(network, question).connections];
  const { from, to } = question;
  const callers = from.filter((s) => only.callers(s.group.id));
  const others = from.filter((s) => !only.callers(s.group.id));
  return [
    ...engine(network, { ...question, from: callers }).connections,
    ...engine(network, { ...question, from: others, to: to.filter((s) => only.called(s.group.id)) }).connections,
  ];
}

/** What a network says of some calls, also of ports that it does not ask about by itself. */
export function rowsOfCells(source: MatrixSource, network: Network, cells: readonly Cell[]): Rows {
  const question = source.questionOf(network);
  if (question === null || cells.length === 0) return new Map();
  const asked = { ...question, ...sidesOf(question, cells) };
  return filled(source, network, question, byEnds(source.engine(network, asked).connections), cells);
}

/** With what is said of ports that are not asked about by themselves, of groups that are there. */
export function filled({ engine }: MatrixSource, network: Network, question: MatrixQuestion, rows: Rows, cells: readonly Cell[]): Rows {
  if (question.anyPort || question.ports !== null) return rows;
  const missing = cells.flatMap((cell) => {
    const own = rows.get(keyOf(cell.ends)) ?? [];
    return cellsOf(cell.ends, own, cell.ports).filter((piece) => toldOf(piece, own).length === 0);
  });
  return [...byPort(missing)].reduce((all, [port, some]) => {
    const wanted = new Set(some.map(({ ends }) => keyOf(ends)));
    const asked: MatrixQuestion = { ...question, ...sidesOf(question, some), ports: [port] };
    const found = [...engine(network, asked).connections].filter((row) => wanted.has(keyOf(row)));
    return merged(all, byEnds(found));
  }, rows);
}

function sidesOf({ from, to }: MatrixQuestion, cells: readonly Cell[]): Pick<MatrixQuestion, 'from' | 'to'> {
  const [callers, called] = [new Set(cells.map((c) => c.ends.from)), new Set(cells.map((c) => c.ends.to))];
  return { from: from.filter((s) => callers.has(s.group.id)), to: to.filter((s) => called.has(s.group.id)) };
}

/** Stated ports are few, and ranges of them are neighbours by chance. */
function byPort(cells: readonly Cell[]): ReadonlyMap<AskedPort, readonly Cell[]> {
  const ports = new Map<string, AskedPort>();
  const found = new Map<AskedPort, Cell[]>();
  for (const cell of cells) {
    const { protocol } = cell.ends;
    for (const port of cell.ports === null ? [null] : numbersIn(cell.ports)) {
      const asked = ports.get(`${protocol} ${port}`) ?? { protocol, port };
      ports.set(`${protocol} ${port}`, asked);
      found.set(asked, [...(found.get(asked) ?? []), cell]);
    }
  }
  return found;
}

const numbersIn = ({ first, last }: PortRange): readonly number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

function merged(rows: Rows, others: Rows): Rows {
  const all = new Map(rows);
  for (const [key, some] of others) all.set(key, [...(all.get(key) ?? []), ...some]);
  return all;
}
