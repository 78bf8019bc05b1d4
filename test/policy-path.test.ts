import { describe, expect, test } from 'vitest';
import { type Request, render, type TraceDocument } from '../src/index.ts';
import { askIn, networkOf } from './tracing.ts';

/**
 * Two nodes with two pods each: `client` and `web` on node-1, `web-2` and `other` on node-2, and `agent` on node-1's own network. Policies isolate web's
 * pods for ingress, open to app=client on the pod's port 8080, and client for egress, open to app=web.
 */
const POLICIES = `
networkPolicies:
  - name: web
    podSelector: { matchLabels: { app: web } }
    ingress: [ { from: [ { podSelector: { matchLabels: { app: client } } } ], ports: [ { port: 8080 } ] } ]
  - name: client-out
    podSelector: { matchLabels: { app: client } }
    policyTypes: [Egress]
    egress: [ { to: [ { podSelector: { matchLabels: { app: web } } } ] } ]
  - { name: agent, podSelector: { matchLabels: { kind: agent } } }
`;

function cluster(options: string, policies = POLICIES): string {
  return `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, ${options} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: client, node: node-1, ip: 10.244.1.10, labels: { app: client } }
  - { name: web, node: node-1, ip: 10.244.1.11, labels: { app: web } }
  - { name: web-2, node: node-2, ip: 10.244.2.10, labels: { app: web } }
  - { name: other, node: node-2, ip: 10.244.2.11, labels: { app: other } }
  - { name: agent, node: node-1, hostNetwork: true, labels: { app: client, kind: agent }, containers: [ { name: app, ports: [ { containerPort: 9100 } ] } ] }
services:
  - { name: shop, clusterIP: 10.96.0.10, type: NodePort, selector: { app: web }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ] }
  - { name: own, clusterIP: 10.96.0.12, selector: { app: client }, ports: [ { port: 80, targetPort: 8080 } ] }
internet: { gateway: { ip: 192.168.1.1, nat: [ { private: 192.168.1.11, public: 203.0.113.11 } ] } }
${policies}`;
}

/** By the walk that it is on: `egress client allow`, `ingress web skip own-node`. Known connections are left out: they are in every walk that follows. */
function told({ paths }: TraceDocument): readonly string[] {
  const hops = paths[0]?.forward.hops ?? [];
  return hops.flatMap((h) => {
    if (h.kind === 'policy') return [`${h.direction} ${h.pod.replace('default/', '')} ${h.verdict}`];
    if (h.kind !== 'skip' || h.policy === undefined || h.policy.why === 'known-connection') return [];
    return [`${h.policy.direction} ${h.policy.pod.replace('default/', '')} skip ${h.policy.why}`];
  });
}

const ended = ({ paths: [first] }: TraceDocument) => [first?.outcome, first?.reason?.code ?? null, first?.client];

const delivered = ['delivered', null, 'answer'];
const dropped = ['dropped', 'POLICY_DEFAULT_DENY', 'time-out'];
const refused = ['rejected', 'POLICY_DEFAULT_DENY', 'refused'];

type Row = readonly [source: string, destination: string, end: readonly unknown[], hops: readonly string[], more?: Partial<Request>];

/** The same in every datapath; `end` of a refusal is the enforcer's. */
const rows: readonly Row[] = [
  ['client', 'web:8080', delivered, ['egress client allow', 'ingress web allow']],
  ['client', 'web-2:8080', delivered, ['egress client allow', 'ingress web-2 allow']],
  ['client', 'web:9090', dropped, ['egress client allow', 'ingress web deny']],
  ['client', 'other:8080', dropped, ['egress client deny']],
  ['other', 'web:8080', dropped, ['egress other none', 'ingress web deny']],
  ['other', 'web-2:8080', dropped, ['egress other none', 'ingress web-2 deny']],
  ['other', 'client:8080', delivered, ['egress other none', 'ingress client none']],
  // Nobody keeps a pod's own node out; another node is nobody that the policy names.
  ['node/node-1', 'web:8080', delivered, ['ingress web skip own-node']],
  ['node/node-2', 'web:8080', dropped, ['ingress web deny']],
  ['agent', 'web:8080', delivered, ['egress agent skip host-network', 'ingress web skip own-node']],
  ['other', '192.168.1.11:9100', delivered, ['egress other none', 'ingress agent skip host-network']],
  // Out of a pod to its own node is asked.
  ['client', '192.168.1.11:10250', dropped, ['egress client deny']],
  ['client', 'client:8080', delivered, ['egress client skip self']],
  // A ping is about no port, and the rule that has ports is about no ping.
  ['client', 'web', dropped, ['egress client allow', 'ingress web deny'], { protocol: 'icmp' }],
];

