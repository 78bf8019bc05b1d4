import type { Network } from '../k8s/compiled-network.ts';
import type { Group } from '../matrix/matrix.ts';
import type { MatrixQuestion } from '../matrix/question.ts';
import { type Difference, differences as inputDifferences } from '../topology/differences/index.ts';
import type { Undone } from '../topology/differences/mixed.ts';
import type { Loader } from '../topology/load.ts';
import { causeOf } from './cause.ts';
import type { Cause, Change, Ends } from './change.ts';
import { byEnds, type Cell, differences, keyOf, type Rows } from './compare.ts';
import { expectationRows } from './expectation-rows.ts';
import { type ExplainedChange, inOrder, joined } from './joined.ts';
import { causesOf, type Search } from './leave-out.ts';
import { filled, type MatrixSource, matrixRows, rowsOfCells } from './matrix-rows.ts';
import { membersApart } from './members.ts';
import { type Explained, refined } from './refined.ts';
import { routeRows, type Sample, samplesOf } from './routes.ts';
import { ofGroups, pairsOf, suspects } from './swapped.ts';
import { touchOf } from './touched.ts';
import { type Input, isPolicy, variantsOf } from './variants.ts';

export interface Diff {
  readonly groups: { readonly added: readonly Group[]; readonly removed: readonly Group[] };
  /** Losses first; then by ends. */
  readonly changes: readonly Change[];
  /** What the inputs have not alike, and what made none of the changes. */
  readonly withoutEffect: readonly Cause[];
  /** So many connections reach as before, and nobody looked whether they go the same way. */
  readonly routesLeft: number;
  readonly causesLeft: boolean;
}

/** So many variants of an input are tried at most: each is a cluster that has to be put together. */
const MOST_VARIANTS = 400;

/** What becomes of calls in both inputs, and in any input that is a mixture of them. */
interface Asked {
  readonly before: Rows;
  readonly after: Rows;
  rowsOf(network: Network, cells: readonly Cell[]): Rows;
  touches(difference: Difference, ends: Ends): boolean;
}

/** What a later input does to the connections of an earlier one, and what of it does. */
export function diffMatrices(before: Input, after: Input, found: readonly Difference[], source: MatrixSource, load: Loader): Diff {
  const [old, young] = [source.questionOf(before.network), source.questionOf(after.network)];
  const connections = reachAsked(before, after, source, found);
  const variants = variantsOf(before, after, load);
  const search = { variants, found, budget: { left: MOST_VARIANTS } };
  const byShares = changesOf(connections, search);
  const reach = [...byShares, ...swapsOf(before, after, source, connections, search)].toSorted(inOrder);
  const routes =
    old === null || young === null || found.every(isPolicy)
      ? null
      : routesAsked(before, after, { source, old, young }, reach, connections.after);
  const changes = [...reach, ...(routes === null ? [] : changesOf(routes.asked, search))];
  return {
    groups: { added: groupsOnlyIn(young, old), removed: groupsOnlyIn(old, young) },
    ...told(changes, found),
    routesLeft: routes?.left ?? 0,
    causesLeft: search.budget.left <= 0,
  };
}

/** The same of what is expected in either input. */
export function diffExpectations(before: Input, after: Input, namespace: string, load: Loader): Diff {
  const found = inputDifferences(before.read, after.read);
  const expectations = [...after.network.cluster.expectations, ...before.network.cluster.expectations];
  const rowsOf = (network: Network) => byEnds(expectationRows(network, expectations, namespace));
  const asked: Asked = { before: rowsOf(before.network), after: rowsOf(after.network), rowsOf, touches: () => true };
  const search = { variants: variantsOf(before, after, load), found, budget: { left: MOST_VARIANTS } };
  return {
    groups: { added: [], removed: [] },
    ...told(changesOf(asked, search), found),
    routesLeft: 0,
    causesLeft: search.budget.left <= 0,
  };
}

function reachAsked(before: Input, after: Input, source: MatrixSource, found: readonly Difference[]): Asked {
  const touch = touchOf(before, after, found);
  const { groups } = touch;
  const only =
    groups === null ? null : { callers: (id: string) => groups.has(id), called: (id: string) => groups.has(id) || touch.leads(id) };
  const rowsIn = ({ network }: Input): Rows => {
    const question = source.questionOf(network);
    return question === null ? new Map() : byEnds(matrixRows(source, network, question, only));
  };
  const [old, young] = [rowsIn(before), rowsIn(after)];
  const asAsked = ({ network }: Input, rows: Rows, others: Rows): Rows => {
    const question = source.questionOf(network);
    return question === null ? rows : filled(source, network, question, rows, cellsIn(others));
  };
  return {
    before: asAsked(before, old, young),
    after: asAsked(after, young, old),
    rowsOf: (network, cells) => rowsOfCells(source, network, cells),
    touches: touch.touches,
  };
}

