import type { Diagnostic, InputFile, Network, NodeFiles, Result, Supposed } from '../index.ts';
import { safe } from '../render/text.ts';
import type { GlobalFlags } from './flags.ts';
import { inputNames, type Named, patchNames, readInputs, STDIN } from './input.ts';
import { InputError, type Io, UsageError } from './io.ts';
import { readNodeState, tellNodeState } from './node-state.ts';
import { textStyle } from './text-style.ts';

interface Gathered {
  /** Null: there are none. */
  readonly files: readonly InputFile[] | null;
  /** What directories of the input have of nodes, and what --node-state names. */
  readonly nodeState: readonly NodeFiles[];
  /** Of names that have none. */
  readonly namespace: string;
}

/** The files, and what the cluster of the user's kubectl answers, where it is asked. */
export async function gatherInput(named: Named, flags: GlobalFlags, io: Io, mentioned: readonly string[] = []): Promise<Gathered> {
  const files = await readInputs(named, io);
  const nodeState = await readNodeState(flags, named, io);
  if (!named.live) return { files, nodeState, namespace: flags.namespace ?? 'default' };
  const asked = await (await import('./live.ts')).askCluster(flags, mentioned, io);
  for (const what of asked.unseen) io.stderr.write(`k8s-trace: not seen: ${safe(what)}\n`);
  return { files: [...asked.files, ...(files ?? [])], nodeState, namespace: flags.namespace ?? asked.namespace };
}

/** Files into a network, with what the command line says beside them. */
export async function loadFiles(
  files: readonly InputFile[],
  flags: GlobalFlags,
  io: Io,
  namespace = flags.namespace ?? 'default',
  supposed: Supposed | null | undefined = undefined,
  nodeState: readonly NodeFiles[] = [],
): Promise<Result<Network>> {
  const { FlagError, loadNetwork, overruledBy } = await import('../index.ts');
  const nodes = nodesFlag(flags);
  const whatIf = supposed === undefined ? await readSupposed(flags, namespace, io) : supposed;
  try {
    const loaded = loadNetwork(files, {
      flags,
      nodeState,
      ...(nodes === undefined ? {} : { nodes }),
      ...(whatIf === null ? {} : { whatIf }),
    });
    for (const line of loaded.ok ? overruledBy(loaded.value.cluster) : []) io.stderr.write(`k8s-trace: ${safe(line)}\n`);
    return loaded;
  } catch (error) {
    throw error instanceof FlagError ? new UsageError(error.message, error.hint) : error;
  }
}

/** On how many nodes manifests are taken to run; undefined: no flag says it. */
export function nodesFlag(flags: GlobalFlags): number | undefined {
  const nodes = flags.nodes === undefined ? undefined : Number(flags.nodes);
  if (nodes !== undefined && !(Number.isInteger(nodes) && nodes >= 1 && nodes <= 200))
    throw new UsageError(`--nodes ${flags.nodes}: expected a number from 1 to 200`);
  return nodes;
}

/** The changes that the command line supposes; null: none. */
export async function readSupposed(flags: GlobalFlags, namespace: string, io: Io): Promise<Supposed | null> {
  const { with: patches, without = [] } = flags;
  if (patches === undefined && without.length === 0) return null;
  if (patches === undefined) return { without, namespace };
  if (patches.includes(STDIN) && flags.filename?.includes(STDIN) === true)
    throw new UsageError('-f - and --with - are both there, but standard input can be read only once');
  const files = await readInputs(await patchNames(flags, io), io);
  return { patches: files ?? [], without, namespace };
}

export interface LoadedInput {
  readonly network: Network;
  readonly files: readonly string[];
  /** What was read: of the input, and of changes to it. */
  readonly sources: readonly InputFile[];
  /** Of names that have none. */
  readonly namespace: string;
  readonly warnings: readonly Diagnostic[];
}

/** The network of the input, or of the built-in cluster where that is allowed; all warnings about it are told. */
export async function loadInput(flags: GlobalFlags, io: Io, builtIn: 'allowed' | 'refused', named?: Named): Promise<LoadedInput> {
  const input = await readNetwork(flags, io, builtIn, named);
  await tellWarnings(input.warnings, flags, io);
  return input;
}

/**
 * The same without a word about the warnings. `mentioned`: the namespaces that the question is about, for a cluster where others are
 * forbidden.
 */
export async function readNetwork(
  flags: GlobalFlags,
  io: Io,
  builtIn: 'allowed' | 'refused',
  named?: Named,
  mentioned: readonly string[] = [],
): Promise<LoadedInput> {
  const { BUILT_IN, BUILT_IN_NAME } = await import('../index.ts');
  const names = named ?? (await inputNames(flags, io));
  const { files: given, nodeState, namespace } = await gatherInput(names, flags, io, mentioned);
  const isAlone = given === null && nodeState.length > 0;
  if (given === null && !isAlone && builtIn === 'refused')
    throw new UsageError('there is no input', 'name a file with -f, or put a topology.yaml here');
  if (given === null && !isAlone) io.stderr.write('k8s-trace: no topology given (-f), so this is the built-in four-pod cluster\n');
  const files = given ?? (isAlone ? [] : [{ name: BUILT_IN_NAME, bytes: new TextEncoder().encode(BUILT_IN) }]);
  const supposed = await readSupposed(flags, namespace, io);
  const loaded = await loadFiles(files, flags, io, namespace, supposed, nodeState);
  if (!loaded.ok) throw await wrongInput(loaded.diagnostics, flags, io);
  return {
    network: loaded.value,
    files: files.map((f) => f.name),
    sources: [...files, ...(supposed?.patches ?? [])],
    namespace,
    warnings: await tellNodeState(loaded.warnings, flags, io),
  };
}

/** Says what is wrong with the files, and what to throw then. */
export async function wrongInput(diagnostics: readonly Diagnostic[], flags: GlobalFlags, io: Io): Promise<InputError> {
  const { formatDiagnostics } = await import('../index.ts');
  io.stderr.write(formatDiagnostics(diagnostics, textStyle(flags, io, io.stderr)));
  return new InputError(diagnostics);
}

/** A real cluster has dozens, which would hide the answer. */
const MOST_TOLD = 3;

export async function tellWarnings(warnings: readonly Diagnostic[], flags: GlobalFlags, io: Io): Promise<void> {
  if (warnings.length === 0) return;
  const { countedWarnings, formatWarnings } = await import('../index.ts');
  const isTold = warnings.length <= MOST_TOLD || flags.verbose === true;
  const counted = () => `k8s-trace: ${countedWarnings(warnings)} about the input: -v shows them, and k8s-trace validate\n`;
  io.stderr.write(isTold ? formatWarnings(warnings, textStyle(flags, io, io.stderr)) : counted());
}
