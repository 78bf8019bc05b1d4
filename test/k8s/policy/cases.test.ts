import { describe, expect, it } from 'vitest';
import { loadNetwork } from '../../../src/index.ts';
import { CASES, ELSEWHERE, np, REFUSED } from './cases.ts';
import { CLUSTER, OBJECTS } from './cases-world.ts';
import { ask, worldOf } from './world.ts';

/** The checklist of what an evaluator must get right, by its numbers. */
describe.each(CASES.map((c) => [c.number, c.title, c] as const))(
  '%i %s',
  (_number, _title, { policies, answers, world: topology = CLUSTER }) => {
    const world = worldOf([topology, ...policies].join('\n---\n'));

    it.each(Object.entries(answers))('%s: %s', (question, answer) => {
      expect(ask(world, question)).toBe(answer);
    });
  },
);

describe('what is refused', () => {
  it.each(REFUSED)('%i %s: %s', (_, policy, field) => {
    const bytes = new TextEncoder().encode(`${CLUSTER}---\n${policy}`);
    const loaded = loadNetwork([{ name: 'x.yaml', bytes }]);
    const errors = loaded.ok ? [] : loaded.diagnostics.filter((d) => d.severity === 'error');
    expect(errors.map((d) => d.place?.field)).toEqual([field]);
  });
});

describe('41: blocks with host bits and leading zeros, as the API still takes them', () => {
  it.each([
    ['10.244.1.99/24', { 'y/a > x/a tcp 80': 'allow', 'x/b > x/a tcp 80': 'deny' }],
    ['10.244.2.010/32', { 'x/b > x/a tcp 80': 'allow', 'y/b > x/a tcp 80': 'deny' }],
  ])('%s', (block, answers) => {
    const world = worldOf(`${CLUSTER}---\n${np(`{ podSelector: {}, ingress: [ { from: [ { ipBlock: { cidr: ${block} } } ] } ] }`)}`);
    for (const [question, answer] of Object.entries(answers)) expect([question, ask(world, question)]).toEqual([question, answer]);
  });
});

describe('24: a pod without an address', () => {
  it('is selected by its labels', () => {
    const { cluster, index } = worldOf(`${OBJECTS}---\n${np('{ podSelector: { matchLabels: { app: waits } } }')}`);
    const selecting = (name: string) => {
      const pod = cluster.pods.get(name);
      return pod === undefined ? null : index.selecting(pod, 'ingress').map((p) => p.name);
    };
    expect([selecting('x/waits'), selecting('x/a')]).toEqual([['p'], []]);
  });
});

it('all 102 rows are here, or it is said where', () => {
  const covered = new Set([...CASES.map((c) => c.number), ...REFUSED.map(([n]) => n), 24, 41, ...Object.keys(ELSEWHERE).map(Number)]);
  expect(Array.from({ length: 102 }, (_, i) => i + 1).filter((n) => !covered.has(n))).toEqual([]);
});
