import { describe, expect, test } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { file } from '../topology/sources.ts';
import { askIn, networkOf } from '../tracing.ts';

const topology = (cluster: string, ofNode: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12${cluster} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24${ofNode} }
pods:
  - { name: a, node: node-1 }
  - { name: b, node: node-2, labels: { app: web } }
services:
  - { name: web, type: NodePort, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, nodePort: 20080 } ] }
`;
const RANGE = ', serviceNodePortRange: 20000-22767';

describe("nodes[].kubeProxy.mode wins over the cluster's", () => {
  const noneOnSecond = networkOf(topology(RANGE, ', kubeProxy: { mode: none }'));
  const noneElsewhere = networkOf(topology(`${RANGE}, kubeProxy: none`, ', kubeProxy: { mode: iptables }'));

  test.each([
    ['none on node-2: node-1 has its rules', noneOnSecond, 'a', 'svc/web', 'delivered', undefined],
    ['none on node-2: nothing there programs services', noneOnSecond, 'b', 'svc/web', 'rejected', 'PROXY_NOT_RUNNING'],
    ['none on all but node-2: it has rules', noneElsewhere, 'b', 'svc/web', 'delivered', undefined],
    ['none on all but node-2: the first has none', noneElsewhere, 'a', 'svc/web', 'rejected', 'PROXY_NOT_RUNNING'],
  ])('%s', (_, network, source, destination, outcome, code) => {
    const trace = askIn(network, source, destination);
    expect([trace.outcome, trace.reason?.code]).toEqual([outcome, code]);
    if (code !== undefined) expect(trace.reason?.message).toContain(`mode is none on ${source === 'a' ? 'node-1' : 'node-2'}`);
  });
});

describe('the range of node ports', () => {
  const load = (text: string, flag?: string) =>
    loadNetwork([file(text)], flag === undefined ? {} : { flags: { serviceNodePortRange: flag } });

  test.each([
    ['stated in the file', topology(RANGE, ''), undefined, true],
    ['stated by the flag', topology('', ''), '20000-22767', true],
    ['a flag wins over the file', topology(RANGE, ''), '30000-32767', false],
    ['not stated: 30000 to 32767', topology('', ''), undefined, false],
  ])('%s', (_, text, flag, ok) => {
    expect(load(text, flag).ok).toBe(ok);
  });

  test('it is a fact', () => {
    const loaded = load(topology(RANGE, ''));
    if (!loaded.ok) throw new Error('it loads');
    expect(loaded.value.cluster.facts.find((f) => f.fact === 'serviceNodePortRange')).toMatchObject({
      value: '20000-22767',
      confidence: 'stated',
    });
  });
});
