import { describe, expect, test } from 'vitest';
import { areNamespaceLabelsKnown, namespaceLabels } from '../../../src/k8s/namespace.ts';
import type { Policy, PolicyPeer, PolicyPort } from '../../../src/k8s/policy/policy.ts';
import { formatPrefix } from '../../../src/net/prefix.ts';
import { SMALLEST } from '../sources.ts';
import { CLUSTER, networkOf } from './small-cluster.ts';

/** What policies of all kinds become, with the defaults of their API. */

const policiesOf = (text: string) => networkOf(text).cluster.policies;
const object = (apiVersion: string, kind: string, spec: string, name = 'p') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name} }\n${spec === '' ? '' : `spec: ${spec}\n`}---\n`;
const networkPolicy = (spec: string) => object('networking.k8s.io/v1', 'NetworkPolicy', spec);

function only(text: string): Policy {
  const [policy, ...others] = policiesOf(text);
  if (policy === undefined || others.length > 0) throw new Error(`${others.length + 1} policies`);
  return policy;
}

const labelsOf = (of: { readonly matchLabels: ReadonlyMap<string, string> } | null) =>
  of === null ? null : Object.fromEntries(of.matchLabels);

function peerWords(peer: PolicyPeer): unknown {
  switch (peer.kind) {
    case 'pods':
      return { namespaces: labelsOf(peer.namespaces), pods: labelsOf(peer.pods) };
    case 'networks':
      return { cidrs: peer.cidrs.map(formatPrefix), except: peer.except.map(formatPrefix) };
    case 'redacted':
      return { redacted: peer.text };
    case 'nodes':
      return { nodes: labelsOf(peer.nodes) };
    case 'domains':
      return { domains: peer.names };
    case 'unknown':
      return { unknown: peer.field };
  }
}

const portWords = ({ protocol, port }: PolicyPort) => [protocol, port];

/** Both forms, in which the same is written. */
const FORMS: readonly (readonly [form: string, textOf: (spec: string) => string])[] = [
  ['objects', (spec) => CLUSTER + networkPolicy(spec)],
  ['a Topology', (spec) => `${SMALLEST}networkPolicies:\n  - { name: p, ${spec.slice(1, -1)} }\n`],
];

describe.each(FORMS)('a NetworkPolicy in %s', (_, textOf) => {
  test.each([
    ['nothing', '{ }', [], null],
    ['egress rules', '{ egress: [{}] }', [], ['any']],
    ['an empty list of egress rules', '{ egress: [] }', [], null],
    ['null for all', '{ podSelector: null, ingress: null, egress: null, policyTypes: null }', [], null],
    ['no types', '{ policyTypes: [], egress: [{}] }', [], ['any']],
    ['Egress alone, with ingress rules', '{ policyTypes: [Egress], ingress: [{}] }', null, []],
    ['Ingress alone, with egress rules', '{ policyTypes: [Ingress], egress: [{}] }', [], null],
    ['Ingress twice', '{ policyTypes: [Ingress, Ingress], ingress: [{}] }', ['any'], null],
  ])('what it isolates: %s', (_name, spec, ingress, egress) => {
    const words = (rules: Policy['ingress']) =>
      rules === null ? null : rules.map((r) => (r.peers === null && r.ports === null ? 'any' : 'some'));
    const policy = only(textOf(spec));
    expect([words(policy.ingress), words(policy.egress)]).toEqual([ingress, egress]);
    expect([policy.namespace, policy.tier, policy.priority, labelsOf(policy.subject.pods)]).toEqual(['default', 'NetworkPolicy', null, {}]);
  });

  test.each([
    ['from: []', null],
    ['from: null', null],
    ['from: [{ podSelector: {} }]', [{ namespaces: null, pods: {} }]],
    ['from: [{ namespaceSelector: {} }]', [{ namespaces: {}, pods: {} }]],
    ['from: [{ namespaceSelector: null, podSelector: { matchLabels: { a: b } } }]', [{ namespaces: null, pods: { a: 'b' } }]],
    ['from: [{ ipBlock: { cidr: 10.1.2.3/8, except: [10.9.0.1/16] } }]', [{ cidrs: ['10.0.0.0/8'], except: ['10.9.0.0/16'] }]],
    ['from: [{ ipBlock: { cidr: "::ffff:10.0.0.0/104" } }]', [{ cidrs: ['10.0.0.0/8'], except: [] }]],
    ['from: [{ ipBlock: { cidr: "010.000.000.000/08" } }]', [{ cidrs: ['10.0.0.0/8'], except: [] }]],
    ['from: [{ ipBlock: { cidr: "2001:db8::/32" } }]', [{ cidrs: ['2001:db8::/32'], except: [] }]],
  ])('peers: %s', (rule, peers) => {
    expect(only(textOf(`{ ingress: [{ ${rule} }] }`)).ingress?.map((r) => r.peers?.map(peerWords) ?? null)).toEqual([peers]);
  });

  test.each([
    ['[]', null],
    ['[{}]', [['tcp', null]]],
    ['[{ protocol: null, port: 80 }]', [['tcp', { first: 80, last: 80 }]]],
    ['[{ protocol: UDP }]', [['udp', null]]],
    ['[{ protocol: SCTP, port: 80, endPort: 80 }]', [['sctp', { first: 80, last: 80 }]]],
    ['[{ port: 80, endPort: 90 }]', [['tcp', { first: 80, last: 90 }]]],
    ['[{ port: http }]', [['tcp', { name: 'http' }]]],
  ])('ports: %s', (ports, expected) => {
    expect(only(textOf(`{ ingress: [{ ports: ${ports} }] }`)).ingress?.map((r) => r.ports?.map(portWords) ?? null)).toEqual([expected]);
  });
});

describe('objects', () => {
  test('a NetworkPolicy without a spec is about all pods of its namespace', () => {
    expect(only(CLUSTER + networkPolicy(''))).toMatchObject({ namespace: 'default', ingress: [], egress: null });
  });

  test('extensions/v1beta1 is the same kind', () => {
    expect(only(CLUSTER + object('extensions/v1beta1', 'NetworkPolicy', '{ podSelector: {} }')).kind).toBe('NetworkPolicy');
  });

  test('fields that nobody knows are left out', () => {
    expect(only(CLUSTER + networkPolicy('{ podSelector: {}, somethingElse: 1, ingress: [{ comment: x }] }')).ingress).toHaveLength(1);
  });

  test('a Topology beside them says what is otherwise, by name', () => {
    const both = `${CLUSTER + networkPolicy('{ podSelector: { matchLabels: { app: web } } }')}apiVersion: k8s-trace/v1
