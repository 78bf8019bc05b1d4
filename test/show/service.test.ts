import { describe, expect, test } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { viewOf } from '../../src/show/index.ts';
import { file } from '../topology/sources.ts';

/** What `show service` says of chains is what nodes have: which ones, kube-proxy decides. */
const topology = (pods: string, service: string, node = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24${node} }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24${node} }
pods: [ ${pods} ]
services: [ { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ${service}ports: [ { port: 80 } ] } ]
`;

const pod = (name: string, node: string, more = '') => `{ name: ${name}, node: ${node}, labels: { app: web }${more} }`;

interface Case {
  readonly what: string;
  readonly text: string;
  /** The kind of the port's chain, null: none; and the pods whose endpoints have one. */
  readonly chain: 'SVC' | 'SVL' | null;
  readonly endpoints: readonly string[];
}

const CASES: readonly Case[] = [
  { what: 'ready', text: topology(pod('a', 'node-2'), ''), chain: 'SVC', endpoints: ['default/a'] },
  {
    what: 'one of two is not ready',
    text: topology(`${pod('a', 'node-1')}, ${pod('b', 'node-2', ', ready: false')}`, ''),
    chain: 'SVC',
    endpoints: ['default/a'],
  },
  {
    what: 'the last one terminates and still serves',
    text: topology(pod('a', 'node-1', ', terminating: true'), ''),
    chain: 'SVC',
    endpoints: ['default/a'],
  },
  { what: 'none is ready', text: topology(pod('a', 'node-1', ', ready: false'), ''), chain: null, endpoints: [] },
  {
    what: 'kube-proxy runs nowhere',
    text: topology(pod('a', 'node-1'), '', ', kubeProxy: { running: false }'),
    chain: null,
    endpoints: [],
  },
  {
    what: 'each node uses its own endpoints only',
    text: topology(`${pod('a', 'node-1')}, ${pod('b', 'node-2')}`, 'internalTrafficPolicy: Local, '),
    chain: 'SVL',
    endpoints: ['default/a', 'default/b'],
  },
  {
    what: 'one node alone has endpoints of its own',
    text: topology(pod('b', 'node-2'), 'internalTrafficPolicy: Local, '),
    chain: 'SVL',
    endpoints: ['default/b'],
  },
];

describe('show service', () => {
  test.each(CASES)('$what', ({ text, chain, endpoints }) => {
    const loaded = loadNetwork([file(text)]);
    if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
    const { cluster, datapath } = loaded.value;
    const view = viewOf(cluster, datapath, 'service', 'default/web', false);
    if (view?.kind !== 'Service') throw new Error('no service');
    const [port] = view.ports;
    expect(port?.chain?.split('-')[1] ?? null).toBe(chain);
    expect(port?.endpoints.flatMap((e) => (e.chain === null ? [] : [e.pod]))).toEqual(endpoints);
    // As a node has them, in the text that iptables-restore reads.
    const rules = [...cluster.nodes.keys()].map((node) => {
      const shown = viewOf(cluster, datapath, 'node', node, true);
      return shown?.kind === 'Node' ? shown.ruleset : '';
    });
    for (const named of [port?.chain, ...(port?.endpoints.map((e) => e.chain) ?? [])])
      if (named !== null) expect(rules.join('\n')).toContain(`:${named} - `);
  });
});
