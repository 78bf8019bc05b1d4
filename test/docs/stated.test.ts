import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadNetwork, traceRequest } from '../../src/index.ts';
import { file } from '../topology/sources.ts';

/** The faults that docs/topology.md states in its own example, and what it says that they give. */
const PAGE = readFileSync(join(import.meta.dirname, '../../docs/topology.md'), 'utf8');
const EXAMPLE = /```yaml\n(apiVersion.*?)```/s.exec(PAGE)?.[1] ?? '';
const rows = PAGE.split('\n## Stating faults\n')[1]
  ?.split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('`'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

interface Named {
  readonly name: string;
}

/** The example with these fields on that object. */
function stating(on: string, states: readonly string[]): string {
  const topology = parse(EXAMPLE);
  const object = [...topology.nodes, ...topology.pods].find((o: Named) => o.name === on);
  for (const state of states) Object.assign(object, parse(state));
  return JSON.stringify(topology);
}

describe('docs/topology.md, stating faults', () => {
  test.each(rows ?? [])('%s on %s', (_fault, on = '', state = '', command = '', result = '') => {
    const states = [...state.matchAll(/`(.*?)`/g)].map(([, s = '']) => s);
    const loaded = loadNetwork([file(stating(on, states), 'topology.json')]);
    if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
    const [source = '', destination = '', , size] = command.replaceAll('`', '').split(' ');
    const traced = traceRequest(loaded.value, { source, destination, ...(size === undefined ? {} : { size: Number(size) }) });
    if (!traced.ok) throw new Error(traced.message);
    expect(`\`${traced.trace.outcome} ${traced.trace.reason?.code}\``).toBe(result);
  });

  test('the table has rows', () => {
    expect(rows?.length).toBeGreaterThan(10);
  });
});
