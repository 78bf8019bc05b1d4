import { expect, it } from 'vitest';
import type { DriftFlowDocument } from '../../src/document/drift-schema.ts';
import { rowsOf } from '../../src/render/drift-words.ts';

const ended = (outcome: 'delivered' | 'dropped', code: 'NO_ROUTE' | null) => ({
  outcome,
  code,
  endpoints: [],
  message: null,
  source: null,
});

/** Lost for want of a route. */
const flow = (source: string, destination: string, port: number | null = 80): DriftFlowDocument => ({
  kind: 'different',
  source,
  destination,
  family: 'IPv4',
  protocol: port === null ? 'icmp' : 'tcp',
  port,
  should: ended('delivered', null),
  has: ended('dropped', 'NO_ROUTE'),
  cause: null,
});

const calls = (from: readonly string[], to: readonly string[], port: number | null = 80) =>
  to.flatMap((destination) => from.flatMap((source) => (source === destination ? [] : [flow(source, destination, port)])));

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const rowTexts = (flows: readonly DriftFlowDocument[], isEach?: boolean) =>
  rowsOf(flows, isEach).map(({ from, to, port }) => `${from} > ${to} ${port}`);

it.each([
  ['callers of one are a row', calls(['a', 'b'], ['x', 'y']), ['a, b > x 80/tcp', 'a, b > y 80/tcp']],
  ['as long as these are few', calls(['a'], names('x', 9)), names('x', 9).map((x) => `a > ${x} 80/tcp`)],
  [
    'those that are called are one, too, where they are many',
    calls(['a', 'b'], names('x', 10)),
    ['a, b > x0, x1, x2, x3, x4, x5 and 4 more 80/tcp'],
  ],
  [
    'but for what is not said of them alike',
    [...calls(['a', 'b'], names('x', 8)), ...calls(['a', 'b'], ['y'], null), ...calls(['a'], ['z'])],
    ['a, b > x0, x1, x2, x3, x4, x5 and 2 more 80/tcp', 'a, b > y icmp', 'a > z 80/tcp'],
  ],
  [
    'all that call all others call each other',
    calls(names('p', 10), names('p', 10)),
    ['p0, p1, p2, p3, p4, p5 and 4 more > each other 80/tcp'],
  ],
  [
    'and not where one of them is not called',
    calls(names('p', 10), names('p', 9)).concat(calls(['a'], ['b'])),
    [
      ...names('p', 9).map(
        (p) =>
          `${names('p', 10)
            .filter((q) => q !== p)
            .slice(0, 6)
            .join(', ')} and 3 more > ${p} 80/tcp`,
      ),
      'a > b 80/tcp',
    ],
  ],
])('%s', (_, flows, rows) => {
  expect(rowTexts(flows)).toEqual(rows);
});

it('in full, each that is called has its row', () => {
  expect(rowTexts(calls(['a', 'b'], names('x', 12)), true)).toEqual(names('x', 12).map((x) => `a, b > ${x} 80/tcp`));
});
