import { describe, expect, it } from 'vitest';
import { readIptables } from '../../src/node-state/iptables/index.ts';
import { stateText } from '../../src/node-state/text.ts';

/**
 * Every option of the modules in iptables-extensions(8) of 1.8.9, with words that it takes. A `?` before it: what it asks, or does, is not modelled, and
 * is kept as unknown. That those which are modelled decide as the kernel does is in test/kernel/iptables-text.ts.
 */
const MATCHES: Readonly<Record<string, readonly string[]>> = {
  addrtype: ['--src-type LOCAL', '--dst-type LOCAL', '--src-type LOCAL --limit-iface-in', '--src-type LOCAL --limit-iface-out'],
  'ah IPv4': ['?--ahspi 1'],
  'ah IPv6': ['--ahspi 1', '--ahlen 1', '--ahres'],
  bpf: ['?--object-pinned /sys/fs/bpf/x', '?--bytecode "1,6 0 0 0"'],
  cgroup: ['?--path a', '?--cgroup 1'],
  cluster: ['?--cluster-total-nodes 2', '?--cluster-local-node 1', '?--cluster-local-nodemask 1', '?--cluster-hash-seed 1'],
  comment: ['--comment "a b"'],
  connbytes: ['?--connbytes 1:2', '?--connbytes-dir both', '?--connbytes-mode packets'],
  connlabel: ['?--label 1', '?--set'],
  connlimit: ['?--connlimit-upto 1', '?--connlimit-above 1', '?--connlimit-mask 32', '?--connlimit-saddr', '?--connlimit-daddr'],
  connmark: ['--mark 0x1/0x1'],
  conntrack: [
    '--ctstate NEW',
    '--ctproto 6',
    '--ctorigsrc 10.0.0.0/8',
    '--ctorigdst 10.0.0.1',
    '--ctreplsrc 10.0.0.1',
    '--ctrepldst 10.0.0.1',
    '--ctorigsrcport 1:2',
    '--ctorigdstport 80',
    '--ctreplsrcport 80',
    '--ctrepldstport 80',
    '--ctstatus SEEN_REPLY',
    '--ctstatus ASSURED',
    '?--ctexpire 1:2',
    '--ctdir REPLY',
  ],
  cpu: ['?--cpu 0'],
  dccp: ['?--source-port 1', '?--sport 1', '?--destination-port 1', '?--dport 1', '?--dccp-types REQUEST', '?--dccp-option 1'],
  devgroup: ['?--src-group 1', '?--dst-group 1'],
  dscp: ['--dscp 0x2e', '?--dscp-class EF'],
  'dst IPv6': ['--dst-len 1', '--dst-opts 1'],
  ecn: ['?--ecn-tcp-cwr', '?--ecn-tcp-ece', '?--ecn-ip-ect 1'],
  esp: ['?--espspi 1'],
  'frag IPv6': ['--fragid 1', '--fraglen 1', '--fragres', '--fragfirst', '--fragmore', '--fraglast'],
  hashlimit: [
    '?--hashlimit-upto 1/sec',
    '?--hashlimit-above 1/sec',
    '?--hashlimit-burst 5',
    '?--hashlimit-mode srcip',
    '?--hashlimit-srcmask 32',
    '?--hashlimit-dstmask 32',
    '?--hashlimit-name a',
    '?--hashlimit-htable-size 1',
    '?--hashlimit-htable-max 1',
    '?--hashlimit-htable-expire 1',
    '?--hashlimit-htable-gcinterval 1',
    '?--hashlimit-rate-match',
    '?--hashlimit-rate-interval 1',
  ],
  'hbh IPv6': ['--hbh-len 1', '--hbh-opts 1'],
  helper: ['?--helper ftp'],
  'hl IPv6': ['--hl-eq 1', '--hl-lt 1', '--hl-gt 1'],
  'icmp IPv4': ['--icmp-type 8'],
  'icmp6 IPv6': ['--icmpv6-type 128'],
  iprange: ['--src-range 10.0.0.1-10.0.0.2', '--dst-range 10.0.0.1'],
  'ipv6header IPv6': ['?--soft', '?--header frag'],
  ipvs: [
    '?--ipvs',
    '?--vproto tcp',
    '?--vaddr 10.0.0.1/32',
    '--vaddr 10.0.0.1/32 --vproto tcp --vport 80',
    '?--vport 80',
    '?--vdir REPLY',
    '?--vmethod GATE',
    '?--vportctl 21',
  ],
  length: ['--length 1:2'],
  limit: ['?--limit 1/sec', '?--limit-burst 5'],
  mac: ['?--mac-source 02:00:00:00:00:01'],
  mark: ['--mark 0x1'],
  'mh IPv6': ['?--mh-type 1'],
  multiport: ['--source-ports 1', '--sports 1,2', '--destination-ports 1', '--dports 1:3', '--ports 1'],
  nfacct: ['--nfacct-name a'],
  osf: ['?--genre Linux', '?--ttl 1', '?--log 1'],
  owner: ['--uid-owner 0', '--gid-owner 0', '--uid-owner 0 --suppl-groups', '--socket-exists'],
  physdev: ['--physdev-in a', '--physdev-out a', '--physdev-is-in', '--physdev-is-out', '--physdev-is-bridged'],
  pkttype: ['--pkt-type unicast'],
  policy: [
    '--dir in --pol none',
    '--pol ipsec --strict',
    '--pol ipsec --reqid 1',
    '--pol ipsec --spi 1',
    '--pol ipsec --proto esp',
    '--pol ipsec --mode tunnel',
    '--pol ipsec --tunnel-src 10.0.0.1',
    '--pol ipsec --tunnel-dst 10.0.0.1',
    '--pol ipsec --next',
  ],
  quota: ['?--quota 1'],
  rateest: [
    ...'delta lt gt eq'.split(' ').map((o) => `?--rateest-${o}`),
    ...['', '1', '2', '-bps', '-pps', '-bps1', '-bps2', '-pps1', '-pps2'].map((o) => `?--rateest${o} 1`),
  ],
  'realm IPv4': ['?--realm 1'],
  recent: [
    '--set --name a --rsource --mask 255.255.255.255',
    '?--set --rdest',
    '--rcheck --name KUBE-A --seconds 5 --reap',
    '?--rcheck --name other --seconds 5',
    '?--update --seconds 5',
    '?--remove',
    '?--rcheck --name KUBE-A --seconds 5 --hitcount 3',
    '?--rcheck --name KUBE-A --seconds 5 --rttl',
  ],
  rpfilter: ['--loose', '--validmark', '--accept-local', '--invert'],
  'rt IPv6': ['--rt-type 1', '--rt-segsleft 1', '--rt-len 1', '--rt-0-res', '--rt-0-addrs fd00::1', '--rt-0-not-strict'],
  sctp: ['--source-port 1', '--sport 1', '--destination-port 1', '--dport 1', '?--chunk-types any DATA'],
  // What no dump of sets has is unknown; with one: test/node-state/ipset.test.ts.
  set: [
    '?--match-set a src',
    '?--match-set a src --return-nomatch',
    '?--match-set a src ! --update-counters',
    '?--match-set a src ! --update-subcounters',
    ...'packets bytes'.split(' ').flatMap((of) => 'eq lt gt'.split(' ').map((than) => `?--match-set a src --${of}-${than} 1`)),
  ],
  socket: ['--transparent', '--nowildcard', '?--restore-skmark'],
  state: ['--state NEW,RELATED'],
  statistic: ['--mode random --probability 0.5', '--mode nth --every 3 --packet 0'],
  string: ['?--algo bm', '?--from 1', '?--to 1', '?--string "a b"', '?--hex-string "|00 01|"', '?--icase'],
  tcp: ['--source-port 1', '--sport 1', '--destination-port 1', '--dport 1', '--tcp-flags SYN,ACK SYN', '--syn', '?--tcp-option 5'],
  tcpmss: ['?--mss 1:2'],
  time: [
    '?--datestart 2026-01-01',
    '?--datestop 2026-01-01',
    '?--timestart 08:00',
    '?--timestop 09:00',
    '?--monthdays 1,2',
    '?--weekdays Mon',
    '?--contiguous',
    '?--kerneltz',
  ],
  tos: ['--tos 0x10/0x3f'],
  'ttl IPv4': ['--ttl-eq 1', '--ttl-gt 1', '--ttl-lt 1'],
  u32: ['?--u32 0x0=0x1'],
  udp: ['--source-port 1', '--sport 1', '--destination-port 1', '--dport 1'],
};