kind: Topology
networkPolicies: [{ name: p, policyTypes: [Egress] }, { name: q }]
`;
    expect(policiesOf(both).map((p) => [p.name, labelsOf(p.subject.pods), p.ingress, p.egress])).toEqual([
      ['p', { app: 'web' }, null, []],
      ['q', {}, [], null],
    ]);
  });
});

describe('policies of administrators', () => {
  const SUBJECT = 'subject: { namespaces: { matchLabels: { a: b } } }';
  const admin = (rule: string, spec = 'priority: 5') =>
    object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', `{ ${spec}, ${SUBJECT}, egress: [{ ${rule} }] }`);
  const cluster = (rule: string, version = 'v1beta1', tier = 'Admin') =>
    object(
      `policy.networking.k8s.io/${version}`,
      'ClusterNetworkPolicy',
      `{ tier: ${tier}, priority: 7, ${SUBJECT}, egress: [{ ${rule} }] }`,
    );
  const TO = 'to: [{ namespaces: {} }]';

  test('AdminNetworkPolicy, with pods as its subject', () => {
    const spec = 'priority: 5, subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { a: b } } } }, ingress: []';
    const policy = only(CLUSTER + object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', `{ ${spec} }`));
    expect(policy).toMatchObject({ namespace: null, tier: 'Admin', priority: 5, ingress: null, egress: null });
    expect([labelsOf(policy.subject.namespaces), labelsOf(policy.subject.pods)]).toEqual([{}, { a: 'b' }]);
  });

  test('BaselineAdminNetworkPolicy', () => {
    const text = `{ ${SUBJECT}, ingress: [{ name: x, action: Deny, from: [{ namespaces: {} }] }] }`;
    const policy = only(CLUSTER + object('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', text, 'default'));
    expect(policy).toMatchObject({ tier: 'Baseline', priority: null, ingress: [{ name: 'x', action: 'deny', ports: null }], egress: null });
  });

  test.each([
    ['v1alpha2', 'Admin'],
    ['v1beta1', 'Baseline'],
  ])('ClusterNetworkPolicy %s in tier %s', (version, tier) => {
    expect(only(CLUSTER + cluster(`action: Accept, ${TO}`, version, tier))).toMatchObject({
      tier,
      priority: 7,
      egress: [{ action: 'allow' }],
    });
  });

  test.each([
    ['namespaces: { matchLabels: { c: d } }', { namespaces: { c: 'd' }, pods: {} }],
    ['pods: { namespaceSelector: {}, podSelector: { matchLabels: { c: d } } }', { namespaces: {}, pods: { c: 'd' } }],
    ['nodes: {}', { nodes: {} }],
    ['networks: [10.0.0.0/8, "::/0"]', { cidrs: ['10.0.0.0/8', '::/0'], except: [] }],
    ['domainNames: ["*.example.com"]', { domains: ['*.example.com'] }],
    ['planets: { name: mars }', { unknown: 'planets' }],
  ])('a peer: %s', (peer, expected) => {
    for (const text of [admin(`action: Allow, to: [{ ${peer} }]`), cluster(`action: Accept, to: [{ ${peer} }]`)])
      expect(only(CLUSTER + text).egress?.[0]?.peers?.map(peerWords)).toEqual([expected]);
  });

  test.each([
    [admin(`action: Pass, ${TO}, ports: [{ portNumber: { port: 80 } }]`), ['tcp', { first: 80, last: 80 }]],
    [admin(`action: Pass, ${TO}, ports: [{ portRange: { protocol: UDP, start: 80, end: 90 } }]`), ['udp', { first: 80, last: 90 }]],
    [admin(`action: Pass, ${TO}, ports: [{ namedPort: http }]`), [null, { name: 'http' }]],
    [cluster(`action: Pass, ${TO}, protocols: [{ tcp: { destinationPort: { number: 80 } } }]`), ['tcp', { first: 80, last: 80 }]],
    [
      cluster(`action: Pass, ${TO}, protocols: [{ sctp: { destinationPort: { range: { start: 1, end: 9 } } } }]`),
      ['sctp', { first: 1, last: 9 }],
    ],
    [cluster(`action: Pass, ${TO}, protocols: [{ udp: {} }]`), ['udp', null]],
    [cluster(`action: Pass, ${TO}, protocols: [{ destinationNamedPort: http }]`), [null, { name: 'http' }]],
  ])('a port: %s', (text, expected) => {
    expect(only(CLUSTER + text).egress?.[0]).toMatchObject({ action: 'pass' });
    expect(only(CLUSTER + text).egress?.[0]?.ports?.map(portWords)).toEqual([expected]);
  });
});

describe('the labels of a namespace', () => {
  const policy = networkPolicy('{ podSelector: {} }');
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { team: a } }\n---\n';

  test.each([
    ['of a Topology', `${SMALLEST}namespaces: [{ name: shop, labels: { team: a } }]\n`, true],
    ['of a Topology with policies beside it', `${policy}${SMALLEST}`, true],
    ['of objects', CLUSTER, false],
    ['of objects with its Namespace', CLUSTER + namespace, true],
  ])('are they known? %s', (_, text, isKnown) => {
    expect(areNamespaceLabelsKnown(networkOf(text).cluster, 'shop')).toBe(isKnown);
  });

  test('its name is one of them, whatever its object says', () => {
    const wrong = namespace.replace('team: a', 'kubernetes.io/metadata.name: other');
    expect(Object.fromEntries(namespaceLabels(networkOf(CLUSTER + wrong).cluster, 'shop'))).toEqual({
      'kubernetes.io/metadata.name': 'shop',
    });
  });
});

describe('who makes policies hold', () => {
  const withKeys = (keys: string) => SMALLEST.replace('{ podCIDR', `{ ${keys}, podCIDR`);

  test.each([
    ['cni: bridge', 'none', null],
    ['cni: calico', 'calico', null],
    ['cni: cilium', 'cilium', null],
    ['cni: kindnet', 'kube-network-policies', null],
    ['cni: flannel', 'none', null],
    ['cni: canal', 'calico', null],
    ['cni: antrea', 'antrea', null],
    ['cni: weave', 'weave-npc', null],
    ['cni: { plugin: generic, name: home-made }', null, null],
    ['cni: flannel, networkPolicy: kube-router', 'kube-router', null],
    ['networkPolicy: { enforcer: calico, version: "3.29" }', 'calico', '3.29'],
  ])('%s', (keys, name, version) => {
    expect(networkOf(withKeys(keys)).cluster.enforcer).toMatchObject({ name, version });
  });

  test.each([
    ['none', 'none', null],
    ['{ enforcer: calico, version: "3.26" }', 'calico', '3.26'],
  ])('--network-policy %s', (flag, name, version) => {
    for (const text of [withKeys('networkPolicy: cilium'), CLUSTER])
      expect(networkOf(text, { flags: { networkPolicy: flag } }).cluster.enforcer).toMatchObject({ name, version });
  });

  test('a flag with a name that is none', () => {
    expect(() => networkOf(CLUSTER, { flags: { networkPolicy: 'calicoo' } })).toThrow(
      '--network-policy calicoo: no enforcer is named calicoo',
    );
  });
});
