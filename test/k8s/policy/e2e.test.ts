import { describe, expect, it } from 'vitest';
import { E2E_WORLD, NAMES } from './e2e-world.ts';
import { SCENARIOS } from './scenarios.ts';
import { ask, worldOf } from './world.ts';

/**
 * The 48 scenarios of Kubernetes' own end-to-end tests of NetworkPolicy, by their number there, over three namespaces with three pods each, two ports and
 * three protocols. What is expected of each was written from what the scenario means.
 */
describe.each(SCENARIOS.map((s) => [s.title, s] as const))('%s', (_, { policies, allows, topology }) => {
  const world = worldOf(`${topology ?? E2E_WORLD}\n---\n${policies.join('\n---\n')}`);

  it('lets through what it means to', () => {
    const wrong: string[] = [];
    for (const from of NAMES)
      for (const to of NAMES)
        for (const protocol of ['tcp', 'udp', 'sctp'] as const)
          for (const port of [80, 81]) {
            const expected = from === to || allows({ from, to, protocol, port }) ? 'allow' : 'deny';
            const question = `${from} > ${to} ${protocol} ${port}`;
            const answer = ask(world, question);
            if (answer !== expected) wrong.push(`${question}: ${answer}, not ${expected}`);
          }
    expect(wrong).toEqual([]);
  });
});

it('there are 48', () => {
  const numbers = new Set(SCENARIOS.map(({ title }) => /^E#(\d+)/.exec(title)?.[1]));
  expect([...numbers].length).toBe(48);
});
