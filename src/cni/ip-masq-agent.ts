import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Host } from '../k8s/cni.ts';
import { FAMILIES, familyOf } from '../net/address.ts';
import { cidr } from '../net/prefix.ts';

/** What it keeps where nobody states it: private networks, and of IPv6 unique local addresses. */
export const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].map(cidr);

const CHAIN = 'IP-MASQ-AGENT';
const LINK_LOCAL = { IPv4: cidr('169.254.0.0/16'), IPv6: cidr('fe80::/10') } as const;

/**
 * The cluster's masquerading as ip-masq-agent has it: whatever leaves the node for other than its own addresses and the excluded ranges,
 * wherever it comes from. Source: kubernetes-sigs/ip-masq-agent, cmd/ip-masq-agent/ip-masq-agent.go.
 */
export function masqueradeAsAgent({ rules, addresses, masquerade }: Pick<Host, 'rules' | 'addresses' | 'masquerade'>): void {
  if (masquerade === null) return;
  const { nonMasqueradeCidrs, origin } = masquerade;
  const rule = (matches: readonly Match[], target: Rule['target'], comment: string): Rule => ({ matches, target, comment, origin });
  for (const family of FAMILIES) {
    if (!addresses.some((a) => familyOf(a) === family)) continue;
    const { append } = rules[family];
    const toOthers: Match = { kind: 'dst-type', type: 'LOCAL', negated: true };
    append('nat', 'POSTROUTING', rule([toOthers], { kind: 'jump', chain: CHAIN }, 'ip-masq-agent: all that is not for this node'));
    const kept = [LINK_LOCAL[family], ...nonMasqueradeCidrs.filter((p) => familyOf(p.address) === family)];
    append(
      'nat',
      CHAIN,
      ...kept.map((prefix) =>
        rule([{ kind: 'destination', prefix, negated: false }], { kind: 'RETURN' }, 'ip-masq-agent: may see pod addresses'),
      ),
      rule([], { kind: 'MASQUERADE', randomFully: true }, 'ip-masq-agent: leaves for elsewhere'),
    );
  }
}
