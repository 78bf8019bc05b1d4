import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PolicyPacket } from '../../../src/datapath/policy-point.ts';
import type { Cluster } from '../../../src/k8s/cluster.ts';
import type { Pod } from '../../../src/k8s/pod.ts';
import { policyIndex } from '../../../src/k8s/policy/index.ts';
import type { Policy, PolicyPeer, PolicyPort, PolicyRule } from '../../../src/k8s/policy/policy.ts';
import { ip } from '../../../src/net/address.ts';
import { cidr } from '../../../src/net/prefix.ts';
import { declared, type Locus } from '../../../src/source/origin.ts';
import { networkOf } from '../../tracing.ts';
import { OBJECTS } from './cases-world.ts';

/** How decisions are put together: tiers, doubts and candidates, of policies made by hand. What the API's words mean is in cases.test.ts. */
const locus: Locus = {
  document: { file: 'x', index: 0, position: () => ({ line: 1, column: 1 }), line: () => '' },
  path: [],
  object: 'test',
};
const { cluster }: { cluster: Cluster } = networkOf(
  readFileSync(new URL('../../../fixtures/four-pods.yaml', import.meta.url)),
  'four-pods.yaml',
);

const labels = (pairs: Record<string, string>) => ({ matchLabels: new Map(Object.entries(pairs)), matchExpressions: [] });
const ALL = labels({});

const pods = (pairs: Record<string, string>): PolicyPeer => ({ kind: 'pods', namespaces: ALL, pods: labels(pairs), locus });
const networks = (...cidrs: string[]): PolicyPeer => ({ kind: 'networks', cidrs: cidrs.map(cidr), except: [], locus });
const example: PolicyPeer = { kind: 'domains', names: ['example.com'], locus };
const tcp = (first: number): PolicyPort => ({ protocol: 'tcp', port: { first, last: first }, locus });
const rule = (action: PolicyRule['action'], peers: PolicyPeer[] | null, ports: PolicyPort[] | null = null): PolicyRule => ({
  name: null,
  action,
  peers,
  ports,
  locus,
});

const base = { namespace: null, subject: { namespaces: ALL, pods: ALL }, ingress: null, priority: null, locus, origin: declared(locus) };
const admin = (name: string, priority: number, ...egress: PolicyRule[]): Policy => ({
  ...base,
  kind: 'AdminNetworkPolicy',
  tier: 'Admin',
  name,
  priority,
  egress,
});
const cluster2 = (name: string, priority: number, ...egress: PolicyRule[]): Policy => ({
  ...base,
  kind: 'ClusterNetworkPolicy',
  tier: 'Admin',
  name,
  priority,
  egress,
});
const baseline = (...egress: PolicyRule[]): Policy => ({
  ...base,
  kind: 'BaselineAdminNetworkPolicy',
  tier: 'Baseline',
  name: 'default',
  egress,
});
const own = (name: string, ...egress: PolicyRule[]): Policy => ({
  ...base,
  kind: 'NetworkPolicy',
  tier: 'NetworkPolicy',
  namespace: 'default',
  name,
  subject: { namespaces: null, pods: ALL },
  egress,
});

const POD_A = podOf('default/pod-a');

function podOf(name: string): Pod {
  const pod = cluster.pods.get(name);
  if (pod === undefined) throw new Error(`no ${name}`);
  return pod;
}

/** pod-a to pod-c, port 8080. */
const PACKET: PolicyPacket = {
  protocol: 'tcp',
  source: ip('10.244.1.10'),
  destination: ip('10.244.2.10'),
  destinationPort: 8080,
  calledPort: 80,
  fromWorld: false,
};

function decide(...policies: readonly Policy[]) {
  const index = policyIndex(cluster, policies, { name: 'calico', networksMatch: { pods: true, nodes: true } });
  const { verdict, decidedBy, missing, candidates } = index.decide(POD_A, 'egress', PACKET);
  const decider =
    decidedBy === null ? null : `${decidedBy.action} ${decidedBy.policy.name} ${decidedBy.rule} ${decidedBy.peer} ${decidedBy.port}`;
  return {
    verdict,
    decider,
    missing: missing?.text ?? null,
    candidates: candidates.map((c) => `${c.policy.name} ${c.rule} ${c.failed}: ${c.text}`),
  };
}

const web = pods({ app: 'web' });
const api = pods({ app: 'api' });

