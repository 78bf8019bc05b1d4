import { describe, expect, test } from 'vitest';
import { traceRequest } from '../../src/index.ts';
import { decisions, machineAnswers, machineOf } from './machine.ts';
import { DEVICES, OWN, router, saved } from './router.ts';

/**
 * Look-ups that the kernel makes for itself, and of which rules and routes see more than of a program's: by which device, and with which mark. What is expected was
 * seen in network namespaces of Linux 6.18, with a machine on va and vb, and a sender beyond both.
 */

const SENDER = 'fd00:9::9';

const device = (index: number, name: string) => `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff link-netnsid 0
    veth numtxqueues 1 numrxqueues 1
    inet6 fd00:${index}::1/64 scope global nodad
`;

const LINKS = 'fd00:1::/64 dev va proto kernel metric 256 pref medium\nfd00:2::/64 dev vb proto kernel metric 256 pref medium\n';

function between(routes: readonly string[], rules: readonly string[] = [], more: Readonly<Record<string, string>> = {}) {
  return machineOf({
    'ip--d-address': `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet6 ::1/128 scope host\n${device(1, 'va')}${device(2, 'vb')}`,
    'ip--4-route-show-table-all': '# ip -4 route show table all: no output\n',
    'ip--6-route-show-table-all': `${routes.map((r) => `${r}\n`).join('')}${LINKS}`,
    'ip--6-rule': `0:\tfrom all lookup local\n${rules.map((r) => `${r}\n`).join('')}32766:\tfrom all lookup main\n`,
    sysctl: 'net.ipv6.conf.all.forwarding = 1\n',
    'nft-list-ruleset': '# nft list ruleset: no output\n',
    ...more,
  });
}

const TO_VA = `${SENDER} via fd00:1::2 dev va metric 1024 pref medium`;
const TO_VB = `${SENDER} via fd00:2::2 dev vb metric 1024 pref medium`;

const onLink = (route: string) => route.replace(/ via \S+/, '');

describe('the answer to a ping of IPv6 asks for the device that the ping came in by (icmpv6_echo_reply)', () => {
  const OIF = '90:\tfrom all oif va lookup 100';
  test.each<[string, readonly string[], readonly string[], 'va' | 'vb']>([
    ['one way', [TO_VB], [], 'vb'],
    ['a rule for that device', [TO_VB, `${SENDER} via fd00:1::2 dev va table 100 metric 1024 pref medium`], [OIF], 'va'],
    [
      'a rule for another device',
      [TO_VB, `${SENDER} via fd00:1::2 dev va table 100 metric 1024 pref medium`],
      [OIF.replace('va', 'vb')],
      'vb',
    ],
    ['two routes that are alike, and no multipath', [TO_VB, TO_VA].map(onLink), [], 'va'],
    ['a better metric comes first', [TO_VB, TO_VA.replace('1024', '2000')], [], 'vb'],
  ])('%s', (_what, routes, rules, leaves) => {
    const [answer] = machineAnswers(between(routes, rules), SENDER, 'fd00:1::1', 'va');
    expect(answer?.back).toMatch(new RegExp(`^${leaves}: `));
  });
});

describe('a strict rpfilter of ip6tables asks for the device; its route comes before any other to the same prefix (rt6_device_match)', () => {
  const raw = (...options: readonly string[]) => ({
    'ip6tables-save': `*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -i va -m rpfilter${options.map((o) => ` ${o}`).join('')} --invert -j DROP\nCOMMIT\n`,
  });
  const fib = {
    'nft-list-ruleset': `table ip6 own {
	chain first {
		type filter hook prerouting priority raw; policy accept;
		iifname "va" fib saddr . iif oif missing drop
	}
}
`,
  };
  const passes = ['here'];
  const dropped = ['dropped by ip6tables-save:4'];
  const droppedByFib = ['dropped by nft-list-ruleset:4'];
  const blackhole = ['blackhole default dev lo table 100 metric 1024 pref medium'];
  const later = TO_VA.replace('1024', '2000');

  test.each([
    ['the route is by va', [TO_VA], [], passes, passes],
    ['it is by vb', [TO_VB], [], dropped, droppedByFib],
    ['by vb first, by va with a higher metric', [TO_VB, later], [], passes, droppedByFib],
    ['none by va to the longest prefix', [TO_VB, later.replace(SENDER, 'fd00:9::/64')], [], dropped, droppedByFib],
    ['a rule for va', [TO_VA, ...blackhole], ['90:\tfrom all oif va lookup 100'], dropped, passes],
    ['a rule for vb', [TO_VA, ...blackhole], ['90:\tfrom all oif vb lookup 100'], passes, passes],
  ])('%s', (_what, routes, rules, strict, byFib) => {
    const asked = (more: Readonly<Record<string, string>>) => decisions(between(routes, rules, more), SENDER, '[fd00:1::1]:9/udp', 'va');
    expect(asked(raw())).toEqual(strict);
    expect(asked(raw('--loose'))).toEqual(passes);
    expect(asked(fib)).toEqual(byFib);
  });
});

