import type { Cluster } from '../k8s/cluster.ts';
import { type Diagnostic, inOrder, type Result } from '../source/diagnostic.ts';
import type { Edit } from '../source/edit.ts';
import { wholeDocument } from '../source/origin.ts';
import { withEdit } from './edit.ts';
import { flagged, readFactFlags, type Stated } from './fact-flags.ts';
import { adminPoliciesIn } from './kubernetes/admin-policies.ts';
import { type Allotted, nothingAllotted } from './kubernetes/allotted.ts';
import { foreignPoliciesIn } from './kubernetes/foreign/index.ts';
import { idleIn } from './kubernetes/idle.ts';
import { assemble } from './kubernetes/index.ts';
import { statedFacts } from './kubernetes/infer/index.ts';
import type { Objects } from './kubernetes/objects.ts';
import { statementsOf } from './kubernetes/statements.ts';
import { FlagError, type LoadOptions, type NodeFiles } from './load-options.ts';
import { withNodeState } from './node-state.ts';
import { type OneMachine, oneMachine } from './one-machine.ts';
import { type Checked, checkDocuments } from './own-documents.ts';
import { readFiles } from './read-files.ts';
import { Cursor, cursorOf } from './resolve/cursor.ts';
import { readExpectations } from './resolve/expectations.ts';
import { clusterFamilies } from './resolve/families.ts';
import { resolve } from './resolve/index.ts';
import type { ExpectationsInput } from './schema/expectations.ts';
import type { Written } from './schema/topology.ts';
import type { InputFile } from './syntax/document.ts';
import { withNodesDown } from './what-if/down.ts';
import { readSupposed, type SupposedRead } from './what-if/index.ts';
import { notThere } from './what-if/targets.ts';

/** What files say. */
export interface Loaded {
  readonly cluster: Cluster;
  /**
   * The cluster that they state with these changes; null: none, as of objects, which are changed in their cluster. Null in place of it: the
   * files are too large to be read again.
   */
  readonly edited: ((edits: readonly Edit[]) => Loaded | null) | null;
}

/**
 * Files into a cluster, in three stages: syntax, schema, references. Each stage looks at all files and reports all that it finds; the
 * next one begins only when there was no error. Throws a FlagError when a flag has a value that is none.
 */
export function load(files: readonly InputFile[], options: LoadOptions = {}): Result<Loaded> {
  const stated = readFactFlags(options.flags ?? {});
  const { nodes, nodeState = [] } = options;
  if (files.length === 0 && nodeState.length > 0) return loadOneMachine(options, stated, nodeState);
  const read = readInput(files, options);
  const loaded = loadRead(read, files, { stated, nodes, nodeState, allotted: nothingAllotted() });
  if (loaded.ok) checkNodes(read, loaded.value.cluster);
  return loaded;
}

/** Without an object, a machine is walked by itself. */
function loadOneMachine({ nodes, whatIf }: LoadOptions, stated: Stated, nodeState: readonly NodeFiles[]): Result<Loaded> {
  if (whatIf !== undefined) throw new FlagError('--with and --without change objects, and there are none', 'name them with -f');
  const [fact] = stated.given;
  if (fact !== undefined)
    throw new FlagError(`a flag states ${fact.fact} of a cluster, and there are no objects of one`, 'name them with -f, or leave it out');
  const { name, document, alone } = oneMachine(nodeState);
  const read = { documents: [document], objects: null, found: [], whatIf: [], down: [] };
  const named = nodeState.map((n) => ({ ...n, node: n.node ?? name }));
  return loadRead(read, [], { stated, nodes, nodeState: named, allotted: nothingAllotted(), alone });
}

/** The first stage, with what is supposed. */
export const readInput = (files: readonly InputFile[], { whatIf }: LoadOptions): SupposedRead =>
  whatIf === undefined ? { ...readFiles(files), whatIf: [], down: [] } : readSupposed(files, whatIf);

/** Nodes that are supposed to be down are there. */
export function checkNodes({ down }: SupposedRead, { nodes }: Cluster): void {
  for (const target of down)
    if (!nodes.has(target.name))
      throw notThere(
        target,
        [...nodes.keys()].map((name) => `Node/${name}`),
      );
}

/** Loads what was read already, and perhaps put together of two inputs. */
export type Loader = (read: SupposedRead) => Result<Loaded>;

/** For inputs that are compared: what manifests are given that nothing states is as in those that were loaded before. */
export function loaderOf({ flags = {}, nodes, nodeState = [] }: LoadOptions): Loader {
  const options = { stated: readFactFlags(flags), nodes, nodeState, allotted: nothingAllotted() };
  return (read) => loadRead(read, [], options);
}

interface Options {
  readonly stated: Stated;
  readonly nodes: number | undefined;
  readonly nodeState: readonly NodeFiles[];
  readonly allotted: Allotted;
  readonly alone?: OneMachine['alone'];
}

