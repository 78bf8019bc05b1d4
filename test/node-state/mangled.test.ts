import { expect, test } from 'vitest';
import { matchSet } from '../../src/datapath/netfilter/ipset.ts';
import { readConntrack } from '../../src/node-state/conntrack/read.ts';
import { readIpset } from '../../src/node-state/ipset/read.ts';
import { readIpvs } from '../../src/node-state/ipvs/read.ts';
import { readSockets } from '../../src/node-state/sockets/read.ts';
import { readSysctl } from '../../src/node-state/sysctl/read.ts';
import { type Reading, type StateText, stateText } from '../../src/node-state/text.ts';
import { mutatedText } from '../fuzz/edits.ts';
import { randomFrom } from '../fuzz/random.ts';

/** How many texts a reader is given; 20,000 were read once by hand. */
const TIMES = Number(process.env['NODE_STATE_FUZZ'] ?? 300);

const IPSET = `create s hash:net,iface family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1a5830eb
add s 10.1.0.0/16,physdev:eth2
add s 10.3.0.0/16,eth wildcard
add s 11.0.0.0/8,eth0 nomatch
create p bitmap:port range 0-1024 timeout 5 counters comment
add p 80 timeout 4 packets 0 bytes 0 comment "a b c"
create i hash:ip,port family inet6 hashsize 1024 maxelem 65536
add i fd00::1,ipv6-icmp:echo-request
create m hash:ip,mark family inet markmask 0xff
add m 10.0.0.1,0x12
create l list:set size 8
add l i
Name: h
Type: hash:ip
Revision: 6
Header: family inet hashsize 1024 maxelem 65536 netmask 24
Size in memory: 88
References: 0
Number of entries: 1
Members:
10.1.1.0 skbmark 0x1/0xff skbprio 1:10 skbqueue 4
`;
const IPVS = `-A -u 10.96.0.10:53 -s wrr -p 10800 -M 255.255.255.0
-a -u 10.96.0.10:53 -r 10.244.0.2:53 -m -w 1
-A -f 7 -6 -s rr
-a -f 7 -6 -r [fd00:1::2]:0 -g -w 3 -x 10
IP Virtual Server version 1.2.1 (size=4096)
TCP  10.96.0.1:443 rr persistent 10800
  -> 172.18.0.2:6443              Masq    1      2          0
`;
const CONNTRACK = `ipv4     2 tcp      6 431999 ESTABLISHED src=10.244.1.5 dst=10.96.0.10 sport=40000 dport=80 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=40000 [ASSURED] mark=16384 zone=3 use=1
icmp 1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1
`;
const SYSCTL = `net.ipv4.ip_forward = 1
net.ipv4.conf.eth0/100.rp_filter = 2
/proc/sys/net/ipv4/conf/all/rp_filter:2
`;
const SOCKETS = `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
tcp   LISTEN 0      128    127.0.0.53%lo:53        0.0.0.0:*    users:(("systemd-resolve",pid=31885,fd=5))
tcp6       0      0 :::80                   :::*                    LISTEN      812/sshd: /usr/sbin
udp        0      0 0.0.0.0:5353            0.0.0.0:*                           -
`;

test.each<readonly [name: string, text: string, read: (text: StateText) => Reading]>([
  ['ipset', IPSET, readIpset],
  ['ipvsadm', IPVS, readIpvs],
  ['conntrack', CONNTRACK, readConntrack],
  ['sysctl', SYSCTL, readSysctl],
  ['ss', SOCKETS, readSockets],
])('%s: whatever a text says, it is read, and what is not understood is of one of its lines', (name, text, read) => {
  let lines = 0;
  for (let seed = 1; seed <= TIMES; seed++) {
    const mangled = mutatedText(text, randomFrom(seed));
    const state = stateText('node-1', 'file.txt', mangled);
    const { pieces, unread, faults } = read(state);
    for (const { locus, text: line } of unread) {
      const [at] = locus.path;
      expect(state.lines[Number(at)], `${name} ${seed}`).toBe(line);
      lines++;
    }
    expect(pieces.length + faults.length, `${name} ${seed}`).toBeGreaterThan(0);
    for (const piece of pieces) {
      if (piece.kind !== 'ipset') continue;
      for (const set of piece.sets.values()) matchSet(set, ['src', 'dst', 'src'], 'IPv4')?.set.find([]);
    }
  }
  expect(lines, 'lines that are not understood').toBeGreaterThan(TIMES / 10);
});

test('a large text takes no longer than its lines', () => {
  const long = 'x'.repeat(200_000);
  for (const read of [readIpset, readIpvs, readConntrack, readSysctl, readSockets]) {
    for (const line of [
      long,
      `"${long}`,
      `add s ${' " '.repeat(60_000)}`,
      `a=${'='.repeat(200_000)}`,
      ':'.repeat(200_000),
      ' -'.repeat(90_000),
    ])
      expect(read(stateText('node-1', 'file.txt', line)).unread.length).toBeLessThan(2);
  }
});
