import { describe, expect, test } from 'vitest';
import { type LoadOptions, loadNetwork } from '../../src/index.ts';
import { beside, CLUSTER } from '../topology/kubernetes/small-cluster.ts';
import { file, SMALLEST } from '../topology/sources.ts';

/** kube-proxy's options, one by one of those who state them: a flag, a Topology, objects. */

const IPVS = `apiVersion: v1
kind: ConfigMap
metadata: { name: kube-proxy, namespace: kube-system }
data:
  config.conf: |
    kind: KubeProxyConfiguration
    mode: ipvs
    clusterCIDR: 10.244.0.0/17
    ipvs: { strictARP: true }
    iptables: { localhostNodePorts: false }
---
`;
const topology = (kubeProxy: string) => SMALLEST.replace('/12 }', `/12, kubeProxy: ${kubeProxy} }`);
const withNode = (kubeProxy: string) => topology(kubeProxy).replace('/24 }', '/24, kubeProxy: { mode: ipvs } }');

function read(text: string, options: LoadOptions = {}) {
  const loaded = loadNetwork([file(text)], options);
  if (!loaded.ok) return loaded.diagnostics.map((d) => `${d.place?.field}: ${d.message}; ${d.hint}`).join('\n');
  const { mode, strictArp, masqueradeAll, localhostNodePorts, detectLocal } = loaded.value.cluster.kubeProxy;
  return { mode, strictArp, masqueradeAll, localhostNodePorts, cidrs: 'cidrs' in detectLocal ? detectLocal.cidrs.length : null };
}

describe('a Topology beside objects states some of them', () => {
  test.each([
    ['nothing of it', '{ podCIDR: 10.244.0.0/16 }', { mode: 'ipvs', strictArp: true, masqueradeAll: false }],
    ['what the objects leave out', '{ kubeProxy: { masqueradeAll: true } }', { mode: 'ipvs', strictArp: true, masqueradeAll: true }],
    ['an option of the mode that objects tell', '{ kubeProxy: { strictARP: false } }', { mode: 'ipvs', strictArp: false }],
    ['another mode', '{ kubeProxy: nftables }', { mode: 'nftables', strictArp: false }],
    [
      'another mode with its option',
      '{ kubeProxy: { mode: iptables, localhostNodePorts: true } }',
      { mode: 'iptables', localhostNodePorts: true },
    ],
  ])('%s', (_, cluster, expected) => {
    expect(read(IPVS + CLUSTER + beside(`cluster: ${cluster}\n`))).toMatchObject({ cidrs: 1, ...expected });
  });

  test('an option of a mode that nobody has', () => {
    expect(read(IPVS + CLUSTER + beside('cluster: { kubeProxy: { localhostNodePorts: true } }\n'))).toBe(
      'cluster.kubeProxy.localhostNodePorts: this is read with mode iptables only; leave it out, or state mode: iptables',
    );
  });
});

describe('a flag beside a Topology', () => {
  const flags = (kubeProxyMode: string): LoadOptions => ({ flags: { kubeProxyMode } });
  test('states the mode that an option is of', () => {
    expect(read(topology('{ strictARP: true }'), flags('ipvs'))).toMatchObject({ mode: 'ipvs', strictArp: true });
    expect(read(topology('{ strictARP: true }'))).toBe(
      'cluster.kubeProxy.strictARP: this is read with mode ipvs only; leave it out, or state mode: ipvs',
    );
  });
  test('takes the place of a mode with its options', () => {
    expect(read(topology('{ mode: iptables, localhostNodePorts: false, masqueradeAll: true }'), flags('nftables'))).toMatchObject({
      mode: 'nftables',
      masqueradeAll: true,
    });
  });
});

test('an option of a mode that one node has', () => {
  expect(read(withNode('{ mode: iptables, strictARP: true }'))).toMatchObject({ mode: 'iptables', strictArp: true });
});
