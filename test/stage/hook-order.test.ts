import { describe, expect, it } from 'vitest';
import { traceFlow } from '../../src/walk/flow.ts';
import type { FlowPath } from '../../src/walk/flow-path.ts';
import { connmarks, expressions, nat, priorities, type RulesRow, routedAgain } from '../kernel/netfilter.ts';
import { twoHosts } from './two-hosts.ts';

const ended = ({ client, forward }: FlowPath): string | number =>
  client === 'answer' && forward.packet.destinationPort > 1 ? forward.packet.destinationPort : client;

function follow({ program, ask, overrides, expected }: RulesRow): void {
  const paths = traceFlow(twoHosts(program, ask, overrides).flow);
  expect(paths.map(ended).sort()).toEqual([...expected].sort());
}

/** The same rows are asked of the kernel in test/kernel-lab/rules.kernel.ts. */
describe('the order at a hook', () => {
  it.each(priorities.map((row) => [row.name, row] as const))('%s', (_name, row) => follow(row));
});
describe('nat chains', () => {
  it.each(nat.map((row) => [row.name, row] as const))('%s', (_name, row) => follow(row));
});
describe("nft's expressions", () => {
  it.each(expressions.map((row) => [row.name, row] as const))('%s', (_name, row) => follow(row));
});
describe("a connection's mark", () => {
  it.each(connmarks.map((row) => [row.name, row] as const))('%s', (_name, row) => follow(row));
});
describe('a packet that is sent with another mark is routed again', () => {
  it.each(routedAgain.map((row) => [row.name, row] as const))('%s', (_name, row) => follow(row));
});
