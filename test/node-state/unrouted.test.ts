import { describe, expect, test } from 'vitest';
import { traceRequest } from '../../src/index.ts';
import { answers, machineOf } from './machine.ts';

/** A machine of which rules were collected, and addresses at most: the kernel that had them had routes as well. */

/** Of Docker, as nft lists it. A connection from the container to the internet was made there, and so was one to the published port. */
const DOCKER = `table ip nat {
	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local counter packets 5 bytes 300 jump DOCKER
	}
	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
		oifname != "docker0" ip saddr 172.17.0.0/16 counter packets 6 bytes 360 masquerade
	}
	chain DOCKER {
		iifname != "docker0" tcp dport 8080 counter packets 1 bytes 60 dnat to 172.17.0.2:80
	}
}
table ip filter {
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		oifname "docker0" ct state related,established counter packets 22 bytes 1364 accept
		iifname != "docker0" oifname "docker0" ip daddr 172.17.0.2 tcp dport 80 counter packets 1 bytes 60 accept
		iifname "docker0" counter packets 35 bytes 1961 accept
	}
}
`;
/** There it was dropped: a packet of the container for port 443 comes in by docker0 and leaves by eth0. */
const DROPS = DOCKER.replace(
  'policy drop;',
  'policy drop;\n\t\tiifname "docker0" oifname "eth0" tcp dport 443 counter packets 1 bytes 60 drop',
);
const ADDRESSES = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    inet 127.0.0.1/8 scope host lo
2: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 172.17.0.1/16 scope global docker0
3: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 192.168.50.11/24 scope global eth0
`;
/** It was dropped in INPUT: 192.168.70.5 was the host's own. */
const INPUT = '*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n';
const BOTH = INPUT.replace(':FORWARD ACCEPT', ':FORWARD DROP');
const first = (rule: string) =>
  `table ip raw {\n\tchain PREROUTING {\n\t\ttype filter hook prerouting priority raw; policy accept;\n\t\t${rule}\n\t}\n}\n`;
const AS_SYSCTL = 'net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.rp_filter = 1\nnet.ipv4.conf.docker0.rp_filter = 1\n';

interface Row {
  readonly what: string;
  readonly state: Readonly<Record<string, string>>;
  readonly asked: readonly [source: string, destination: string, enters?: string];
  readonly ends: string;
}

const OUT = ['172.17.0.2', '198.51.100.80:443'] as const;
const PUBLISHED = ['192.168.50.1', '192.168.50.11:8080'] as const;
const SSH = ['192.168.70.20', '192.168.70.5:22'] as const;

const ROWS: readonly Row[] = [
  { what: 'out of a container', state: { nft: DOCKER }, asked: OUT, ends: 'undetermined' },
  { what: 'out of a container, which comes in by docker0', state: { nft: DOCKER }, asked: [...OUT, 'docker0'], ends: 'undetermined' },
  { what: 'out of a container, and dropped', state: { nft: DROPS }, asked: OUT, ends: 'undetermined' },
  { what: 'to a published port', state: { nft: DOCKER }, asked: PUBLISHED, ends: 'undetermined' },
  {
    what: 'to a published port of an address that is known',
    state: { nft: DOCKER, ip: ADDRESSES },
    asked: PUBLISHED,
    ends: 'undetermined',
  },
  { what: 'out by a device of those that are known', state: { nft: DROPS, ip: ADDRESSES }, asked: OUT, ends: 'undetermined' },
  { what: 'to the machine itself, or through it', state: { iptables: INPUT }, asked: SSH, ends: 'undetermined' },
  {
    what: 'to the machine, whose addresses are known',
    state: { iptables: INPUT, ip: ADDRESSES },
    asked: ['192.168.50.1', '192.168.50.11:22'],
    ends: 'dropped',
  },
  { what: 'dropped either way', state: { iptables: BOTH }, asked: SSH, ends: 'dropped' },
  { what: 'dropped before it is known', state: { nft: first('tcp dport 22 counter drop') }, asked: SSH, ends: 'dropped' },
  {
    what: 'by the device that is asked about',
    state: { nft: first('iifname "docker0" counter drop') },
    asked: [...SSH, 'docker0'],
    ends: 'dropped',
  },
  {
    what: 'by a device that is a verdict map',
    state: { nft: first('iifname vmap { "docker0" : drop }') },
    asked: SSH,
    ends: 'undetermined',
  },
  {
    what: 'rp_filter, by another device than the way back may be',
    state: { nft: DOCKER, sysctl: AS_SYSCTL },
    asked: [...OUT, 'docker0'],
    ends: 'undetermined',
  },
  { what: 'to all of a multicast group', state: { nft: first('fib daddr type multicast counter drop') }, asked: SSH, ends: 'undetermined' },
];

describe('without routes', () => {
  test.each(ROWS)('$what: $ends', ({ state, asked: [source, destination, enters], ends }) => {
    const traced = traceRequest(machineOf(state), { source, destination, ...(enters === undefined ? {} : { in: `node/${enters}` }) });
    expect(traced.ok && traced.trace.outcome).toBe(ends);
  });

  test('what would tell is named, and no line of the addresses is cited for a route that nothing gives', () => {
    const traced = traceRequest(machineOf({ nft: DROPS, ip: ADDRESSES }), { source: OUT[0], destination: OUT[1] });
    const text = JSON.stringify(traced);
    expect(text).toContain('ip -j route show table all');
    expect(text).not.toContain('called eth0 here');
    expect(text).toContain('called dev0 here');
  });

  test.each([
    ['a rule by source', first('ip saddr 192.168.70.5 counter drop').replaceAll('prerouting', 'output').replace('PREROUTING', 'OUTPUT')],
    [
      'a rule by a range of sources',
      '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP\nCOMMIT\n',
    ],
  ])('the address that stands in for the machine decides nothing: %s', (_what, rules) => {
    expect(answers(machineOf({ rules }), 'node', '198.51.100.9:443')).toEqual(['undetermined']);
  });
});

/** The kernel sent a packet to 198.51.100.80 by way of wg0, a veth here, and it arrived there; the state knows nothing of what is behind it. */
test('a next hop behind a veth is a router, and no pod', () => {
  // The VPN's default route is in a table of its own, as wg-quick has it; the main table's is by another device.
  const routes =
    'default via 10.64.0.1 dev wg0 table 51820 onlink \ndefault via 192.168.50.1 dev eth0 \n10.64.0.1 dev wg0 scope link \n10.64.0.9 dev veth9 scope link \n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11 \n';
  const rules = '0:\tfrom all lookup local\n100:\tfrom all lookup 51820\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
  const links =
    '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n2: wg0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 56:bc:a2:b6:1e:eb brd ff:ff:ff:ff:ff:ff link-netns v promiscuity 0\n    veth \n    inet 10.64.0.5/32 scope global wg0\n3: veth9@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 56:bc:a2:b6:1e:ec brd ff:ff:ff:ff:ff:ff link-netns p promiscuity 0\n    veth \n4: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 56:bc:a2:b6:1e:ed brd ff:ff:ff:ff:ff:ff promiscuity 0\n    inet 192.168.50.11/24 scope global eth0\n';
  const neighbours = '10.64.0.1 dev wg0 lladdr d2:6b:a4:57:bc:2b REACHABLE\n';
  const state = { 'ip-route': routes, 'ip-rule': rules, 'ip--d-address': links, 'ip-neigh': neighbours };
  expect(answers(machineOf(state), 'node', '198.51.100.80:443')).toEqual(['wg0: 10.64.0.5 > 198.51.100.80:443']);
  expect(answers(machineOf(state), '10.64.0.9', '10.64.0.1:53')).toEqual(['wg0: 10.64.0.9 > 10.64.0.1:53']);
});
