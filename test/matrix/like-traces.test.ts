import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadNetwork, type Network } from '../../src/index.ts';
import { key } from '../../src/k8s/pod.ts';
import { listeningAnywhere, matrixOf } from '../../src/matrix/engine.ts';
import type { Matrix } from '../../src/matrix/matrix.ts';
import type { AskedPort } from '../../src/matrix/question.ts';
import { AWS } from '../kernel-lab/aws.ts';
import { DATAPATHS } from '../kernel-lab/datapaths.ts';
import { inFamily } from '../kernel-lab/families.ts';
import { type Scenario, scenario, scenarioOn } from '../kernel-lab/generate.ts';
import { withPolicies } from '../kernel-lab/policed.ts';
import { everybody } from './everybody.ts';
import { oneByOne } from './one-by-one.ts';

/** Of each kind of cluster; left out, one of a few kinds. */
const CLUSTERS = process.env['K8S_TRACE_CLUSTERS'];
const SEED = Number(process.env['K8S_TRACE_SEED'] ?? 1);

const ENFORCERS = ['calico', 'cilium', 'kube-router', 'antrea'] as const;
const PROXIES = ['iptables', 'nftables'] as const;

type Kind = readonly [string, fc.Arbitrary<Scenario>];

const usual: readonly Kind[] = [
  ['pods that are alike', alike(scenario)],
  ['pods that are alike, policed', withPolicies(alike(scenario), 'calico', 'IPv4')],
  ['both families, policed', withPolicies(inFamily(alike(scenario), 'both', 'IPv6'), 'cilium', 'both')],
  ...[...DATAPATHS, AWS]
    .filter(({ name }) => ['flannel vxlan', 'calico cross-subnet', 'aws-vpc-cni'].includes(name))
    .map((datapath) => [`${datapath.name}, alike`, alike(scenarioOn(datapath, 'nftables'))] as const),
];

const others: readonly Kind[] = [
  ['bridge', scenario],
  ['bridge in both families', inFamily(scenario, 'both', 'IPv4')],
  ['both families, alike', inFamily(alike(scenario), 'both', 'IPv4')],
  ...ENFORCERS.map((name) => [`bridge, policed by ${name}`, withPolicies(scenario, name, 'IPv4')] as const),
  ['policies that nobody enforces', withPolicies(scenario, 'none', 'IPv4')],
  ...[...DATAPATHS, AWS].flatMap((datapath) =>
    PROXIES.flatMap((proxy) => {
      const drawn = scenarioOn(datapath, proxy);
      return [[`${datapath.name}, ${proxy}`, drawn] as const, [`${datapath.name}, ${proxy}, alike`, alike(drawn)] as const];
    }),
  ),
  ...DATAPATHS.map(
    (datapath) => [`${datapath.name}, policed`, withPolicies(alike(scenarioOn(datapath, 'iptables')), 'calico', 'IPv4')] as const,
  ),
];

describe('members that are taken to be alike get what a trace of each of them says', () => {
  test.each(CLUSTERS === undefined ? usual : [...usual, ...others])('%s', (_name, drawn) => {
    fc.assert(
      fc.property(drawn, ({ text }) => {
        const network = networkOf(text);
        if (network === null) return;
        const question = everybody(network.cluster, key);
        expect(rows(matrixOf(network, question))).toEqual(rows(oneByOne(network, question)));
      }),
      { numRuns: Number(CLUSTERS ?? 1), seed: SEED, endOnFailure: process.env['K8S_TRACE_SHRINK'] === undefined },
    );
  });
});

const API_SERVER = `services:
  - { name: api, clusterIP: 10.96.0.1, ports: [ { name: https, port: 443, targetPort: 6443 } ] }
endpoints:
  - { service: api, port: https, addresses: [ { ip: 192.168.1.11, port: 6443, ready: true } ] }`;

