import { LabError, type Ran } from './machine.ts';

/**
 * What a lab's script needs and a kernel, or a machine, may lack. Each is tried in the lab's own network namespace, where nothing else
 * is, so that all that is missing is named at once, and in words: what `ip` and `iptables-restore` say of it is often no help.
 */
interface Ability {
  /** The shell command that fails where it is missing. */
  readonly probe: string;
  readonly name: string;
  /** How to get it. */
  readonly remedy: string;
  /** What a topology has to say to be built without it; null when none can. */
  readonly without: string | null;
}

const NO_RULES = 'kubeProxy: { running: false } on all nodes, and cluster: { masquerade: none }';

const device = (kind: string, more: string): Ability => ({
  probe: `ip link add probe0 type ${kind}${more} && ip link del probe0`,
  name: `${kind} devices`,
  remedy: `modprobe ${kind}`,
  without: null,
});

/** By what the script has in it. */
const ABILITIES: readonly (readonly [needed: RegExp, ability: Ability])[] = [
  [/ type bridge$/m, device('bridge', '')],
  [/ type veth /, device('veth', ' peer name probe1')],
  [
    /^echo [1-9]\d* > \/proc\/sys\/net\/bridge\//m,
    {
      probe: '[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]',
      name: 'bridge netfilter (br_netfilter)',
      remedy: 'modprobe br_netfilter',
      without: 'sysctls: { net.bridge.bridge-nf-call-iptables: 0 } on all nodes',
    },
  ],
  [
    / arptables-nft /,
    {
      probe: 'command -v arptables-nft',
      name: 'the program arptables-nft',
      remedy: 'apt-get install iptables',
      without: 'no neighbours',
    },
  ],
];

/** A rule for each table, match and target of iptables that a datapath may use: `TABLE RULE`. */
const RULES: Readonly<Record<string, string>> = {
  '*raw': 'raw -A OUTPUT',
  '*mangle': 'mangle -A OUTPUT',
  '*nat': 'nat -A OUTPUT',
  '*filter': 'filter -A OUTPUT',
  '-m comment': 'filter -A OUTPUT -m comment --comment probe',
  '-m conntrack': 'filter -A OUTPUT -m conntrack --ctstate NEW',
  '-m addrtype': 'filter -A OUTPUT -m addrtype --dst-type LOCAL',
  '-m mark': 'filter -A OUTPUT -m mark --mark 0x1/0x1',
  '-m physdev': 'filter -A FORWARD -m physdev --physdev-is-bridged',
  '-m statistic': 'filter -A OUTPUT -m statistic --mode random --probability 0.5',
  '-m tcp': 'filter -A OUTPUT -p tcp -m tcp --dport 1',
  '-m udp': 'filter -A OUTPUT -p udp -m udp --dport 1',
  '-m sctp': 'filter -A OUTPUT -p sctp -m sctp --dport 1',
  '-j REJECT': 'filter -A OUTPUT -j REJECT --reject-with icmp-port-unreachable',
  '-j MARK': 'nat -A OUTPUT -j MARK --set-xmark 0x1/0x1',
  '-j DNAT': 'nat -A OUTPUT -p tcp -j DNAT --to-destination 192.0.2.1:1',
  '-j SNAT': 'nat -A POSTROUTING -j SNAT --to-source 192.0.2.1',
  '-j MASQUERADE': 'nat -A POSTROUTING -j MASQUERADE',
};

const KINDS: Readonly<Record<string, string>> = { '*': 'table', '-m ': 'match', '-j ': 'target' };

function ruleAbility(word: string, rule: string): Ability {
  const [, prefix = '', name = ''] = /^(\*|-m |-j )(.*)$/.exec(word) ?? [];
  const [table, ...words] = rule.split(' ');
  return {
    probe: `printf '%s\\n' '*${table}' '${words.join(' ')}' COMMIT | iptables-restore`,
    name: `iptables' ${KINDS[prefix]} ${name}`,
    remedy: `modprobe ${prefix === '*' ? 'iptable_' : 'xt_'}${name}`,
    without: NO_RULES,
  };
}

/** What a script needs, without a look at the machine. */
function abilitiesFor(script: string): readonly Ability[] {
  // A comment of a rule is anybody's text.
  const plain = script.replace(/"(?:\\.|[^"\\])*"/g, '');
  const words = new Set(plain.match(/^\*[a-z]+$|-[mj] [A-Za-z]+(?= |$)/gm));
  return [
    ...ABILITIES.flatMap(([needed, ability]) => (needed.test(plain) ? [ability] : [])),
    ...Object.entries(RULES).flatMap(([word, rule]) => (words.has(word) ? [ruleAbility(word, rule)] : [])),
  ];
}

/** Refuses what cannot be built here, with the names of all that is missing, and says what can be verified without it. */
export async function checkAbilities(run: (script: string) => Promise<Ran>, script: string): Promise<void> {
  const needed = abilitiesFor(script);
  const probes = needed.map(({ probe }, i) => `{ ${probe}; } > /dev/null 2>&1 || echo ${i}`);
  const { stdout } = await run(`${probes.join('\n')}\n`);
  const missing = stdout.split('\n').flatMap((line) => (/^\d+$/.test(line) ? (needed[Number(line)] ?? []) : []));
  if (missing.length === 0) return;
  const unique = (values: readonly (string | null)[], glue: string) => [...new Set(values)].join(glue);
  const hopeless = missing.some((a) => a.without === null);
  const rest = hopeless
    ? 'without them there is only the trace'
    : `without them a topology can be verified that states ${unique(
        missing.map((a) => a.without),
        '; and ',
      )}`;
  throw new LabError(
    `this cannot be built here: this machine lacks ${missing.map((a) => a.name).join(', ')}`,
    `try, as root: ${unique(
      missing.map((a) => a.remedy),
      ' && ',
    )}; ${rest}`,
  );
}
