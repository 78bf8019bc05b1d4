/**
 * The abilities that a lab's script needs and a kernel, or a machine, may lack. Each is tried in the lab's own network namespace, where
 * nothing else is, so that all that is missing is named at once, and in words: the messages of `ip` and `iptables-restore` about it are
 * often no help.
 */
export interface Ability {
  /** The shell command that fails where it is missing. */
  readonly probe: string;
  readonly name: string;
  /** How to get it. */
  readonly remedy: string;
  /** The settings with which a topology is built without it; null when none is. */
  readonly without: string | null;
}

const NO_RULES = 'kubeProxy: { running: false } on all nodes, and cluster: { masquerade: none }';

/** A rule for each table, match and target of iptables that a datapath may use: `TABLE RULE`. */
const RULES4: Readonly<Record<string, string>> = {
  '*raw': 'raw -A OUTPUT',
  '*mangle': 'mangle -A OUTPUT',
  '*nat': 'nat -A OUTPUT',
  '*filter': 'filter -A OUTPUT',
  '-m comment': 'filter -A OUTPUT -m comment --comment probe',
  '-m conntrack': 'filter -A OUTPUT -m conntrack --ctstate NEW',
  '-m addrtype': 'filter -A OUTPUT -m addrtype --dst-type LOCAL',
  '-m mark': 'filter -A OUTPUT -m mark --mark 0x1/0x1',
  '-m connmark': 'filter -A OUTPUT -m connmark --mark 0x1/0x1',
  '-m rpfilter': 'raw -A PREROUTING -m rpfilter --invert',
  '-m physdev': 'filter -A FORWARD -m physdev --physdev-is-bridged',
  '-m statistic': 'filter -A OUTPUT -m statistic --mode random --probability 0.5',
  '-m tcp': 'filter -A OUTPUT -p tcp -m tcp --dport 1',
  '-m udp': 'filter -A OUTPUT -p udp -m udp --dport 1',
  '-m sctp': 'filter -A OUTPUT -p sctp -m sctp --dport 1',
  '-j REJECT': 'filter -A OUTPUT -j REJECT --reject-with icmp-port-unreachable',
  '-j MARK': 'nat -A OUTPUT -j MARK --set-xmark 0x1/0x1',
  '-j CONNMARK': 'mangle -A OUTPUT -j CONNMARK --set-xmark 0x1/0x1',
  '-j DNAT': 'nat -A OUTPUT -p tcp -j DNAT --to-destination 192.0.2.1:1',
  '-j SNAT': 'nat -A POSTROUTING -j SNAT --to-source 192.0.2.1',
  '-j MASQUERADE': 'nat -A POSTROUTING -j MASQUERADE',
};

/** Those of ip6tables that are not the same. */
const RULES6: Readonly<Record<string, string>> = {
  ...RULES4,
  '-j REJECT': 'filter -A OUTPUT -j REJECT --reject-with icmp6-port-unreachable',
  '-j DNAT': 'nat -A OUTPUT -p tcp -j DNAT --to-destination [2001:db8::1]:1',
  '-j SNAT': 'nat -A POSTROUTING -j SNAT --to-source 2001:db8::1',
};

const RULES = { iptables: RULES4, ip6tables: RULES6 } as const;

/** The input of `iptables-restore` and `ip6tables-restore`. */
const RESTORED = /(ip6?tables)-restore(?: --noflush)? <<'END'\n([\s\S]*?)\nEND$/gm;

const KINDS: Readonly<Record<string, string>> = { '*': 'table', '-m ': 'match', '-j ': 'target' };

/** The abilities that the rules of a script need; the script is without comments. */
export function ruleAbilities(script: string): readonly Ability[] {
  const needed = { iptables: new Set<string>(), ip6tables: new Set<string>() };
  for (const [, tool, text = ''] of script.matchAll(RESTORED))
    for (const [word] of text.matchAll(/^\*[a-z]+$|-[mj] [A-Za-z]+(?= |$)/gm)) needed[tool === 'iptables' ? tool : 'ip6tables'].add(word);
  return (['iptables', 'ip6tables'] as const).flatMap((tool) =>
    Object.entries(RULES[tool]).flatMap(([word, rule]) => (needed[tool].has(word) ? [ruleAbility(tool, word, rule)] : [])),
  );
}

function ruleAbility(tool: 'iptables' | 'ip6tables', word: string, rule: string): Ability {
  const [, prefix = '', name = ''] = /^(\*|-m |-j )(.*)$/.exec(word) ?? [];
  const [table, ...words] = rule.split(' ');
  return {
    probe: `printf '%s\\n' '*${table}' '${words.join(' ')}' COMMIT | ${tool}-restore`,
    name: `${tool}' ${KINDS[prefix]} ${name}`,
    remedy: `modprobe ${prefix === '*' ? (tool === 'iptables' ? 'iptable_' : 'ip6table_') : 'xt_'}${name}`,
    without: NO_RULES,
  };
}
