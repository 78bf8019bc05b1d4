import { describe } from 'vitest';
import { ask } from './asked.ts';

/**
 * `table netdev`, `ingress` of `table inet`, `table bridge` and `table arp`; what leaves by a bridge of which no port is followed leaves by the bridge.
 * As in kernel-answers.test.ts: what becomes of each packet, and the rule that it ends at, was told by a kernel (Linux 6.18, nft 1.0.6).
 */
describe('Chains of nft at devices and on a bridge', () => {
  ask('nft-linkchains', [
    ['bogon', '192.0.2.7', '10.2.0.9:80', 'eth-a', 'dropped', 'FILTER_DROP ip saddr @bogons drop'],
    ['bogon elsewhere', '192.0.2.7', '10.2.0.9:80', 'eth-c', 'eth-b: 192.0.2.7 > 10.2.0.9:80'],
    ['ingress drop', '10.1.0.2', '10.2.0.9:2001', 'eth-a', 'dropped', 'FILTER_DROP tcp dport 2001 counter packets 0 bytes 0 drop'],
    ['the same by another device', '10.3.0.5', '10.2.0.9:2001', 'eth-c', 'eth-b: 10.3.0.5 > 10.2.0.9:2001'],
    ['jump returns', '10.1.0.2', '10.2.0.9:2002', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.9:2002'],
    ['jump drops', '10.1.0.3', '10.2.0.9:2002', 'eth-a', 'dropped', 'FILTER_DROP drop'],
    ['marked at ingress', '10.1.0.2', '10.2.0.9:2003/udp', 'eth-a', 'undetermined', 'FACT_MISSING udp dport 2003 meta mark set 0x00000007'],
    ['not marked', '10.1.0.2', '10.2.0.9:2004/udp', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.9:2004'],
    ['by address', '10.1.0.2', '10.2.0.66:443', 'eth-a', 'dropped', 'FILTER_DROP ip daddr 10.2.0.66 drop'],
    ['icmp by address', '10.1.0.2', '10.2.0.67/icmp', 'eth-a', 'dropped', 'FILTER_DROP ip protocol icmp ip daddr 10.2.0.67 drop'],
    ['tcp to it', '10.1.0.2', '10.2.0.67:80', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.67:80'],
    ['negated', '9.9.9.9', '10.2.0.9:2005', 'eth-a', 'dropped', 'FILTER_DROP tcp dport 2005 ip saddr != 10.1.0.0/16 drop'],
    ['negated not', '10.1.0.2', '10.2.0.9:2005', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.9:2005'],
    ['inet ingress', '10.3.0.5', '10.2.0.9:2101', 'eth-c', 'dropped', 'FILTER_DROP tcp dport 2101 drop'],
    ['inet ingress accepted', '10.3.0.5', '10.2.0.9:2102', 'eth-c', 'eth-b: 10.3.0.5 > 10.2.0.9:2102'],
    ['inet ingress 2', '10.3.0.5', '10.2.0.9:2103', 'eth-c', 'dropped', 'FILTER_DROP tcp dport { 2102, 2103 } drop'],
    ['out again by eth-a', '10.1.0.2', '10.3.0.5:2101', 'eth-a', 'eth-c: 10.1.0.2 > 10.3.0.5:2101'],
    ['from here', '10.1.0.1', '10.1.0.9:2001', null, 'eth-a: 10.1.0.1 > 10.1.0.9:2001'],
    ['from here to bogon', '10.1.0.1', '10.1.0.9:80', null, 'eth-a: 10.1.0.1 > 10.1.0.9:80'],
    ['bridged drop', '10.4.0.11', '10.4.0.12:2201', 'p1', 'dropped', 'FILTER_DROP iifname "p1" oifname "p2" tcp dport 2201 drop'],
    ['bridged udp', '10.4.0.11', '10.4.0.12:2202/udp', 'p1', 'dropped', 'FILTER_DROP meta protocol ip udp dport 2202 drop'],
    ['other way', '10.4.0.12', '10.4.0.11:2201', 'p2', 'br0: 10.4.0.12 > 10.4.0.11:2201'],
    ['accepted', '10.4.0.12', '10.4.0.11:2203', 'p2', 'br0: 10.4.0.12 > 10.4.0.11:2203'],
    ['to bridge', '10.4.0.12', '10.4.0.1:2204', 'p2', 'dropped', 'FILTER_DROP iifname "p2" ip daddr 10.4.0.1 tcp dport 2204 drop'],
    ['to bridge p1', '10.4.0.11', '10.4.0.1:2204', 'p1', 'here'],
    ['routed from bridge', '10.4.0.12', '10.2.0.9:2201', 'p2', 'eth-b: 10.4.0.12 > 10.2.0.9:2201'],
  ]);
});
