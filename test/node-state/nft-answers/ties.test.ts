import { describe } from 'vitest';
import { ask } from './asked.ts';

/**
 * Where the order that no listing shows makes a difference, the kernel had one of them: that is not known here.
 * As in kernel-answers.test.ts: what becomes of each packet, and the rule that it ends at, was told by a kernel (Linux 6.18, nft 1.0.6).
 */
describe('Base chains of two tables with one priority', () => {
  ask('nft-ties', [
    ['port 1', '10.1.0.2', '10.2.0.9:1', 'eth-a', 'dropped', 'FILTER_DROP tcp dport 1 drop'],
    ['port 2', '10.1.0.2', '10.2.0.9:2', 'eth-a', 'undetermined', 'FACT_MISSING tcp dport 1 accept'],
    ['port 3', '10.1.0.2', '10.2.0.9:3', 'eth-a', 'undetermined', 'FACT_MISSING tcp dport 1 accept'],
    ['port 4', '10.1.0.2', '10.2.0.9:4', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.9:4'],
    ['port 5', '10.1.0.2', '10.2.0.9:5', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.9:5'],
    ['port 6', '10.1.0.2', '10.2.0.9:6', 'eth-a', 'dropped', 'FILTER_DROP type filter hook forward priority filter; policy drop;'],
    ['port 7', '10.1.0.2', '10.2.0.9:7', 'eth-a', 'undetermined', 'FACT_MISSING tcp dport 1 accept'],
    ['port 8', '10.1.0.2', '10.2.0.9:8', 'eth-a', 'rejected', 'FILTER_REJECT tcp dport 8 reject with tcp reset'],
    ['port 9', '10.1.0.2', '10.2.0.9:9', 'eth-a', 'dropped', 'FILTER_DROP type filter hook forward priority filter; policy drop;'],
    ['port 11', '10.1.0.2', '10.2.0.9:11', 'eth-a', 'undetermined', 'FACT_MISSING tcp dport 11 dnat to 10.2.0.12'],
    ['port 12', '10.1.0.2', '10.2.0.9:12', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.12:12'],
    ['port 13', '10.1.0.2', '10.2.0.9:13', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.13:13'],
    ['port 31', '10.1.0.2', '10.2.0.9:31', 'eth-a', 'undetermined', 'FACT_MISSING tcp dport { 31, 32 } snat to 10.9.9.2'],
    ['port 32', '10.1.0.2', '10.2.0.9:32', 'eth-a', 'eth-b: 10.9.9.2 > 10.2.0.9:32'],
    ['port 33', '10.1.0.2', '10.2.0.9:33', 'eth-a', 'eth-b: 10.1.0.2 > 10.2.0.9:33'],
    ['vmap drop', '10.1.0.5', '10.2.0.9:5', 'eth-a', 'dropped', 'FILTER_DROP ip saddr vmap { 10.1.0.5 : drop }'],
    ['udp 21', '10.2.0.1', '10.2.0.9:21/udp', null, 'rejected', 'FILTER_DROP udp dport 21 drop'],
    ['udp 22', '10.2.0.1', '10.2.0.9:22/udp', null, 'undetermined', 'FACT_MISSING udp dport 21 drop'],
    ['udp 23', '10.2.0.1', '10.2.0.9:23/udp', null, 'eth-b: 10.2.0.1 > 10.2.0.9:23'],
  ]);
});
