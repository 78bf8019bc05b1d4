import type { InputFile } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';

const DEFAULT_FILES = ['topology.yaml', 'k8s-trace.yaml'];
/** What a directory is looked through for; logs.txt is that of a folder of kubectl cluster-info dump. */
const OURS = /\.(ya?ml|jsonl?)(\.gz)?$|^logs\.txt$/i;
const ARCHIVE = /\.(?:tar(?:\.\w+)?|t[gx]z|tbz2?|tzst|zip|7z)$/i;

/** Is a file of this name looked at, where its directory was named? */
export const isOurs = (name: string): boolean => OURS.test(name);

/** The files that an input is made of, by name (`-`: standard input); and what stands in the way of some. */
export interface Named {
  readonly names: readonly string[];
  /** Those of them that nobody named: a directory had them. */
  readonly fromDirectories: ReadonlySet<string>;
  readonly faults: readonly UsageError[];
  /** Node state that directories of the input have, as bundles do. */
  readonly states: readonly StateNames[];
  /** The cluster of the user's kubectl is asked, too. */
  readonly live: boolean;
}

/** Files of a directory whose names are those of commands of a node. */
export interface StateNames {
  readonly root: string;
  readonly names: readonly string[];
}

type InputFlags = Pick<GlobalFlags, 'filename' | 'with' | 'recursive' | 'live'>;

/** The input that the command line, the environment or the working directory names; a plugin of kubectl looks at the cluster instead. */
export async function inputNames(flags: InputFlags, io: Io): Promise<Named> {
  const live = flags.live === true || (io.name === 'kubectl k8s-trace' && flags.filename === undefined);
  const given = flags.filename ?? (live ? [] : fromEnvironment(io));
  const names: string[] = [];
  const fromDirectories = new Set<string>();
  const faults: UsageError[] = [];
  const states: StateNames[] = [];
  for (const name of given.length > 0 || live ? given : await defaultFile(io)) {
    try {
      const found = await expand(name, flags.recursive === true, io);
      names.push(...found.names);
      if (found.states.length > 0) states.push({ root: name, names: found.states });
      for (const file of found.names) if (file !== name && !ARCHIVE.test(file)) fromDirectories.add(file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      faults.push(error);
    }
  }
  return { names, fromDirectories, faults, states, live };
}

/** The files of changes that are supposed. */
export const patchNames = ({ with: filename = [], recursive }: InputFlags, io: Io): Promise<Named> =>
  filename.length === 0
    ? Promise.resolve({ names: [], fromDirectories: new Set(), faults: [], states: [], live: false })
    : inputNames({ filename, ...(recursive === undefined ? {} : { recursive }) }, io);

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

export const STDIN = '-';

async function defaultFile(io: Io): Promise<readonly string[]> {
  for (const name of DEFAULT_FILES) if ((await readable(name, io.kindOf(name))) === 'file') return [name];
  return [];
}

function fromEnvironment({ env }: Io): readonly string[] {
  const path = env['K8S_TRACE_TOPOLOGY'] ?? '';
  return path === '' ? [] : [path];
}

interface Expanded {
  readonly names: readonly string[];
  readonly states: readonly string[];
}

async function expand(name: string, recursive: boolean, io: Io): Promise<Expanded> {
  if (name === STDIN) return { names: [name], states: [] };
  const kind = await readable(name, io.kindOf(name));
  if (kind === null) throw await noSuchFile(name, io);
  if (kind !== 'directory') return { names: [name], states: [] };
  const { isStateName } = await import('../index.ts');
  const all = await filesBelow(name, recursive, io, (path) => OURS.test(baseOf(path)) || isStateName(path));
  const names = all.filter((path) => OURS.test(baseOf(path)));
  if (all.length > 0) {
    if (!recursive) await tellOfStateBelow(name, io, isStateName);
    return { names, states: all.filter((path) => !names.includes(path)) };
  }
  // Read, it says which program unpacks it.
  const archives = await filesBelow(name, recursive, io, (path) => ARCHIVE.test(path));
  if (archives.length > 0) return { names: archives.slice(0, 1), states: [] };
  const hint = recursive ? null : 'with -R, directories below it are read too';
  throw new UsageError(`${name}: no *.yaml, *.yml, *.json or *.jsonl in this directory`, hint);
}

/** Whoever has a folder for each node would get the answer of the objects, and take it for the nodes'. */
async function tellOfStateBelow(directory: string, io: Io, isStateName: (path: string) => boolean): Promise<void> {
  const folder = directory.replace(/\/$/, '');
  for (const name of await io.list(directory)) {
    if ((await io.kindOf(`${folder}/${name}`).catch(() => null)) !== 'directory') continue;
    const [first] = (await io.list(`${folder}/${name}`).catch(() => [])).filter((file) => isStateName(`${name}/${file}`));
    if (first === undefined) continue;
    const { safe } = await import('../index.ts');
    io.stderr.write(
      `k8s-trace: ${safe(`${folder}/${name}/${first}`)} looks like node state, and is not read: with -R, directories below are\n`,
    );
    return;
  }
}

export async function readFile(name: string, io: Io): Promise<InputFile> {
  const shown = name === STDIN ? '(stdin)' : name;
  const content = await readable(shown, name === STDIN ? io.readStdin() : io.read(name));
  return content instanceof Uint8Array ? { name: shown, bytes: content } : { name: shown, ...content };
}

export async function readable<T>(name: string, content: Promise<T>): Promise<T> {
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

export async function noSuchFile(name: string, io: Io, isWanted = (path: string) => OURS.test(path)): Promise<UsageError> {
  const slash = name.lastIndexOf('/');
  const directory = slash === -1 ? '.' : name.slice(0, slash + 1);
  const siblings = (await io.kindOf(directory).catch(() => null)) === 'directory' ? await io.list(directory).catch(() => []) : [];
  const { didYouMean } = await import('../index.ts');
  return new UsageError(
    `${name}: there is no such file`,
    didYouMean(
      name.slice(slash + 1),
      siblings.filter((s) => isWanted(s)),
    ),
  );
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A link may lead to a folder above it: what is in there is read once. */
export async function filesBelow(
  directory: string,
  recursive: boolean,
  io: Io,
  isWanted: (path: string) => boolean,
  seen = new Set<string>(),
): Promise<readonly string[]> {
  seen.add((await io.identityOf(directory)) ?? directory);
  const found: string[] = [];
  for (const name of await readable(directory, io.list(directory))) {
    const path = `${directory.replace(/\/$/, '')}/${name}`;
    const kind = await readable(path, io.kindOf(path));
    if (kind === 'file' && isWanted(path)) found.push(path);
    else if (kind === 'directory' && recursive && !seen.has((await io.identityOf(path)) ?? path))
      found.push(...(await filesBelow(path, recursive, io, isWanted, seen)));
  }
  return found;
}
