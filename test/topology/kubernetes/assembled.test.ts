import { describe, expect, test } from 'vitest';
import { type LoadOptions, loadNetwork, traceRequest } from '../../../src/index.ts';
import { formatPrefix } from '../../../src/net/prefix.ts';
import { file } from '../sources.ts';
import { answer, beside, CLUSTER, NODES, networkOf, pod } from './small-cluster.ts';

/** What objects, a Topology beside them and flags make together, seen in the cluster and in a trace. */

const errors = (text: string) => {
  const loaded = loadNetwork([file(text)]);
  return loaded.ok ? [] : loaded.diagnostics.map((d) => d.code);
};

const factOf = (text: string, name: string, options: LoadOptions = {}) => {
  const fact = networkOf(text, options).cluster.facts.find((f) => f.fact === name);
  return [fact?.value, fact?.confidence, fact?.others.map((o) => o.value)];
};

describe('a Topology beside objects', () => {
  test('states what they do not, and wins where they do', () => {
    const both = CLUSTER + beside('cluster: { podCIDR: 10.240.0.0/12, cni: { plugin: bridge, mtu: 1400 } }\n');
    expect(factOf(both, 'podCIDR').slice(0, 2)).toEqual([['10.240.0.0/12'], 'stated']);
    expect(factOf(both, 'mtu').slice(0, 2)).toEqual([1400, 'stated']);
    expect(networkOf(both).cluster.cni).toMatchObject({ plugin: 'bridge', mtu: 1400 });
  });

  test('a range that it states is there once', () => {
    const { podCidrs, serviceCidrs } = networkOf(
      CLUSTER + beside('cluster: { podCIDR: 10.240.0.0/12, serviceCIDR: 10.96.0.0/12, cni: bridge }\n'),
    ).cluster;
    expect([podCidrs, serviceCidrs].map((ranges) => ranges.map(formatPrefix))).toEqual([['10.240.0.0/12'], ['10.96.0.0/12']]);
  });

  test('a pod of the same name is the same one, its lists those of the Topology', () => {
    const ports = 'containers: [{ name: app, ports: [{ containerPort: 9090 }] }]';
    const both = CLUSTER + beside(`cluster: { cni: bridge }\npods: [{ name: web, namespace: shop, node: n2, ${ports} }]\n`);
    expect(
      networkOf(both)
        .cluster.pods.get('shop/web')
        ?.ips.map((i) => String(i.address)),
    ).toHaveLength(1);
    expect(answer(CLUSTER, 'shop/client', 'shop/pod/web:9999')).toBe('delivered');
    expect(answer(both, 'shop/client', 'shop/pod/web:9090')).toBe('delivered');
    expect(answer(both, 'shop/client', 'shop/pod/web:9999')).toBe('rejected NOBODY_LISTENS');
  });

  test('its network: an MTU alone, and segments with it', () => {
    expect(networkOf(CLUSTER + beside('underlay: { mtu: 9000 }\n')).cluster.underlay).toMatchObject({ mtu: 9000 });
    const stated = networkOf(CLUSTER + beside('underlay: { mtu: 9000, segments: [{ name: lan, cidr: 192.168.0.0/16 }] }\n'));
    expect([stated.cluster.underlay.mtu, [...stated.cluster.underlay.segments.keys()]]).toEqual([9000, ['lan']]);
  });
});

