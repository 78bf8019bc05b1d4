import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from './fake-io.ts';

/** A cluster of kube-router, whose policies are judged beside the rules that are compiled, and by rules alone on a real node. */

const FILE = 'fixtures/kernel/policy-reject.yaml';
const files = { [FILE]: readFileSync(new URL(`../../${FILE}`, import.meta.url), 'utf8') };

async function outcomeWith(rules: string): Promise<string | undefined> {
  const { stdout } = await run(`pod-a pod-b -p 8080 -f ${FILE} --node-state node-1=rules -o minimal`, { files: { ...files, rules } });
  return stdout.trimEnd().split('\n').at(-1);
}

test('what show prints of a node, given back, has its policies; rules of the node itself have none where none are the enforcer’s', async () => {
  const { stdout } = await run(`show node node-1 --rules -f ${FILE}`, { files });
  const [remark, ...others] = stdout.split('\n');
  expect(remark).toBe('# Policies are enforced beside these rules.');
  expect(await outcomeWith(stdout)).toBe('rejected POLICY_DEFAULT_DENY');
  expect(await outcomeWith(others.join('\n'))).toBe('delivered');
});

test('a source that nobody knows is told of --in where node state was given, and of the gateway elsewhere', async () => {
  const ask = async (flags: string) =>
    (await run(`10.9.9.9 pod-b:8080 -f ${FILE} ${flags}`, { files: { ...files, rules: '*filter\nCOMMIT\n' } })).stderr;
  expect(await ask('--node-state node-1=rules')).toContain('at a device that was found: --in NODE/DEVICE');
  expect(await ask('')).toContain('with internet.gateway, a public address');
});