const CLUSTERS: readonly (readonly [name: string, options: string, denied: readonly unknown[]])[] = [
  ['kube-router over a bridge', 'cni: bridge, networkPolicy: kube-router', refused],
  ['kube-network-policies with kindnet', 'cni: kindnet', dropped],
  ['calico', 'cni: calico', dropped],
  ['canal', 'cni: canal', dropped],
  ['cilium', 'cni: cilium', dropped],
  ['azure-npm', 'cni: { plugin: bridge }, networkPolicy: azure-npm', dropped],
];

describe.each(CLUSTERS)('%s', (name, options, denied) => {
  const network = networkOf(cluster(options));
  // azure-npm has no rule in INPUT, where a pod's packet to its own node goes.
  const here = rows.map((row): Row => (name === 'azure-npm' && row[1] === '192.168.1.11:10250' ? [row[0], row[1], delivered, []] : row));
  test.each(here.map((row) => [row[0], row[1], row] as const))('%s to %s', (source, destination, [, , end, hops, more]) => {
    const trace = askIn(network, source, destination, more ?? {});
    const [first] = trace.paths;
    expect([ended(trace), told(trace)]).toEqual([end === dropped && denied === refused ? refused : end, hops]);
    expect(first?.forward.hops.at(-1)?.kind).toBe(end === delivered ? 'socket' : 'drop');
  });
  test('the policy sees the pod and its port, not the service', () => {
    expect(askIn(network, 'client', 'svc/shop').outcome).toBe('delivered');
  });
});

describe('what a policy does not see as others do', () => {
  test('a node port: the client on the pod’s own node, another node’s address through that one', () => {
    const from = '203.0.113.0/24';
    const policies = `
networkPolicies:
  - { name: web, podSelector: { matchLabels: { app: web } }, ingress: [ { from: [ { ipBlock: { cidr: ${from} } } ] } ] }
`;
    const trace = askIn(networkOf(cluster('cni: calico', policies)), '203.0.113.99', '203.0.113.11:30080');
    const ends = trace.paths.map((p) => {
      const hop = p.forward.hops.find((h) => h.kind === 'policy' && h.direction === 'ingress');
      return hop?.kind === 'policy' ? `${hop.pod} ${hop.packet.source} ${hop.verdict}` : '';
    });
    expect(ends.sort()).toEqual(['default/web 203.0.113.99 allow', 'default/web-2 192.168.1.11 deny']);
  });
  test('bridged frames without bridge-nf-call-iptables: nobody asks', () => {
    const text = cluster('cni: bridge, networkPolicy: kube-router').replace(
      'podCIDR: 10.244.1.0/24 }',
      'podCIDR: 10.244.1.0/24, sysctls: { net.bridge.bridge-nf-call-iptables: 0 } }',
    );
    const trace = askIn(networkOf(text), 'client', 'web:9090');
    expect([ended(trace), told(trace)]).toEqual([delivered, []]);
  });
  test('cilium beside another plugin sees the ClusterIP that no rule names', () => {
    const trace = askIn(networkOf(cluster('cni: ptp, networkPolicy: cilium')), 'client', 'svc/shop');
    expect([ended(trace), told(trace)]).toEqual([dropped, ['egress client deny']]);
  });
});

const HAIRPINS: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  ['cni: calico', dropped, ['egress client deny']],
  ['cni: cilium', delivered, ['egress client skip self', 'ingress client skip own-node']],
  ['cni: ptp, networkPolicy: kube-router', ['undetermined', 'FACT_MISSING', 'unknown'], ['egress client unknown']],
  // Antrea lets it in, and asks on its way out.
  ['cni: ptp, networkPolicy: antrea', dropped, ['egress client deny']],
  ['cni: ptp, networkPolicy: ovn-kubernetes', delivered, ['egress client skip self', 'ingress client skip own-node']],
];