/** A `-` before it: the packet goes on as if the rule were not there. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  AUDIT: ['---type accept'],
  CHECKSUM: ['---checksum-fill'],
  CLASSIFY: ['---set-class 1:10'],
  'CLUSTERIP IPv4': [
    '?--new',
    '?--hashmode sourceip',
    '?--clustermac 01:00:5e:00:00:01',
    '?--total-nodes 2',
    '?--local-node 1',
    '?--hash-init 1',
  ],
  CONNMARK: ['--set-xmark 1/1', '--save-mark', '--restore-mark', '--and-mark 1', '--or-mark 1', '--xor-mark 1', '--set-mark 1'],
  CONNSECMARK: ['---save', '---restore'],
  'CT raw': [
    '--notrack',
    '---helper ftp',
    '---ctevents new',
    '---expevents new',
    '?--zone-orig 1',
    '?--zone-reply 1',
    '?--zone 1',
    '---timeout a',
  ],
  'DNAT nat': [
    '--to-destination 10.0.0.1:80',
    '--to-destination 10.0.0.1 --random',
    '--to-destination 10.0.0.1 --persistent',
    '?--to-destination 10.0.0.1-10.0.0.9',
  ],
  'DNPT IPv6': ['?--src-pfx fd00::/64', '?--dst-pfx fd00::/64'],
  DSCP: ['---set-dscp 1', '---set-dscp-class EF'],
  'ECN IPv4': ['---ecn-tcp-remove'],
  'HL IPv6': ['--hl-set 64', '--hl-dec 1', '--hl-inc 1'],
  HMARK: [
    ...'tuple mod offset src-prefix dst-prefix sport-mask dport-mask spi-mask proto-mask rnd'.split(' ').map((o) => `?--hmark-${o} 1`),
  ],
  IDLETIMER: ['---timeout 1', '---label a'],
  LED: ['---led-trigger-id a', '---led-delay 1', '---led-always-blink'],
  LOG: [
    '---log-level 4',
    '---log-prefix "a "',
    '---log-tcp-sequence',
    '---log-tcp-options',
    '---log-ip-options',
    '---log-uid',
    '---log-macdecode',
  ],
  MARK: ['--set-xmark 1/1', '--set-mark 1', '--and-mark 1', '--or-mark 1', '--xor-mark 1'],
  'MASQUERADE nat': ['--to-ports 1024-2048', '--random', '--random-fully'],
  'NETMAP nat': ['--to 10.0.0.0/24'],
  NFLOG: ['---nflog-group 1', '---nflog-prefix a', '---nflog-range 1', '---nflog-size 1', '---nflog-threshold 1'],
  NFQUEUE: ['?--queue-num 0', '?--queue-balance 0:3', '?--queue-bypass', '?--queue-cpu-fanout'],
  RATEEST: ['---rateest-name a', '---rateest-interval 1s', '---rateest-ewmalog 1s'],
  'REDIRECT nat': ['--to-ports 80', '--to-ports 80 --random', '?--to-ports 80-90'],
  'REJECT IPv4': ['--reject-with icmp-host-prohibited', '--reject-with icmp-proto-unreachable', '?--reject-with no-such'],
  'REJECT IPv6': [
    '--reject-with icmp6-no-route',
    '--reject-with icmp6-policy-fail',
    '--reject-with icmp6-reject-route',
    '?--reject-with no-such',
  ],
  SECMARK: ['---selctx a'],
  SET: ['---add-set a src', '---del-set a src', '?--map-set a src', '---add-set a src --timeout 5', '---add-set a src --exist'],
  'SNAT nat': [
    '--to-source 10.0.0.1',
    '--to-source 10.0.0.1 --random',
    '--to-source 10.0.0.1 --random-fully',
    '--to-source 10.0.0.1 --persistent',
  ],
  'SNPT IPv6': ['?--src-pfx fd00::/64', '?--dst-pfx fd00::/64'],
  SYNPROXY: ['?--mss 1460', '?--wscale 7', '?--sack-perm', '?--timestamps'],
  TCPMSS: ['---set-mss 1400', '---clamp-mss-to-pmtu'],
  TCPOPTSTRIP: ['---strip-options 5'],
  TEE: ['---gateway 10.0.0.1'],
  TOS: ['---set-tos 1', '---and-tos 1', '---or-tos 1', '---xor-tos 1'],
  TPROXY: ['?--on-port 1', '?--on-ip 10.0.0.1', '?--tproxy-mark 1'],
  'TTL IPv4': ['--ttl-set 64', '--ttl-set 1', '--ttl-dec 1', '--ttl-inc 1'],
  'ULOG IPv4': ['---ulog-nlgroup 1', '---ulog-prefix a', '---ulog-cprange 1', '---ulog-qthreshold 1'],
};

function ruleOf(table: string, family: string | undefined, rule: string) {
  const program = family === 'IPv6' ? 'ip6tables' : 'iptables';
  const text = `# Generated by ${program}-save v1.8.9 on Tue Dec  1 04:00:00 2026\n*${table}\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT ${rule}\nCOMMIT`;
  const { pieces, unread, faults } = readIptables(stateText('node-1', 'save.txt', text), () => undefined);
  const [piece] = pieces;
  const found = piece?.kind === 'iptables' ? [...piece.tables.values()][0]?.chains.get('OUTPUT')?.[0] : undefined;
  if (found === undefined) throw new Error('no rule was read');
  return { ...found, wrong: [...unread.map((u) => u.why), ...faults.map((f) => f.message)] };
}

const each = (all: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(all).flatMap(([head, options]) => options.map((option) => [head, option] as const));

describe('an option of a match', () => {
  it.each(each(MATCHES))('%s %s', (head, stated) => {
    const [module, family] = head.split(' ');
    const isUnknown = stated.startsWith('?');
    const option = isUnknown ? stated.slice(1) : stated;
    const { matches, target, wrong } = ruleOf('filter', family, `-m ${module} ${option} -j DROP`);
    expect([wrong, target]).toEqual([[], { kind: 'DROP' }]);
    expect(matches.some((m) => m.kind === 'unknown')).toBe(isUnknown);
    // Kept whole, as it stands there.
    if (isUnknown) expect(matches.map((m) => (m.kind === 'unknown' ? m.text : ''))).toContain(`-m ${module} ${option}`);
    if (!isUnknown && module !== 'comment' && module !== 'nfacct') expect(matches.length).toBeGreaterThan(0);
  });
});

describe('an option of a target', () => {
  it.each(each(TARGETS))('%s %s', (head, stated) => {
    const [name, place] = head.split(' ');
    const kind = stated.startsWith('?') ? 'unmodelled' : stated.startsWith('---') ? null : 'modelled';
    const option = kind === 'unmodelled' ? stated.slice(1) : kind === null ? stated.slice(1) : stated;
    const table = place === 'nat' || place === 'raw' ? place : name === 'REJECT' ? 'filter' : 'mangle';
    const { target, wrong } = ruleOf(table, place, `-j ${name} ${option}`);
    expect(wrong).toEqual([]);
    if (kind === 'modelled') expect(target?.kind).toMatch(new RegExp(`^${name === 'CT' ? 'NOTRACK' : name === 'HL' ? 'TTL' : name}`));
    else if (kind === null) expect(target).toBeNull();
    else expect(target).toMatchObject({ kind: 'unmodelled', text: `-j ${name} ${option}` });
  });
  it.each(['ACCEPT', 'DROP', 'RETURN'])('%s', (name) => {
    expect(ruleOf('filter', undefined, `-j ${name}`).target).toEqual({ kind: name });
  });
  it.each([
    ['nat', '-j REJECT'],
    ['filter', '-j DNAT --to-destination 10.0.0.1'],
    ['filter', '-j MASQUERADE'],
    ['mangle', '-j CT --notrack'],
    ['mangle', '-j QUEUE'],
  ])('in a table that does not have it, it is not modelled: %s %s', (table, rule) => {
    expect(ruleOf(table, undefined, rule).target?.kind).toBe('unmodelled');
  });
});