describe('flags', () => {
  const topology = beside(`cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge }
nodes:
  - { name: n1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: n2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: client, node: n1 }
  - { name: web, node: n2 }
`);

  test('the MTU of NICs: of a Topology, whose pods send more, and of objects, whose pods are taken to follow', () => {
    const small = { flags: { nodeMtu: '1400' } };
    expect(answer(topology, 'client', 'web:8080', small, 1300)).toBe('delivered');
    expect(answer(topology, 'client', 'web:8080', small, 1450)).toBe('rejected MTU_EXCEEDED');
    const { cluster } = networkOf(CLUSTER, small);
    expect([cluster.underlay.mtu, cluster.cni.mtu]).toEqual([1400, 1400]);
  });

  test('the MTU of pods, the segments and the plugin are those of a Topology, too', () => {
    const { cluster } = networkOf(topology, { flags: { mtu: '1400', segments: '192.168.0.0/16', cni: 'ptp' } });
    expect(cluster.cni).toMatchObject({ plugin: 'ptp', mtu: 1400 });
    expect([...cluster.underlay.segments.keys()]).toEqual(['segment-1']);
  });

  test('a plugin without a model is a guess, and a mode of kube-proxy is none', () => {
    const { cluster } = networkOf(topology, { flags: { cni: 'weave', kubeProxyMode: 'ipvs' } });
    const { mode, guess } = cluster.kubeProxy;
    expect([cluster.cni.guess?.name, mode, guess]).toEqual(['weave', 'ipvs', null]);
  });

  test('win over a Topology, and that over objects', () => {
    const both = CLUSTER + beside('cluster: { podCIDR: 10.240.0.0/12 }\n');
    expect(factOf(both, 'podCIDR', { flags: { podCidr: '10.128.0.0/9' } })).toEqual([
      ['10.128.0.0/9'],
      'stated',
      expect.arrayContaining([['10.240.0.0/12']]),
    ]);
  });

  test.each([
    [{ cni: 'calic' }, /no plugin is named calic/, /calico/],
    [{ cni: '{ mtu: 1 }' }, /a plugin's name/, null],
    [{ cni: '{ plugin: ptp, mtuu: 1400 }' }, /ptp has no key mtuu/, /did you mean mtu/],
    [{ cni: '{ plugin: ptp, name: weave }' }, /ptp has no key name/, /a key of the plugin generic/],
    [{ cni: '{ plugin: ptp, mtu: 12 }' }, /mtu: IPv4 needs an MTU/, null],
    [{ kubeProxyMode: 'iptable' }, /iptables, nftables, ipvs or none/, /iptables/],
    [{ podCidr: '10.0.0.0' }, /is no prefix/, /commas/],
    [{ mtu: '12' }, /from 68 to 65535/, null],
    [{ serviceNodePortRange: '1' }, /two ports/, null],
    [{ clusterDns: 'x' }, /no IP address/, null],
  ] as const)('%j says what is expected', (flags, message, hint) => {
    const load = () => loadNetwork([file(CLUSTER)], { flags });
    expect(load).toThrow(message);
    if (hint !== null) expect(load).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) }));
  });
});

describe('manifests', () => {
  const manifests = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: app, env: [{ name: DEBUG, value: true }], ports: [{ containerPort: 8080 }] }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: shop }
