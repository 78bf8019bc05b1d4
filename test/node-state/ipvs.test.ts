import { expect, test } from 'vitest';
import { ipvsSave } from '../../src/datapath/netfilter/ipvs-save.ts';
import type { VirtualServers } from '../../src/datapath/netfilter/ruleset.ts';
import { type IpFamily, ip } from '../../src/net/address.ts';
import type { WireProtocol } from '../../src/net/packet.ts';
import { readIpvs } from '../../src/node-state/ipvs/read.ts';
import { stateText } from '../../src/node-state/text.ts';
import { placeOf } from '../../src/source/origin.ts';

function read(text: string) {
  const { pieces, unread, faults } = readIpvs(stateText('node-1', 'ipvs.txt', text));
  const of = (family: IpFamily): VirtualServers => {
    const piece = pieces.find((p) => p.kind === 'ipvs' && p.family === family);
    if (piece?.kind !== 'ipvs') throw new Error(`no servers of ${family}`);
    return piece.servers;
  };
  return { of, unread: unread.map((u) => `${u.text}: ${u.why}`), faults: faults.map((f) => f.message) };
}

/** What a packet to there is given: each destination with its share. */
function chosen(servers: VirtualServers, protocol: WireProtocol, address: string, port: number): readonly string[] | null {
  const [server] = servers.servers.candidates({ protocol, destination: ip(address), destinationPort: port });
  if (server === undefined) return null;
  const { target } = server;
  if (target?.kind !== 'numgen') return [target?.kind ?? 'nothing'];
  return [...target.map.elements()].map(({ key: [part], verdict }) => {
    const numbers = typeof part === 'object' && 'first' in part ? part.last - part.first + 1 : 1;
    const [rule] = 'chain' in verdict ? (servers.chain(verdict.chain)?.rules() ?? []) : [];
    if (rule === undefined) throw new Error('a destination is a chain');
    const to = rule.target?.kind === 'DNAT' ? `${verdict.kind === 'goto' ? verdict.chain.split(' -> ')[1] : ''}` : rule.target?.kind;
    return `${to} ${numbers}/${target.modulus}`;
  });
}

const SAVED = [
  '-A -t 10.96.0.1:443 -s rr',
  '-a -t 10.96.0.1:443 -r 172.18.0.2:6443 -m -w 1',
  '-a -t 10.96.0.1:443 -r 172.18.0.3:6443 -m -w 0',
  '-A -u 10.96.0.10:53 -s wrr -p 10800 -M 255.255.255.0',
  '-a -u 10.96.0.10:53 -r 10.244.0.2:53 -m -w 1',
  '-a -u 10.96.0.10:53 -r 10.244.0.3:53 -m -w 3',
  '-A -t 10.96.0.11:80 -s rr',
  '-A -t 10.96.0.12:0 -s rr -p 360',
  '-a -t 10.96.0.12:0 -r 10.244.0.4:0 -m -w 1',
  '-A -t 10.96.0.13:80 -s fo',
  '-a -t 10.96.0.13:80 -r 10.244.0.5:80 -m -w 2',
  '-a -t 10.96.0.13:80 -r 10.244.0.6:80 -m -w 1',
  '-A -t 10.96.0.14:80 -s wlc',
  '-a -t 10.96.0.14:80 -r 10.244.0.7:80 -g -w 1',
  '-a -t 10.96.0.14:80 -r 10.244.0.8:80 -i -w 1 --tun-type gue --tun-port 6080',
  '-A -t [fd00::1]:80 -s rr',
  '-a -t [fd00::1]:80 -r [fd00:1::2]:8080 -m -w 1 -x 10 -y 5',
];

const LISTED = [
  'IP Virtual Server version 1.2.1 (size=4096)',
  'Prot LocalAddress:Port Scheduler Flags',
  '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
  'TCP  10.96.0.1:443 rr',
  '  -> 172.18.0.2:6443              Masq    1      2          0         ',
  '  -> 172.18.0.3:6443              Masq    0      0          0         ',
  'UDP  10.96.0.10:53 wrr persistent 10800 mask 255.255.255.0',
  '  -> 10.244.0.2:53                Masq    1      0          0         ',
  '  -> 10.244.0.3:53                Masq    3      0          0         ',
  'TCP  10.96.0.11:80 rr',
  'TCP  10.96.0.12:0 rr persistent 360',
  '  -> 10.244.0.4:0                 Masq    1      0          0         ',
  'TCP  10.96.0.13:80 fo',
  '  -> 10.244.0.5:80                Masq    2      0          0         ',
  '  -> 10.244.0.6:80                Masq    1      0          0         ',
  'TCP  10.96.0.14:80 wlc',
  '  -> 10.244.0.7:80                Route   1      0          0         ',
  '  -> 10.244.0.8:80                Tunnel  1      0          0         ',
  'TCP  [fd00::1]:80 rr',
  '  -> [fd00:1::2]:8080             Masq    1      0          0         ',
];

