import { describe, expect, test } from 'vitest';
import { decisions, machine, machineOf } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('ipsets of many types, asked by both directions; what a rule puts into one is in it', () => {
  const network = machine('set-kinds');
  test.each([
    ['a port of a bitmap', '203.0.113.7', '10.30.0.5:30090', undefined, ['here']],
    ['in a range of it', '203.0.113.7', '10.30.0.5:31010', undefined, ['here']],
    ['beyond', '203.0.113.7', '10.30.0.5:31011', undefined, ['dropped by iptables-save:12']],
    ['udp at that port', '203.0.113.7', '10.30.0.5:30090/udp', undefined, ['dropped by iptables-save:12']],
    ['ping by hash:ip,port', '203.0.113.7', '10.30.0.5', undefined, ['here']],
    ['sctp', '203.0.113.7', '10.30.0.5:5060/sctp', undefined, ['here']],
    ['udp', '203.0.113.7', '10.30.0.5:5060/udp', undefined, ['here']],
    ['tcp there', '203.0.113.7', '10.30.0.5:5060', undefined, ['dropped by iptables-save:12']],
    ['a source range', '198.51.100.9', '10.30.0.5:4000', undefined, ['here']],
    ["another port's range", '198.51.100.9', '10.30.0.5:4001', undefined, ['dropped by iptables-save:37']],
    ["another port's range, inside", '198.51.100.200', '10.30.0.5:4001', undefined, ['here']],
    ['hash:net,port', '198.51.100.9', '10.30.0.5:5003', undefined, ['here']],
    ['beyond its ports', '198.51.100.9', '10.30.0.5:5004', undefined, ['dropped by iptables-save:12']],
    ['udp at any port', '198.51.100.200', '10.30.0.5:9/udp', undefined, ['here']],
    ['udp from the other half', '198.51.100.9', '10.30.0.5:9/udp', undefined, ['dropped by iptables-save:12']],
    ['a net by its device', '198.51.100.9', '10.30.0.5:6002', undefined, ['here']],
    ['a net by another device', '203.0.113.7', '10.30.0.5:6002', undefined, ['rejected by iptables-save:22']],
    ['a net by another device, as it should', '203.0.113.7', '10.40.0.1:6002', 'br1', ['here']],
    ['a bitmap of nets', '198.51.100.200', '10.30.0.5:6003', undefined, ['here']],
    ['a bitmap of nets, another', '203.0.113.7', '10.30.0.5:6003', undefined, ['dropped by iptables-save:12']],
    ['a netmask', '198.51.100.70', '10.30.0.5:6004', undefined, ['here']],
    ['a netmask, another', '198.51.100.9', '10.30.0.5:6004', undefined, ['dropped by iptables-save:12']],
    ['an output device at INPUT', '198.51.100.9', '10.30.0.5:6005', undefined, ['dropped by iptables-save:12']],
    ['a list, by one', '198.51.100.70', '10.40.0.9:7001', undefined, ['br1: 198.51.100.70 > 10.40.0.9:7001']],
    ['a list, by one, no', '198.51.100.200', '10.40.0.200:7001', undefined, ['br1: 198.51.100.200 > 10.40.0.200:7001']],
    ['device that it leaves by', '203.0.113.7', '10.40.0.200:7002', undefined, ['br1: 203.0.113.7 > 10.40.0.200:7002']],
    ['source of the other device', '198.51.100.200', '10.40.0.200:7002', undefined, ['dropped by iptables-save:13']],
    ['destination by its device', '198.51.100.200', '10.40.0.200:7003', undefined, ['dropped by iptables-save:13']],
    ['a bitmap of addresses', '198.51.100.200', '10.40.0.20:53/udp', undefined, ['br1: 198.51.100.200 > 10.40.0.20:53']],
    ['a bitmap of addresses, no', '203.0.113.7', '10.40.0.40:53/udp', undefined, ['dropped by iptables-save:13']],
    ['outside its range', '10.40.0.8', '9.9.9.9:53/udp', undefined, ['eth0: 10.40.0.8 > 9.9.9.9:53']],
    ['inside to inside', '10.40.0.8', '10.40.0.9:80', undefined, ['br1: 10.40.0.8 > 10.40.0.9:80']],
    ['another to outside', '10.40.0.40', '9.9.9.9:80', undefined, ['dropped by iptables-save:13']],
    ['put into the set just before', '203.0.113.7', '10.40.0.99:6006', undefined, ['br1: 203.0.113.7 > 10.40.0.99:6006']],
    ['a loop', '10.40.0.8', '10.40.0.8:8080', 'br1', ['rejected by iptables-save:28']],
  ])('%s', (_what, source, destination, enters, expected) => {
    expect(decisions(network, source, destination, enters)).toEqual(expected);
  });
});

describe('a set that rules fill, and nothing was found in', () => {
  const network = machineOf({
    'ip-route': 'default via 192.0.2.1 dev eth0\n192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.11\n',
    'nft-ruleset': `table ip guard {
	set scanners {
		type ipv4_addr
		flags dynamic,timeout
		timeout 1h
	}

	chain input {
		type filter hook input priority filter; policy accept;
		tcp dport 23 add @scanners { ip saddr }
		tcp dport 24 update @scanners { ip daddr }
		ip saddr @scanners drop
		ip daddr @scanners reject
	}
}
`,
  });
  test.each([
    ['its source is in it', '192.0.2.11:23', ['dropped by nft-ruleset:12']],
    ['its destination is in it', '192.0.2.11:24', ['rejected by nft-ruleset:13']],
    ['nothing of it is', '192.0.2.11:25', ['here']],
  ])('%s', (_what, destination, expected) => {
    expect(decisions(network, '198.51.100.7', destination)).toEqual(expected);
  });
});
