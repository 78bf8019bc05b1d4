import { describe } from 'vitest';
import { ask } from './asked.ts';

/**
 * Tables in the manner of Mullvad, wg-quick and Tailscale: marks that route anew, split tunnelling, policies that drop.
 * As in kernel-answers.test.ts: what becomes of each packet, and the rule that it ends at, was told by a kernel (Linux 6.18, nft 1.0.6).
 */
describe('Kill switches and tunnels of VPNs on one machine', () => {
  ask('nft-vpn', [
    [
      'web through the tunnel',
      '10.64.3.4',
      '1.1.1.1:443',
      null,
      'undetermined',
      'FACT_MISSING meta cgroup 5087041 ct mark set 0x00000f41 meta mark set 0x6d6f6c65',
    ],
    [
      'dns elsewhere',
      '10.64.3.4',
      '1.1.1.1:53/udp',
      null,
      'rejected',
      'FILTER_DROP oif "wg0-mullvad" udp dport 53 ip daddr != 10.64.0.1 drop',
    ],
    [
      'dns tcp elsewhere',
      '10.64.3.4',
      '1.1.1.1:53',
      null,
      'undetermined',
      'FACT_MISSING meta cgroup 5087041 ct mark set 0x00000f41 meta mark set 0x6d6f6c65',
    ],
    [
      'dns there',
      '10.64.3.4',
      '10.64.0.1:53/udp',
      null,
      'undetermined',
      'FACT_MISSING meta cgroup 5087041 ct mark set 0x00000f41 meta mark set 0x6d6f6c65',
    ],
    [
      'lan dns',
      '192.168.43.10',
      '192.168.43.1:53/udp',
      null,
      'undetermined',
      'FACT_MISSING meta cgroup 5087041 ct mark set 0x00000f41 meta mark set 0x6d6f6c65',
    ],
    ['lan', '192.168.43.10', '192.168.43.77:631', null, 'wlp2s0: 192.168.43.10 > 192.168.43.77:631'],
    ['excluded by port', '10.64.3.4', '1.1.1.1:4443', null, 'wlp2s0: 192.168.43.10 > 1.1.1.1:4443'],
    [
      'rerouted by mark',
      '10.64.3.4',
      '10.9.9.9:80',
      null,
      'undetermined',
      'FACT_MISSING meta cgroup 5087041 ct mark set 0x00000f41 meta mark set 0x6d6f6c65',
    ],
    [
      'input public',
      '1.2.3.4',
      '192.168.43.10:22',
      'wlp2s0',
      'dropped',
      'FILTER_DROP type filter hook input priority filter; policy drop;',
    ],
    ['input lan', '192.168.43.77', '192.168.43.10:22', 'wlp2s0', 'here'],
    [
      'spoofed wg1',
      '192.168.43.77',
      '10.66.66.2:22',
      'wlp2s0',
      'dropped',
      'FILTER_DROP iifname != "wg1" ip daddr 10.66.66.2 fib saddr type != local drop',
    ],
    ['right wg1', '10.66.66.9', '10.66.66.2:22', 'wg1', 'here'],
    ['forward out', '10.200.0.5', '9.9.9.9:443', 'virbr9', 'wg0-mullvad: 10.200.0.5 > 9.9.9.9:443'],
    ['forward out to lan', '10.200.0.5', '192.168.43.77:443', 'virbr9', 'wlp2s0: 10.200.0.5 > 192.168.43.77:443'],
    ['forward from ts', '100.77.1.2', '9.9.9.9:443', 'tailscale0', 'wg0-mullvad: 10.64.3.4 > 9.9.9.9:443'],
    ['to ts from cgnat', '100.66.1.1', '100.77.1.2:443', 'wg1', 'dropped', 'FILTER_DROP oifname "tailscale0" ip saddr 100.64.0.0/10 drop'],
    ['to ts from lan', '192.168.43.77', '100.77.1.2:443', 'wlp2s0', 'rejected', 'FILTER_REJECT reject with icmpx no-route'],
    ['to ts from vm', '10.200.0.5', '100.77.1.2:443', 'virbr9', 'rejected', 'FILTER_REJECT reject with icmpx no-route'],
    [
      'cgnat spoofed to input',
      '100.77.1.2',
      '192.168.43.10:22',
      'wlp2s0',
      'dropped',
      'FILTER_DROP ip saddr 100.64.0.0/10 iifname != "tailscale0" drop',
    ],
    [
      'chromeos range',
      '100.115.92.5',
      '192.168.43.10:22',
      'wlp2s0',
      'dropped',
      'FILTER_DROP type filter hook input priority filter; policy drop;',
    ],
    ['dhcp-like forward', '0.0.0.0', '192.168.43.77:67/udp', 'virbr9', 'dropped'],
    [
      'udp 41641',
      '1.2.3.4',
      '192.168.43.10:41641/udp',
      'wlp2s0',
      'dropped',
      'FILTER_DROP type filter hook input priority filter; policy drop;',
    ],
    ['node to node', '192.168.43.10', '192.168.43.10:22', null, 'here'],
    [
      'node to ts',
      '100.101.1.1',
      '100.77.1.2:22',
      null,
      'undetermined',
      'FACT_MISSING meta cgroup 5087041 ct mark set 0x00000f41 meta mark set 0x6d6f6c65',
    ],
  ]);
});
