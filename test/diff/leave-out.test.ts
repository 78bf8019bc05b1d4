import { describe, expect, test } from 'vitest';
import type { Row } from '../../src/diff/change.ts';
import { byEnds, type Cell, type Rows } from '../../src/diff/compare.ts';
import { causesOf } from '../../src/diff/leave-out.ts';

const ENDS = { from: 'a', to: 'b', family: 'IPv4', protocol: 'tcp' } as const;

const rows = (open: readonly number[]): Rows =>
  byEnds(
    [80, 81, 82].map(
      (port): Row => ({
        ...ENDS,
        ports: [{ first: port, last: port }],
        outcome: open.includes(port) ? 'delivered' : 'dropped',
        code: open.includes(port) ? null : 'FILTER_DROP',
        share: 1,
      }),
    ),
  );

/** What makes a port open: all things of a list, in one of the lists. */
type Openers = Readonly<Record<number, readonly (readonly string[])[]>>;

function causes(things: readonly string[], openers: Openers, touches: (thing: string) => boolean = () => true) {
  const all = [80, 81, 82];
  const openWith = (kept: readonly string[]) =>
    all.filter((port) => (openers[port] ?? []).some((needed) => needed.every((t) => kept.includes(t))));
  let asked = 0;
  const cells: readonly Cell[] = openWith(things).map((port) => ({ ends: ENDS, ports: { first: port, last: port } }));
  const found = causesOf(
    {
      before: rows([]),
      without: (left) => {
        asked++;
        return rows(openWith(things.filter((t) => !left.includes(t))));
      },
      touches,
      budget: { left: 200 },
    },
    things,
    cells,
  );
  return { told: Object.fromEntries(found.map((f) => [f.cell.ports?.first, [...f.causes].sort().join(' ')])), asked };
}

const many = Array.from({ length: 64 }, (_, i) => `t${i}`);

describe('what a change does not come about without', () => {
  test.each<[string, readonly string[], Openers, Readonly<Record<number, string>>]>([
    ['the only thing', ['x'], { 80: [['x']] }, { 80: 'x' }],
    ['one of two', ['x', 'y'], { 80: [['y']] }, { 80: 'y' }],
    ['both are needed: each is a cause', ['x', 'y', 'z'], { 80: [['x', 'y']] }, { 80: 'x y' }],
    ['either is enough: none can be left out alone', ['x', 'y', 'z'], { 80: [['x'], ['z']] }, { 80: 'x z' }],
    [
      'one with either of two',
      ['x', 'y', 'z'],
      {
        80: [
          ['x', 'y'],
          ['x', 'z'],
        ],
      },
      { 80: 'x' },
    ],
    ['each port has its own', ['x', 'y', 'z'], { 80: [['x']], 81: [['y'], ['z']], 82: [['x', 'z']] }, { 80: 'x', 81: 'y z', 82: 'x z' }],
    ['one of many', many, { 80: [['t17']] }, { 80: 't17' }],
    ['two of many, each needed', many, { 80: [['t3', 't60']] }, { 80: 't3 t60' }],
    ['two of many, either enough', many, { 80: [['t3'], ['t60']] }, { 80: 't3 t60' }],
    ['three of many, any enough', many, { 80: [['t3'], ['t33'], ['t60']] }, { 80: 't3 t33 t60' }],
  ])('%s', (_, things, openers, expected) => {
    expect(causes(things, openers).told).toEqual(expected);
  });

  test('one of many is found in few steps', () => {
    expect(causes(many, { 80: [['t17']] }).asked).toBeLessThan(20);
  });

  test('what cannot touch it is not asked, and the only one that can is the cause', () => {
    expect(causes(['x', 'y'], { 80: [['y']] }, (thing) => thing === 'y')).toEqual({ told: { 80: 'y' }, asked: 0 });
  });

  test('without the one the input makes no sense, and the other is found', () => {
    const found = causesOf(
      {
        before: rows([]),
        without: (left) => (left.includes('x') && !left.includes('y') ? null : rows(left.includes('y') ? [] : [80])),
        touches: () => true,
        budget: { left: 50 },
      },
      ['x', 'y'],
      [{ ends: ENDS, ports: { first: 80, last: 80 } }],
    );
    expect(found.map((f) => f.causes)).toEqual([['y']]);
  });

  test('a range is cut where leaving something out says other things of its parts', () => {
    const range = (open: readonly [number, number] | null): Rows => {
      const all: readonly Row[] = [
        ...(open === null
          ? []
          : [{ ...ENDS, ports: [{ first: open[0], last: open[1] }], outcome: 'delivered', code: null, share: 1 } as const]),
        { ...ENDS, ports: shut(open), outcome: 'dropped', code: 'FILTER_DROP', share: 1 },
      ];
      return byEnds(all);
    };
    const shut = (open: readonly [number, number] | null) =>
      open === null
        ? [{ first: 1, last: 100 }]
        : [
            { first: 1, last: open[0] - 1 },
            { first: open[1] + 1, last: 100 },
          ];
    // x opens 20-60, y opens 40-80: without x 40-80 is open, without y 20-60.
    const found = causesOf(
      {
        before: range(null),
        without: (left) => range(left.length === 2 ? null : left.includes('x') ? [40, 80] : [20, 60]),
        touches: () => true,
        budget: { left: 50 },
      },
      ['x', 'y'],
      [{ ends: ENDS, ports: { first: 20, last: 80 } }],
    );
    const told = found.map((f) => `${f.cell.ports?.first}-${f.cell.ports?.last} ${f.causes.join('+')}${f.isJoint ? ' together' : ''}`);
    expect(told.sort()).toEqual(['20-39 x', '40-60 x+y together', '61-80 y']);
  });
});