describe('members that only look alike', () => {
  const cluster = (nodes: string, more = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: iptables }
nodes:
${nodes}
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
  - { name: b, node: node-2, ip: 10.244.2.10, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
  - { name: c, node: node-3, ip: 10.244.3.10, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
${more}`;
  const podAt = (ip: string, i: number) =>
    `  - { name: at-${ip}, node: node-${i}, ip: ${ip}, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }`;
  const atEnds = [1, 2, 3].flatMap((i) => [podAt(`10.244.${i}.0`, i), podAt(`10.244.${i}.255`, i)]).join('\n');
  const node = (i: number, more = '') => `  - { name: node-${i}, ip: 192.168.1.1${i}, podCIDR: 10.244.${i}.0/24${more} }`;
  const nodes = [1, 2, 3].map((i) => node(i)).join('\n');

  test.each([
    ['an endpoint is a node', cluster(nodes, API_SERVER)],
    ['a node says more about one pod', cluster([node(1, ', devices: { veth0: { up: false } }'), node(2), node(3)].join('\n'))],
    [
      'a node has a route to one of the others',
      cluster([node(1, ', routes: { add: [ { to: 10.244.3.10/32, type: blackhole } ] }'), node(2), node(3)].join('\n')),
    ],
    ['pods have the addresses at the ends of their ranges', cluster(nodes, atEnds).replace('cni: bridge', 'cni: cilium')],
    [
      'pods have the addresses at the ends of ranges of nodes, by a plugin without a model',
      cluster(nodes, atEnds).replace('cni: bridge', 'cni: generic'),
    ],
    [
      'pods have the addresses at the ends of their ranges, and of those of other nodes',
      cluster(nodes, `${atEnds}\n${podAt('10.244.9.0', 1)}\n${podAt('10.244.9.255', 2)}`)
        .replace('cni: bridge', 'cni: calico')
        .replace('\npods:', `\n${node(9)}\npods:`),
    ],
    ['a firewall knows a pod', cluster(nodes, 'underlay: { firewall: { rules: [ { action: deny, to: 10.244.2.10/32 } ] } }')],
  ])('%s', (_name, text) => {
    const network = networkOf(text);
    if (network === null) throw new Error('the cluster is one');
    const question = everybody(network.cluster, key);
    const naive = rows(oneByOne(network, question));
    expect(rows(matrixOf(network, question))).toEqual(naive);
    expect(naive.length).toBeGreaterThan(0);
  });
});

const PORTS = [1, 53, 54, 80, 443, 5353, 8000, 8080, 8081, 8100, 8101, 9000, 9053, 9998, 9999, 30053, 30054, 30080, 30081, 65535];
const SAMPLE: readonly AskedPort[] = [
  { protocol: 'icmp', port: null },
  ...(['tcp', 'udp'] as const).flatMap((protocol) => PORTS.map((port) => ({ protocol, port }))),
];

describe('all ports, as ranges, are what each of them gets where a socket is there', () => {
  test.each(CLUSTERS === undefined ? usual.slice(1, 2) : [...usual, ...others])('%s', (_name, drawn) => {
    fc.assert(
      fc.property(drawn, ({ text }) => {
        const network = networkOf(text);
        if (network === null) return;
        const question = everybody(network.cluster, ({ namespace }) => namespace);
        const naive = oneByOne(listeningAnywhere(network), { ...question, ports: SAMPLE });
        expect(atPorts(matrixOf(network, { ...question, anyPort: true }))).toEqual(atPorts(naive));
      }),
      { numRuns: Number(CLUSTERS ?? 1), seed: SEED, endOnFailure: process.env['K8S_TRACE_SHRINK'] === undefined },
    );
  });
});

/** Of each port of the sample, what is said of it. */
const atPorts = (matrix: Matrix): readonly string[] =>
  [...matrix.connections]
    .flatMap(({ from, to, family, protocol, ports, outcome, code, share, assumed }) =>
      SAMPLE.flatMap(({ protocol: asked, port }) => {
        const isIn = asked === protocol && (port === null || ports.some((p) => p.first <= Number(port) && Number(port) <= p.last));
        return isIn ? [`${from} -> ${to} ${family} ${protocol} ${port}: ${outcome} ${code} ${share}${assumed ? ' assumed' : ''}`] : [];
      }),
    )
    .sort();

/** The same cluster with two kinds of pods only: most of a node differ from others in name and address. */
function alike(drawn: fc.Arbitrary<Scenario>): fc.Arbitrary<Scenario> {
  return drawn.map((s) => {
    const topology = parse(s.text) as { readonly pods: readonly Record<string, unknown>[] };
    const pods = topology.pods.map((pod, i) => {
      const { labels, ready, containers } = topology.pods[i % 2] ?? pod;
      const { containers: _, ...own } = pod;
      const isOwn = JSON.stringify(containers ?? '').includes('10.');
      return { ...own, labels, ready, ...(containers === undefined || isOwn ? {} : { containers }) };
    });
    return { ...s, text: stringify({ ...topology, pods }, { lineWidth: 0, collectionStyle: 'any' }) };
  });
}

function networkOf(text: string): Network | null {
  const loaded = loadNetwork([{ name: 'cluster.yaml', bytes: new TextEncoder().encode(text) }]);
  return loaded.ok ? loaded.value : null;
}

const rows = (matrix: Matrix): readonly string[] =>
  [...matrix.connections].map(
    ({ from, to, family, protocol, ports, outcome, code, share, assumed }) =>
      `${from} -> ${to} ${family} ${protocol} ${ports.map((p) => `${p.first}-${p.last}`).join()}: ${outcome} ${code} ${share}${assumed ? ' assumed' : ''}`,
  );
