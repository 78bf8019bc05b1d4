import type { RulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { RuleRole } from '../datapath/roles.ts';
import { FIREWALL_CHAINS, firewallRuleText } from '../k8s/firewall.ts';
import type { Firewall, FirewallAction, FirewallRule, HostFirewall } from '../k8s/network.ts';
import type { IpFamily } from '../net/address.ts';
import { inferred } from '../source/origin.ts';

/**
 * Lists of rules into the FORWARD chain of a machine that hands packets on. A packet of a connection that is known passes: the rules are
 * about the first one. Of several lists all have to let it pass. They see addresses as FORWARD does: after the gateway has translated
 * the destination, and before it translates the source.
 */
export function programFirewalls(rules: RulesetBuilder, family: IpFamily, firewalls: readonly (Firewall | null)[]): void {
  const stated = firewalls.filter((f) => f !== null);
  if (stated.length === 0) return;
  const known: Match = { kind: 'ctstate', states: ['RELATED', 'ESTABLISHED'], negated: false };
  rules.append('filter', 'FORWARD', { matches: [known], target: { kind: 'ACCEPT' }, comment: null, origin: inferred(null) });
  for (const firewall of stated) {
    const chain = FIREWALL_CHAINS[firewall.where];
    const { action, origin } = firewall.otherwise;
    rules.append('filter', 'FORWARD', { matches: [], target: { kind: 'jump', chain }, comment: null, origin });
    const list = { kind: 'firewall', list: firewall.where } as const;
    rules.append(
      'filter',
      chain,
      ...firewall.rules.flatMap((r, i) => rulesOf(r, family, RETURN, { ...list, number: i + 1, name: r.name, says: firewallRuleText(r) })),
      {
        matches: [],
        target: targetOf(action, family, RETURN),
        comment: null,
        origin,
        role: { ...list, number: null, name: null, says: action },
      },
    );
  }
}

/**
 * A node's own rules: `iptables -I` before those that are there, one by one so that the list keeps its order, and `-P`. There is no policy
 * that refuses; a last rule does.
 */
export function programHostFirewall(rules: RulesetBuilder, family: IpFamily, { input, forward }: HostFirewall): void {
  for (const [hook, list, stated] of [['INPUT', 'input', input] as const, ['FORWARD', 'forward', forward] as const]) {
    if (stated === null) continue;
    const role = { kind: 'host-firewall', list } as const;
    const own = stated.rules.flatMap((r, i) =>
      rulesOf(r, family, ACCEPT, { ...role, number: i + 1, name: r.name, says: firewallRuleText(r) }),
    );
    for (const rule of own.toReversed()) rules.prepend('filter', hook, rule);
    const { action, origin } = stated.otherwise;
    if (action === 'deny') rules.policy('filter', hook, 'DROP');
    if (action === 'reject')
      rules.append('filter', hook, {
        matches: [],
        target: targetOf(action, family, ACCEPT),
        comment: null,
        origin,
        role: { ...role, number: null, name: null, says: action },
      });
  }
}

const ACCEPT: Target = { kind: 'ACCEPT' };
/** A packet that passes one list goes on to the next. */
const RETURN: Target = { kind: 'RETURN' };

function targetOf(action: FirewallAction, family: IpFamily, passing: Target): Target {
  switch (action) {
    case 'allow':
      return passing;
    case 'deny':
      return { kind: 'DROP' };
    case 'reject':
      return { kind: 'REJECT', with: family === 'IPv4' ? 'icmp-admin-prohibited' : 'icmp6-adm-prohibited' };
  }
}

/** One rule for each range of ports. */
function rulesOf(stated: FirewallRule, family: IpFamily, passing: Target, role: RuleRole): readonly Rule[] {
  const { name, action, from, to, protocol, ports, origin } = stated;
  if (stated.family !== null && stated.family !== family) return [];
  const ends: readonly Match[] = [
    ...(from.length === 0 ? [] : [{ kind: 'source', prefix: from, negated: false } as const]),
    ...(to.length === 0 ? [] : [{ kind: 'destination', prefix: to, negated: false } as const]),
  ];
  const rule = (more: readonly Match[]): Rule => ({
    matches: [...ends, ...more],
    target: targetOf(action, family, passing),
    comment: name,
    origin,
    role,
  });
  if (ports.length === 0) {
    const name = protocol === 'icmp' && family === 'IPv6' ? 'ipv6-icmp' : protocol;
    return [rule(name === null ? [] : [{ kind: 'protocol', protocol: name, negated: false }])];
  }
  return ports.map((p) =>
    rule([
      { kind: 'protocol', protocol: p.protocol, negated: false },
      { kind: 'dport', protocol: p.protocol, first: p.first, last: p.last, negated: false },
    ]),
  );
}
