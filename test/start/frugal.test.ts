import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withCommas } from '../../src/source/text.ts';
import { install } from './installed.ts';

const installed = install();
afterAll(() => installed.remove());

/** Loaded before the program: writes down what costs milliseconds, and that a trace has no need of. */
const WATCH = `
const { writeSync } = require('node:fs');
const tell = (what) => writeSync(2, 'used: ' + what + '\\n');
Number.prototype.toLocaleString = function () { tell('toLocaleString'); return String(this); };
process.on('exit', () => {
  for (const path of Object.keys(require.cache)) if (path.endsWith('rare.cjs')) tell('rare.cjs');
  for (const name of ['child_process', 'os', 'tty', 'zlib']) if (process.moduleLoadList.includes('NativeModule ' + name)) tell(name);
});`;

test.each([
  ['built-in', []],
  ['a file', ['-f', join(import.meta.dirname, '../../fixtures/http/ingress.yaml')]],
])('a trace loads little: %s', (_name, file) => {
  const watch = join(installed.folder, 'watch.cjs');
  writeFileSync(watch, WATCH);
  const words = file.length === 0 ? ['pod-a', 'svc/web'] : ['client', 'svc/shop', ...file];
  const env = { ...process.env, K8S_TRACE_NO_CACHE: '1', NO_COLOR: '1' };
  const ran = spawnSync(process.execPath, ['--require', watch, installed.command, ...words], { encoding: 'utf8', env });
  rmSync(watch);
  expect(ran.status).toBe(0);
  expect(ran.stderr.match(/^used: .*$/gm) ?? []).toEqual([]);
});

test('the bundle has no letter but those of ASCII: V8 reads it byte by byte, and esbuild leaves regular expressions and tagged templates as they are', () => {
  const found = /.{0,30}[\x80-\xff].{0,30}/.exec(readFileSync(installed.bundle, 'latin1'));
  expect(found?.[0]).toBeUndefined();
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_000_000, '1,000,000'],
  [536_870_888, '536,870,888'],
])('%d with commas', (count, text) => {
  expect(withCommas(count)).toBe(text);
});
