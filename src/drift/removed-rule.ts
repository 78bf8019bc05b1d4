import type { RoutingRule } from '../datapath/fib.ts';
import { type Prefix, samePrefix } from '../net/prefix.ts';

/**
 * The rule that goes when this one is named in full: the first of its priority that has all that it says; of what it does not say, and of `not`, the kernel
 * asks nothing. Source: rule_find, net/core/fib_rules.c; fib4_rule_compare, net/ipv4/fib_rules.c.
 */
export const removedBy = (rule: RoutingRule, all: readonly RoutingRule[]): RoutingRule | null =>
  all.find((own) => own.priority === rule.priority && hasAll(own, rule)) ?? null;

function hasAll(own: RoutingRule, said: RoutingRule): boolean {
  const isPrefix = (is: Prefix | null, wanted: Prefix | null) =>
    wanted === null || wanted.length === 0 || (is !== null && samePrefix(is, wanted));
  const isText = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const isSaid = (is: unknown, wanted: unknown) => wanted == null || isText(is, wanted);
  return (
    isPrefix(own.from, said.from) &&
    isPrefix(own.to, said.to) &&
    isSaid(own.iif, said.iif) &&
    isSaid(own.oif, said.oif) &&
    isSaid(own.mark, said.mark) &&
    isSaid(own.protocol, said.protocol) &&
    isSaid(own.sourcePorts, said.sourcePorts) &&
    isSaid(own.destinationPorts, said.destinationPorts) &&
    isSaid(own.suppressPrefixLength, said.suppressPrefixLength) &&
    isSaid(own.unmodelled, said.unmodelled) &&
    isText(own.action, said.action) &&
    (said.action !== undefined || own.table === said.table)
  );
}
