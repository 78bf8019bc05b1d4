import { describe, expect, test } from 'vitest';
import { briefly, show } from '../../src/index.ts';
import { machineOf } from '../node-state/machine.ts';

/** What is shown of a machine of which much was found. */

const network = machineOf({
  'ip--d-address':
    '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n    inet 192.168.50.11/24 scope global eth0\n',
  'ip-route': 'default via 192.168.50.1 dev eth0\n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11\n',
  'ip--6-route': 'fd00:50::/64 dev eth0 proto kernel metric 256 pref medium\n',
  'ip-rule': '0:\tfrom all lookup local\n100:\tfrom all lookup 7\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n',
  'ip--6-rule': '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
  sysctl: 'net.ipv4.ip_forward = 1\nnet.ipv4.tcp_fin_timeout = 60\nnet.core.somaxconn = 4096\n',
  ss: 'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\ntcp   LISTEN 0      128    0.0.0.0:22         0.0.0.0:*\n',
});
const view = (() => {
  const shown = show(network, { kind: 'node', name: 'node', rules: false });
  if (shown?.kind !== 'Node') throw new Error('a node is shown as one');
  return shown;
})();

describe('a machine of which much was found', () => {
  test('shows the sysctls that something hangs on', () => {
    const names = (of: typeof view) => of.sysctls.map((s) => s.name);
    const brief = briefly(view);
    if (brief.kind !== 'Node') throw new Error('it is still one');
    expect(names(brief)).toContain('net.ipv4.ip_forward');
    expect(names(brief)).not.toContain('net.ipv4.tcp_fin_timeout');
    expect(names(view)).toContain('net.ipv4.tcp_fin_timeout');
  });

  test('says of which family a rule is', () => {
    expect(view.rules).toEqual([
      { priority: 0, selector: 'from all', table: 'local' },
      { priority: 100, selector: 'from all (IPv4)', table: 'lookup 7, whose routes are not given' },
      { priority: 32766, selector: 'from all', table: 'main' },
      { priority: 32767, selector: 'from all (IPv4)', table: 'default' },
    ]);
  });

  test('says what a socket that is not told may be', () => {
    expect(view.sockets.map((s) => s.listens)).toEqual(['0.0.0.0:22/tcp', 'any port of udp', 'any port of sctp']);
  });
});
