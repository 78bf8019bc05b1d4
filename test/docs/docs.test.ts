import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUILT_IN, CODES, REPORT_FORMATS } from '../../src/index.ts';
import { expectation } from '../../src/topology/schema/expectations.ts';

const ROOT = join(import.meta.dirname, '../..');
const reasons = join(ROOT, 'docs/reasons');

describe('docs', () => {
  it('have a page for every code, and none for a code that does not exist', () => {
    const pages = readdirSync(reasons).filter((f) => f !== 'README.md');
    expect(pages.sort()).toEqual(CODES.map((c) => `${c}.md`).sort());
  });

  it.each(CODES)('%s: the page begins with its code and a sentence, says what to change, and links to pages that exist', (code) => {
    const text = readFileSync(join(reasons, `${code}.md`), 'utf8');
    const [title, blank, sentence] = text.split('\n');
    expect([title, blank]).toEqual([`# ${code}`, '']);
    expect(sentence).toMatch(/^[A-Z`].{20,}/);
    expect(text).toContain('\n## What to change\n');
    for (const [, link] of text.matchAll(/\]\(([A-Z_]+\.md)\)/g)) expect(existsSync(join(reasons, link ?? '')), link).toBe(true);
  });

  it('list every code on the overview page', () => {
    const overview = readFileSync(join(reasons, 'README.md'), 'utf8');
    for (const code of CODES) expect(overview).toContain(`${code}.md`);
  });

  it("show the README's outputs as they are", () => {
    const run = spawnSync(process.execPath, [join(ROOT, 'build/readme.mjs'), '--check'], { encoding: 'utf8' });
    expect(run.status, 'write them with: node build/readme.mjs').toBe(0);
  });

  it('matrix.md shows what `matrix` prints', () => {
    const page = readFileSync(join(ROOT, 'docs/matrix.md'), 'utf8');
    for (const name of ['shop-100.txt', 'db-blocked.txt'])
      expect(page).toContain(readFileSync(join(ROOT, 'test/render/golden-matrix', name), 'utf8'));
  });

  it('policy.md shows what `policy` prints', () => {
    const printed = readFileSync(join(ROOT, 'test/render/golden-policy/db-0-80.txt'), 'utf8');
    expect(readFileSync(join(ROOT, 'docs/policy.md'), 'utf8')).toContain(printed);
  });

  it('check.md names every report and every field, and its outputs are those of the sample', async () => {
    const page = readFileSync(join(ROOT, 'docs/check.md'), 'utf8');
    for (const format of REPORT_FORMATS) expect(page).toContain(`\n| \`${format}\` `);
    for (const field of Object.keys(expectation.shape)) expect(page).toContain(`\n| \`${field}\` `);
    const golden = (name: string) => readFileSync(join(ROOT, 'test/report/golden', name), 'utf8').replace(/^ +/gm, '');
    const blocks = [...page.matchAll(/\n```(\w*)\n(.*?)\n```(?=\n)/gs)];
    const shown = blocks.flatMap(([, language, block = '']) => (language === '' ? [block] : []));
    expect(shown).toHaveLength(3);
    for (const [i, name] of ['text.txt', 'github.txt', 'tap.txt'].entries())
      for (const line of shown[i]?.split('\n') ?? []) expect(golden(name)).toContain(`${line.trim()}\n`);
  });

  it('the built-in cluster is the fixture that the documentation speaks of', () => {
    expect(readFileSync(join(ROOT, 'fixtures/four-pods.yaml'), 'utf8')).toBe(BUILT_IN);
  });

  it('links in the top-level documents lead somewhere', () => {
    for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/check.md'])
      for (const [, link] of readFileSync(join(ROOT, name), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g))
        expect(existsSync(join(ROOT, dirname(name), link ?? '')), `${name}: ${link}`).toBe(true);
  });
});