describe('tiers', () => {
  it.each<[string, readonly Policy[], string, string | null]>([
    ['no policy', [], 'none', null],
    [
      'priority, and not the order of the file',
      [admin('late', 20, rule('deny', [web])), admin('early', 10, rule('allow', [web]))],
      'allow',
      'Allow early 0 0 null',
    ],
    [
      'the first rule that matches',
      [admin('a', 1, rule('deny', [api]), rule('allow', [api, web], [tcp(80), tcp(8080)]), rule('deny', [web]))],
      'allow',
      'Allow a 1 1 1',
    ],
    [
      'Pass skips the rest of the tier',
      [admin('a', 1, rule('pass', [web])), admin('b', 2, rule('deny', [web]))],
      'allow',
      'Pass a 0 0 null',
    ],
    ['Pass asks NetworkPolicies', [admin('a', 1, rule('pass', [web])), own('n')], 'deny', 'Deny n null null null'],
    ['NetworkPolicies are final', [own('n', rule('allow', [web])), baseline(rule('deny', [web]))], 'allow', 'Allow n 0 0 null'],
    ['Baseline where no NetworkPolicy is', [baseline(rule('deny', [web]))], 'deny', 'Deny default 0 0 null'],
    ['Accept of a ClusterNetworkPolicy', [cluster2('c', 1, rule('allow', [web]))], 'allow', 'Accept c 0 0 null'],
    [
      'an unknown field: Allow allows nothing',
      [admin('a', 1, rule('allow', [{ kind: 'unknown', field: 'x', locus }, web])), own('n')],
      'deny',
      'Deny n null null null',
    ],
    [
      'an unknown field: Pass denies all',
      [admin('a', 1, rule('pass', [{ kind: 'unknown', field: 'x', locus }, api]))],
      'deny',
      'Deny a 0 null null',
    ],
  ])('%s', (_, policies, verdict, decider) => {
    expect(decide(...policies)).toMatchObject({ verdict, decider });
  });
});

describe('what is not known', () => {
  it.each<[string, readonly Policy[], string, string | null]>([
    ['a name, and all is denied otherwise', [own('n', rule('allow', [example]))], 'unknown', 'which addresses example.com has'],
    ['a name, and all is allowed otherwise', [admin('a', 1, rule('allow', [example]))], 'allow', null],
    ['a name, and something else allows it', [own('n', rule('allow', [example])), own('o', rule('allow', [web]))], 'allow', null],
    ['a name, and the port does not fit', [own('n', rule('allow', [example], [tcp(443)]))], 'deny', null],
    ['a name whose Pass leaves it to a denial', [admin('a', 1, rule('pass', [example])), own('n')], 'deny', null],
    [
      'equal priorities that differ',
      [admin('a', 1, rule('deny', [web])), admin('b', 1, rule('allow', [web]))],
      'unknown',
      'whether Deny of AdminNetworkPolicy a or Allow of AdminNetworkPolicy b comes first: both have priority 1',
    ],
    ['equal priorities that agree', [admin('a', 1, rule('deny', [web])), admin('b', 1, rule('deny', [web]))], 'deny', null],
    ['equal priorities, and one is not about it', [admin('a', 1, rule('deny', [web])), admin('b', 1, rule('allow', [api]))], 'deny', null],
    [
      'equal priorities, decided before',
      [admin('z', 0, rule('allow', null)), admin('a', 1, rule('deny', [web])), admin('b', 1, rule('allow', [web]))],
      'allow',
      null,
    ],
    [
      'two kinds that differ, whatever their priorities',
      [admin('a', 1, rule('deny', [web])), cluster2('c', 9, rule('allow', [web]))],
      'unknown',
      'whether Deny of AdminNetworkPolicy a or Accept of ClusterNetworkPolicy c comes first: the API gives these two kinds no order',
    ],
    ['two kinds that agree', [admin('a', 1, rule('deny', [web])), cluster2('c', 9, rule('deny', [web]))], 'deny', null],
    [
      'two kinds, and one is not about it',
      [admin('a', 1, rule('deny', [api])), cluster2('c', 9, rule('allow', [web])), own('n')],
      'allow',
      null,
    ],
  ])('%s', (_, policies, verdict, missing) => {
    expect(decide(...policies)).toMatchObject({ verdict, missing });
  });
});

describe('candidates', () => {
  it.each<[string, readonly Policy[], readonly string[]]>([
    ['a peer', [own('n', rule('allow', [api]))], ['n 0 peer: pod default/pod-c has app=web, not app=api']],
    [
      'a label that is not there',
      [own('n', rule('allow', [pods({ team: 'web' })]))],
      ['n 0 peer: pod default/pod-c lacks the label team=web'],
    ],
    ['a block', [own('n', rule('allow', [networks('10.1.0.0/16')]))], ['n 0 peer: 10.1.0.0/16 does not have 10.244.2.10']],
    ['a family', [own('n', rule('allow', [networks('fd00::/8')]))], ['n 0 family: fd00::/8 is not IPv4, and 10.244.2.10 is']],
    [
      'the port of the service',
      [own('n', rule('allow', [web], [tcp(80)]))],
      ["n 0 port: port 80 is named, the pod gets 8080 after the service's translation"],
    ],
    ['another port', [own('n', rule('allow', null, [tcp(443)]))], ['n 0 port: port 443 is named, the packet is for 8080']],
    [
      'a protocol',
      [own('n', rule('allow', null, [{ protocol: 'udp', port: null, locus }]))],
      ['n 0 protocol: UDP is named, the packet is TCP'],
    ],
    [
      'a name of no port',
      [own('n', rule('allow', null, [{ protocol: 'tcp', port: { name: 'web' }, locus }]))],
      ['n 0 port: pod default/pod-c has no port named web'],
    ],
    [
      'rules before the one that decided, and no later ones',
      [admin('a', 1, rule('pass', [api]), rule('deny', [web]), rule('allow', [api]))],
      ['a 0 peer: pod default/pod-c has app=web, not app=api'],
    ],
    ['no Pass of another tier, and no Baseline', [admin('a', 1, rule('pass', [api])), own('n'), baseline(rule('allow', [api]))], []],
  ])('%s', (_, policies, texts) => {
    expect(decide(...policies).candidates).toEqual(texts);
  });
});

