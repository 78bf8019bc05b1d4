import { describe, expect, it } from 'vitest';
import { overall } from '../src/trace/trace.ts';

describe('the outcome of a trace over its paths', () => {
  it.each([
    [['delivered', 'delivered'], 'delivered'],
    [['dropped', 'dropped'], 'dropped'],
    [['delivered', 'dropped'], 'mixed'],
    [['rejected', 'dropped'], 'mixed'],
    [['looped', 'delivered'], 'mixed'],
    [['undetermined', 'dropped'], 'mixed'],
    [['exits', 'rejected'], 'mixed'],
    [['undetermined', 'delivered'], 'undetermined'],
    [['undetermined', 'exits'], 'undetermined'],
    [['exits', 'delivered'], 'exits'],
    [['exits'], 'exits'],
  ] as const)('%j is %s', (outcomes, expected) => {
    expect(overall(outcomes)).toBe(expected);
  });
});
