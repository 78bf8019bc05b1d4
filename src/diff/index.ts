import { compile } from '../compile/index.ts';
import type { DiffDocument } from '../document/diff-schema.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { matrixOf } from '../matrix/engine.ts';
import { checkNamespace } from '../matrix/namespace.ts';
import type { MatrixQuestion } from '../matrix/question.ts';
import { type MatrixRequest, resolveMatrix } from '../matrix/request.ts';
import { fail, type Parsed } from '../query/result.ts';
import type { Result } from '../source/diagnostic.ts';
import { differences } from '../topology/differences/index.ts';
import { checkNodes, type Loader, loaderOf, readInput } from '../topology/load.ts';
import type { LoadOptions } from '../topology/load-options.ts';
import type { InputFile } from '../topology/syntax/document.ts';
import { calledByDefault } from './concerned.ts';
import { diffExpectations, diffMatrices } from './diff.ts';
import { diffDocument } from './document.ts';
import type { Input } from './variants.ts';

/** Two inputs that were read, ready to be compared. */
export interface Comparison {
  /** What makes one doubt that they are of one cluster; null: nothing does. */
  readonly doubt: string | null;
  /** What the later one does to all connections. A word of the request that neither has something for is an error. */
  matrices(request: MatrixRequest): Parsed<DiffDocument>;
  /** What it does to those that either expects something of. */
  expectations(namespace: string): Parsed<DiffDocument>;
}

/**
 * Files of an earlier and of a later input; or all that is wrong with them. What is supposed (`whatIf`) is supposed of both; without a later input (null), that is
 * the earlier one with it.
 */
export function compareInputs(
  before: readonly InputFile[],
  after: readonly InputFile[] | null,
  { whatIf, ...options }: LoadOptions,
): Result<Comparison> {
  const supposed = whatIf === undefined ? options : { ...options, whatIf };
  const load = loaderOf(options);
  const [old, young] = [loadInput(before, after === null ? options : supposed, load), loadInput(after ?? before, supposed, load)];
  if (!old.ok || !young.ok) return { ok: false, diagnostics: [old, young].flatMap((side) => (side.ok ? [] : side.diagnostics)) };
  const sides = [old.value, young.value] as const;
  return {
    ok: true,
    warnings: [...old.warnings, ...young.warnings],
    value: {
      doubt: foreignTo(...sides),
      matrices: (request) => compareMatrices(...sides, request, load),
      expectations: (namespace) => compareExpectations(...sides, namespace, load),
    },
  };
}

function loadInput(files: readonly InputFile[], options: LoadOptions, load: Loader): Result<Input> {
  const read = readInput(files, options);
  const loaded = load(read);
  if (!loaded.ok) return loaded;
  const { cluster } = loaded.value;
  checkNodes(read, cluster);
  return { ...loaded, value: { read, network: { cluster, datapath: compile(cluster) } } };
}

function compareMatrices(before: Input, after: Input, asked: MatrixRequest, load: Loader): Parsed<DiffDocument> {
  const clusters = [before.network.cluster, after.network.cluster] as const;
  const known = knownWords(asked, clusters);
  if (!known.ok) return known;
  const found = differences(before.read, after.read);
  const request = asked.to.length > 0 ? asked : { ...asked, to: calledByDefault(clusters, found) };
  const questionOf = (network: { readonly cluster: Cluster }): MatrixQuestion | null => {
    const { cluster } = network;
    const here = { ...request, from: wordsIn(cluster, request, 'from'), to: wordsIn(cluster, request, 'to') };
    const isNobody = (side: 'from' | 'to') => request[side].length > 0 && here[side].length === 0;
    if (isNobody('from') || isNobody('to')) return null;
    const resolved = resolveMatrix(
      cluster,
      here,
      clusters.filter((c) => c !== cluster),
    );
    return resolved.ok ? resolved.value : null;
  };
  return {
    ok: true,
    value: diffDocument(diffMatrices(before, after, found, { engine: matrixOf, questionOf }, load), after.network.cluster),
  };
}

function compareExpectations(before: Input, after: Input, namespace: string, load: Loader): Parsed<DiffDocument> {
  if ([before, after].every(({ network }) => network.cluster.expectations.length === 0))
    return fail(
      'neither input expects anything',
      'without --expectations, all connections are compared; or add expect: [ { from: pod-a, to: pod-d } ]',
    );
  return { ok: true, value: diffDocument(diffExpectations(before, after, namespace, load), after.network.cluster) };
}

/** Every word stands for something in one of the clusters at least, the namespace is in one, and the ports are good. */
function knownWords(request: MatrixRequest, clusters: readonly Cluster[]): Parsed<null> {
  const namespace = checkNamespace(request, clusters);
  if (!namespace.ok) return namespace;
  const asked = [
    ...request.from.map((word) => ({ ...request, from: [word], to: [] })),
    ...request.to.map((word) => ({ ...request, from: [], to: [word] })),
    { ...request, from: [], to: [] },
  ];
  for (const one of asked) {
    const answers = clusters.map((cluster) => resolveMatrix(cluster, one));
    const last = answers.at(-1);
    if (last !== undefined && !last.ok && answers.every((a) => !a.ok)) return last;
  }
  return { ok: true, value: null };
}

const wordsIn = (cluster: Cluster, request: MatrixRequest, side: 'from' | 'to'): readonly string[] =>
  request[side].filter((word) => resolveMatrix(cluster, { ...request, from: [], to: [], [side]: [word] }).ok);

/** Two inputs that have no namespace in common are rather two clusters than one that changed. */
function foreignTo(before: Input, after: Input): string | null {
  const [old, young] = [before, after].map(({ network }) => namespacesOf(network.cluster));
  if (old === undefined || young === undefined || old.size === 0 || young.size === 0) return null;
  if ([...old].some((name) => young.has(name))) return null;
  const text = (names: ReadonlySet<string>) => [...names].toSorted().slice(0, 5).join(', ');
  return `the inputs have no namespace in common (${text(old)}; ${text(young)}): are they of one cluster?`;
}

const namespacesOf = ({ pods, services, policies }: Cluster): ReadonlySet<string> =>
  new Set([...pods.values(), ...services.values(), ...policies].flatMap((o) => o.namespace ?? []));
