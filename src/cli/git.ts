import type { InputFile } from '../index.ts';
import { reason } from './input.ts';
import { type Io, UsageError } from './io.ts';

/** Files as they are in a revision of the user's git repository: `git:REV:PATH`, a file or a directory, from the working directory on. */
export interface GitPlace {
  /** As it was written. */
  readonly text: string;
  readonly revision: string;
  readonly path: string;
}

const FORM = 'git:REVISION:PATH, as git:main:deploy or git:HEAD~1:topology.yaml';

/** Null: the text is no place in git. */
export function gitPlace(text: string): GitPlace | null {
  if (!text.startsWith('git:')) return null;
  const rest = text.slice('git:'.length);
  const colon = rest.indexOf(':');
  const revision = colon === -1 ? rest : rest.slice(0, colon);
  if (colon === -1) throw new UsageError(`${text}: the path is missing`, `${text}:. is the working directory as it was; ${FORM}`);
  if (revision === '') throw new UsageError(`${text}: the revision is missing`, FORM);
  // To git a word with a dash in front is an option.
  if (revision.startsWith('-')) throw new UsageError(`${text}: no revision begins with -`, FORM);
  return { text, revision, path: rest.slice(colon + 1) };
}

interface Found {
  readonly files: readonly InputFile[];
  /** What was passed over, in words. */
  readonly notes: readonly string[];
}

/** `isOurs`: is a file of this name looked at, where only its directory was named? */
export async function readGit(place: GitPlace, recursive: boolean, isOurs: (name: string) => boolean, io: Executing): Promise<Found> {
  const git = runner(place, io);
  const prefix = await prefixIn(place, git);
  const tree = await treeOf(place, git);
  const path = rooted(place, prefix);
  const entry = path === '' ? DIRECTORY : (await listed(git, tree, path, false))[0];
  if (entry === undefined) throw await notThere(place, tree, path, prefix, git);
  if (entry.type === 'tree') return directory(place, tree, path, recursive, isOurs, git);
  const no = whyNot(entry);
  if (no !== null) throw new UsageError(`${place.text}: ${no}`, entry.mode === LINK ? 'name the file that it leads to' : null);
  return { files: [await fileAt(place, place.text, entry, git, false)], notes: [] };
}

type Executing = Pick<Io, 'execute'>;
type Git = (words: readonly string[]) => ReturnType<Io['execute']>;

const runner =
  ({ text }: GitPlace, io: Executing): Git =>
  async (words) => {
    try {
      return await io.execute(['git', ...words]);
    } catch (error) {
      const why = reason(error) === 'ENOENT' ? 'there is no git here' : `git cannot be run (${reason(error)})`;
      throw new UsageError(`${text}: ${why}`, 'install git, or name a file or a directory');
    }
  };

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The working directory below the repository's root, with a slash at its end; empty: it is the root. */
async function prefixIn({ text }: GitPlace, git: Git): Promise<string> {
  const { status, stdout, stderr } = await git(['rev-parse', '--show-prefix']);
  if (status !== 0) throw new UsageError(`${text}: the working directory is in no repository that git reads`, firstLine(stderr));
  return textOf(stdout).replace(/\n$/, '');
}

const firstLine = (stderr: string): string | null => stderr.split('\n').find((line) => line.trim() !== '') ?? null;

async function treeOf({ text, revision }: GitPlace, git: Git): Promise<string> {
  const { status, stdout } = await git(['rev-parse', '--verify', '--quiet', `${revision}^{tree}`]);
  if (status === 0) return textOf(stdout).trim();
  const names = await git(['for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/tags', 'refs/remotes']);
  const known = textOf(names.stdout)
    .split('\n')
    .filter((name) => name !== '');
  const { didYouMean } = await import('../index.ts');
  const shallow = textOf((await git(['rev-parse', '--is-shallow-repository'])).stdout).trim() === 'true';
  const fetch = shallow
    ? 'this clone has only the newest commits: fetch the others (actions/checkout: fetch-depth: 0; else git fetch --unshallow)'
    : null;
  const some = known.length === 0 ? 'it has neither branch nor tag' : `branches and tags: ${listOf(known)}`;
  throw new UsageError(`${text}: git has no revision ${revision}`, fetch ?? didYouMean(revision, known) ?? some);
}

const MOST_NAMED = 8;

