import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';

/** A golden's name is its command line: `_` stands for a space, the first `-` of `svc-web` for a slash. Read against facts/kernel.md. */
const GOLDEN = join(import.meta.dirname, 'golden');
const argvOf = (name: string) =>
  name
    .replace(/\.txt$/, '')
    .replaceAll('_', ' ')
    .replace('svc-', 'svc/');

describe('-o minimal', () => {
  test.each(readdirSync(GOLDEN))('%s', async (name) => {
    expect((await run(`${argvOf(name)} -o minimal`)).stdout).toBe(readFileSync(join(GOLDEN, name), 'utf8'));
  });

  test('is the same whatever the width, the colour and the details', async () => {
    const plain = (await run('pod-a svc/web -o minimal')).stdout;
    const other = await run('pod-a svc/web -o minimal --width 40 --color always -v --all-paths --reply', { terminal: 50 });
    expect(plain).toMatch(/^path 1 forward\n/);
    expect(other.stdout).toBe(plain);
  });

  test.each([
    ['pod-a 10.244.2.99:80', 'rejected NEIGHBOUR_UNREACHABLE'],
    ['pod-a pod-d:81', 'rejected NOBODY_LISTENS'],
    ['pod-a 1.1.1.1:443', 'exits LEAVES_INPUT'],
    ['pod-a pod-d', 'delivered'],
  ])('%s: the last line is outcome and code', async (argv, last) => {
    expect((await run(`${argv} -o minimal`)).stdout.trimEnd().split('\n').at(-1)).toBe(last);
  });
});
