import type { RulesetBuilder } from '../../src/datapath/netfilter/builder.ts';
import type { TableName } from '../../src/datapath/netfilter/ruleset.ts';
import { ip } from '../../src/net/address.ts';
import { readIptables } from '../../src/node-state/iptables/index.ts';
import { stateText } from '../../src/node-state/text.ts';
import type { Ask } from '../stage/two-hosts.ts';
import type { RulesRow } from './netfilter.ts';

/**
 * Rules as iptables-save writes them, on the router between client and server (netfilter.ts). The lab restores their own text, so that the
 * kernel decides on what stands there, and the walk on what was read of it.
 */
type Line = readonly [table: TableName, rule: string];

function program(lines: readonly Line[]) {
  return (rules: RulesetBuilder) => {
    for (const [table, line] of lines) {
      const [chain = ''] = line.split(' ');
      const text = [`*${table}`, `:${chain} ${/^[A-Z]+$/.test(chain) ? 'ACCEPT' : '-'} [0:0]`, `-A ${line}`, 'COMMIT'].join('\n');
      const { pieces, unread, faults } = readIptables(stateText('router', 'rules.txt', text), () => undefined);
      if (unread.length + faults.length > 0)
        throw new Error(`${line}: ${[...unread.map((u) => u.why), ...faults.map((f) => f.message)].join()}`);
      for (const piece of pieces)
        if (piece.kind === 'iptables') rules.append(table, chain, ...(piece.tables.get(table)?.chains.get(chain) ?? []));
    }
  };
}

const row = (name: string, expected: RulesRow['expected'][number], ask: Ask, ...lines: readonly Line[]): RulesRow => ({
  name,
  program: program(lines),
  ask,
  expected: [expected],
});

const PING: Ask = { protocol: 'icmp' };
const UDP: Ask = { protocol: 'udp' };

