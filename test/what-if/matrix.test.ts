import { expect, test } from 'vitest';
import { key } from '../../src/k8s/pod.ts';
import { matrixOf } from '../../src/matrix/engine.ts';
import { run } from '../cli/fake-io.ts';
import { everybody } from '../matrix/everybody.ts';
import { oneByOne } from '../matrix/one-by-one.ts';
import { SHOP } from '../matrix/worlds.ts';
import { listOf, OBJECTS, supposed, TOPOLOGY } from './inputs.ts';

/** A matrix of what is supposed. */

test.each([
  ['a node is down, in a Topology', TOPOLOGY, ['node/node-2']],
  ['a node is down, of objects', listOf(OBJECTS), ['node/node-2']],
  ['both nodes', TOPOLOGY, ['node/node-1,node/node-2']],
  ['a node is down, and a policy is gone', listOf(OBJECTS), ['node/node-1', 'netpol/deny-db']],
])('%s: the engine says what a trace of each says', (_, base, without) => {
  const network = supposed(base, null, without);
  const question = { ...everybody(network.cluster, key), blocked: true };
  const rows = (matrix: ReturnType<typeof matrixOf>) => [...matrix.connections];
  expect(rows(matrixOf(network, question))).toEqual(rows(oneByOne(network, question)));
});

test('every format says what is supposed', async () => {
  const files = { 'shop.yaml': SHOP };
  for (const format of ['table', 'markdown', 'html']) {
    const { stdout } = await run(`matrix -f shop.yaml --without node/node-2 -o ${format}`, { files });
    expect(stdout).toMatch(/What if\s+Node(\/|&#47;)node-2 is down/);
    expect((await run(`matrix -f shop.yaml -o ${format}`, { files })).stdout).not.toContain('What if');
  }
  const { stdout } = await run('matrix -f shop.yaml --without node/node-2 -o json', { files });
  expect(JSON.parse(stdout).whatIf).toEqual([{ change: 'down', object: 'Node/node-2', along: [], source: null }]);
});
