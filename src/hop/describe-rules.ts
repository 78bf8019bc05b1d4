import { printCondition, printRule } from '../datapath/netfilter/print-rule.ts';
import type { Condition, Rule } from '../datapath/netfilter/ruleset.ts';
import { iptablesFor } from '../datapath/programs.ts';
import { formatAddress } from '../net/address.ts';
import { type Packet, packetFamily } from '../net/packet.ts';
import { formatPrefix } from '../net/prefix.ts';
import { translation } from './describe-edge.ts';
import { policySkipWords } from './describe-policy.ts';
import type { FilterHop, NatHop, SkipHop } from './linux-hop.ts';
import { commentOf, type Miss, type RuleStep, targetOf } from './rule-step.ts';
import { inOrder } from './trail.ts';

/** What rules did with a packet, and why others did not. */

export function filter({ table, chain, steps, verdict, byPolicy }: FilterHop): string {
  if (byPolicy && verdict === 'ACCEPT') return `${table} ${chain}: no rule objects`;
  if (byPolicy) return `${table} ${chain}: ${verdict} (policy)`;
  const last = steps.at(-1);
  const target = last === undefined ? null : targetOf(last);
  const how = target?.kind === 'REJECT' ? ` with ${target.with}` : '';
  return `${table} ${chainPath(steps)}: ${verdict}${how}${because(steps)}`;
}

const chainPath = (steps: readonly RuleStep[]): string => chainsTo(steps).join(' -> ');

/** The chains that the packet went through to the deciding rule, without detours that marked it and returned. */
export function chainsTo(steps: readonly RuleStep[]): readonly string[] {
  const chains: string[] = [];
  for (const { chain } of steps) {
    const known = chains.indexOf(chain);
    if (known === -1) chains.push(chain);
    else chains.length = known + 1;
  }
  return chains;
}

function because(steps: readonly RuleStep[]): string {
  const last = steps.at(-1);
  const comment = last === undefined ? null : commentOf(last);
  return comment === null ? '' : ` (${comment})`;
}

export function nat(hop: NatHop): string {
  const { steps, hook } = hop;
  const words = translation(hop);
  if (steps.length > 0) return `${chainPath(steps)}: ${words}`;
  return `${words}, as conntrack remembers (${hook})`;
}

export function skip({ skipped, packet }: SkipHop): string {
  switch (skipped.mechanism) {
    case 'masquerade':
      return unchanged(skipped.steps, packet) ?? `no masquerade: ${whyNot(skipped.steps, inOrder(skipped.misses), packet)}`;
    case 'dnat':
      return 'no DNAT: no rule is for this destination';
    case 'bridge-netfilter':
      return `${iptablesOf(packet)} is not asked for frames on ${skipped.bridge}: bridge-nf-call-${iptablesOf(packet)} is 0`;
    case 'policy':
      return policySkipWords(skipped.pod, skipped.direction, skipped.skip);
    case 'nat-invalid':
      return 'no NAT: for conntrack this packet is INVALID, it belongs to no connection that it knows';
  }
}

const iptablesOf = (packet: Packet) => iptablesFor(packetFamily(packet));

/** A rule did translate, but to the address that the packet has: the machine calls from that one itself. */
function unchanged(steps: readonly RuleStep[], packet: Packet): string | null {
  const last = steps.at(-1);
  const target = last === undefined ? undefined : targetOf(last)?.kind;
  if (target !== 'MASQUERADE' && target !== 'SNAT') return null;
  return `${chainPath(steps)}: ${target} changes nothing: the source is ${formatAddress(packet.source)} already`;
}

/** The rules that returned, and those that would have masqueraded but did not match. */
function whyNot(steps: readonly RuleStep[], misses: readonly Miss[], packet: Packet): string {
  const returned = steps
    .filter((s) => s.rule.target?.kind === 'RETURN')
    .map(({ rule }) => rule.matches.map((m) => holds(rule, m, packet)).at(-1) ?? printRule(rule));
  const missed = misses.filter((m) => m.rule.target?.kind === 'MASQUERADE').map(({ rule, failed }) => lacks(rule, failed, packet));
  const reasons = [...new Set([...returned, ...missed])];
  return reasons.length === 0 ? 'no rule asks for it' : reasons.join('; ');
}

/** A condition that was met, in words. */
function holds(rule: Rule, m: Condition, packet: Packet): string {
  if (m.kind === 'mark' && (m.negated || m.value === 0)) return `the mark 0x${m.mask.toString(16)} is not set`;
  if (m.kind === 'destination' && !m.negated) return `${formatAddress(packet.destination)} is in ${formatPrefix(m.prefix)}`;
  if (m.kind === 'source' && !m.negated) return `${formatAddress(packet.source)} is in ${formatPrefix(m.prefix)}`;
  return `${printCondition(rule, m)} matches`;
}

function lacks(rule: Rule, m: Condition, packet: Packet): string {
  if (m.kind === 'source' && !m.negated) return `${formatAddress(packet.source)} is not in ${formatPrefix(m.prefix)}`;
  return `${printCondition(rule, m)} does not match`;
}