/** What a rule asks of the first packet, in FORWARD, and whether that packet is one of those. */
const asked: readonly (readonly [condition: string, hits: boolean, ask?: Ask, place?: Line[0], chain?: string])[] = [
  ['-p tcp', true],
  ['-p 6', true],
  ['! -p udp', true],
  ['-p all', true],
  ['-p udplite', false],
  ['! -p 47', true],
  ['-i eth0', true],
  ['-i eth1', false],
  ['-i eth+', true],
  ['! -o eth1', false],
  ['-d 10.2.0.2/255.255.255.0', true],
  ['! -d 10.2.0.0/24', false],
  ['-f', false],
  ['! -f', true],
  ['-p tcp --dport 80', true],
  ['-p tcp -m tcp --dport 79:81', true],
  ['-p tcp -m tcp --dport 81:', false],
  ['-p tcp -m tcp ! --dport 80', false],
  ['-p tcp -m tcp ! --dport 81', true],
  ['-p tcp -m tcp ! --dport 81:90', true],
  ['-p tcp -m tcp ! --dport 79:81', false],
  ['-p tcp -m tcp ! --sport 50000', true],
  ['-p tcp -m tcp --sport 1024:65535', true],
  ['-p tcp -m tcp --sport :1023', false],
  ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', true],
  ['-p tcp -m tcp --tcp-flags ALL NONE', false],
  ['-p tcp -m tcp --tcp-flags RST RST', false],
  ['-p tcp -m tcp --syn', true],
  ['-p udp -m udp --dport 80', true, UDP],
  ['-p udp -m udp --sport 1:1023', false, UDP],
  ['-p icmp -m icmp --icmp-type 8', true, PING],
  ['-p icmp -m icmp --icmp-type 8/0', true, PING],
  ['-p icmp -m icmp --icmp-type 8/1', false, PING],
  ['-p icmp -m icmp --icmp-type echo-request', true, PING],
  ['-p icmp -m icmp ! --icmp-type 8', false, PING],
  ['-p icmp -m icmp --icmp-type any', true, PING],
  ['-p icmp -m icmp --icmp-type 0', false, PING],
  ['-p tcp -m multiport --dports 22,80', true],
  ['-p tcp -m multiport --dports 22,81:90', false],
  ['-p tcp -m multiport --dports 70:80', true],
  ['-p tcp -m multiport ! --dports 80', false],
  ['-p tcp -m multiport --sports 1024:65535', true],
  ['-p tcp -m multiport --sports 80', false],
  ['-p tcp -m multiport --ports 80,443', true],
  ['-p tcp -m multiport --ports 443', false],
  ['-m iprange --src-range 10.1.0.1-10.1.0.5', true],
  ['-m iprange --src-range 10.1.0.3-10.1.0.9', false],
  ['-m iprange ! --src-range 10.1.0.3-10.1.0.9', true],
  ['-m iprange --dst-range 10.2.0.2-10.2.0.2', true],
  ['-m iprange --dst-range 10.2.0.3-10.2.0.9', false],
  ['-m mark --mark 0x0/0xff', true],
  ['-m mark --mark 0x1', false],
  ['-m mark ! --mark 0x1', true],
  ['-m connmark --mark 0x0', true],
  ['-m connmark --mark 0x1/0x1', false],
  ['-m state --state NEW', true],
  ['-m state --state INVALID,UNTRACKED', false],
  ['-m conntrack --ctstate NEW,RELATED', true],
  ['-m conntrack --ctstate DNAT', false],
  ['-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', true],
  ['-m conntrack --ctproto 6', true],
  ['-m conntrack --ctproto 17', false],
  ['-m conntrack ! --ctproto 17', true],
  ['-m conntrack --ctorigsrc 10.1.0.0/24', true],
  ['-m conntrack --ctorigsrc 10.9.0.0/16', false],
  ['-m conntrack --ctorigdst 10.2.0.2', true],
  ['-m conntrack ! --ctorigdst 10.2.0.2', false],
  ['-m conntrack --ctreplsrc 10.2.0.2', true],
  ['-m conntrack --ctreplsrc 10.1.0.2', false],
  ['-m conntrack --ctrepldst 10.1.0.2', true],
  ['-m conntrack --ctrepldst 10.2.0.2', false],
  ['-m conntrack --ctorigsrcport 1024:65535', true],
  ['-m conntrack --ctorigsrcport 80', false],
  ['-m conntrack --ctorigdstport 80', true],
  ['-m conntrack --ctorigdstport 81', false],
  ['-m conntrack --ctreplsrcport 80', true],
  ['-m conntrack ! --ctreplsrcport 80', false],
  ['-m conntrack --ctrepldstport 1024:65535', true],
  ['-m conntrack --ctrepldstport 80', false],
  ['-m conntrack --ctdir ORIGINAL', true],
  ['-m conntrack --ctdir REPLY', false],
  ['-m conntrack ! --ctstatus SEEN_REPLY', true, UDP],
  ['-m conntrack --ctstatus SEEN_REPLY', false, UDP],
  ['-m conntrack --ctstatus ASSURED', false, UDP],
  ['-m conntrack ! --ctstatus ASSURED,EXPECTED', true, UDP],
  ['-m conntrack --ctstatus NONE', false],
  ['-m conntrack ! --ctstatus NONE', true],
  ['-m addrtype --dst-type UNICAST', true],
  ['-m addrtype --dst-type LOCAL', false],
  ['-m addrtype ! --dst-type LOCAL', true],
  ['-m addrtype --src-type LOCAL,UNICAST', true],
  ['-m addrtype --dst-type BROADCAST,MULTICAST', false],
  ['-m addrtype --dst-type BLACKHOLE', false],
  ['-m addrtype --src-type UNICAST --limit-iface-in', true],
  ['-m addrtype --src-type LOCAL --limit-iface-out', false],
  ['-m physdev ! --physdev-is-bridged', true],
  ['-m physdev --physdev-is-bridged', false],
  ['-m physdev --physdev-is-in', false],
  ['-m physdev ! --physdev-is-in', true],
  ['-m physdev --physdev-in eth0', false],
  ['-m physdev ! --physdev-in eth0', true],
  ['-m ttl --ttl-eq 63', true],
  ['-m ttl ! --ttl-eq 63', false],
  ['-m ttl --ttl-lt 63', false],
  ['-m ttl --ttl-lt 64', true],
  ['-m ttl --ttl-gt 62', true],
  ['-m ttl --ttl-gt 63', false],
  ['-m tos --tos 0x00/0xff', true],
  ['-m tos --tos 0x10/0x3f', false],
  ['-m dscp --dscp 0x00', true],
  ['-m dscp --dscp 0x2e', false],
  ['-m pkttype --pkt-type unicast', true],
  ['-m pkttype --pkt-type multicast', false],
  ['-m policy --dir in --pol none', true],
  ['-m policy --dir in --pol ipsec', false],
  ['-m statistic --mode nth --every 1 --packet 0', true],
  ['-m statistic --mode random --probability 1', true],
  ['-m statistic --mode random --probability 0', false],
  ['-m recent --set --name seen --mask 255.255.255.255 --rsource', true],
  ['-m recent --rcheck --seconds 60 --reap --name KUBE-A --mask 255.255.255.255 --rsource', false],
  ['-m comment --comment "a \\"word\\" of it"', true],
  ['-m rpfilter', true, {}, 'raw', 'PREROUTING'],
  ['-m rpfilter --invert', false, {}, 'raw', 'PREROUTING'],
  ['-m rpfilter --loose --validmark', true, {}, 'raw', 'PREROUTING'],
  ['-m rpfilter --accept-local --invert', false, {}, 'raw', 'PREROUTING'],
  ['-m owner --uid-owner 0', false, {}, 'mangle', 'POSTROUTING'],
  ['-m owner ! --uid-owner 0', true, {}, 'mangle', 'POSTROUTING'],
  ['-m owner --gid-owner 0-10', false, {}, 'mangle', 'POSTROUTING'],
  ['-m owner ! --gid-owner 0', true, {}, 'mangle', 'POSTROUTING'],
  ['-m owner --socket-exists', false, {}, 'mangle', 'POSTROUTING'],
  ['-m owner ! --socket-exists', true, {}, 'mangle', 'POSTROUTING'],
];