test('under Antrea what a pod sends to itself by a service comes in, whatever its ingress rules say', () => {
  const ingress = `networkPolicies: [ { name: closed, podSelector: { matchLabels: { app: client } } } ]`;
  expect(told(askIn(networkOf(cluster('cni: ptp, networkPolicy: antrea', ingress)), 'client', 'svc/own')).at(0)).toBe('egress client none');
  expect(askIn(networkOf(cluster('cni: ptp, networkPolicy: antrea', ingress)), 'client', 'svc/own').outcome).toBe('delivered');
});

test.each(HAIRPINS)('a pod that calls itself by a service: %s', (options, end, hops) => {
  const ingress = POLICIES.replace('policyTypes: [Egress]', 'policyTypes: [Ingress, Egress]');
  const trace = askIn(networkOf(cluster(options, ingress)), 'client', 'svc/own');
  expect([ended(trace), told(trace)]).toEqual([end, hops]);
});

test('a packet that gets no further than its own pod is not one that the pod sends to itself', () => {
  const lost = cluster('cni: calico').replace(
    '{ name: client, node: node-1,',
    '{ name: client, routes: { remove: [ 0.0.0.0/0 ] }, node: node-1,',
  );
  const trace = askIn(networkOf(lost), 'client', 'web-2:8080');
  expect([ended(trace).slice(0, 2), told(trace)]).toEqual([['rejected', 'NO_ROUTE'], []]);
});

describe('Cilium beside another plugin sees the address that is called, unless it translates it itself', () => {
  const ciliumAsks = (egress: string, destination: string) => {
    const policies = `networkPolicies: [ { name: client-out, podSelector: { matchLabels: { app: client } }, policyTypes: [Egress], egress: [ { to: [ ${egress} ] } ] } ]`;
    const trace = askIn(networkOf(cluster('cni: ptp, networkPolicy: cilium', policies)), 'client', destination);
    return [trace.outcome, trace.assumptions.map((a) => a.message).filter((m) => m.includes('is translated'))];
  };
  const message = (then: string) =>
    `cilium beside ptp is taken to ask policies before the address of service default/shop is translated; where it translates that itself, they ${then}`;
  test.each([
    ['{ podSelector: { matchLabels: { app: web } } }', 'svc/shop', ['dropped', [message('let it out')]]],
    ['{ ipBlock: { cidr: 10.96.0.10/32 } }', 'svc/shop', ['delivered', [message('keep it in')]]],
    ['{ podSelector: { matchLabels: { app: web } } }, { ipBlock: { cidr: 10.96.0.10/32 } }', 'svc/shop', ['delivered', []]],
    ['{ podSelector: { matchLabels: { app: web } } }', 'web:8080', ['delivered', []]],
  ])('%s, %s', (egress, destination, expected) => expect(ciliumAsks(egress, destination)).toEqual(expected));
});

describe('nobody enforces', () => {
  const network = networkOf(cluster('cni: flannel'));
  test('all passes, the path says so, and so does the verdict', () => {
    const trace = askIn(network, 'other', 'web:9090');
    expect([ended(trace), told(trace)]).toEqual([delivered, ['ingress web skip not-enforced']]);
    expect(trace.assumptions.map((a) => a.message).join('\n')).toContain(
      'NetworkPolicy default/web is about default/web and has no effect: nothing in this cluster enforces it (flannel does not',
    );
    const text = render('table', trace, { color: false, width: 200, allPaths: false, reply: false, verbose: false });
    expect(text.split('\n')[0]).toContain('Warning: policies are stated about default/web, and nothing in this cluster enforces them.');
  });
  test('where no policy is about either end nothing is said', () => {
    const trace = askIn(network, 'other', 'client:8080');
    expect([told(trace), trace.assumptions.filter((a) => a.message.includes('Policy'))]).toEqual([[], []]);
  });
});