describe('marks that the kernel takes over', () => {
  const PEER = '10.20.0.9';
  const at = (sysctls: Readonly<Record<string, number>>) =>
    router({
      routes: `default via 192.168.50.1 dev eth0\ndefault via 10.9.0.2 dev eth1 table 100\n`,
      rules: '90:\tfrom all fwmark 0x1 lookup 100\n',
      sysctls,
      more: {
        'iptables-save': saved({
          mangle: ['-A PREROUTING -i eth1 -j MARK --set-xmark 0x1/0xffffffff'],
          filter: ['-A FORWARD -p tcp -j REJECT --reject-with tcp-reset', '-A FORWARD -j REJECT --reject-with icmp-port-unreachable'],
        }),
        ss: 'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\ntcp   LISTEN 0      128    0.0.0.0:80         0.0.0.0:*         users:(("web",pid=1,fd=3))\nudp   UNCONN 0      0      0.0.0.0:53         0.0.0.0:*         users:(("dns",pid=2,fd=3))\n',
      },
    });
  test.each([
    ['a ping', '10.9.0.1', 'eth1', 'eth0'],
    ['a port where nobody listens, TCP', '10.9.0.1:9', 'eth1', 'eth0'],
    ['and UDP', '10.9.0.1:9/udp', 'eth1', 'eth0'],
    ['a rule that resets', '172.20.0.7:9', 'eth1', 'eth0'],
    ['a rule that refuses', '172.20.0.7:9/udp', 'eth1', 'eth0'],
    ['a program that listens', '10.9.0.1:80', 'eth0', 'eth1'],
  ])('%s', (_what, destination, reflected, accepted) => {
    const back = (sysctls: Readonly<Record<string, number>>) =>
      machineAnswers(at(sysctls), PEER, destination, 'eth1')[0]?.back?.split(':')[0];
    expect(back({})).toBe('eth0');
    expect(back({ fwmark_reflect: 1 })).toBe(reflected);
    expect(back({ tcp_fwmark_accept: 1 })).toBe(accepted);
  });
});

describe('the address of an ICMP error about what is routed on (icmp_errors_use_inbound_ifaddr)', () => {
  const nft = (hook: string) => ({
    'nft-list-ruleset': `table ip own {
	chain only {
		type filter hook ${hook} priority filter; policy accept;
		udp dport 9 reject with icmp host-unreachable
	}
}
`,
  });
  test.each([
    ['a rule that refuses', 'forward', '172.20.0.7:9/udp', 'eth0: 10.9.0.1:null > 10.20.0.9'],
    ['before it is routed it is any answer', 'prerouting', '172.20.0.7:9/udp', 'eth0: 192.168.50.11:null > 10.20.0.9'],
    ['no route', 'forward', '10.66.0.1:80', 'eth0: 10.9.0.1:null > 10.20.0.9'],
    ["one of the machine's own addresses", 'input', '172.20.0.1:9/udp', 'eth0: 172.20.0.1:null > 10.20.0.9'],
  ])('%s', (_what, hook, destination, back) => {
    const routes = 'default via 192.168.50.1 dev eth0\nunreachable 10.66.0.0/24\n';
    const network = router({ routes, sysctls: { icmp_errors_use_inbound_ifaddr: 1 }, more: nft(hook) });
    expect(machineAnswers(network, '10.20.0.9', destination, 'eth1')[0]?.back).toBe(back);
  });
});

describe('MASQUERADE of what the machine sends to itself takes an address of lo, which it leaves by (inet_select_addr, net/ipv4/devinet.c)', () => {
  const own = (lo: string) =>
    router({
      more: {
        'ip--d-address': [DEVICES[0].replace(/\n$/, `\n${lo}`), ...DEVICES.slice(1)].join(''),
        'iptables-save': saved({ nat: ['-A POSTROUTING -j MASQUERADE'] }),
      },
    });
  test.each([
    ['one that others may know', '    inet 10.10.2.1/32 scope global lo\n', '10.10.2.1'],
    ['none: that of the first device', '', OWN],
    ['one of the machine alone', '    inet 10.10.2.1/32 scope host lo\n', OWN],
  ])('%s', (_what, lo, source) => {
    const asked = traceRequest(own(lo), { source: OWN, destination: '172.20.0.1:80' });
    if (!asked.ok) throw new Error(asked.message);
    expect(asked.trace.paths[0]?.forward.hops.at(-1)?.packet.source).toBe(source);
  });
});

/** Measured with Linux 6.18: MASQUERADE asks for an address that others may know (RT_SCOPE_UNIVERSE), on whichever device the first one is. */
describe('MASQUERADE of what leaves by a device whose address has the scope', () => {
  const network = (scope: string) =>
    router({
      more: {
        'ip--d-address': DEVICES.map((d) => d.replace('scope global eth2', `scope ${scope} eth2`)).join(''),
        'iptables-save': saved({ nat: ['-A POSTROUTING -o eth2 -j MASQUERADE'] }),
      },
    });
  test.each([
    ['global', '172.20.0.1'],
    ['link', OWN],
    ['host', OWN],
  ])('%s', (scope, source) => {
    expect(decisions(network(scope), '10.9.0.5', '172.20.0.9:80', 'eth1')).toEqual([`eth2: ${source} > 172.20.0.9:80`]);
  });
});
