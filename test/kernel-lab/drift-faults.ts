import type { DriftDocument } from '../../src/index.ts';

/** What is broken on a node, and what drift is to say of it. */
export interface Broken {
  readonly title: string;
  readonly command: string;
  readonly cause: Partial<DriftDocument['flows'][number]['cause']>;
  /** What had nothing to do with it is there still: this succeeds, and takes it away. */
  readonly left?: string;
  /** Asked by packets of so many bytes. */
  readonly size?: number;
}

const REJECT = '-A FORWARD -i cni0 -j REJECT --reject-with icmp-port-unreachable';
const KILLSWITCH =
  'add table inet vpn; add chain inet vpn out { type filter hook forward priority -10; policy drop; }; add rule inet vpn out oifname "wg0" accept';

export const BRIDGE: readonly Broken[] = [
  { title: 'a REJECT first in FORWARD', command: `iptables ${REJECT.replace('-A', '-I')}`, cause: { kind: 'foreign-rule' } },
  {
    title: 'one in a chain of its own, with a comment that a shell would run',
    command: `iptables -N VPN; iptables -A VPN -m comment --comment '$(reboot)' -j DROP; iptables -I FORWARD -j VPN`,
    cause: {
      kind: 'foreign-rule',
      text: "a rule of iptables filter that is not the cluster's comes first, in chain VPN, which is not the cluster's",
    },
  },
  { title: 'the policy of FORWARD', command: 'iptables -P FORWARD DROP', cause: { kind: 'chain-policy' } },
  {
    title: 'the policy, and the chain of kube-proxy that lets answers pass is gone',
    command: 'iptables -P FORWARD DROP; iptables -F FORWARD; iptables -F KUBE-FORWARD; iptables -X KUBE-FORWARD',
    cause: { kind: 'chain-policy' },
  },
  {
    title: 'a drop of the mark that kube-proxy puts on',
    command: 'iptables -I FORWARD -m mark --mark 0x4000/0x4000 -j DROP',
    cause: { kind: 'foreign-rule' },
  },
  {
    title: 'KUBE-SERVICES is emptied',
    command: 'iptables -t nat -F KUBE-SERVICES',
    cause: { kind: 'missing-rule', text: 'chain KUBE-SERVICES of iptables nat is empty' },
  },
  { title: 'the table nat is emptied', command: 'iptables -t nat -F; iptables -t nat -X', cause: { kind: 'missing-table' } },
  { title: 'ports of the node that lead into pods', command: 'iptables -t nat -F CNI-HOSTPORT-DNAT', cause: { kind: 'missing-rule' } },
  { title: 'a killswitch in nft', command: `nft '${KILLSWITCH}'`, cause: { kind: 'chain-policy', part: 'nft inet vpn' } },
  { title: 'no route to the pods of node-2', command: 'ip route del 10.244.2.0/24', cause: { kind: 'missing-route' } },
  { title: 'a route to a wrong next hop', command: 'ip route replace 10.244.2.0/24 via 192.168.1.1', cause: { kind: 'wrong-route' } },
  { title: 'a route by a wrong device', command: 'ip route replace 10.244.2.0/24 dev cni0', cause: { kind: 'wrong-route' } },
  { title: 'a blackhole for one pod', command: 'ip route add blackhole 10.244.2.10', cause: { kind: 'wrong-route' } },
  { title: 'no default route', command: 'ip route del default', cause: { kind: 'missing-route' } },
  {
    title: 'a rule that chooses another table',
    command: 'ip rule add priority 100 from 10.244.1.0/24 lookup 100; ip route add blackhole default table 100',
    cause: { kind: 'routing-rule' },
  },
  { title: 'forwarding', command: 'sysctl -qw net.ipv4.ip_forward=0', cause: { kind: 'setting' } },
  {
    title: 'forwarding of one device',
    command: 'sysctl -qw net.ipv4.conf.cni0.forwarding=0',
    cause: { kind: 'setting', part: 'net.ipv4.conf.cni0.forwarding' },
  },
  {
    title: 'the MAC address of node-2',
    command: 'ip neigh replace 192.168.1.12 lladdr 02:00:00:99:99:99 dev eth0 nud permanent',
    cause: { kind: 'neighbour' },
  },
  { title: 'the address of the bridge', command: 'ip address del 10.244.1.1/24 dev cni0', cause: { kind: 'device' } },
  { title: 'a port of the bridge is down', command: 'ip link set veth0 down', cause: { kind: 'device', text: 'veth0 is down' } },
  {
    title: 'a port that left the bridge',
    command: 'ip link set veth0 nomaster',
    cause: { kind: 'device', text: 'veth0 is not a port of cni0' },
  },
];