test.each<readonly [protocol: WireProtocol, address: string, port: number, readonly string[] | null]>([
  // One of weight 0 gets no new connection.
  ['tcp', '10.96.0.1', 443, ['172.18.0.2:6443 1/1']],
  ['udp', '10.96.0.1', 443, null],
  ['tcp', '10.96.0.1', 80, null],
  ['udp', '10.96.0.10', 53, ['10.244.0.2:53 1/4', '10.244.0.3:53 3/4']],
  ['tcp', '10.96.0.11', 80, ['REJECT']],
  // Port 0 stands for all.
  ['tcp', '10.96.0.12', 9999, ['10.244.0.4:0 1/1']],
  ['tcp', '10.96.0.13', 80, ['10.244.0.5:80 1/1']],
  ['tcp', '10.96.0.14', 80, ['unmodelled 1/2', 'unmodelled 1/2']],
  ['tcp', 'fd00::1', 80, ['[fd00:1::2]:8080 1/1']],
])('ipvs: %s to %s port %i', (protocol, address, port, expected) => {
  for (const lines of [SAVED, LISTED]) {
    const found = read(`${lines.join('\n')}\n`);
    expect(found.unread).toEqual([]);
    expect(found.faults).toEqual([]);
    expect(chosen(found.of(address.includes(':') ? 'IPv6' : 'IPv4'), protocol, address, port)).toEqual(expected);
  }
});

test('both forms say the same, which is printed as ipvsadm -Sn prints it', () => {
  const printed = (lines: readonly string[]) => {
    const { of } = read(lines.join('\n'));
    return ipvsSave(of('IPv4')) + ipvsSave(of('IPv6'));
  };
  expect(printed(LISTED)).toBe(printed(SAVED));
  expect(printed(printed(SAVED).split('\n'))).toBe(printed(SAVED));
  expect(printed(SAVED).split('\n')).toContain('-a -u 10.96.0.10:53 -r 10.244.0.3:53 -m -w 3');
  expect(printed(SAVED).split('\n')).toContain('-A -u 10.96.0.10:53 -s wrr -p 10800');
});

test('a mark is looked for before an address', () => {
  const { of } = read(
    ['-A -t 10.0.0.1:80 -s rr', '-A -f 7 -s rr', '-a -f 7 -r 10.244.0.4:0 -m -w 1', 'FWM  8 IPv6 rr', '  -> [fd00::4]:0  Masq 1 0 0'].join(
      '\n',
    ),
  );
  const found = of('IPv4').servers.candidates({ protocol: 'tcp', destination: ip('10.0.0.1'), destinationPort: 80 });
  expect(found.map((r) => r.matches.map((m) => m.kind))).toEqual([
    ['destination', 'mark'],
    ['destination', 'protocol', 'dport'],
  ]);
  expect(ipvsSave(of('IPv6'))).toBe('-A -f 8 -6 -s rr\n-a -f 8 -6 -r [fd00::4]:0 -m -w 1\n');
});

test('a rule is of its line and its object', () => {
  const [server] = read(SAVED.join('\n')).of('IPv4').servers.rules().slice(1);
  const locus = server?.origin.locus;
  expect(locus == null ? null : [placeOf(locus), locus.object]).toEqual(['ipvs.txt:4', 'Node/node-1 ipvs UDP 10.96.0.10:53']);
});

test('nothing is listed: there is no virtual server', () => {
  const { of } = read(LISTED.slice(0, 3).join('\n'));
  expect([of('IPv4').servers.rules(), of('IPv6').servers.rules()]).toEqual([[], []]);
});

test.each<readonly [lines: readonly string[], unread: readonly string[], faults: readonly string[]]>([
  [['-A -t kubernetes:https -s rr'], ['-A -t kubernetes:https -s rr: "kubernetes:https" is not ADDRESS:PORT (ipvsadm -n has numbers)'], []],
  [['-A -t 10.0.0.1:80 -s rr --foo'], ['-A -t 10.0.0.1:80 -s rr --foo: unknown option "--foo"'], []],
  [['-D -t 10.0.0.1:80'], ['-D -t 10.0.0.1:80: "-D" is neither -A nor -a'], []],
  [['-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m'], ['-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m: no virtual server is stated before'], []],
  [['DCCP 10.0.0.1:80 rr'], ['DCCP 10.0.0.1:80 rr: "DCCP" is no protocol of a virtual server'], []],
  [
    ['Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes', 'TCP  10.0.0.1:80  1 2 3 4 5'],
    [],
    ['these are counters: weights are not among them'],
  ],
])('ipvs: %j is not understood', (lines, unread, faults) => {
  const found = read(lines.join('\n'));
  expect({ unread: found.unread, faults: found.faults }).toEqual({ unread, faults });
});

test('a destination that is not understood makes its server unknown', () => {
  const { of, unread } = read(
    ['-A -t 10.0.0.1:80 -s rr', '-a -t 10.0.0.1:80 -r 10.244.0.4:80 -m -w 1', '-a -t 10.0.0.1:80 -r web:http -m -w 1'].join('\n'),
  );
  expect(unread).toHaveLength(1);
  expect(chosen(of('IPv4'), 'tcp', '10.0.0.1', 80)).toEqual(['unmodelled']);
});
