import { describe, expect, it } from 'vitest';
import { traceFlow } from '../../src/walk/flow.ts';
import type { FlowPath } from '../../src/walk/flow-path.ts';
import { apart, conditions, targets } from '../kernel/iptables-text.ts';
import type { RulesRow } from '../kernel/netfilter.ts';
import { twoHosts } from './two-hosts.ts';

const ended = ({ client, forward }: FlowPath): string | number =>
  client === 'answer' && forward.packet.icmp === null ? forward.packet.destinationPort : client;

function follow({ program, ask, expected }: RulesRow): void {
  expect(traceFlow(twoHosts(program, ask).flow).map(ended)).toEqual(expected);
}

/** The same rows are asked of the kernel in test/kernel-lab/rules.kernel.ts. */
describe('a packet that the rule asks for is dropped, another one is not', () => {
  it.each(conditions.map((row) => [row.name, row] as const))('%s', (_name, row) => follow(row));
});
describe('what a rule does', () => {
  it.each([...targets, ...apart].map((row) => [row.name, row] as const))('%s', (_name, row) => follow(row));
});
