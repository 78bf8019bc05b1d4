import { type Fact, type GridData, type Group, sectionOf } from '../../page/grid/data.ts';
import { safe } from '../text.ts';

/** What is said of one cell: all rows with the same `from` and `to` come one after another. */
export interface Said {
  readonly from: string;
  readonly to: string;
  /** Of all that is in the fact. */
  readonly key: string;
  readonly fact: Fact;
}

const MEMBERS_SHOWN = 12;

export interface GroupDocument {
  readonly id: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly members: readonly string[];
  readonly cidrs?: readonly string[] | undefined;
}

/** The data of a page: facts and answers that come a thousand times are written once. */
export function collect(
  kind: GridData['kind'],
  documents: readonly GroupDocument[],
  said: Iterable<Said>,
  meanings: Readonly<Record<string, string>>,
  everyPort = false,
): GridData {
  const groups = bySection(documents);
  const numbers = new Map(groups.map(({ id }, i) => [id, i]));
  const single = new Numbered<Fact>();
  const facts = new Numbered<Fact>();
  const answers = new Numbered<readonly number[]>();
  const cells = new Map<number, Map<number, number>>();
  for (const cell of cellsOf(said)) {
    const [row, column] = [numbers.get(cell.from), numbers.get(cell.to)];
    if (row === undefined || column === undefined) continue;
    const said = cell.said.map(({ key, fact }) => single.of(key, () => fact));
    const answer = answers.of(said.join(), () =>
      inFamilies(said.flatMap((i) => single.values[i] ?? [])).map((fact) => facts.of(JSON.stringify(fact), () => fact)),
    );
    const line = cells.get(row) ?? new Map<number, number>();
    cells.set(row, line.set(column, answer));
  }
  const rows = groups.flatMap((_, i) => (cells.has(i) ? [i] : []));
  const called = new Set([...cells.values()].flatMap((line) => [...line.keys()]));
  const columns = groups.flatMap((_, i) => (called.has(i) ? [i] : []));
  const codes = new Set(facts.values.flatMap((fact) => fact.codes));
  return {
    kind,
    groups: groups.map(groupOf),
    rows,
    columns,
    facts: facts.values,
    answers: answers.values,
    everyPort,
    cells: rows.map((row) => packed(cells.get(row) ?? new Map(), columns)),
    meanings: Object.fromEntries([...codes].sort().flatMap((code) => (meanings[code] === undefined ? [] : [[code, meanings[code]]]))),
  };
}

/** Namespaces in the order in which they come, each with all of its groups; then nodes, then what is outside. */
function bySection(groups: readonly GroupDocument[]): readonly GroupDocument[] {
  const sections = grouped(groups, (group) => sectionOf(groupOf(group)));
  const rank = ({ kind, namespace }: GroupDocument) => (namespace !== null ? 0 : kind === 'Network' ? 2 : 1);
  return [...sections.values()].flat().sort((a, b) => rank(a) - rank(b));
}

const groupOf = ({ kind, namespace, name, members, cidrs }: GroupDocument): Group => ({
  kind: safe(kind),
  namespace: namespace === null ? null : safe(namespace),
  name: safe(name),
  members: members.slice(0, MEMBERS_SHOWN).map(safe),
  size: members.length,
  ...(cidrs === undefined ? {} : { cidrs: cidrs.slice(0, MEMBERS_SHOWN) }),
});

function* cellsOf(said: Iterable<Said>): Generator<{ from: string; to: string; said: readonly Said[] }> {
  let cell: Said[] = [];
  for (const one of said) {
    const [first] = cell;
    if (first !== undefined && (first.from !== one.from || first.to !== one.to)) {
      yield { from: first.from, to: first.to, said: cell };
      cell = [];
    }
    cell.push(one);
  }
  const [first] = cell;
  if (first !== undefined) yield { from: first.from, to: first.to, said: cell };
}

/** What is the same in both families is said once. */
function inFamilies(facts: readonly Fact[]): readonly Fact[] {
  if (facts.length < 2) return facts;
  const same = grouped(facts, (fact) => JSON.stringify({ ...fact, families: [] }));
  return [...same.values()].map((alike) => ({ ...(alike[0] as Fact), families: alike.flatMap((fact) => fact.families) }));
}

function packed(line: ReadonlyMap<number, number>, columns: readonly number[]): readonly number[] {
  const row: number[] = [];
  for (const column of columns) {
    const answer = line.get(column);
    const last = row.at(-1);
    if (answer !== undefined) row.push(answer);
    else if (last !== undefined && last < 0) row[row.length - 1] = last - 1;
    else row.push(-1);
  }
  return row;
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}

/** Values by the order in which they were first seen. */
class Numbered<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();

  of(key: string, make: () => T): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#numbers.set(key, this.values.length);
    return this.values.push(made) - 1;
  }
}
