import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FINDINGS } from '../../src/index.ts';
import { LINT_CODES } from '../../src/lint/index.ts';
import { linted } from './linted.ts';

/** Each finding alone, at the lines that end with `# finds: TEXT`; and for each one a file that only looks like it (`.near`). */

const FIXTURES = join(import.meta.dirname, '../../fixtures/lint');
const names = readdirSync(FIXTURES).map((f) => f.replace(/\.yaml$/, ''));
const read = (name: string) => readFileSync(join(FIXTURES, `${name}.yaml`), 'utf8');

const alone = names.filter((n) => !n.endsWith('.near'));
const codeOf = (name: string) => [...LINT_CODES].sort((a, b) => b.length - a.length).find((c) => name === c || name.startsWith(`${c}-`));

function marked(text: string): readonly (readonly [number, string])[] {
  return text.split('\n').flatMap((line, i) => {
    const [, said] = /# finds: (.*)$/.exec(line) ?? [];
    return said === undefined ? [] : [[i + 1, said] as const];
  });
}

describe('fixtures/lint', () => {
  test.each(alone)('%s: this finding and no other, where the file says', async (name) => {
    const text = read(name);
    const found = await linted(text);
    const wanted = marked(text);
    expect(wanted).not.toEqual([]);
    expect(found.map((d) => [d.place?.line, d.code])).toEqual(wanted.map(([line]) => [line, codeOf(name)]));
    for (const [i, [, said]] of wanted.entries()) expect(found[i]?.message).toContain(said);
  });

  test.each(alone)('%s: as bad as the registry says, with something to do about it', async (name) => {
    for (const { severity, code, hint } of await linted(read(name))) {
      expect(severity).toBe(FINDINGS[code].severity);
      expect(hint).not.toBeNull();
    }
  });

  test.each(names.filter((n) => n.endsWith('.near')))('%s: nothing', async (name) => {
    expect((await linted(read(name))).map((d) => [d.code, d.message])).toEqual([]);
  });

  test('every finding that can be ignored has both', () => {
    // Patches are no input of their own: test/what-if/errors.test.ts has theirs.
    // Nor is node state: test/cli/node-state.test.ts.
    const wanted = LINT_CODES.filter((c) => c !== 'unused-ignore' && !c.startsWith('patch-') && !c.startsWith('node-state-'));
    expect(wanted.filter((c) => !names.includes(c))).toEqual([]);
    expect(wanted.filter((c) => !names.includes(`${c}.near`))).toEqual([]);
    expect(names.filter((n) => !wanted.some((c) => n === c || n === `${c}.near` || n.startsWith(`${c}-`)))).toEqual([]);
  });
});
