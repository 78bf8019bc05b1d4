import type { InputFile, Network } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { textStyle } from './text-style.ts';

const DEFAULT_FILES = ['topology.yaml', 'k8s-trace.yaml'];
const EXTENSION = /\.(ya?ml|json)$/;

/** The files that the command line, the environment or the working directory names; null when none does. */
export async function inputFiles(flags: Pick<GlobalFlags, 'filename' | 'recursive'>, io: Io): Promise<readonly InputFile[] | null> {
  const named = flags.filename ?? fromEnvironment(io);
  if (named.length > 0) {
    if (named.filter((n) => n === '-').length > 1) throw new UsageError('-f - is there twice, but standard input can be read only once');
    const files: InputFile[] = [];
    for (const name of named) files.push(...(await expand(name, flags.recursive === true, io)));
    return files;
  }
  for (const name of DEFAULT_FILES) if ((await io.kindOf(name)) === 'file') return [await readFile(name, io)];
  return null;
}

function fromEnvironment({ env }: Io): readonly string[] {
  const path = env['K8S_TRACE_TOPOLOGY'] ?? '';
  return path === '' ? [] : [path];
}

async function expand(name: string, recursive: boolean, io: Io): Promise<readonly InputFile[]> {
  if (name === '-') return [{ name: '(stdin)', bytes: await readable(name, io.readStdin()) }];
  const kind = await io.kindOf(name);
  if (kind === null) throw await noSuchFile(name, io);
  if (kind !== 'directory') return [await readFile(name, io)];
  const found = await filesBelow(name, recursive, io);
  if (found.length === 0)
    throw new UsageError(
      `${name}: no *.yaml, *.yml or *.json in this directory`,
      recursive ? null : 'with -R, directories below it are read too',
    );
  return Promise.all(found.map((f) => readFile(f, io)));
}

async function readFile(name: string, io: Io): Promise<InputFile> {
  return { name, bytes: await readable(name, io.read(name)) };
}

async function readable<T>(name: string, content: Promise<T>): Promise<T> {
  try {
    return await content;
  } catch (error) {
    throw new UsageError(`${name === '-' ? '(stdin)' : name}: cannot be read (${reason(error)})`);
  }
}

export function reason(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : 'unknown';
}

async function noSuchFile(name: string, io: Io): Promise<UsageError> {
  const slash = name.lastIndexOf('/');
  const directory = slash === -1 ? '.' : name.slice(0, slash + 1);
  const siblings = (await io.kindOf(directory)) === 'directory' ? await io.list(directory).catch(() => []) : [];
  const { didYouMean } = await import('../index.ts');
  return new UsageError(
    `${name}: there is no such file`,
    didYouMean(
      name.slice(slash + 1),
      siblings.filter((s) => EXTENSION.test(s)),
    ),
  );
}

async function filesBelow(directory: string, recursive: boolean, io: Io): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readable(directory, io.list(directory))) {
    const path = `${directory.replace(/\/$/, '')}/${name}`;
    const kind = await io.kindOf(path);
    if (kind === 'file' && EXTENSION.test(name)) found.push(path);
    else if (kind === 'directory' && recursive) found.push(...(await filesBelow(path, recursive, io)));
  }
  return found;
}

/** The network of the input, or of the built-in cluster where that is allowed; null when the files are wrong, which is then said. */
export async function loadInput(
  flags: GlobalFlags,
  io: Io,
  builtIn: 'allowed' | 'refused',
): Promise<{ readonly network: Network; readonly files: readonly string[] } | null> {
  const { BUILT_IN, BUILT_IN_NAME, formatDiagnostics, loadNetwork } = await import('../index.ts');
  const given = await inputFiles(flags, io);
  if (given === null && builtIn === 'refused')
    throw new UsageError('there is no input', 'name a file with -f, or put a topology.yaml here');
  if (given === null) io.stderr.write('k8s-trace: no topology given (-f), so this is the built-in four-pod cluster\n');
  const files = given ?? [{ name: BUILT_IN_NAME, bytes: new TextEncoder().encode(BUILT_IN) }];
  const loaded = loadNetwork(files);
  const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics;
  if (diagnostics.length > 0) io.stderr.write(formatDiagnostics(diagnostics, textStyle(flags, io, io.stderr)));
  return loaded.ok ? { network: loaded.value, files: files.map((f) => f.name) } : null;
}
