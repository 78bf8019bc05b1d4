import { describe, expect, test } from 'vitest';
import { decisions, machine, machineOf } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('Options that are rare, each at a port of its own', () => {
  const network = machine('rare-options');
  test.each([
    ['ping', '198.51.100.15', '192.0.2.11', undefined, ['here']],
    ['ssh in range', '198.51.100.15', '192.0.2.11:22', undefined, ['here']],
    ['ssh out of range', '198.51.100.20', '192.0.2.11:22', undefined, ['dropped by iptables-save:33']],
    ['web', '198.51.100.15', '192.0.2.11:8005', undefined, ['here']],
    ['or/and mark', '198.51.100.15', '192.0.2.11:1001', undefined, ['dropped by iptables-save:33']],
    ['xor', '198.51.100.15', '192.0.2.11:1002', undefined, ['here']],
    ['set-mark mask', '198.51.100.15', '192.0.2.11:1003', undefined, ['rejected by iptables-save:50']],
    ['connmark restore masks', '198.51.100.15', '192.0.2.11:1004', undefined, ['here']],
    ['connmark save masks', '198.51.100.15', '192.0.2.11:1005', undefined, ['here']],
    ['connmark save mask', '198.51.100.15', '192.0.2.11:1006', undefined, ['here']],
    ['goto falls to policy', '198.51.100.15', '192.0.2.11:1100', undefined, ['dropped by iptables-save:33']],
    ['not syn', '198.51.100.15', '192.0.2.11:1101', undefined, ['dropped by iptables-save:33']],
    ['ttl-lt', '198.51.100.15', '192.0.2.11:1102', undefined, ['dropped by iptables-save:33']],
    ['limit-iface-in own', '10.20.0.7', '10.20.0.1:1103', undefined, ['here']],
    ["limit-iface-in the other's address", '10.20.0.7', '192.0.2.11:1103', undefined, ['dropped by iptables-save:33']],
    ['not local here', '10.20.0.7', '192.0.2.11:1104', undefined, ['rejected by iptables-save:63']],
    ['local here', '198.51.100.15', '192.0.2.11:1104', undefined, ['dropped by iptables-save:33']],
    ['recent set', '198.51.100.15', '192.0.2.11:1105', undefined, ['here']],
    ['udp range', '198.51.100.15', '192.0.2.11:1204/udp', undefined, ['here']],
    ['udp not', '198.51.100.15', '192.0.2.11:1205/udp', undefined, ['dropped by iptables-save:33']],
    ['untracked udp', '198.51.100.15', '192.0.2.11:5353/udp', undefined, ['here']],
    ['untracked rejected', '198.51.100.15', '192.0.2.11:7', undefined, ['rejected by iptables-save:41']],
    ['ftp', '198.51.100.15', '192.0.2.11:21', undefined, ['dropped by iptables-save:33']],
    ['len', '198.51.100.15', '192.0.2.11:1300/udp', undefined, ['dropped by iptables-save:69']],
    ['ctorig all', '198.51.100.15', '192.0.2.11:1401', undefined, ['here']],
    ['ctstatus', '198.51.100.15', '192.0.2.11:1402', undefined, ['here']],
    ['pkttype', '198.51.100.15', '192.0.2.11:1403', undefined, ['dropped by iptables-save:33']],
    ['policy none', '198.51.100.15', '192.0.2.11:1404', undefined, ['here']],
    ['policy ipsec', '198.51.100.15', '192.0.2.11:1405', undefined, ['dropped by iptables-save:33']],
    ['tos', '198.51.100.15', '192.0.2.11:1406', undefined, ['undetermined by iptables-save:75']],
    ['dscp', '198.51.100.15', '192.0.2.11:1407', undefined, ['undetermined by iptables-save:76']],
    ['not source', '198.51.100.15', '192.0.2.11:1408', undefined, ['dropped by iptables-save:33']],
    ['not source, lan', '10.20.0.7', '192.0.2.11:1408', undefined, ['here']],
    ['not wan+', '198.51.100.15', '192.0.2.11:1409', undefined, ['dropped by iptables-save:33']],
    ['not wan+, lan', '10.20.0.7', '192.0.2.11:1409', undefined, ['here']],
    ['rpfilter invert', '198.51.100.15', '192.0.2.11:1410', undefined, ['dropped by iptables-save:33']],
    ['rpfilter invert odd', '10.20.0.7', '192.0.2.11:1410', 'wan0', ['dropped by iptables-save:7']],
    ['tcp-option', '198.51.100.15', '192.0.2.11:1411', undefined, ['undetermined by iptables-save:79']],
    ['nth', '198.51.100.15', '192.0.2.11:1412', undefined, ['dropped by iptables-save:33']],
    ['odd mask', '198.51.100.15', '192.0.2.11:1413', undefined, ['here']],
    ['quoted chain', '198.51.100.15', '192.0.2.11:1414', undefined, ['rejected by iptables-save:96']],
    ['policy', '198.51.100.15', '192.0.2.11:3333', undefined, ['dropped by iptables-save:33']],
    ['bridged', '198.51.100.15', '10.20.0.7:1500', undefined, ['lan0: 198.51.100.15 > 10.20.0.7:1500']],
    ['physdev-in', '198.51.100.15', '10.20.0.7:1501', undefined, ['lan0: 198.51.100.15 > 10.20.0.7:1501']],
    ['hairpin', '198.51.100.15', '198.51.100.16:80', undefined, ['dropped by iptables-save:88']],
    ['ttl eq', '198.51.100.15', '10.20.0.7:1504', undefined, ['dropped by iptables-save:90']],
    ['ttl not gt', '198.51.100.15', '10.20.0.7:1505', undefined, ['lan0: 198.51.100.15 > 10.20.0.7:1505']],
    ['not tcp', '198.51.100.15', '203.0.113.9:53/udp', undefined, ['rejected by iptables-save:92']],
    ['not tcp, ping', '198.51.100.15', '203.0.113.9', undefined, ['rejected by iptables-save:92']],
    ['not tcp, tcp', '198.51.100.15', '203.0.113.9:53', undefined, ['lan0: 198.51.100.15 > 203.0.113.9:53']],
    ['port range', '198.51.100.15', '203.0.113.10:1024', undefined, ['dropped by iptables-save:93']],
    ['below range', '198.51.100.15', '203.0.113.10:1023', undefined, ['lan0: 198.51.100.15 > 203.0.113.10:1023']],
    ['uid 0 out', '192.0.2.11', '10.20.0.7:2000', undefined, ['undetermined by iptables-save:94']],
    ['socket exists out', '192.0.2.11', '10.20.0.7:2001', undefined, ['lan0: 10.20.0.1 > 10.20.0.7:2001']],
    ['dscp set', '198.51.100.15', '10.20.0.7:1007', undefined, ['lan0: 198.51.100.15 > 10.20.0.7:1007']],
    ['tos set', '198.51.100.15', '10.20.0.7:1008', undefined, ['lan0: 198.51.100.15 > 10.20.0.7:1008']],
    ['class', '198.51.100.15', '10.20.0.7:1009', undefined, ['lan0: 198.51.100.15 > 10.20.0.7:1009']],
    ['sctp', '198.51.100.15', '192.0.2.11:80/sctp', undefined, ['dropped by iptables-save:33']],
  ])('%s', (_what, source, destination, enters, expected) => {
    expect(decisions(network, source, destination, enters)).toEqual(expected);
  });
});

