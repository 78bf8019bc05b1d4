import { type FoundRulesOf, foundRules, iptablesCommand, withRules } from '../datapath/found/edit-rules.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { isPlain } from '../datapath/netfilter/command-line.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import { printRule } from '../datapath/netfilter/print-rule.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import { insertRule } from '../datapath/netfilter/undo.ts';
import { packetFamily, type WirePacket } from '../net/packet.ts';
import { hostPrefix } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import { withCommands } from '../source/sentence.ts';
import { advised, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/**
 * The fix that lets this flow alone pass a found base chain, or answers where one was stopped: a rule before all others accepts it, which ends the
 * table's part at the hook (iptables), or the base chain (nft). Null: there is no such rule.
 */
export function acceptFlow(
  { facts: { base, netns }, hops, path }: Scene<'FILTER_DROP' | 'FILTER_REJECT'>,
  found: FoundState,
  what: FoundRulesOf,
  locus: Locus,
): Fix | null {
  const last = hops.at(-1);
  if (last === undefined || last.outer !== null) return null;
  const isAnswer = path.failure?.walk === 'reply';
  const rule: Rule = {
    ...(what.kind === 'nft' ? { syntax: 'nft' } : {}),
    matches: isAnswer ? [{ kind: 'ctstate', states: ['RELATED', 'ESTABLISHED'], negated: false }] : flowOf(last.packet, what),
    target: { kind: 'ACCEPT' },
    comment: null,
    origin: { evidence: 'inferred', locus: null },
  };
  const text = printRule(rule);
  const command = what.kind === 'nft' ? insertRule({ ...what, chain: base }, text) : `${iptablesCommand(what, found)} -I ${base} ${text}`;
  if (command === null || (what.kind === 'iptables' && !isPlain(command))) return null;
  const words = `accept ${isAnswer ? 'the packets of known connections' : 'this flow'} before ${place(locus)} stops ${isAnswer ? 'them' : 'it'}`;
  return {
    ...advised('elsewhere', withCommands(`${words}, on ${netns}: ${command}`, command)),
    onFound: { node: netns, edit: (state) => withRules(state, what, base, [rule, ...(foundRules(state, what, base) ?? [])]) },
  };
}

function flowOf(packet: WirePacket, { kind }: FoundRulesOf): readonly Match[] {
  const { protocol, source, destination, destinationPort } = packet;
  const ends: readonly Match[] = [
    { kind: 'source', prefix: hostPrefix(source), negated: false },
    { kind: 'destination', prefix: hostPrefix(destination), negated: false },
  ];
  const name = protocol === 'icmp' && packetFamily(packet) === 'IPv6' ? 'ipv6-icmp' : protocol;
  const carried: Match = { kind: 'protocol', protocol: name, negated: false };
  if (protocol === 'icmp' || protocol === 'ipip') return [...ends, carried];
  // nft's port says of which protocol it is.
  return [
    ...ends,
    ...(kind === 'nft' ? [] : [carried]),
    { kind: 'dport', protocol, first: destinationPort, last: destinationPort, negated: false },
  ];
}
