import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';
import { allAsFound } from './as-found.ts';

/** IPv6's rules are not asked before one was added (seen on Linux 6.18): without the usual ones alone, nothing is otherwise. */
const FIXTURE = 'four-pods.yaml';
const network = networkOf(readFileSync(new URL(`../../fixtures/ipv6/${FIXTURE}`, import.meta.url)), FIXTURE);
const withoutMain = (others: boolean) =>
  allAsFound(network, (state) => {
    const rules = (state.rules.IPv6 ?? []).filter((r) => r.priority === 0 || (others && r.priority !== 32_766));
    const nop = rules.slice(0, 1).map((r) => ({ ...r, priority: 90, iif: 'nowhere0' }));
    return { ...state, rules: { ...state.rules, IPv6: others ? [...rules, ...nop] : rules } };
  });

it.each([
  [false, 'delivered'],
  [true, 'dropped'],
])('the rule of the main table is gone, others were added: %s', (others, outcome) =>
  expect(askIn(withoutMain(others), 'pod-a', 'pod-c').outcome).toBe(outcome),
);