const cellsIn = (rows: Rows): readonly Cell[] =>
  [...rows.values()]
    .flat()
    .flatMap((row): readonly Cell[] =>
      row.protocol === 'icmp' ? [{ ends: row, ports: null }] : row.ports.map((ports) => ({ ends: row, ports })),
    );

interface Questions {
  readonly source: MatrixSource;
  readonly old: MatrixQuestion;
  readonly young: MatrixQuestion;
}

/** Of what reaches as before: does it go where it went? No policy sends packets another way. */
function routesAsked(
  before: Input,
  after: Input,
  { source, old, young }: Questions,
  changes: readonly Change[],
  rows: Rows,
): { readonly asked: Asked; readonly left: number } {
  const changed = new Set(changes.map(keyOf));
  const same = new Map([...rows].filter(([key]) => !changed.has(key)));
  const { samples, left } = samplesOf(old, young, same);
  const rowsOf = (network: Network, some: readonly Sample[]): Rows => {
    const question = source.questionOf(network);
    return question === null ? new Map() : routeRows(network, question, some);
  };
  const asked: Asked = {
    before: rowsOf(before.network, samples),
    after: rowsOf(after.network, samples),
    rowsOf: (network, cells) => {
      const keys = new Set(cells.map((c) => keyOf(c.ends)));
      return rowsOf(
        network,
        samples.filter((s) => keys.has(keyOf(s.ends))),
      );
    },
    touches: (difference) => !isPolicy(difference),
  };
  return { asked, left };
}

interface Searching {
  readonly variants: ReturnType<typeof variantsOf>;
  readonly found: readonly Difference[];
  readonly budget: { left: number };
}

const changesOf = (asked: Asked, searching: Searching): readonly ExplainedChange[] =>
  joined(asked.before, asked.after, explained(asked, searching, differences(asked.before, asked.after)));

/** Members that take the places of others, in what is lost and gained: no share tells of it. */
function swapsOf(before: Input, after: Input, source: MatrixSource, asked: Asked, searching: Searching): readonly ExplainedChange[] {
  const isTouched = (ends: Ends) => searching.found.some((difference) => asked.touches(difference, ends));
  const pairs = pairsOf(source, before.network, after.network, suspects(asked.before, asked.after, isTouched));
  if (pairs === null) return [];
  const apart: MatrixSource = {
    engine: source.engine,
    questionOf: (network) => {
      const question = source.questionOf(network);
      return question === null ? null : membersApart(question).question;
    },
  };
  const members: Asked = { ...pairs, rowsOf: (network, cells) => rowsOfCells(apart, network, cells), touches: asked.touches };
  return ofGroups(pairs, explained(members, searching, pairs.cells));
}

function explained(asked: Asked, { variants, found, budget }: Searching, cells: readonly Cell[]): readonly Explained[] {
  const search: Search<Undone, Cell> = {
    without: (undo, cells) => {
      const network = variants(undo);
      return network === null ? null : asked.rowsOf(network, cells);
    },
    before: asked.before,
    touches: ({ difference }, { ends }) => asked.touches(difference, ends),
    budget,
  };
  const whole = found.map((difference): Undone => ({ difference, parts: null }));
  return refined(search, causesOf(search, whole, cells));
}

/** All changes in their order, and what made none. */
function told(changes: readonly ExplainedChange[], found: readonly Difference[]): Pick<Diff, 'changes' | 'withoutEffect'> {
  const used = new Set(changes.flatMap((c) => c.by).map((b) => b.difference));
  return {
    changes,
    withoutEffect: found.filter((d) => !used.has(d) && d.kind !== 'rest').map((d) => causeOf(d, d.parts[0] ?? null)),
  };
}

/** The outside is cut where either input does, and is always there. */
function groupsOnlyIn(one: MatrixQuestion | null, other: MatrixQuestion | null): readonly Group[] {
  const there = new Set(other?.groups.map((g) => g.id));
  return (one?.groups ?? []).filter((g) => g.kind !== 'Network' && !there.has(g.id));
}
