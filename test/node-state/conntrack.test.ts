import { expect, test } from 'vitest';
import type { FoundConnection } from '../../src/datapath/found-state.ts';
import { formatEndpoint } from '../../src/net/address.ts';
import type { Tuple, WireProtocol } from '../../src/net/packet.ts';
import { readConntrack } from '../../src/node-state/conntrack/read.ts';
import { stateText } from '../../src/node-state/text.ts';
import { placeOf } from '../../src/source/origin.ts';

const tuple = (t: Tuple<WireProtocol>) =>
  `${t.protocol} ${formatEndpoint(t.source, t.sourcePort)}>${formatEndpoint(t.destination, t.destinationPort)}`;

const shown = ({ connection: { original, reply, mark, tcp, seenReply, netns }, state, zone, origin }: FoundConnection) => ({
  netns,
  original: tuple(original),
  reply: tuple(reply),
  mark,
  tcp,
  seenReply,
  state,
  zone,
  at: origin.locus === null ? null : placeOf(origin.locus),
});

function read(...lines: readonly string[]) {
  const { pieces, unread, faults } = readConntrack(stateText('node-1', 'conntrack.txt', lines.join('\n')));
  const connections = pieces.flatMap((p) => (p.kind === 'connections' ? p.connections : []));
  return { connections: connections.map(shown), unread: unread.map((u) => u.why), faults: faults.map((f) => f.message) };
}

const TCP =
  'src=10.244.1.5 dst=10.96.0.10 sport=40000 dport=80 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=40000 [ASSURED] mark=16384 use=1';
const ENTRY = {
  netns: 'node-1',
  original: 'tcp 10.244.1.5:40000>10.96.0.10:80',
  reply: 'tcp 10.244.2.7:8080>10.244.1.5:40000',
  mark: 0x4000,
  tcp: 'established',
  seenReply: true,
  state: 'ESTABLISHED',
  zone: 0,
  at: 'conntrack.txt:1',
};
const UDP = {
  ...ENTRY,
  original: 'udp 10.244.1.5:40000>10.96.0.10:53',
  reply: 'udp 10.96.0.10:53>10.244.1.5:40000',
  mark: 0,
  tcp: 'none',
  seenReply: false,
  state: null,
};

// Forms: printed by conntrack-tools 1.4.7 and a kernel 6.18.
test.each<readonly [name: string, line: string, object]>([
  ['TCP', `tcp      6 431999 ESTABLISHED ${TCP}`, ENTRY],
  ['-o extended', `ipv4     2 tcp      6 431999 ESTABLISHED ${TCP} id=996157043`, ENTRY],
  ['with counters', `tcp 6 431999 ESTABLISHED ${TCP.replace('dport=80', 'dport=80 packets=3 bytes=180')}`, ENTRY],
  [
    'an answer that has not come',
    `tcp 6 110 SYN_SENT ${TCP.replace('src=10.244.2.7', '[UNREPLIED] src=10.244.2.7')}`,
    { ...ENTRY, tcp: 'syn-sent', seenReply: false, state: 'SYN_SENT' },
  ],
  ['being closed', `tcp 6 50 CLOSE_WAIT ${TCP}`, { ...ENTRY, state: 'CLOSE_WAIT' }],
  ['closed', `tcp 6 50 TIME_WAIT ${TCP}`, { ...ENTRY, tcp: 'closed', state: 'TIME_WAIT' }],
  ['offloaded', `tcp 6 ${TCP.replace('[ASSURED]', '[OFFLOAD]')}`, { ...ENTRY, state: null }],
  ['in a zone', `tcp 6 431999 ESTABLISHED ${TCP} zone=5`, { ...ENTRY, zone: 5 }],
  [
    '/proc/net/nf_conntrack',
    'ipv4     2 udp      17 29 src=10.244.1.5 dst=10.96.0.10 sport=40000 dport=53 [UNREPLIED] src=10.96.0.10 dst=10.244.1.5 sport=53 dport=40000 mark=0 zone=0 use=2',
    UDP,
  ],
  [
    'a ping',
    'icmp 1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1',
    { ...UDP, original: 'icmp 10.0.0.1:7>10.0.0.2:7', reply: 'icmp 10.0.0.2:7>10.0.0.1:7', seenReply: true },
  ],
  [
    'IPv6',
    'ipv6 10 tcp 6 9 ESTABLISHED src=fd00::1 dst=fd00::2 sport=1 dport=2 src=fd00::2 dst=fd00::1 sport=2 dport=1 [ASSURED] mark=0 use=1',
    { ...ENTRY, original: 'tcp [fd00::1]:1>[fd00::2]:2', reply: 'tcp [fd00::2]:2>[fd00::1]:1', mark: 0 },
  ],
])('conntrack: %s', (_, line, entry) => {
  expect(read(line)).toEqual({ connections: [entry], unread: [], faults: [] });
});

test.each<readonly [line: string, unread: readonly string[], faults: readonly string[]]>([
  ['conntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.', [], []],
  ['gre 47 29 src=10.0.0.1 dst=10.0.0.2 srckey=0x0 dstkey=0x0 src=10.0.0.2 dst=10.0.0.1 srckey=0x0 dstkey=0x0 mark=0 use=1', [], []],
  ['tcp 6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0', ['it has not all addresses and ports'], []],
  ['icmp 1 29 src=10.0.0.1 dst=10.0.0.2 type=13 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=14 code=0 id=7 mark=0', [], []],
  // Linux 6, on a node that is in a group of multicast.
  ['unknown  2 432 src=192.168.1.11 dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 dst=192.168.1.11 mark=0 use=1', [], []],
  ['unknown  2 432 src=192.168.1.11 dst=224.0.0.22 [UNREPLIED] src=224.0', ['it has not all addresses'], []],
  ['hello', ['it is neither a connection nor a heading'], []],
  ['<?xml version="1.0" encoding="utf-8"?>', [], ['this is XML']],
  [
    '    [NEW] udp 17 30 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1',
    [],
    ['these are events, and no list of connections'],
  ],
  ['-A -t 29 -u UNSET -s 127.0.0.1 -d 127.0.0.1 -p udp --sport 39914 --dport 99', [], ['this is the form for conntrack --load-file']],
])('conntrack: %s', (line, unread, faults) => {
  expect(read(line)).toEqual({ connections: [], unread, faults });
});
