import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { iptablesSave } from '../../src/datapath/netfilter/iptables-save.ts';
import { loadNetwork } from '../../src/index.ts';
import { file, printed } from './sources.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const inputsIn = (folder: string) => readdirSync(join(FIXTURES, folder)).filter((f) => !f.endsWith('.out'));
const read = (folder: string, name: string) => file(readFileSync(join(FIXTURES, folder, name)), name);

/** `x.yaml` has its text in `x.out`; a JSON file beside it in `x.json.out`. */
const outOf = (name: string) => `${name.replace(/\.yaml$/, '')}.out`;
const expected = (name: string) => readFileSync(join(FIXTURES, 'invalid', outOf(name)), 'utf8');

describe('fixtures/invalid', () => {
  const inputs = inputsIn('invalid');
  /** All but those of a file that has no place to point at. */
  const pointing = inputs.filter((name) => /^[^ :]+:\d+:\d+: /m.test(expected(name)));

  test.each(inputs)('%s gets exactly the text beside it', (name) => {
    expect(printed([read('invalid', name)])).toBe(expected(name));
  });

  test.each(inputs)('%s: a name that begins with warning- loads, and no other does', (name) => {
    expect(loadNetwork([read('invalid', name)]).ok).toBe(name.startsWith('warning-'));
  });

  test('every .out has its input', () => {
    const outs = readdirSync(join(FIXTURES, 'invalid')).filter((f) => f.endsWith('.out'));
    expect(outs.sort()).toEqual(inputs.map(outOf).sort());
  });

  // The expected texts are written by people: this holds them against the input itself, so that a caret cannot be off by one.
  test.each(pointing)('%s: each caret of the expected text is under the character at the column that it names', (name) => {
    const source = readFileSync(join(FIXTURES, 'invalid', name), 'utf8').split(/\r\n|\r|\n/);
    const lines = expected(name).split('\n');
    for (const [i, line] of lines.entries()) {
      const [, row = '', column = ''] = /^[^ :]+:(\d+):(\d+): /.exec(line) ?? [];
      if (row === '') continue;
      const caret = lines[i + 2]?.indexOf('^') ?? -1;
      expect(lines[i + 1]).toMatch(new RegExp(`^ *${row} \\| `));
      expect(lines[i + 1]?.[caret]?.replace('→', '\t')).toBe(source[Number(row) - 1]?.[Number(column) - 1]);
    }
  });
});

describe('fixtures/valid', () => {
  test.each(inputsIn('valid'))('%s loads without a word', (name) => {
    expect(printed([read('valid', name)])).toBe('');
  });

  test('yes and no are true and false where a boolean is wanted, as kubectl reads them', () => {
    const loaded = loadNetwork([read('valid', 'yes-where-a-boolean-is-wanted.yaml')]);
    if (!loaded.ok) throw new Error('refused');
    const { pods, nodes } = loaded.value.cluster;
    expect([...pods.values()].map((p) => p.ready.value)).toEqual([true, false]);
    expect(nodes.get('node-1')?.kubeProxy.running).toBe(true);
    const node = loaded.value.datapath.netns('node-1');
    const port = node?.devices.get('veth0');
    expect(port?.kind === 'veth' ? port.hairpin : null).toBe(false);
    expect(node === undefined ? '' : iptablesSave(node.rulesets.IPv4)).not.toContain('CNI-');
  });

  test('a merge key fills in what is not stated, and the first of several sources wins', () => {
    const loaded = loadNetwork([read('valid', 'merge-key.yaml')]);
    if (!loaded.ok) throw new Error('refused');
    const pods = [...loaded.value.cluster.pods.values()].map((p) => [p.name, p.node, p.ready.value, Object.fromEntries(p.labels)]);
    expect(pods).toEqual([
      ['pod-a', 'node-1', false, { app: 'web' }],
      ['pod-b', 'node-1', false, { app: 'web' }],
      ['pod-c', 'node-1', true, { app: 'web' }],
      ['pod-d', 'node-1', true, { app: 'web', tier: 'front' }],
    ]);
  });
});
