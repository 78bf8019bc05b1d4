import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from '../cli/fake-io.ts';

/** What is printed of a node's rules, given back as found there, is what should be there: no flow ends otherwise. */

const ROOT = new URL('../../fixtures/', import.meta.url);
const EVERY = ['kernel', 'ipv6'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, ROOT)).flatMap((name) => (name.endsWith('.yaml') ? [`${folder}/${name}`] : [])),
);

/** All of them: `DRIFT_FIXTURES=all npx vitest run test/drift`. */
const FIXTURES = process.env['DRIFT_FIXTURES'] === 'all' ? EVERY : EVERY.filter((_, i) => i % 12 === 0);

const MODES = ['iptables', 'nftables'] as const;

describe.each(MODES)('kube-proxy in mode %s', (mode) => {
  it.each(['four-pods.yaml', ...FIXTURES])('%s', async (fixture) => {
    const input = readFileSync(new URL(fixture, ROOT), 'utf8');
    const argv = `-f input.yaml --kube-proxy-mode ${mode}`;
    const nodes = JSON.parse((await run(`show nodes ${argv} -o json`, { files: { 'input.yaml': input } })).stdout);
    const files: Record<string, string> = { 'input.yaml': input };
    for (const { name } of nodes.nodes) {
      const { stdout } = await run(`show node ${name} --rules ${argv}`, { files: { 'input.yaml': input } });
      files[`state/${name}/rules`] = stdout;
    }
    const { status, stdout, stderr } = await run(`drift ${argv} --node-state state --no-expectations`, { files });
    const expected = fixture === 'four-pods.yaml' || stdout.startsWith('same') ? 0 : 3;
    expect([status, stderr.includes('not understood')], `${stdout}${stderr}`).toEqual([expected, false]);
  });
});
