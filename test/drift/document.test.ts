import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from '../../src/index.ts';
import { run } from '../cli/fake-io.ts';

/** The example of the documentation, in every format. */

const ROOT = new URL('../../', import.meta.url);
const STATE = 'fixtures/readme/drift/node-1';
const NAMES = ['fixtures/readme/drift.yaml', ...readdirSync(new URL(STATE, ROOT)).map((name) => `${STATE}/${name}`)];
const files = Object.fromEntries(NAMES.map((name) => [name, readFileSync(new URL(name, ROOT), 'utf8')]));
const ask = (flags: string) => run(`drift -f fixtures/readme/drift.yaml --node-state fixtures/readme/drift ${flags}`, { files });

describe('drift for people', () => {
  it('docs/drift.md shows what is printed', async () => {
    const { status, stdout } = await ask('');
    expect(status).toBe(1);
    expect(readFileSync(new URL('docs/drift.md', ROOT), 'utf8')).toContain(`\`\`\`text\n${stdout}\`\`\`\n`);
  });

  it('no line is wider than it may be', async () => {
    for (const width of [60, 80, 160])
      for (const line of (await ask(`--width ${width}`)).stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('Markdown has a heading a cause, and its line', async () => {
    const { stdout } = await ask('-o markdown');
    expect(stdout).toMatch(/^\*\*different: 2 of 12 flows/);
    expect(stdout).toContain('### node-1: a rule of iptables filter that is not the cluster');
    expect(stdout).toContain('| Pod/shop/web | Pod/shop/db | 5432/tcp | delivered | rejected (FILTER\\_REJECT) |');
  });
});

describe('drift for programs', () => {
  it('-o json is as `schema drift` has it, and -o yaml has the same data', async () => {
    const document = JSON.parse((await ask('-o json')).stdout);
    const check = new Ajv({ strictTypes: false }).compile((await jsonSchema('drift')) as object);
    expect([check(document), check.errors]).toEqual([true, null]);
    expect(check({ ...document, flows: [{ ...document.flows[0], kind: 'odd' }] })).toBe(false);
    expect(parse((await ask('-o yaml')).stdout)).toEqual(document);
    expect(document).toMatchObject({ schemaVersion: 1, node: null, outcome: 'different' });
  });
});
