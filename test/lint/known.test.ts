import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linted } from './linted.ts';

/** Troubles that people have had, of which no packet has to be sent to see them; and clusters that only look strange. */

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures', name), 'utf8');
const codesOf = async (name: string) => [...new Set((await linted(read(name))).map((d) => d.code))];

describe('troubles that people have had', () => {
  test.each([
    ['announcer-without-pod', 'no-local-endpoints'],
    ['bridge-netfilter-off', 'bridge-nf-off'],
    ['forwarding-off', 'forwarding-off'],
    ['hairpin-off', 'hairpin-off'],
    ['hairpin-sometimes', 'hairpin-off'],
    ['headless-not-ready', 'no-ready-endpoints'],
    ['headless-port', 'headless-target-port'],
    ['hints-missing', 'hints-without-effect'],
    ['internal-policy-local', 'no-local-endpoints'],
    ['kube-proxy-missing', 'kube-proxy-not-running'],
    ['load-balancer-pending', 'load-balancer-pending'],
    ['mtu-between-nodes', 'mtu-above-nic'],
    ['next-hop-gone', 'next-hop-unknown'],
    ['node-port-firewalled', 'node-port-closed'],
    ['not-ready', 'no-ready-endpoints'],
    ['on-loopback', 'target-port-closed'],
    ['route-not-created', 'pod-range-unreachable'],
    ['router-without-pod-routes', 'pod-range-unreachable'],
    ['routes-in-a-circle', 'pod-range-unreachable'],
    ['selector-key', 'selector-matches-nothing'],
    ['stale-blackhole', 'pod-range-unreachable'],
    ['target-port-number', 'target-port-closed'],
    ['target-port-protocol', 'target-port-unresolved'],
  ])('%s: %s', async (name, code) => {
    expect(await codesOf(`cases/${name}.yaml`)).toEqual([code]);
  });
});

/** Detours, rules of their own, policies and MTUs that are meant so: what fails there hangs on the packet. */
describe('nothing to be told', () => {
  test.each([
    'four-pods.yaml',
    ...[
      'affinity',
      'asymmetric',
      'ecmp',
      'firewall-routers',
      'host-network',
      'host-port',
      'internet-balancer',
      'ip-masq',
      'load-balancer',
      'loop',
      'masquerade-all',
      'mtu-bridge',
      'mtu-pod',
      'no-gateway',
      'node-port-addresses',
      'policy-routing',
      'rp-filter',
      'rule-from',
    ].map((name) => `kernel/${name}.yaml`),
  ])('%s', async (name) => {
    expect(await codesOf(name)).toEqual([]);
  });
});

describe('hints', () => {
  const HEAD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16 }
nodes:
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
`;
  const node = (route: string) =>
    `${HEAD}  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, routes: { add: [{ ${route} }] } }\n`;

  test.each([
    ['the node whose pods they are', 'to: 10.244.2.0/25, via: 192.168.1.98', 'these pods are on node-2: via: 192.168.1.12'],
    ['the nearest address, and never its own', 'to: 172.16.0.0/12, via: 192.168.1.13', 'did you mean 192.168.1.12?'],
    ['what there is, when nothing is like it', 'to: 172.16.0.0/12, via: 10.244.1.250, dev: cni0', 'nobody else is on that link'],
  ])('next hop: %s', async (_name, route, hint) => {
    expect((await linted(node(route))).map((d) => [d.code, d.hint])).toEqual([['next-hop-unknown', hint]]);
  });
});