describe("A pod's namespace with Istio's rules: whose socket sends is not told", () => {
  const network = machine('istio-pod');
  test.each([
    ["an app's port goes to the sidecar", '10.20.9.9', '10.20.7.41:8080', ['here']],
    ['its health port does not', '10.20.9.9', '10.20.7.41:15021', ['here']],
    ['ssh', '10.20.9.9', '10.20.7.41:22', ['here']],
    ['tunnel', '10.20.9.9', '10.20.7.41:15008', ['here']],
    ['udp is left alone', '10.20.9.9', '10.20.7.41:9999/udp', ['here']],
    ['ping', '10.20.9.9', '10.20.7.41', ['here']],
    ['a range that is excluded', '10.20.7.41', '192.168.3.3:80', ['eth0: 10.20.7.41 > 192.168.3.3:80']],
    ["another: the app's own or the sidecar's", '10.20.7.41', '10.30.1.1:80', ['undetermined by iptables-save:26']],
    ['udp out', '10.20.7.41', '10.30.1.1:123/udp', ['eth0: 10.20.7.41 > 10.30.1.1:123']],
    ['dns by udp', '10.20.7.41', '10.96.0.10:53/udp', ['undetermined by iptables-save:13']],
    ['dns elsewhere', '10.20.7.41', '8.8.8.8:53/udp', ['eth0: 10.20.7.41 > 8.8.8.8:53']],
    ['localhost', '10.20.7.41', '127.0.0.1:8080', ['here']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});

describe('a file for both families, which iptables-restore and ip6tables-restore read in turn', () => {
  const network = machineOf({
    'ip-route': 'default via 192.0.2.1 dev eth0\n192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.11\n',
    'rules.v4': `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -6 -s 2001:db8::/32 -j ACCEPT
-A INPUT --ipv6 -p tcp --dport 22 -j DROP
-A INPUT -4 -s 198.51.100.0/24 -p tcp --dport 22:telnet -m comment --comment "-6" -j ACCEPT
-A INPUT -6 -j DROP
-A INPUT -p tcp --dport ssh -j REJECT
COMMIT
`,
  });
  test.each([
    ['ssh from the range', '198.51.100.7', '192.0.2.11:22', ['here']],
    ['ssh from elsewhere', '203.0.113.7', '192.0.2.11:22', ['rejected by rules.v4:9']],
    ['another port', '203.0.113.7', '192.0.2.11:80', ['here']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