spec:
  selector: { matchLabels: { app: agent } }
  template: { metadata: { labels: { app: agent } }, spec: { containers: [{ name: app }] } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`;

  test('become pods on assumed nodes, two unless it is said', () => {
    const names = (nodes?: number) => [...networkOf(manifests, nodes === undefined ? {} : { nodes }).cluster.pods.keys()];
    const web = ['shop/web-1', 'shop/web-2', 'shop/web-3'];
    expect(names()).toEqual([...web, 'shop/agent-node-1', 'shop/agent-node-2']);
    expect(names(3)).toEqual([...web, 'shop/agent-node-1', 'shop/agent-node-2', 'shop/agent-node-3']);
  });

  test.each([
    ['shop/node/node-1:30000', 'undetermined FACT_MISSING'],
    ['shop/svc/web', 'delivered'],
  ])('from outside to %s: a private address that was made up is no fault', (destination, expected) => {
    expect(answer(manifests, 'internet', destination.replace('shop/node', 'node'))).toBe(expected);
  });

  test.each([
    ['by a flag', manifests, { kubeProxyMode: 'nftables' }],
    [
      "by kube-proxy's configuration",
      `${manifests}---
apiVersion: v1
kind: ConfigMap
metadata: { name: kube-proxy, namespace: kube-system }
data: { config.conf: "mode: nftables" }
`,
      {},
    ],
  ])('nftables mode %s is modelled: nothing is guessed', (_, text, flags) => {
    const network = networkOf(text, { flags: { ...flags, serviceCidr: '10.96.0.0/12' } });
    const { mode, guess } = network.cluster.kubeProxy;
    expect([mode, guess]).toEqual(['nftables', null]);
    const nft = network.datapath.netns('node-1')?.rulesets.IPv4.nft.map((t) => t.name);
    expect(nft).toEqual(['kube-proxy']);
  });

  test('a service is by a mode that is not modelled, and the trace says so beside what it says of the plugin', () => {
    const network = networkOf(manifests, { flags: { kubeProxyMode: 'ipvs' } });
    const result = traceRequest(network, { source: 'shop/ds/agent', destination: 'shop/svc/web' });
    const messages = result.ok ? result.trace.assumptions.map((a) => a.message) : [];
    expect(messages.filter((m) => m.includes('modelled'))).toHaveLength(2);
  });

  test('are traced, and nothing is found wrong with what they do not say', () => {
    expect(answer(manifests, 'shop/ds/agent', 'shop/svc/web')).toBe('delivered');
    const loaded = loadNetwork([file(manifests)]);
    expect(loaded.ok ? loaded.warnings : loaded.diagnostics).toEqual([]);
  });

  test('say nothing of a range that was made up', () => {
    expect(factOf(manifests, 'serviceCIDR')).toEqual([null, 'unknown', []]);
  });
});

test.each([
  [
    'a pod that has ended',
    pod('old', 'n1', '10.244.2.10').replace('Running', 'Succeeded'),
    'shop/client',
    'shop/old:80',
    'POD_NOT_RUNNING',
  ],
  [
    'its address is another pod’s',
    pod('old', 'n1', '10.244.2.10').replace('Running', 'Failed'),
    'shop/client',
    '10.244.2.10:80',
    'delivered',
  ],
])('%s', (_, text, from, to, expected) => {
  expect(answer(CLUSTER + text, from, to)).toContain(expected);
});

describe('nodes whose address the input does not have', () => {
  const bare = pod('a', 'n1', '10.244.1.10') + pod('b', 'n1', '10.244.1.11') + pod('c', 'n2', '10.244.2.10');

  test.each([
    ['shop/b:80', 'delivered'],
    ['shop/c:80', 'delivered'],
    ['203.0.113.9:443', 'exits LEAVES_INPUT'],
  ])('a trace to %s goes by stand-ins, and says so', (destination, expected) => {
    expect(answer(bare, 'shop/a', destination)).toBe(expected);
    const result = traceRequest(networkOf(bare), { source: 'shop/a', destination });
    expect(result.ok ? result.trace.assumptions : []).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('the address of 2 nodes: others stand in') }),
    );
    expect(factOf(bare, 'node.addresses')).toEqual([null, 'unknown', []]);
  });

  test('a Topology states one', () => {
    const stated = networkOf(bare + beside('nodes: [{ name: n1, ip: 10.3.0.1 }, { name: n2, ip: 10.3.0.2 }]\n'));
    expect([...stated.cluster.nodes.values()].map((n) => n.addresses.length)).toEqual([1, 1]);
    expect(stated.cluster.facts.filter((f) => f.fact === 'node.addresses').map((f) => [f.node, f.value, f.confidence])).toEqual([
      ['n1', ['10.3.0.1'], 'stated'],
      ['n2', ['10.3.0.2'], 'stated'],
    ]);
    expect(stated.cluster.standIns.nodeAddresses).toBe(0);
  });

  test('nodes with one family, and pods with the other', () => {
    const mixed = CLUSTER.replaceAll('192.168.1.1', 'fd00::1');
    expect(answer(mixed, 'shop/client', 'shop/svc/web')).toMatch(/^(delivered|undetermined FACT_MISSING)$/);
  });
});

/** Nothing in these objects says who enforces policies: what one of them keeps out is not known. */
describe('NetworkPolicies', () => {
  const policy = (labels: string, spec: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p, namespace: shop }
spec: { podSelector: ${labels}, ${spec} }
---
`;
  const some = '[{ from: [{ podSelector: {} }] }]';

  test.each([
    ['is about the destination, and lets its sender in', policy('{ matchLabels: { app: web } }', `ingress: ${some}`), 'delivered'],
    ['is about the destination', policy('{ matchLabels: { app: web } }', 'ingress: []'), 'undetermined FACT_MISSING'],
    ['is about all pods', policy('{}', 'policyTypes: [Egress]'), 'undetermined FACT_MISSING'],
    [
      'is about the source, and what it sends',
      policy('{ matchLabels: { app: client } }', 'egress: [{ ports: [{ port: 53 }] }]'),
      'undetermined FACT_MISSING',
    ],
    ['is about the source, and what it gets', policy('{ matchLabels: { app: client } }', `ingress: ${some}`), 'delivered'],
    ['lets everything pass', policy('{}', 'ingress: [{}]'), 'delivered'],
    ['is about another pod', policy('{ matchExpressions: [{ key: app, operator: In, values: [db] }] }', 'ingress: []'), 'delivered'],
    ['is of another namespace', policy('{}', 'ingress: []').replace('namespace: shop', 'namespace: other'), 'delivered'],
  ])('one that %s', (_, text, expected) => {
    expect(answer(CLUSTER + text, 'shop/client', 'shop/svc/web')).toBe(expected);
  });
});

describe('two clusters', () => {
  const elsewhere = (n: number) => pod(`far-${n}`, `ip-10-0-0-${n}`, `10.0.4.${n}`);

  test.each([
    ['no pod is on a node that is listed', NODES + elsewhere(1), ['two-clusters']],
    ['a single one is not: its node was removed', CLUSTER + elsewhere(1), []],
    ['a node of the same name has another uid', NODES + NODES.replaceAll('name: n1', 'name: n1, uid: b'), ['two-clusters']],
  ])('%s', (_, text, expected) => {
    expect(errors(text)).toEqual(expected);
  });

  test('a file of pods, all on nodes that are not listed', () => {
    const loaded = loadNetwork([file(CLUSTER, 'a.yaml'), file([1, 2, 3].map(elsewhere).join(''), 'b.yaml')]);
    expect(loaded.ok ? [] : loaded.diagnostics.map((d) => [d.file, d.code])).toEqual([['b.yaml', 'two-clusters']]);
  });
});
