import { describe, expect, test } from 'vitest';
import { decisions, machine } from './machine.ts';

/** As in kernel-answers.test.ts: what is expected, and the rule that decides, was given by a kernel that had loaded the same rules, sets and routes. */

describe('kube-proxy and flannel of IPv6, with a host firewall', () => {
  const network = machine('ipv6-dual');
  test.each([
    [
      'a service',
      'fd00:10:244:2::7',
      '[fd00:10:96::66]:80',
      ['bond0: fd00:10:244:2::7 > fd00:10:244:3::9:8080', 'cni0: fd00:10:244:2::7 > fd00:10:244:2::8:8080'],
    ],
    [
      'from the machine',
      '2001:db8:1::21',
      '[fd00:10:96::66]:80',
      ['bond0: 2001:db8:1::21 > fd00:10:244:3::9:8080', 'cni0: fd00:10:244:2::1 > fd00:10:244:2::8:8080'],
    ],
    [
      'a load balancer, from a range that may',
      '2001:db8:aaaa::5',
      '[2001:db8:1::100]:80',
      ['bond0: 2001:db8:1::21 > fd00:10:244:3::9:8080', 'cni0: fd00:10:244:2::1 > fd00:10:244:2::8:8080'],
    ],
    ['from another', '2001:db8:9::5', '[2001:db8:1::100]:80', ['dropped by ip6tables-save:89']],
    ['from a pod', 'fd00:10:244:2::7', '[2001:db8:1::100]:80', ['dropped by ip6tables-save:89']],
    [
      'a NodePort',
      '2001:db8:9::5',
      '[2001:db8:1::21]:30066',
      ['bond0: 2001:db8:1::21 > fd00:10:244:3::9:8080', 'cni0: fd00:10:244:2::1 > fd00:10:244:2::8:8080'],
    ],
    [
      "a NodePort at the bridge's address",
      'fd00:10:244:2::7',
      '[fd00:10:244:2::1]:30066',
      ['bond0: 2001:db8:1::21 > fd00:10:244:3::9:8080', 'cni0: fd00:10:244:2::1 > fd00:10:244:2::8:8080'],
    ],
    ['a NodePort at ::1', '::1', '[::1]:30066', ['here']],
    ['no endpoints', 'fd00:10:244:2::7', '[fd00:10:96::99]:80', ['rejected by ip6tables-save:90']],
    ['no endpoints from the machine', '2001:db8:1::21', '[fd00:10:96::99]:80', ['rejected by ip6tables-save:90']],
    ['a pod to the internet', 'fd00:10:244:2::8', '[2001:db8:77::1]:443', ['bond0: 2001:db8:1::21 > 2001:db8:77::1:443']],
    ["a pod's udp is refused", 'fd00:10:244:2::7', '[2001:db8:77::1]:443/udp', ['rejected by ip6tables-save:75']],
    ['its udp to pods', 'fd00:10:244:2::7', '[fd00:10:244:2::8]:53/udp', ['cni0: fd00:10:244:2::7 > fd00:10:244:2::8:53']],
    ['its ping', 'fd00:10:244:2::7', 'fd00:10:244:2::8', ['dropped by ip6tables-save:74']],
    ["another's ping", 'fd00:10:244:2::8', '2001:db8:77::1', ['bond0: 2001:db8:1::21 > 2001:db8:77::1']],
    ['a refusal that names the route', 'fd00:10:244:2::8', '[2001:db8:bad::1]:443', ['rejected by ip6tables-save:76']],
    ['a reset', 'fd00:10:244:2::8', '[2001:db8:bad0::1]:443', ['rejected by ip6tables-save:77']],
    ['a host that is not there', 'fd00:10:244:2::8', '[2001:db8:bad1::1]:443/udp', ['rejected by ip6tables-save:78']],
    ['an unreachable route', 'fd00:10:244:2::8', '[2001:db8:dead::1]:443', ['rejected by ip-route:4']],
    ['outside to a pod', '2001:db8:9::5', '[fd00:10:244:2::8]:22', ['cni0: 2001:db8:9::5 > fd00:10:244:2::8:22']],
    ['through the machine', '2001:db8:9::5', '[2001:db8:9::6]:80', ['dropped by ip6tables-save:59']],
    ['ssh from a range that may', '2001:db8:aaaa::5', '[2001:db8:1::21]:22', ['here']],
    ['ssh from its exception', '2001:db8:aaaa:bad::5', '[2001:db8:1::21]:22', ['dropped by ip6tables-save:58']],
    ['https, in the set', '2001:db8:9::5', '[2001:db8:1::21]:443', ['here']],
    ['https at another address', 'fd00:10:244:2::7', '[fd00:10:244:2::1]:443', ['dropped by ip6tables-save:58']],
    ['the kubelet from a pod', 'fd00:10:244:2::7', '[2001:db8:1::21]:10250', ['here']],
    ['the kubelet from outside', '2001:db8:9::5', '[2001:db8:1::21]:10250', ['dropped by ip6tables-save:58']],
    ['ident', '2001:db8:9::5', '[2001:db8:1::21]:113', ['rejected by ip6tables-save:101']],
    ['etcd from the link', '2001:db8:1::30', '[2001:db8:1::21]:2379', ['dropped by ip6tables-save:58']],
    ['etcd from elsewhere', '2001:db8:9::5', '[2001:db8:1::21]:2380', ['rejected by ip6tables-save:102']],
    ['ping', '2001:db8:9::5', '2001:db8:1::21', ['here']],
    ['udp at the machine', '2001:db8:9::5', '[2001:db8:1::21]:53/udp', ['dropped by ip6tables-save:58']],
    ['DNS that is not tracked: nothing translates it', 'fd00:10:244:2::7', '[fd00:10:96::a]:53/udp', ['rejected by ip6tables-save:75']],
  ])('%s', (_what, source, destination, expected) => {
    expect(decisions(network, source, destination)).toEqual(expected);
  });
});
