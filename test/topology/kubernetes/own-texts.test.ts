import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { TextPool } from '../../../src/topology/syntax/own-texts.ts';
import { readPrintedYaml } from '../../../src/topology/syntax/printed-yaml.ts';

test('data stays what it was', () => {
  const data = () => ({
    name: 'a-name-that-is-long-enough',
    short: 'a',
    list: ['another-long-enough-name', 1, null, { x: true }],
    none: null,
  });
  const own = data();
  expect(new TextPool().own(own)).toBe(own);
  expect(own).toEqual(data());
});

test('more different texts than are kept', () => {
  const texts = () => Array.from({ length: 50_000 }, (_, i) => `a-text-of-some-length-${i}`);
  expect(new TextPool().own(texts())).toEqual(texts());
});

test('a name does not keep alive the text that it was read from', () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('there is no way to collect garbage here');
  const MEGABYTE = 1024 * 1024;
  const kept = (own: boolean) => {
    collect();
    const before = process.memoryUsage().heapUsed;
    const pool = new TextPool();
    const names = Array.from({ length: 40 }, (_, i) => {
      const read = readPrintedYaml(`name: a-name-that-is-long-enough-${i}\nrest: ${'x'.repeat(MEGABYTE / 2)}\n`)?.data;
      const name = typeof read === 'object' && read !== null && 'name' in read ? { name: read.name } : { name: null };
      return own ? pool.own(name) : name;
    });
    collect();
    const size = process.memoryUsage().heapUsed - before;
    expect(names).toHaveLength(40);
    return size / MEGABYTE;
  };
  expect(kept(false)).toBeGreaterThan(15);
  expect(kept(true)).toBeLessThan(5);
});
