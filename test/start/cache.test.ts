import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ANSWER, filesBelow, type Installed, identityOf, install, QUESTION, type Ran } from './installed.ts';

let installed: Installed;

/** Since 22.1 Node keeps compiled code itself: one entry for each version, checked by a sum of its own. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOurs = major < 22 || (major === 22 && minor < 1);
const isRoot = process.getuid?.() === 0;
const modeOf = (path: string) => lstatSync(path).mode & 0o777;
const directory = () => join(installed.caches, 'k8s-trace');
const entries = () => filesBelow(installed.caches);

function expectAnswer({ status, stdout, stderr }: Ran) {
  expect({ status, answer: stdout.slice(0, ANSWER.length) }).toEqual({ status: 0, answer: ANSWER });
  expect(stderr).toMatch(/^[^\n]*built-in[^\n]*\n$/);
}

/** The one entry, after a first run. */
function firstEntry(): string {
  expectAnswer(installed.run());
  const [entry, ...more] = entries();
  expect(more).toEqual([]);
  if (entry === undefined) throw new Error('nothing was kept');
  return entry;
}

describe('compiled code', () => {
  beforeEach(() => {
    installed = install();
  });
  afterEach(() => installed.remove());

  test('is kept by the first run, for its user alone, and then taken as it is', () => {
    const entry = firstEntry();
    expect([installed.caches, directory(), join(entry, '..'), entry].map(modeOf)).toEqual([0o700, 0o700, 0o700, 0o600]);
    const before = identityOf(entry);
    expectAnswer(installed.run());
    expect(entries()).toEqual([entry]);
    expect(identityOf(entry)).toBe(before);
  });

  test.each([
    ['HOME', { XDG_CACHE_HOME: undefined, HOME: 'home' }, process.platform === 'darwin' ? 'home/Library/Caches' : 'home/.cache'],
    ['a relative XDG_CACHE_HOME, which counts for nothing', { XDG_CACHE_HOME: 'relative', HOME: 'home' }, 'home/.cache'],
  ])('is kept below %s', (_name, env, expected) => {
    expectAnswer(installed.run({ ...env, HOME: join(installed.folder, env.HOME) }));
    expect(filesBelow(join(installed.folder, expected, 'k8s-trace'))).toHaveLength(1);
    expect(entries()).toEqual([]);
  });

  test.each([
    ['K8S_TRACE_NO_CACHE', { K8S_TRACE_NO_CACHE: '1' }],
    ['no HOME', { XDG_CACHE_HOME: undefined, HOME: undefined }],
    ['a file in the place of the directory', { XDG_CACHE_HOME: process.execPath }],
    ['a place where nothing can be made', { XDG_CACHE_HOME: '/proc/self' }],
  ])('is not kept with %s', (_name, env) => {
    expectAnswer(installed.run(env));
    expect(entries()).toEqual([]);
  });

  test('of two processes at once is one entry, and whole', async () => {
    const runs = [0, 1, 2].map(
      () =>
        new Promise<string>((resolve, reject) => {
          const env = { ...process.env, XDG_CACHE_HOME: installed.caches, NO_COLOR: '1' };
          const child = spawn(process.execPath, [installed.command, ...QUESTION], { cwd: installed.folder, env });
          let text = '';
          child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          child.on('error', reject);
          child.on('close', () => resolve(text));
        }),
    );
    for (const text of await Promise.all(runs)) expect(text.slice(0, ANSWER.length)).toBe(ANSWER);
    const [entry = '', ...more] = entries();
    expect(more).toEqual([]);
    const before = identityOf(entry);
    expectAnswer(installed.run());
    expect(identityOf(entry)).toBe(before);
  });

  test.runIf(isOurs)('of another Node is not taken', () => {
    const entry = firstEntry();
    const before = identityOf(entry);
    const other = join(installed.folder, 'node');
    copyFileSync(process.execPath, other);
    expectAnswer(installed.run({}, other));
    expect(entries()).toHaveLength(2);
    expect(identityOf(entry)).toBe(before);
  });

  test('that is old makes room for new', () => {
    mkdirSync(directory(), { recursive: true, mode: 0o700 });
    const old = Array.from({ length: 20 }, (_, i) => join(directory(), `${i}.code`));
    for (const [i, path] of old.entries()) {
      writeFileSync(path, '');
      utimesSync(path, 1_600_000_000 + i, 1_600_000_000 + i);
    }
    expectAnswer(installed.run());
    expect(entries()).toHaveLength(12);
    // The newest eleven of the old ones: 9 to 19.
    expect(old.filter((path) => entries().includes(path))).toEqual(old.slice(9));
  });

  test('is not kept in a directory that others can write in', () => {
    mkdirSync(directory(), { recursive: true });
    chmodSync(directory(), 0o777);
    expectAnswer(installed.run());
    expect(entries()).toEqual([]);
  });

  test.runIf(isRoot)('is not kept in the home of another user, as after sudo', () => {
    mkdirSync(installed.caches);
    chownSync(installed.caches, 65_534, 65_534);
    expectAnswer(installed.run());
    expect(lstatSync(directory(), { throwIfNoEntry: false })).toBeUndefined();
  });

  test.runIf(isOurs)('is not kept on a disk that is full, of which nothing is said, and nothing is left behind', () => {
    const script = `ulimit -f 100 && trap '' XFSZ && "$NODE" "$K" pod-a pod-d`;
    const env = { ...process.env, XDG_CACHE_HOME: installed.caches, NO_COLOR: '1', NODE: process.execPath, K: installed.command };
    expectAnswer(spawnSync('bash', ['-c', script], { cwd: installed.folder, encoding: 'utf8', env }));
    expect(entries()).toEqual([]);
  });
});

