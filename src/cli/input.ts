import type { Diagnostic, InputFile, LoadOptions, Network } from '../index.ts';
import { safe } from '../render/text.ts';
import type { GlobalFlags } from './flags.ts';
import { InputError, type Io, UsageError } from './io.ts';
import { textStyle } from './text-style.ts';

const DEFAULT_FILES = ['topology.yaml', 'k8s-trace.yaml'];
/** What a directory is looked through for; logs.txt is that of a folder of kubectl cluster-info dump. */
const OURS = /\.(ya?ml|jsonl?)(\.gz)?$|^logs\.txt$/i;

/** The files that an input is made of, by name (`-`: standard input); and what stands in the way of some. */
export interface Named {
  readonly names: readonly string[];
  /** Those of them that nobody named: a directory had them. */
  readonly fromDirectories: ReadonlySet<string>;
  readonly faults: readonly UsageError[];
  /** The cluster of the user's kubectl is asked, too. */
  readonly live: boolean;
}

type InputFlags = Pick<GlobalFlags, 'filename' | 'recursive' | 'live'>;

/** The input that the command line, the environment or the working directory names; a plugin of kubectl looks at the cluster instead. */
export async function inputNames(flags: InputFlags, io: Io): Promise<Named> {
  const live = flags.live === true || (io.name === 'kubectl k8s-trace' && flags.filename === undefined);
  const given = flags.filename ?? (live ? [] : fromEnvironment(io));
  const names: string[] = [];
  const fromDirectories = new Set<string>();
  const faults: UsageError[] = [];
  for (const name of given.length > 0 || live ? given : await defaultFile(io)) {
    try {
      const found = await expand(name, flags.recursive === true, io);
      names.push(...found);
      for (const file of found) if (file !== name) fromDirectories.add(file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      faults.push(error);
    }
  }
  return { names, fromDirectories, faults, live };
}

/** The files themselves; null when there are none. */
export async function readInputs({ names, fromDirectories, faults: [fault] }: Named, io: Io): Promise<readonly InputFile[] | null> {
  if (fault !== undefined) throw fault;
  if (names.filter((n) => n === STDIN).length > 1) throw new UsageError('-f - is there twice, but standard input can be read only once');
  const files: InputFile[] = [];
  for (const name of names) {
    const file = await readFile(name, io);
    files.push(fromDirectories.has(name) ? { ...file, isFromDirectory: true } : file);
  }
  return files.length === 0 ? null : files;
}

const STDIN = '-';

async function defaultFile(io: Io): Promise<readonly string[]> {
  for (const name of DEFAULT_FILES) if ((await readable(name, io.kindOf(name))) === 'file') return [name];
  return [];
}

function fromEnvironment({ env }: Io): readonly string[] {
  const path = env['K8S_TRACE_TOPOLOGY'] ?? '';
  return path === '' ? [] : [path];
}

async function expand(name: string, recursive: boolean, io: Io): Promise<readonly string[]> {
  if (name === STDIN) return [name];
  const kind = await readable(name, io.kindOf(name));
  if (kind === null) throw await noSuchFile(name, io);
  if (kind !== 'directory') return [name];
  const found = await filesBelow(name, recursive, io);
  if (found.length > 0) return found;
  const hint = recursive ? null : 'with -R, directories below it are read too';
  throw new UsageError(`${name}: no *.yaml, *.yml, *.json or *.jsonl in this directory`, hint);
}

async function readFile(name: string, io: Io): Promise<InputFile> {
  const shown = name === STDIN ? '(stdin)' : name;
  const content = await readable(shown, name === STDIN ? io.readStdin() : io.read(name));
  return content instanceof Uint8Array ? { name: shown, bytes: content } : { name: shown, ...content };
}

async function readable<T>(name: string, content: Promise<T>): Promise<T> {
  try {
    return await content;
  } catch (error) {
    throw new UsageError(`${name}: cannot be read (${reason(error)})`);
  }
}

export function reason(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : 'unknown';
}

async function noSuchFile(name: string, io: Io): Promise<UsageError> {
  const slash = name.lastIndexOf('/');
  const directory = slash === -1 ? '.' : name.slice(0, slash + 1);
  const siblings = (await io.kindOf(directory).catch(() => null)) === 'directory' ? await io.list(directory).catch(() => []) : [];
  const { didYouMean } = await import('../index.ts');
  return new UsageError(
    `${name}: there is no such file`,
    didYouMean(
      name.slice(slash + 1),
      siblings.filter((s) => OURS.test(s)),
    ),
  );
}

/** A link may lead to a folder above it: what is in there is read once. */
async function filesBelow(directory: string, recursive: boolean, io: Io, seen = new Set<string>()): Promise<readonly string[]> {
  seen.add((await io.identityOf(directory)) ?? directory);
  const found: string[] = [];
  for (const name of await readable(directory, io.list(directory))) {
    const path = `${directory.replace(/\/$/, '')}/${name}`;
    const kind = await readable(path, io.kindOf(path));
    if (kind === 'file' && OURS.test(name)) found.push(path);
    else if (kind === 'directory' && recursive && !seen.has((await io.identityOf(path)) ?? path))
      found.push(...(await filesBelow(path, recursive, io, seen)));
  }
  return found;
}

interface Gathered {
  /** Null: there are none. */
  readonly files: readonly InputFile[] | null;
  /** Of names that have none. */
  readonly namespace: string;
}

/** The files, and what the cluster of the user's kubectl answers, where it is asked. */
export async function gatherInput(named: Named, flags: GlobalFlags, io: Io, mentioned: readonly string[] = []): Promise<Gathered> {
  const files = await readInputs(named, io);
  if (!named.live) return { files, namespace: flags.namespace ?? 'default' };
  const asked = await (await import('./live.ts')).askCluster(flags, mentioned, io);
  for (const what of asked.unseen) io.stderr.write(`k8s-trace: not seen: ${safe(what)}\n`);
  return { files: [...asked.files, ...(files ?? [])], namespace: flags.namespace ?? asked.namespace };
}

/** What the command line says beside the files. */
export async function loadOptions(flags: GlobalFlags): Promise<LoadOptions> {
  const { FlagError, readFactFlags } = await import('../index.ts');
  const nodes = flags.nodes === undefined ? undefined : Number(flags.nodes);
  if (nodes !== undefined && !(Number.isInteger(nodes) && nodes >= 1 && nodes <= 200))
    throw new UsageError(`--nodes ${flags.nodes}: expected a number from 1 to 200`);
  try {
    return { stated: readFactFlags(flags), ...(nodes === undefined ? {} : { nodes }) };
  } catch (error) {
    throw error instanceof FlagError ? new UsageError(error.message, error.hint) : error;
  }
}

export interface LoadedInput {
  readonly network: Network;
  readonly files: readonly string[];
  /** Of names that have none. */
  readonly namespace: string;
}

/**
 * The network of the input, or of the built-in cluster where that is allowed. `mentioned`: the namespaces that the question is about, for a
 * cluster where others are forbidden.
 */
export async function loadInput(
  flags: GlobalFlags,
  io: Io,
  builtIn: 'allowed' | 'refused',
  named?: Named,
  mentioned: readonly string[] = [],
): Promise<LoadedInput> {
  const { BUILT_IN, BUILT_IN_NAME, loadNetwork } = await import('../index.ts');
  const names = named ?? (await inputNames(flags, io));
  const { files: given, namespace } = await gatherInput(names, flags, io, mentioned);
  if (given === null && builtIn === 'refused')
    throw new UsageError('there is no input', 'name a file with -f, or put a topology.yaml here');
  if (given === null) io.stderr.write('k8s-trace: no topology given (-f), so this is the built-in four-pod cluster\n');
  const files = given ?? [{ name: BUILT_IN_NAME, bytes: new TextEncoder().encode(BUILT_IN) }];
  const loaded = loadNetwork(files, await loadOptions(flags));
  if (!loaded.ok) throw await wrongInput(loaded.diagnostics, flags, io);
  if (loaded.warnings.length > 0) await tell(loaded.warnings, flags, io);
  return { network: loaded.value, files: files.map((f) => f.name), namespace };
}

/** Says what is wrong with the files, and what to throw then. */
export async function wrongInput(diagnostics: readonly Diagnostic[], flags: GlobalFlags, io: Io): Promise<InputError> {
  await tell(diagnostics, flags, io);
  return new InputError(diagnostics);
}

async function tell(diagnostics: readonly Diagnostic[], flags: GlobalFlags, io: Io): Promise<void> {
  const { formatDiagnostics } = await import('../index.ts');
  io.stderr.write(formatDiagnostics(diagnostics, textStyle(flags, io, io.stderr)));
}