function loadRead(read: SupposedRead, files: readonly InputFile[], options: Options): Result<Loaded> {
  if (read.found.some((d) => d.severity === 'error')) return { ok: false, diagnostics: inOrder(read.found) };
  const loaded = clusterOf(read, files, options);
  if (!loaded.ok) return loaded;
  const { documents, objects } = read;
  const edited = (edits: readonly Edit[]): Loaded | null => {
    if (!edits.every((e) => documents.some((d) => d.source === e.locus.document))) return null;
    const changed = documents.map((d) => edits.filter((e) => e.locus.document === d.source).reduce(withEdit, d));
    const again = loadRead({ ...read, documents: changed }, files, options);
    return again.ok ? again.value : null;
  };
  const isFixed = documents.some((d) => d.size > LARGE) || (objects !== null && loaded.value.pods.size > MANY);
  return { ...loaded, value: { cluster: loaded.value, edited: isFixed ? null : edited } };
}

/** Pods of objects beside a Topology, which are resolved again with it. */
const MANY = 200;

/** In characters. Data of larger files is not held on to once it is read, and to read it again takes too long. */
const LARGE = 100_000;

function clusterOf(read: SupposedRead, files: readonly InputFile[], options: Options): Result<Cluster> {
  const { documents, objects, found: syntax, whatIf } = read;
  const down = new Set(read.down.map((d) => d.name));
  const checked = checkDocuments(documents, objects !== null, files);
  if (!checked.ok) return checked;
  const { topology, expectations } = checked.value;
  const found: Diagnostic[] = [...syntax];
  const resolved =
    objects === null
      ? resolveTopology(topology, { ...options, down }, found)
      : resolveObjects(objects, topology, { ...options, down }, found);
  const stated = expectations.map((e) => expectationsOf(e));
  const diagnostics = stated.flatMap((r) => r.diagnostics);
  if (!resolved.ok) return { ok: false, diagnostics: inOrder([...resolved.diagnostics, ...diagnostics]) };
  if (diagnostics.length > 0) return { ok: false, diagnostics: inOrder(diagnostics) };
  const all = [...resolved.value.expectations, ...stated.flatMap((r) => r.expectations)];
  const states: Diagnostic[] = [];
  const { alone = (cluster: Cluster) => cluster } = options;
  const value = withNodeState(alone({ ...resolved.value, expectations: all, whatIf }), options.nodeState, states);
  if (states.some((d) => d.severity === 'error')) return { ok: false, diagnostics: inOrder(states) };
  return { ...resolved, value, warnings: [...resolved.warnings, ...states] };
}

function resolveTopology(
  topology: Checked<Written> | null,
  { stated, down, alone }: Options & { readonly down: ReadonlySet<string> },
  found: Diagnostic[],
): Result<Cluster> {
  if (topology === null) throw new Error('a Topology was asked for');
  const { form, document } = topology;
  const { cluster, nodes } = form;
  if (cluster === undefined || nodes === undefined) throw new Error('the schema wants both');
  const input = withNodesDown({ ...flagged(form, cluster, stated), nodes }, down);
  const root = cursorOf(document, 'Topology', found);
  const resolved = resolve(
    { input, root, families: clusterFamilies(input), lax: alone !== undefined, isPart: false, areNamespacesStated: true },
    found,
  );
  if (!resolved.ok) return resolved;
  const facts = statedFacts([...stated.given, ...statementsOf({ input: form, locus: root.locus })]);
  return { ...resolved, value: { ...resolved.value, facts } };
}

function resolveObjects(
  objects: Objects,
  topology: Checked<Written> | null,
  options: Options & { readonly down: ReadonlySet<string> },
  found: Diagnostic[],
): Result<Cluster> {
  const beside = topology === null ? null : { input: topology.form, locus: wholeDocument(topology.document.source, 'Topology') };
  const assembled = assemble(objects, beside, options, found);
  const admin = adminPoliciesIn(objects, found);
  if (assembled === null) return { ok: false, diagnostics: inOrder(found) };
  const { root, input, families, facts, standIns, told, http } = assembled;
  const resolved = resolve(
    {
      input: withNodesDown(input, options.down),
      root: new Cursor(root, found),
      families,
      lax: true,
      isPart: standIns.nodes === 0,
      areNamespacesStated: isOfPoliciesOnly(objects),
      told,
      idle: idleIn(objects),
    },
    found,
  );
  if (!resolved.ok) return resolved;
  const { value } = resolved;
  return {
    ...resolved,
    value: {
      ...value,
      facts,
      standIns,
      passedOver: objects.others,
      policies: [...value.policies, ...admin],
      foreignPolicies: foreignPoliciesIn(objects),
      http: { ...value.http, ...http },
    },
  };
}

const isOfPoliciesOnly = ({ listed }: Objects): boolean => [...listed].every((kind) => kind.endsWith('NetworkPolicy'));

function expectationsOf({ form, document }: Checked<ExpectationsInput>) {
  const diagnostics: Diagnostic[] = [];
  return { expectations: readExpectations(cursorOf(document, 'Expectations', diagnostics), form.expect), diagnostics };
}