const listOf = (names: readonly string[]): string =>
  names.length <= MOST_NAMED ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`;

/** The path from the repository's root on, as git has it in its trees: neither `.` nor `..`, and no slash at an end. */
function rooted({ text, path }: GitPlace, prefix: string): string {
  if (path.startsWith('/')) throw new UsageError(`${text}: a path in git begins in the working directory, not with /`);
  const steps: string[] = [];
  for (const step of `${prefix}${path}`.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') steps.push(step);
    else if (steps.pop() === undefined) throw new UsageError(`${text}: the path leads out of the repository`);
  }
  return steps.join('/');
}

interface Entry {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  /** From the root on. */
  readonly path: string;
}

const DIRECTORY: Entry = { mode: '040000', type: 'tree', id: '', path: '' };
const LINK = '120000';

/** With a slash at its end the path's content, else its own entry. */
async function listed(git: Git, tree: string, path: string, recursive: boolean): Promise<readonly Entry[]> {
  const { status, stdout } = await git([
    'ls-tree',
    '-z',
    '--full-tree',
    ...(recursive ? ['-r'] : []),
    tree,
    '--',
    ...(path === '' ? [] : [path]),
  ]);
  if (status !== 0) return [];
  return textOf(stdout)
    .split('\0')
    .flatMap((line) => {
      const [, mode, type, id, found] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return mode === undefined || type === undefined || id === undefined || found === undefined ? [] : [{ mode, type, id, path: found }];
    });
}

async function notThere(
  { text, revision, path: asked }: GitPlace,
  tree: string,
  path: string,
  prefix: string,
  git: Git,
): Promise<UsageError> {
  const slash = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, slash + 1), path.slice(slash + 1)];
  const siblings = (await listed(git, tree, folder, false)).map((e) => e.path.slice(folder.length));
  const atRoot = prefix !== '' && (await listed(git, tree, asked.replace(/\/$/, ''), false)).length > 0;
  const { didYouMean } = await import('../index.ts');
  const up = '../'.repeat(prefix.split('/').length - 1);
  const hint = atRoot ? `paths begin in the working directory: git:${revision}:${up}${asked}` : didYouMean(name, siblings);
  return new UsageError(`${text}: ${revision} has no ${path}`, hint);
}

const whyNot = ({ mode, type }: Entry): string | null => {
  if (mode === LINK) return 'a symbolic link, which is not followed in git';
  return type === 'commit' ? 'a submodule, whose files are in a repository of their own' : null;
};

async function directory(
  place: GitPlace,
  tree: string,
  path: string,
  recursive: boolean,
  isOurs: (name: string) => boolean,
  git: Git,
): Promise<Found> {
  const folder = path === '' ? '' : `${path}/`;
  const shown = place.path === '' || place.path === '.' ? '' : `${place.path.replace(/\/+$/, '')}/`;
  const files: InputFile[] = [];
  const notes: string[] = [];
  for (const entry of await listed(git, tree, folder, recursive)) {
    const name = `git:${place.revision}:${shown}${entry.path.slice(folder.length)}`;
    const no = whyNot(entry);
    if (no !== null && (recursive || isOurs(entry.path))) notes.push(`${name}: ${no}`);
    else if (no === null && entry.type === 'blob' && isOurs(entry.path)) files.push(await fileAt(place, name, entry, git, true));
  }
  if (files.length > 0) return { files, notes };
  const hint = recursive ? null : 'with -R, directories below it are read too';
  throw new UsageError(`${place.text}: no *.yaml, *.yml, *.json or *.jsonl in this directory`, hint);
}

const GZIP = [0x1f, 0x8b];

async function fileAt({ text }: GitPlace, name: string, { id, path }: Entry, git: Git, isFromDirectory: boolean): Promise<InputFile> {
  const { status, stdout: bytes, stderr } = await git(['cat-file', 'blob', id]);
  if (status !== 0) throw new UsageError(`${text}: ${path} cannot be read`, firstLine(stderr));
  if (GZIP.every((byte, i) => bytes[i] === byte))
    throw new UsageError(`${name}: a compressed file, which is not read from git`, 'unpack it into a file, and name that');
  if (textOf(bytes.subarray(0, 64)).startsWith('version https://git-lfs.github.com/spec/'))
    throw new UsageError(
      `${name}: git has a pointer of Git LFS there, and the content elsewhere`,
      'check the revision out, and name its file',
    );
  return isFromDirectory ? { name, bytes, isFromDirectory } : { name, bytes };
}
