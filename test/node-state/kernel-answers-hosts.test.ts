import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('Docker, ufw, fail2ban and libvirt on one machine', () => {
  const network = machine('docker-ufw');
  test.each([
    ['a published port, from a range that may', '198.51.100.7', '10.1.2.3:8080', ['br-5f1c3d8a0b77: 198.51.100.7 > 172.18.0.5:80']],
    ['a published port, from another', '203.0.113.9', '10.1.2.3:8080', ['dropped by iptables-save:73']],
    ['the container itself, from outside', '198.51.100.7', '172.18.0.5:80', ['br-5f1c3d8a0b77: 198.51.100.7 > 172.18.0.5:80']],
    ['the container at another port', '198.51.100.7', '172.18.0.5:81', ['dropped by iptables-save:58']],
    ['a published port of the other network', '198.51.100.7', '10.1.2.3:1514/udp', ['docker0: 198.51.100.7 > 172.17.0.4:514']],
    ["the same, to the bridge's address", '192.168.122.50', '172.17.0.1:1514/udp', ['dropped by iptables-save:3']],
    ["a container to its neighbour's published port", '172.18.0.6', '10.1.2.3:8080', ['dropped by iptables-save:3']],
    ['a container to the other network', '172.17.0.4', '172.18.0.5:80', ['dropped by iptables-save:72']],
    ['a container to the other network, by the published port', '172.17.0.4', '10.1.2.3:8080', ['dropped by iptables-save:72']],
    ['a container to the internet', '172.17.0.4', '1.0.0.1:443', ['eno1: 10.1.2.3 > 1.0.0.1:443']],
    ['a container to the machine', '172.17.0.4', '10.1.2.3:22', ['undetermined by iptables-save:122']],
    ["a container to the machine's closed port", '172.17.0.4', '10.1.2.3:9999', ['dropped by iptables-save:3']],
    ['ssh, first of its kind', '198.51.100.7', '10.1.2.3:22', ['undetermined by iptables-save:122']],
    ['ssh, banned', '192.0.2.65', '10.1.2.3:22', ['rejected by iptables-save:85']],
    ['web, banned for ssh only', '192.0.2.65', '10.1.2.3:443', ['here']],
    ['web, banned for all', '192.0.2.66', '10.1.2.3:443', ['rejected by iptables-save:83']],
    ['node exporter from the net', '10.1.9.9', '10.1.2.3:9100', ['here']],
    ['node exporter from elsewhere', '198.51.100.7', '10.1.2.3:9100', ['dropped by iptables-save:3']],
    ['elastic: reset', '198.51.100.7', '10.1.2.3:9200', ['rejected by iptables-save:126']],
    ['samba', '198.51.100.7', '10.1.2.3:445', ['dropped by iptables-save:117']],
    ['other', '198.51.100.7', '10.1.2.3:8443', ['dropped by iptables-save:3']],
    ['ping', '198.51.100.7', '10.1.2.3', ['here']],
    ['broadcast', '10.1.9.9', '10.1.255.255:137/udp', ['dropped by iptables-save:117']],
    ['a VM to the internet', '192.168.122.50', '1.0.0.1:443', ['eno1: 10.1.2.3 > 1.0.0.1:443']],
    ["a VM's mail", '192.168.122.50', '1.0.0.1:25', ['eno1: 10.1.2.3 > 1.0.0.1:25']],
    ["a VM's DNS", '192.168.122.50', '192.168.122.1:53/udp', ['here']],
    ["a VM to the machine's ssh", '192.168.122.50', '10.1.2.3:22', ['undetermined by iptables-save:122']],
    ['a VM to a container', '192.168.122.50', '172.18.0.5:80', ['br-5f1c3d8a0b77: 172.18.0.1 > 172.18.0.5:80']],
    ['outside to a VM', '198.51.100.7', '192.168.122.50:22', ['rejected by iptables-save:75']],
    ['a container to a VM', '172.17.0.4', '192.168.122.50:22', ['virbr0: 192.168.122.1 > 192.168.122.50:22']],
    ['ping from outside to a VM', '198.51.100.7', '192.168.122.50', ['rejected by iptables-save:75']],
    ['mail of the machine', '10.1.2.3', '203.0.113.25:25', ['rejected by iptables-save:130']],
    ['web of the machine', '10.1.2.3', '203.0.113.25:80', ['eno1: 10.1.2.3 > 203.0.113.25:80']],
    ['its own published port', '10.1.2.3', '10.1.2.3:8080', ['br-5f1c3d8a0b77: 10.1.2.3 > 172.18.0.5:80']],
    ['ping of the machine', '10.1.2.3', '1.0.0.1', ['eno1: 10.1.2.3 > 1.0.0.1']],
    ['through the machine', '198.51.100.7', '203.0.113.1:80', ['dropped by iptables-save:4']],
    ['ping through the machine', '198.51.100.7', '203.0.113.1', ['eno1: 198.51.100.7 > 203.0.113.1']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});

describe('wg-quick with a kill switch, OpenVPN and a proxy: what refuses is refused itself', () => {
  const network = machine('wg-quick');
  test.each([
    ['the lan goes by the tunnel', '192.168.40.20', '9.9.9.9:443', undefined, ['wg0: 10.66.7.2 > 9.9.9.9:443']],
    [
      "the lan to the provider's net: not by the tunnel, refused",
      '192.168.40.20',
      '100.64.9.77:443',
      undefined,
      ['dropped by iptables-save:39'],
    ],
    ['the lan to a VPN client', '192.168.40.20', '10.8.0.6:22', undefined, ['tun0: 192.168.40.20 > 10.8.0.6:22']],
    ['wlan to the lan', '192.168.41.30', '192.168.40.20:445', undefined, ['dropped by iptables-save:38']],
    ["wlan's web goes to the proxy", '192.168.41.30', '9.9.9.9:80', undefined, ['dropped by iptables-save:40']],
    ["wlan's DNS is caught", '192.168.41.30', '9.9.9.9:53/udp', undefined, ['dropped by iptables-save:40']],
    ["wlan's DNS of the router", '192.168.41.30', '192.168.40.1:53/udp', undefined, ['dropped by iptables-save:40']],
    ["wlan's DNS of the router's other address", '192.168.41.30', '192.168.41.1:53/udp', undefined, ['dropped by iptables-save:40']],
    ['wlan elsewhere', '192.168.41.30', '9.9.9.9:443', undefined, ['wg0: 10.66.7.2 > 9.9.9.9:443']],
    ['VPN client to the lan: SNAT', '10.8.0.6', '192.168.40.20:22', undefined, ['lan0: 192.168.40.1 > 192.168.40.20:22']],
    ["VPN client to its router's port", '10.8.0.6', '10.8.0.1:8443', undefined, ['lan0: 192.168.40.1 > 192.168.40.20:443']],
    ['VPN client to another', '10.8.0.6', '10.8.0.9:22', undefined, ['dropped by iptables-save:37']],
    ['VPN client to the internet', '10.8.0.6', '9.9.9.9:443', undefined, ['wg0: 10.66.7.2 > 9.9.9.9:443']],
    ['the machine to the internet', '100.64.9.23', '9.9.9.9:443', undefined, ['wg0: 10.66.7.2 > 9.9.9.9:443']],
    [
      'the machine to its lan is refused by the kill switch',
      '100.64.9.23',
      '192.168.40.20:22',
      undefined,
      ['rejected by iptables-save:40'],
    ],
    ['the machine to itself', '100.64.9.23', '192.168.40.1:22', undefined, ['here']],
    ['blackhole', '192.168.40.20', '172.20.1.1:80', undefined, ['dropped by ip-route:8']],
    ['blackhole, from the machine', '100.64.9.23', '172.20.1.1:80', undefined, ['rejected by ip-route:8']],
    ['unreachable', '192.168.40.20', '198.18.4.4:80', undefined, ['dropped by ip-route:9']],
    ['unreachable, from the machine', '100.64.9.23', '198.18.4.4:80', undefined, ['rejected by ip-route:9']],
    ['prohibited', '192.168.41.30', '192.0.2.4:80', undefined, ['dropped by iptables-save:40']],
    ['prohibited, from the machine', '100.64.9.23', '192.0.2.4:80', undefined, ['rejected by ip-route:10']],
    ["the tunnel's address, from the lan", '192.168.40.20', '10.66.7.2:22', undefined, ['dropped by iptables-save:5']],
    ["the tunnel's address, by the tunnel", '9.9.9.9', '10.66.7.2:22', 'wg0', ['here']],
    ['an answer that comes in by the provider', '9.9.9.9', '100.64.9.23:51820/udp', 'enp2s0', ['here']],
    ['from the tunnel to the lan', '9.9.9.9', '192.168.40.20:22', 'wg0', ['lan0: 9.9.9.9 > 192.168.40.20:22']],
    ['ping', '192.168.40.20', '9.9.9.9', undefined, ['wg0: 10.66.7.2 > 9.9.9.9']],
  ])('%s', (_what, source, destination, enters, expected) => {
    expect(decisions(network, source, destination, enters)).toEqual(expected);
  });
});
