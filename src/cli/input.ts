import type { Diagnostic, InputFile, Network } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { InputError, type Io, UsageError } from './io.ts';
import { textStyle } from './text-style.ts';

const DEFAULT_FILES = ['topology.yaml', 'k8s-trace.yaml'];
const EXTENSION = /\.(ya?ml|json)$/;

/** The files that an input is made of, by name (`-`: standard input); and what stands in the way of some. */
export interface Named {
  readonly names: readonly string[];
  readonly faults: readonly UsageError[];
}

type InputFlags = Pick<GlobalFlags, 'filename' | 'recursive'>;

/** The input that the command line, the environment or the working directory names. */
export async function inputNames(flags: InputFlags, io: Io): Promise<Named> {
  const given = flags.filename ?? fromEnvironment(io);
  const names: string[] = [];
  const faults: UsageError[] = [];
  for (const name of given.length > 0 ? given : await defaultFile(io)) {
    try {
      names.push(...(await expand(name, flags.recursive === true, io)));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      faults.push(error);
    }
  }
  return { names, faults };
}

/** The files themselves; null when there are none. */
export async function readInputs({ names, faults: [fault] }: Named, io: Io): Promise<readonly InputFile[] | null> {
  if (fault !== undefined) throw fault;
  if (names.filter((n) => n === STDIN).length > 1) throw new UsageError('-f - is there twice, but standard input can be read only once');
  const files: InputFile[] = [];
  for (const name of names) files.push(await readFile(name, io));
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
  throw new UsageError(`${name}: no *.yaml, *.yml or *.json in this directory`, hint);
}

async function readFile(name: string, io: Io): Promise<InputFile> {
  if (name === STDIN) return { name: '(stdin)', bytes: await readable('(stdin)', io.readStdin()) };
  return { name, bytes: await readable(name, io.read(name)) };
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
      siblings.filter((s) => EXTENSION.test(s)),
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
    if (kind === 'file' && EXTENSION.test(name)) found.push(path);
    else if (kind === 'directory' && recursive && !seen.has((await io.identityOf(path)) ?? path))
      found.push(...(await filesBelow(path, recursive, io, seen)));
  }
  return found;
}

interface Input {
  readonly network: Network;
  readonly files: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** The network of the input, or of the built-in cluster where that is allowed; all warnings about it are told. */
export async function loadInput(flags: GlobalFlags, io: Io, builtIn: 'allowed' | 'refused', named?: Named): Promise<Input> {
  const input = await readNetwork(flags, io, builtIn, named);
  await tellWarnings(input.warnings, flags, io);
  return input;
}

/** The same without a word about the warnings. */
export async function readNetwork(flags: GlobalFlags, io: Io, builtIn: 'allowed' | 'refused', named?: Named): Promise<Input> {
  const { BUILT_IN, BUILT_IN_NAME, loadNetwork } = await import('../index.ts');
  const given = await readInputs(named ?? (await inputNames(flags, io)), io);
  if (given === null && builtIn === 'refused')
    throw new UsageError('there is no input', 'name a file with -f, or put a topology.yaml here');
  if (given === null) io.stderr.write('k8s-trace: no topology given (-f), so this is the built-in four-pod cluster\n');
  const files = given ?? [{ name: BUILT_IN_NAME, bytes: new TextEncoder().encode(BUILT_IN) }];
  const loaded = loadNetwork(files);
  if (!loaded.ok) throw await wrongInput(loaded.diagnostics, flags, io);
  return { network: loaded.value, files: files.map((f) => f.name), warnings: loaded.warnings };
}

/** Says what is wrong with the files, and what to throw then. */
export async function wrongInput(diagnostics: readonly Diagnostic[], flags: GlobalFlags, io: Io): Promise<InputError> {
  const { formatDiagnostics } = await import('../index.ts');
  io.stderr.write(formatDiagnostics(diagnostics, textStyle(flags, io, io.stderr)));
  return new InputError(diagnostics);
}

export async function tellWarnings(warnings: readonly Diagnostic[], flags: GlobalFlags, io: Io): Promise<void> {
  if (warnings.length === 0) return;
  const { formatWarnings } = await import('../index.ts');
  io.stderr.write(formatWarnings(warnings, textStyle(flags, io, io.stderr)));
}