describe('what is selected', () => {
  it('stands in the order of evaluation: tier, priority, name', () => {
    const made = [own('b'), baseline(), own('a'), admin('late', 9), cluster2('early', 2), admin('middle', 2)];
    const index = policyIndex(cluster, made, { name: 'calico', networksMatch: { pods: true, nodes: true } });
    expect(index.selecting(POD_A, 'egress').map((p) => p.name)).toEqual(['early', 'middle', 'late', 'a', 'b', 'default']);
    expect(index.selecting(POD_A, 'ingress')).toEqual([]);
  });

  it('the first by name denies where none allows', () => {
    expect(decide(own('b'), own('a', rule('allow', [api]))).decider).toBe('Deny a null null null');
  });
});

describe('an enforcer that knows pods and nodes by identity', () => {
  const CILIUM = { name: 'cilium', networksMatch: { pods: false, nodes: false } };
  const all = own('n', rule('allow', [networks('0.0.0.0/0')]));
  const toward = (destination: string): PolicyPacket => ({ ...PACKET, destination: ip(destination) });
  const fromNode: PolicyPacket = { ...PACKET, source: ip('192.168.1.12'), destination: ip('10.244.1.10') };
  const ingress = (...peers: PolicyPeer[]): Policy => ({ ...own('n'), egress: null, ingress: [rule('allow', peers)] });
  const holed: PolicyPeer = { kind: 'networks', cidrs: [cidr('0.0.0.0/0')], except: [cidr('10.0.0.0/8')], locus };

  it.each<[string, Policy, 'ingress' | 'egress', PolicyPacket, string]>([
    ['0.0.0.0/0 has no pod', all, 'egress', PACKET, 'deny'],
    ['0.0.0.0/0 has no node', all, 'egress', toward('192.168.1.12'), 'deny'],
    ['0.0.0.0/0 has who is outside', all, 'egress', toward('203.0.113.9'), 'allow'],
    ['a node at ingress', ingress(networks('0.0.0.0/0')), 'ingress', fromNode, 'deny'],
    [
      'a node, or a client whose address it took away',
      ingress(networks('0.0.0.0/0')),
      'ingress',
      { ...fromNode, fromWorld: null },
      'unknown',
    ],
    ["the same, and only the node's block", ingress(networks('192.168.1.0/24')), 'ingress', { ...fromNode, fromWorld: null }, 'deny'],
    ['a client whose address a node took away', ingress(networks('0.0.0.0/0')), 'ingress', { ...fromNode, fromWorld: true }, 'allow'],
    [
      "the node's own block does not have that client",
      ingress(networks('192.168.1.0/24')),
      'ingress',
      { ...fromNode, fromWorld: true },
      'deny',
    ],
    ['that client may be in an exception', ingress(holed), 'ingress', { ...fromNode, fromWorld: true }, 'unknown'],
    ['no selector means that client', ingress(pods({})), 'ingress', { ...fromNode, fromWorld: true }, 'deny'],
  ])('%s', (_, policy, direction, packet, verdict) => {
    expect(policyIndex(cluster, [policy], CILIUM).decide(POD_A, direction, packet).verdict).toBe(verdict);
  });
});

describe('what objects leave open', () => {
  const { cluster: ofObjects } = networkOf(OBJECTS);
  const index = policyIndex(
    ofObjects,
    [
      {
        ...own('n', rule('allow', [web], [tcp(80)]), rule('allow', null, [{ protocol: 'tcp', port: { name: 'x' }, locus }])),
        namespace: 'x',
      },
    ],
    {
      name: 'calico',
      networksMatch: { pods: true, nodes: true },
    },
  );
  const asked = (destination: string, destinationPort: number) => {
    const pod = ofObjects.pods.get('x/a');
    if (pod === undefined) throw new Error('no x/a');
    return index.decide(pod, 'egress', { ...PACKET, destination: ip(destination), destinationPort, calledPort: null });
  };

  it.each([
    ['a pod that the objects do not list', '10.244.1.99', 80, 'unknown', 'which pod has 10.244.1.99'],
    ['the names of its ports', '10.244.1.99', 81, 'unknown', 'which port of 10.244.1.99 is named x'],
    ['an address that no pod can have', '203.0.113.9', 80, 'deny', undefined],
    ['a pod that they list', '10.244.1.11', 80, 'deny', undefined],
  ])('%s', (_, destination, port, verdict, missing) => {
    const decision = asked(destination, port);
    expect([decision.verdict, decision.missing?.text]).toEqual([verdict, missing]);
  });
});