export const TUNNEL: readonly Broken[] = [
  {
    title: 'no entry for the other node',
    command: 'bridge fdb show dev flannel.1 | while read -r mac _; do bridge fdb del "$mac" dev flannel.1; done',
    cause: { kind: 'fdb' },
  },
  { title: 'no neighbour at the other end', command: 'ip neigh del 10.244.2.0 dev flannel.1', cause: { kind: 'neighbour' } },
  {
    title: 'packets of the tunnel are dropped',
    command: 'iptables -I INPUT -p udp --dport 8472 -j DROP',
    cause: { kind: 'foreign-rule' },
  },
  {
    title: 'FORWARD drops, and a reload took the rules of flannel',
    command: 'iptables -P FORWARD DROP; iptables -F FLANNEL-FWD',
    cause: { kind: 'chain-policy', instead: ['node-1: chain FLANNEL-FWD of iptables filter is empty'] },
  },
];

export const BOTH: readonly Broken[] = [
  {
    title: 'forwarding of IPv6',
    command: 'sysctl -qw net.ipv6.conf.all.forwarding=0',
    cause: { kind: 'setting', part: 'net.ipv6.conf.all.forwarding' },
  },
  {
    title: 'no neighbours of IPv6',
    command: 'ip6tables -I INPUT -p ipv6-icmp -j DROP',
    cause: { kind: 'foreign-rule', part: 'ip6tables filter' },
  },
  { title: 'no route of IPv6', command: 'ip -6 route del fd00:10:244:2::/64', cause: { kind: 'missing-route', part: 'ip -6 route' } },
];

const DROPS = ['-s 10.244.1.0/24 -j DROP', '-d 10.244.1.0/24 -j DROP'];
const OTHER_WAY = 'ip rule add priority 100 iif lo to 10.244.2.0/24 lookup 100; ip route add 10.244.2.0/24 dev cni0 table 100';

/** Several things at once, and such as could be taken for another. */
export const TOGETHER: readonly Broken[] = [
  {
    title: 'a rule of iptables-legacy with a comment that a shell would run, where iptables is the one of nft',
    command: `iptables -I FORWARD -i docker0 -j ACCEPT; iptables-legacy -I FORWARD -s 10.244.1.0/24 -m comment --comment "it's "'$(reboot)' -j DROP`,
    cause: { kind: 'foreign-rule', part: 'iptables filter' },
    left: 'iptables -D FORWARD -i docker0 -j ACCEPT',
  },
  {
    title: 'two rules with comments that a shell would run, one of them there twice',
    command: `for i in 1 2; do iptables -I FORWARD -s 10.244.1.0/24 -m comment --comment 'a;b' -j DROP; done; iptables -I FORWARD -d 10.244.1.0/24 -m comment --comment 'c|d' -j DROP`,
    cause: { kind: 'foreign-rule' },
  },
  { title: 'two rules', command: DROPS.map((drop) => `iptables -I FORWARD ${drop}`).join('; '), cause: { kind: 'foreign-rule' } },
  {
    title: 'the second of two routing rules of one priority',
    command:
      'ip rule add priority 100 from 10.99.0.0/16 lookup 100; ip rule add priority 100 from 10.244.1.0/24 lookup 100; ip route add blackhole default table 100',
    cause: { kind: 'routing-rule' },
    left: 'ip rule del priority 100 from 10.99.0.0/16 lookup 100; ip route flush table 100',
  },
  {
    title: 'a routing rule by which rp_filter asks, and rp_filter',
    command: `sysctl -qw net.ipv4.conf.all.rp_filter=1; ${OTHER_WAY}`,
    cause: {},
    left: 'ip route flush table 100; sysctl -qw net.ipv4.conf.all.rp_filter=0',
  },
  { title: 'the MTU of the bridge', command: 'ip link set cni0 mtu 1280', cause: { kind: 'device' }, size: 1400 },
  { title: 'no rule for the main table', command: 'ip rule del priority 32766', cause: { kind: 'routing-rule' } },
];
