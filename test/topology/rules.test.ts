import { describe, expect, test } from 'vitest';
import { MAIN_TABLE, type RoutingRule } from '../../src/datapath/fib.ts';
import { withRules } from '../../src/datapath/rules.ts';
import { cidr } from '../../src/net/prefix.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { inferred, wholeDocument } from '../../src/source/origin.ts';
import { Cursor } from '../../src/topology/resolve/cursor.ts';
import type { DerivedMachine } from '../../src/topology/resolve/derived-machine.ts';
import { readRules } from '../../src/topology/resolve/rules.ts';
import { parseYaml } from '../../src/topology/syntax/yaml.ts';

/** As the rules of a plugin with a table for each NIC: by source, and by mark. */
const derived: readonly RoutingRule[] = [
  { priority: 512, from: null, to: cidr('192.168.1.102/32'), iif: null, mark: null, table: MAIN_TABLE, origin: inferred(null) },
  { priority: 1024, from: null, to: null, iif: null, mark: { value: 0x80, mask: 0x80 }, table: MAIN_TABLE, origin: inferred(null) },
  { priority: 1536, from: cidr('192.168.1.102/32'), to: null, iif: null, mark: null, table: 2, origin: inferred(null) },
  { priority: 1536, from: cidr('192.168.1.103/32'), to: null, iif: null, mark: null, table: 2, origin: inferred(null) },
];

const [document] = parseYaml('x.yaml', 'kind: Topology\n').documents;
if (document === undefined) throw new Error('one document');

type Input = Parameters<typeof readRules>[0];

/** The rules that are left, and what is reported. */
function left(input: Input) {
  const found: Diagnostic[] = [];
  const cursor = new Cursor(wholeDocument(document as NonNullable<typeof document>, 'Node/n1'), found);
  const machine: DerivedMachine = {
    cursor,
    devices: new Map(),
    own: [],
    derived: [],
    rules: derived,
    ports: new Set(),
    vxlan: new Set(),
    entries: () => [],
  };
  const { rules, removedRules } = readRules(input, machine, cursor.at('rules'));
  return { rules: withRules(derived, rules, removedRules).map((r) => `${r.priority} ${r.table}`), found };
}

const USUAL = ['0 255', '512 254', '1024 254', '1536 2', '1536 2', '32766 254', '32767 253'];
const without = (...gone: readonly number[]) => USUAL.filter((_, i) => !gone.includes(i));
const removed = (...remove: NonNullable<Extract<Input, { remove?: unknown }>['remove']>) => ({ remove });

describe('rules.remove takes away what is meant', () => {
  test.each([
    ['by all that it selects', removed({ priority: 1536, from: cidr('192.168.1.102/32') }), without(3)],
    ['by its priority alone: every rule that has it', removed({ priority: 1536 }), without(3, 4)],
    ['by its mark', removed({ priority: 1024, fwmark: '0x80/0x80' }), without(2)],
    ['by its table', removed({ priority: 512, table: 254 }), without(1)],
    ['nothing', {}, USUAL],
    [
      'and puts a stated one in their place',
      { remove: [{ priority: 1536 }], add: [{ priority: 1536, table: 9 }] },
      ['0 255', '512 254', '1024 254', '1536 9', '32766 254', '32767 253'],
    ],
  ])('%s', (_, input, rules) => {
    expect(left(input)).toEqual({ rules, found: [] });
  });

  test.each([
    ['another source', removed({ priority: 1536, from: cidr('192.168.1.109/32') }), '1536 from 192.168.1.109/32'],
    ['another mask', removed({ priority: 1024, fwmark: '0x80' }), '1024 from all fwmark 0x80'],
    ['another table', removed({ priority: 512, table: 2 }), '512 from all'],
  ])('%s is an error with what is there', (_, input, meant) => {
    const { found } = left(input);
    expect(found.map((d) => [d.code, d.message, d.hint])).toEqual([
      [
        'unknown-rule',
        `Node/n1 has no derived rule ${meant}`,
        'it has 512 from all to 192.168.1.102/32, 1024 from all fwmark 0x80/0x80, 1536 from 192.168.1.102/32, 1536 from 192.168.1.103/32',
      ],
    ]);
  });

  test.each([
    ['a list alone', [{ priority: 100, table: 5 }]],
    ['add', { add: [{ priority: 100, table: 5 }] }],
  ])('%s is added', (_, input) => {
    expect(left(input).rules).toEqual(['0 255', '100 5', ...USUAL.slice(1)]);
  });
});