export const conditions: readonly RulesRow[] = asked.map(([condition, hits, ask = {}, table = 'filter', chain = 'FORWARD']) => {
  const reached = ask.protocol === 'icmp' ? 'answer' : (ask.port ?? 80);
  return row(condition, hits ? 'time-out' : reached, ask, [table, `${chain} -s 10.1.0.2/32 ${condition} -j DROP`]);
});

const marked = (mark: string): Line => ['mangle', `FORWARD -s 10.1.0.2/32 -m mark --mark ${mark} -j DROP`];
const marks = (...rules: readonly string[]): readonly Line[] => rules.map((r) => ['mangle', `PREROUTING -s 10.1.0.2/32 ${r}`]);
const connmarked = (mark: string): Line => ['mangle', `FORWARD -s 10.1.0.2/32 -m connmark --mark ${mark} -j DROP`];
const pass = (table: TableName, chain: string, target: string): RulesRow =>
  row(`${target} is passed`, 'time-out', {}, [table, `${chain} -p tcp ${target}`], [table, `${chain} -s 10.1.0.2/32 -p tcp -j DROP`]);

/** What a rule does to the packet, as a later one sees it. */
export const targets: readonly RulesRow[] = [
  row('MARK --set-mark', 'time-out', {}, ...marks('-j MARK --set-mark 0x5'), marked('0x5')),
  row('MARK --set-mark with a mask', 'time-out', {}, ...marks('-j MARK --set-mark 0xf0', '-j MARK --set-mark 0x5/0x1'), marked('0xf5')),
  row('MARK --set-xmark', 'time-out', {}, ...marks('-j MARK --set-xmark 0xf0', '-j MARK --set-xmark 0x30/0x10'), marked('0xd0')),
  row('MARK --or-mark', 'time-out', {}, ...marks('-j MARK --set-mark 0x4', '-j MARK --or-mark 0x3'), marked('0x7')),
  row('MARK --and-mark', 'time-out', {}, ...marks('-j MARK --set-mark 0x7', '-j MARK --and-mark 0x6'), marked('0x6')),
  row('MARK --xor-mark', 'time-out', {}, ...marks('-j MARK --set-mark 0x7', '-j MARK --xor-mark 0x2'), marked('0x5')),
  row('CONNMARK --set-mark', 'time-out', {}, ...marks('-j CONNMARK --set-mark 0x5'), connmarked('0x5')),
  row('CONNMARK --or-mark', 'time-out', {}, ...marks('-j CONNMARK --or-mark 0x3'), connmarked('0x3')),
  row(
    'CONNMARK --save-mark with two masks',
    'time-out',
    {},
    ...marks('-j CONNMARK --set-xmark 0xf000', '-j MARK --set-mark 0xff', '-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xf0'),
    connmarked('0xf00f'),
  ),
  row(
    'CONNMARK --restore-mark with two masks',
    'time-out',
    {},
    ...marks('-j MARK --set-mark 0x30', '-j CONNMARK --set-mark 0xff', '-j CONNMARK --restore-mark --nfmask 0xf0 --ctmask 0x3'),
    marked('0x3'),
  ),
  row('DNAT to an address and a port', 81, {}, ['nat', 'PREROUTING -p tcp -j DNAT --to-destination 10.2.0.2:81 --random']),
  row('DNAT to a port', 81, {}, ['nat', 'PREROUTING -p tcp -j DNAT --to-destination :81']),
  row('DNAT to an address', 80, { destination: ip('10.9.0.2') }, ['nat', 'PREROUTING -j DNAT --to-destination 10.2.0.2 --persistent']),
  row('NETMAP', 80, { destination: ip('10.9.0.2') }, ['nat', 'PREROUTING -d 10.9.0.0/24 -j NETMAP --to 10.2.0.0/24']),
  row('REDIRECT', 81, {}, ['nat', 'PREROUTING -p tcp -j REDIRECT --to-ports 81']),
  row('NETMAP of sources', 80, {}, ['nat', 'POSTROUTING -s 10.1.0.0/24 -o eth1 -j NETMAP --to 10.2.0.1/32']),
  row(
    'CT --notrack',
    'time-out',
    {},
    ['raw', 'PREROUTING -s 10.1.0.2/32 -j CT --notrack'],
    ['filter', 'FORWARD -s 10.1.0.2/32 -m conntrack --ctstate UNTRACKED -j DROP'],
  ),
  row(
    'without tracking there is no translation',
    80,
    {},
    ['raw', 'PREROUTING -j CT --notrack'],
    ['nat', 'PREROUTING -p tcp -j DNAT --to-destination 10.2.0.2:81'],
  ),
  row(
    'without a connection its mark is not asked',
    80,
    {},
    ['raw', 'PREROUTING -j CT --notrack'],
    ['filter', 'FORWARD -m connmark ! --mark 0x1 -j DROP'],
  ),
  row('the table security is asked after filter', 'time-out', {}, ['filter', 'FORWARD -j ACCEPT'], ['security', 'FORWARD -p tcp -j DROP']),
  pass('filter', 'FORWARD', '-j LOG --log-prefix "dropped: " --log-level 7'),
  pass('filter', 'FORWARD', '-j NFLOG --nflog-group 3'),
  pass('filter', 'FORWARD', '-m limit --limit 1/min -j LOG'),
  pass('mangle', 'FORWARD', '-j TOS --set-tos 0x10/0x3f'),
  pass('mangle', 'FORWARD', '-j DSCP --set-dscp 0x2e'),
  pass('mangle', 'FORWARD', '-m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'),
  pass('mangle', 'FORWARD', '-j CLASSIFY --set-class 1:10'),
  pass('mangle', 'FORWARD', '-j TTL --ttl-set 64'),
];

/** Not asked of the kernel: the lab's captures know a connection by its source port, and nobody listens on its `lo`. */
export const apart: readonly RulesRow[] = [
  row('REDIRECT of what is sent from here', 81, { source: 'router' }, ['nat', 'OUTPUT -p tcp -j REDIRECT --to-ports 81']),
  row('SNAT to a port', 80, {}, ['nat', 'POSTROUTING -p tcp -o eth1 -j SNAT --to-source 10.2.0.1:5000']),
  row('MASQUERADE to a port', 80, {}, ['nat', 'POSTROUTING -p tcp -o eth1 -j MASQUERADE --to-ports 5001']),
];