describe('what is wrong with an entry is no matter, and it is made anew', () => {
  beforeAll(() => {
    installed = install();
    firstEntry();
  });
  afterAll(() => installed.remove());

  /** Three bits each, at the beginning, in the middle, near the end, and spread. */
  const FLIPS = [
    [0, 1, 2],
    [0.3, 0.300001, 0.300002],
    [0.5, 0.6, 0.7],
    [0.98, 0.99, 0.995],
    [0.999999, 0.9999995, 0.9999999],
  ] as const;

  const flip = (entry: string, places: readonly number[]) => {
    const bytes = readFileSync(entry);
    for (const [i, place] of places.entries()) {
      const at = place < 1 ? Math.floor(bytes.length * place) : place;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (i * 2));
    }
    writeFileSync(entry, bytes);
  };

  test.each<readonly [string, (entry: string) => void]>([
    ...FLIPS.map((places) => [`bits flipped at ${places.join(', ')}`, (entry: string) => flip(entry, places)] as const),
    ['cut short', (entry) => truncateSync(entry, 5000)],
    ['empty', (entry) => truncateSync(entry, 0)],
    ['something else', (entry) => writeFileSync(entry, 'x'.repeat(100_000))],
    ['another file of the program', (entry) => copyFileSync(installed.bundle, entry)],
    ['writable by others', (entry) => chmodSync(entry, 0o622)],
    ...(isRoot ? [["another user's", (entry: string) => chownSync(entry, 65_534, 65_534)] as const] : []),
  ])('%s', (_name, damage) => {
    const [entry = ''] = entries();
    damage(entry);
    const damaged = identityOf(entry);
    expectAnswer(installed.run());
    expect(entries()).toEqual([entry]);
    expect(identityOf(entry)).not.toBe(damaged);
    expect({ mode: modeOf(entry), uid: statSync(entry).uid }).toEqual({ mode: 0o600, uid: process.getuid?.() });
  });

  test('a program that was edited runs as it is, though its length and its date are the same', () => {
    const { atime, mtime } = statSync(installed.bundle);
    writeFileSync(installed.bundle, readFileSync(installed.bundle, 'latin1').replaceAll('reaches', 'REACHES'), 'latin1');
    utimesSync(installed.bundle, atime, mtime);
    expect(installed.run().stdout.slice(0, ANSWER.length)).toBe(ANSWER.replace('reaches', 'REACHES'));
  });
});
