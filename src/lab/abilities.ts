import { LabError, type Ran } from './machine.ts';
import { nftAbilities } from './nft-abilities.ts';
import { type Ability, ruleAbilities } from './rule-abilities.ts';

const device = (kind: string, more: string): Ability => ({
  probe: `ip link add probe0 type ${kind}${more} && ip link del probe0`,
  name: `${kind} devices`,
  remedy: `modprobe ${kind}`,
  without: null,
});

/** By a pattern of the script. */
const ABILITIES: readonly (readonly [needed: RegExp, ability: Ability])[] = [
  [
    /^: a socket load balancer$/m,
    {
      probe: 'false',
      name: 'a socket load balancer (BPF programs of a cgroup)',
      remedy: 'nothing: a lab builds none',
      without: 'cluster: { socketLB: { enabled: false } }',
    },
  ],
  [
    /^: virtual servers of IPVS$/m,
    {
      probe: 'false',
      name: "IPVS, of kube-proxy's mode ipvs",
      remedy: 'nothing: a lab builds none',
      without: 'kubeProxy: { mode: iptables }',
    },
  ],
  [
    /^: policies on the devices of pods$/m,
    {
      probe: 'false',
      name: 'policies on the devices of pods, as Cilium and others enforce them (BPF programs, tables of Open vSwitch)',
      remedy: 'nothing: a lab builds policies of those that write rules of netfilter',
      without: 'cluster: { networkPolicy: none }',
    },
  ],
  [
    /^: policies about domain names$/m,
    {
      probe: 'false',
      name: 'the addresses of domain names, which a policy is about',
      remedy: 'nothing: a lab asks nobody',
      without: 'no domainNames',
    },
  ],
  [/ type bridge$/m, device('bridge', '')],
  [/ type veth /, device('veth', ' peer name probe1')],
  [/ type vxlan /, device('vxlan', ' id 1 dstport 4789')],
  [/ type ipip /, device('ipip', '')],
  [/ type dummy$/m, device('dummy', '')],
  [
    /^echo [1-9]\d* > \/proc\/sys\/net\/bridge\//m,
    {
      probe: '[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]',
      name: 'bridge netfilter (br_netfilter)',
      remedy: 'modprobe br_netfilter',
      without: 'sysctls: { net.bridge.bridge-nf-call-iptables: 0 } on all nodes (with IPv6, net.bridge.bridge-nf-call-ip6tables)',
    },
  ],
  [
    /^ground_ipv6=/m,
    {
      probe: '[ -d /proc/sys/net/ipv6/conf ]',
      name: 'IPv6',
      remedy: 'boot without ipv6.disable=1',
      without: 'IPv4 addresses only',
    },
  ],
  [
    / ip6tables-restore /,
    {
      probe: 'command -v ip6tables-restore',
      name: 'the program ip6tables-restore',
      remedy: 'apt-get install iptables',
      without: null,
    },
  ],
  [
    / nft -f -/,
    {
      probe: 'command -v nft',
      name: 'the program nft',
      remedy: 'apt-get install nftables',
      without: 'kubeProxy: { mode: iptables }',
    },
  ],
  [
    / ipset restore /,
    {
      probe: 'ipset create probe hash:ip',
      name: 'ipset (ip_set, and the program)',
      remedy: 'apt-get install ipset && modprobe ip_set',
      without: null,
    },
  ],
  [
    / ip6tables -I /,
    {
      probe: 'ip6tables -A INPUT -p ipv6-icmp --icmpv6-type 135',
      name: "ip6tables' match icmp6",
      remedy: 'modprobe ip6_tables',
      without: 'no neighbours',
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

/** The abilities that a script needs, without a look at the machine. */
function abilitiesFor(script: string): readonly Ability[] {
  // A comment of a rule may have any text.
  const plain = script.replace(/"(?:\\.|[^"\\])*"/g, '');
  return [
    ...ABILITIES.flatMap(([needed, ability]) => (needed.test(plain) ? [ability] : [])),
    ...ruleAbilities(plain),
    ...nftAbilities(plain),
  ];
}

/**
 * Refuses a script that cannot be built here, with the names of all that is missing, and says which topologies can be verified without it.
 */
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
