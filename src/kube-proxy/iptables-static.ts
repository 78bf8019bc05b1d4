import type { ConnectionState, Match } from '../datapath/netfilter/match.ts';
import { type Chain, plainChain, type Rule } from '../datapath/netfilter/ruleset.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import { cidr } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';

const LOOPBACK = cidr('127.0.0.0/8');
/** The chains that do not depend on any service. */
export function staticChains(
  origin: Origin,
  localhostNodePorts: boolean,
  masqueradeBit: number,
): Readonly<Record<'nat' | 'filter', readonly Chain[]>> {
  const mark = 2 ** masqueradeBit;
  const rule = (matches: readonly Match[], target: Target, comment: string | null = null): Rule => ({ matches, target, comment, origin });
  const states = (negated: boolean, ...list: ConnectionState[]): Match => ({ kind: 'ctstate', states: list, negated });
  const marked = (negated: boolean): Match => ({ kind: 'mark', value: mark, mask: mark, negated });
  return {
    nat: [
      plainChain('KUBE-POSTROUTING', [
        rule([marked(true)], { kind: 'RETURN' }),
        rule([], { kind: 'MARK', value: mark, mask: 0 }),
        rule([], { kind: 'MASQUERADE', randomFully: true }, 'kubernetes service traffic requiring SNAT'),
      ]),
      plainChain('KUBE-MARK-MASQ', [rule([], { kind: 'MARK', value: mark, mask: mark })]),
    ],
    filter: [
      plainChain('KUBE-FORWARD', [
        rule([states(false, 'INVALID')], { kind: 'DROP' }),
        rule([marked(false)], { kind: 'ACCEPT' }, 'kubernetes forwarding rules'),
        rule([states(false, 'RELATED', 'ESTABLISHED')], { kind: 'ACCEPT' }, 'kubernetes forwarding conntrack rule'),
      ]),
      plainChain('KUBE-FIREWALL', localhostNodePorts ? [martianRule(rule, states)] : []),
    ],
  };
}

type MakeRule = (matches: readonly Match[], target: Target, comment?: string | null) => Rule;

/** With route_localnet any machine on the link could reach a socket that listens on 127.0.0.1 only. */
const martianRule = (rule: MakeRule, states: (negated: boolean, ...list: ConnectionState[]) => Match): Rule =>
  rule(
    [
      { kind: 'source', prefix: LOOPBACK, negated: true },
      { kind: 'destination', prefix: LOOPBACK, negated: false },
      states(true, 'RELATED', 'ESTABLISHED', 'DNAT'),
    ],
    { kind: 'DROP' },
    'block incoming localnet connections',
  );