describe('nobody knows who enforces', () => {
  const network = networkOf(cluster('cni: { plugin: generic, name: foo }'));
  test('what every policy allows is delivered', () => {
    const trace = askIn(network, 'client', 'web:8080');
    expect([ended(trace), told(trace)]).toEqual([delivered, ['egress client allow', 'ingress web allow']]);
  });
  test('what one would keep out is not known', () => {
    const trace = askIn(network, 'other', 'web:8080');
    expect([ended(trace), told(trace)]).toEqual([
      ['undetermined', 'FACT_MISSING', 'unknown'],
      ['egress other none', 'ingress web unknown'],
    ]);
    expect(trace.reason?.message).toContain('who enforces network policies');
  });
});

describe('an enforcer of a version that does not know a kind', () => {
  const ADMIN = `
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: strict }
spec:
  priority: 10
  subject: { namespaces: {} }
  ingress: [ { name: none, action: Deny, from: [ { namespaces: {} } ] } ]
`;
  const ask = (version: string) =>
    askIn(networkOf(cluster(`cni: calico, networkPolicy: { enforcer: calico, version: "${version}" }`, ADMIN)), 'client', 'web:8080');
  test('passes it over, and the path says so', () => {
    const trace = ask('3.28.2');
    expect([ended(trace), told(trace)]).toEqual([delivered, ['egress client none', 'ingress web skip too-old', 'ingress web none']]);
  });
  test.each(['3.32', 'v3.33.0'])('%s has given it up', (version) => {
    const trace = ask(version);
    expect([ended(trace), told(trace)]).toEqual([delivered, ['egress client none', 'ingress web skip too-new', 'ingress web none']]);
  });
  test.each(['3.29', 'v3.30.1'])('%s asks it', (version) => {
    const trace = ask(version);
    expect([ended(trace), told(trace)]).toEqual([
      ['dropped', 'POLICY_EXPLICIT_DENY', 'time-out'],
      ['egress client none', 'ingress web deny'],
    ]);
  });
});

test('without policies there is no word of them', () => {
  const trace = askIn(networkOf(cluster('cni: calico', '')), 'client', 'web:8080');
  expect(told(trace)).toEqual([]);
});

describe('a name that is looked up', () => {
  const DNS = (egress: string) => `
networkPolicies:
  - { name: out, podSelector: { matchLabels: { app: client } }, policyTypes: [Egress], egress: ${egress} }
`;
  const TO_WEB = '{ to: [ { podSelector: { matchLabels: { app: web } } } ] }';
  const TO_DNS =
    '{ to: [ { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } } ], ports: [ { protocol: UDP, port: 5353 } ] }';
  const ask = (egress: string, source = 'client') => {
    const text = cluster('cni: calico', DNS(egress))
      .replace('services:', '  - { name: dns, namespace: kube-system, node: node-2, ip: 10.244.2.53, labels: { app: dns } }\nservices:')
      .replace(
        'internet:',
        '  - { name: kube-dns, namespace: kube-system, clusterIP: 10.96.0.53, selector: { app: dns }, ports: [ { port: 53, protocol: UDP, targetPort: 5353 } ] }\ninternet:',
      );
    const trace = askIn(networkOf(text), source, 'shop.default:80');
    return [
      trace.outcome,
      trace.reason?.code ?? null,
      trace.reason?.walk ?? null,
      trace.reason?.client ?? null,
      trace.paths[0]?.dns?.outcome ?? null,
    ];
  };
  test.each([
    // The service is port 53, its pods are at 5353: that is what the policy sees.
    [`[ ${TO_WEB}, ${TO_DNS} ]`, ['delivered', null, null, null, 'delivered']],
    [`[ ${TO_WEB} ]`, ['dropped', 'POLICY_DEFAULT_DENY', 'dns', 'name-not-found', 'dropped']],
    [`[ ${TO_WEB}, { ports: [ { protocol: UDP, port: 53 } ] } ]`, ['dropped', 'POLICY_DEFAULT_DENY', 'dns', 'name-not-found', 'dropped']],
  ] as const)('%s', (egress, expected) => expect(ask(egress)).toEqual(expected));
  test('of a pod that may send anything is not followed', () => {
    expect(ask('[]', 'other')).toEqual(['delivered', null, null, null, null]);
  });
});
