import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitPlace, readGit } from '../../src/cli/git.ts';
import { isOurs } from '../../src/cli/input.ts';
import { type Io, UsageError } from '../../src/cli/io.ts';

/** A repository with two revisions; a folder, a link and a submodule. */
const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-git-'));
const root = join(folder, 'repository');
afterAll(() => rmSync(folder, { recursive: true }));

const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'n',
  GIT_AUTHOR_EMAIL: 'n@example.com',
  GIT_COMMITTER_NAME: 'n',
  GIT_COMMITTER_EMAIL: 'n@example.com',
};

function git(words: string, cwd = root): string {
  const ran = spawnSync('git', words.split(' '), { cwd, env: ENV, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`git ${words}: ${ran.stderr}`);
  return ran.stdout.trim();
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

beforeAll(() => {
  mkdirSync(root);
  git('init -q -b main');
  write('deploy/web.yaml', 'old: 1\n');
  write('deploy/more/db.yaml', 'more: 1\n');
  write('deploy/notes.txt', 'no manifest\n');
  write('top.yaml', 'top: 1\n');
  write('packed.yaml', new Uint8Array([0x1f, 0x8b, 0x08, 0]));
  write('lfs.yaml', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');
  symlinkSync('web.yaml', join(root, 'deploy/link.yaml'));
  git('add -A');
  git('commit -q -m one');
  git(`update-index --add --cacheinfo 160000,${git('rev-parse HEAD')},deploy/module`);
  git('commit -q -m module');
  git('tag v1.0');
  write('deploy/web.yaml', 'new: 1\n');
  git('commit -q -a -m two');
  git('branch feature/x');
});

/** Git as it runs in a directory. */
const gitIn = (cwd: string): Pick<Io, 'execute'> => ({
  execute: async ([program = '', ...words]) => {
    const ran = spawnSync(program, words, { cwd, env: ENV });
    if (ran.error !== undefined) throw ran.error;
    return { status: ran.status ?? 1, stdout: ran.stdout, stderr: ran.stderr.toString() };
  },
});

async function read(text: string, { below = '', recursive = false, cwd = join(root, below) } = {}) {
  const place = gitPlace(text);
  if (place === null) throw new Error('no place in git');
  const { files, notes } = await readGit(place, recursive, isOurs, gitIn(cwd));
  return { files: Object.fromEntries(files.map((f) => [f.name, 'bytes' in f ? new TextDecoder().decode(f.bytes) : ''])), notes };
}

const LINK = 'git:v1.0:deploy/link.yaml: a symbolic link, which is not followed in git';

describe('what is read from a revision', () => {
  test.each<[string, Parameters<typeof read>[1], Readonly<Record<string, string>>, readonly string[]]>([
    ['git:v1.0:deploy/web.yaml', {}, { 'git:v1.0:deploy/web.yaml': 'old: 1\n' }, []],
    ['git:main:deploy/web.yaml', {}, { 'git:main:deploy/web.yaml': 'new: 1\n' }, []],
    ['git:HEAD~1:deploy/web.yaml', {}, { 'git:HEAD~1:deploy/web.yaml': 'old: 1\n' }, []],
    ['git:v1.0:./web.yaml', { below: 'deploy' }, { 'git:v1.0:./web.yaml': 'old: 1\n' }, []],
    ['git:v1.0:../top.yaml', { below: 'deploy' }, { 'git:v1.0:../top.yaml': 'top: 1\n' }, []],
    ['git:v1.0:more', { below: 'deploy' }, { 'git:v1.0:more/db.yaml': 'more: 1\n' }, []],
    ['git:v1.0:deploy/', {}, { 'git:v1.0:deploy/web.yaml': 'old: 1\n' }, [LINK]],
    [
      'git:v1.0:deploy',
      { recursive: true },
      { 'git:v1.0:deploy/web.yaml': 'old: 1\n', 'git:v1.0:deploy/more/db.yaml': 'more: 1\n' },
      [LINK, 'git:v1.0:deploy/module: a submodule, whose files are in a repository of their own'],
    ],
  ])('%s', async (text, where, files, notes) => {
    expect(await read(text, where)).toEqual({ files, notes });
  });

  test('the directory itself, from below', async () => {
    expect(Object.keys((await read('git:v1.0:', { below: 'deploy/more' })).files)).toEqual(['git:v1.0:db.yaml']);
  });
});

describe('what is not there, and what is', () => {
  test.each<[string, Parameters<typeof read>[1], string, RegExp | null]>([
    ['git:mian:deploy', {}, 'git:mian:deploy: git has no revision mian', /did you mean main/],
    [
      'git:nothing-like-it:deploy',
      {},
      'git:nothing-like-it:deploy: git has no revision nothing-like-it',
      /branches and tags: feature\/x, main, v1\.0/,
    ],
    ['git:main:deploy/wbe.yaml', {}, 'git:main:deploy/wbe.yaml: main has no deploy/wbe.yaml', /did you mean web\.yaml/],
    [
      'git:main:deploy/web.yaml',
      { below: 'deploy' },
      'git:main:deploy/web.yaml: main has no deploy/deploy/web.yaml',
      /git:main:\.\.\/deploy\/web\.yaml/,
    ],
    ['git:main:../x', {}, 'git:main:../x: the path leads out of the repository', null],
    ['git:main:/deploy', {}, 'git:main:/deploy: a path in git begins in the working directory, not with /', null],
    ['git:main:deploy/link.yaml', {}, 'git:main:deploy/link.yaml: a symbolic link, which is not followed in git', /name the file/],
    ['git:v1.0:deploy/module', {}, 'git:v1.0:deploy/module: a submodule, whose files are in a repository of their own', null],
    ['git:main:packed.yaml', {}, 'git:main:packed.yaml: a compressed file, which is not read from git', /unpack/],
    ['git:main:lfs.yaml', {}, 'git:main:lfs.yaml: git has a pointer of Git LFS there, and the content elsewhere', /check the revision out/],
    ['git:main:x', { cwd: folder }, 'git:main:x: the working directory is in no repository that git reads', /not a git repository/],
  ])('%s', async (text, where, message, hint) => {
    const error = await read(text, where).then(
      () => null,
      (e: unknown) => e,
    );
    if (!(error instanceof UsageError)) throw new Error(`no error of usage: ${error}`);
    expect(error.message).toBe(message);
    if (hint !== null) expect(error.hint).toMatch(hint);
  });

  test('a clone without history says how to get it', async () => {
    git(`clone -q --depth 1 file://${root} shallow`, folder);
    const error = await read('git:v0.1:deploy', { cwd: join(folder, 'shallow') }).catch((e: unknown) => e);
    expect(error instanceof UsageError && error.hint).toMatch(/fetch-depth: 0/);
  });

  test('a name is no option, and no shell sees it', async () => {
    write('$(touch pwned).yaml', 'x: 1\n');
    git('add -A');
    git('commit -q -m sly');
    expect((await read('git:main:$(touch pwned).yaml')).files).toEqual({ 'git:main:$(touch pwned).yaml': 'x: 1\n' });
    expect(() => gitPlace('git:--output=x:y')).toThrow('no revision begins with -');
    await expect(read('git:main;touch pwned:top.yaml')).rejects.toThrow('git has no revision main;touch pwned');
    expect([root, process.cwd()].some((path) => existsSync(join(path, 'pwned')))).toBe(false);
  });
});
