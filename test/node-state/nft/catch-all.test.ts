import { expect, it } from 'vitest';
import { ip } from '../../../src/net/address.ts';
import { readText, tablesOf } from './reading.ts';

const listing = (elements: string) =>
  `table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { ${elements} }\n\t}\n}\n`;

it.each([
  ['10.0.0.0/8', [true, false]],
  ['10.0.0.0/8, *', [true, true]],
  ['*', [true, true]],
] as const)('a set of %s has 10.1.2.3, 192.0.2.1', (elements, has) => {
  const text = listing(elements);
  expect(readText(text).unread).toEqual([]);
  const set = tablesOf(text)[0]?.sets[0];
  expect(['10.1.2.3', '192.0.2.1'].map((a) => set?.find([ip(a)]) !== undefined)).toEqual(has);
});

it('what is not in a set of all is not the same in all kernels', () => {
  const rules = '\tchain c {\n\t\tip saddr @s drop\n\t\tip saddr != @s drop\n\t}\n}\n';
  const kinds = (elements: string) =>
    tablesOf(listing(elements).replace(/\}\n$/, rules))[0]
      ?.chain('c')
      ?.rules()
      .map(({ matches }) => matches[0]?.kind);
  expect(kinds('10.0.0.0/8, *')).toEqual(['lookup', 'unknown']);
  expect(kinds('10.0.0.0/8')).toEqual(['lookup', 'lookup']);
});
