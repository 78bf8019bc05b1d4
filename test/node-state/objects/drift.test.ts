import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { driftOf, type Files, flowText } from '../../drift/world.ts';

/** As the command reads them. */
function filesOf(cluster: string): Files {
  const folder = join(import.meta.dirname, '../../../fixtures/node-state-objects', cluster);
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const found = readdirSync(join(folder, 'state')).flatMap((node) =>
    readdirSync(join(folder, 'state', node)).map((file) => [`state/${node}/${file}`, read(`state/${node}/${file}`)] as const),
  );
  return { 'world.yaml': read('objects.yaml'), ...Object.fromEntries(found) };
}

const K3S = filesOf('k3s');

test('what policies refuse and no endpoint is there for is refused by either', async () => {
  const { outcome, asked } = await driftOf(K3S, '--from jobs/pod/report-28811520-vk6lm --to shop/svc/legacy');
  expect([outcome, asked.flows]).toEqual(['same', 1]);
});

test.each([
  [
    'jobs/pod/report-28811520-vk6lm',
    'Pod/jobs/report-28811520-vk6lm',
    'POLICY_DEFAULT_DENY, delivered',
    'policies refuse it, and the rules that are to enforce them do not',
  ],
  [
    'shop/pod/api-6f8d5c9b4-l7qwz',
    'Pod/shop/api-6f8d5c9b4-l7qwz',
    'delivered, rejected FILTER_REJECT',
    'policies let it pass, and the rules that are to enforce them do not',
  ],
])('a set that has a former address: %s', async (from, source, ends, text) => {
  const { flows } = await driftOf(K3S, `--from ${from} --to shop/pod/db-0`);
  expect(flows.map(flowText)).toEqual([`${source} -> Pod/shop/db-0 5432: ${ends}`]);
  expect(flows[0]?.cause?.text).toContain(text);
  expect(flows[0]?.cause).toMatchObject({ policyDrift: true, node: 'wrk-2', restore: { by: 'kube-router' } });
});
