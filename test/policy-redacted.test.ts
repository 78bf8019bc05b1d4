import { describe, expect, test } from 'vitest';
import { loadNetwork } from '../src/index.ts';
import { file } from './topology/sources.ts';
import { askIn, networkOf } from './tracing.ts';

/** Blocks that whoever handed on the policies has made unreadable: who is behind them is not known, and all else is answered. */
const TOPOLOGY = `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: ptp, networkPolicy: calico }
nodes: [ { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 } ]
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, labels: { app: a } }
  - { name: b, node: node-1, ip: 10.244.1.11, labels: { app: b } }
`;

const policy = (name: string, rules: string) => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: default }
spec:
  podSelector: { matchLabels: { app: b } }
  ingress: ${rules}
`;

const tiered = (rule: string) => `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: out }
spec: { tier: Admin, priority: 1, subject: { namespaces: {} }, egress: [ ${rule} ] }
`;

const HIDDEN = '{ ipBlock: { cidr: "***HIDDEN***" } }';
const unknown = ['undetermined', 'FACT_MISSING'];
const denied = ['dropped', 'POLICY_DEFAULT_DENY'];
const delivered = ['delivered', null];

describe('a redacted block', () => {
  test.each([
    ['may be anybody’s', policy('p', `[ { from: [ ${HIDDEN} ] } ]`), unknown],
    ['with a length, too', policy('p', '[ { from: [ { ipBlock: { cidr: x.x.x.x/24 } } ] } ]'), unknown],
    ['beside a peer that fits', policy('p', `[ { from: [ ${HIDDEN}, { podSelector: { matchLabels: { app: a } } } ] } ]`), delivered],
    ['of another port', policy('p', `[ { from: [ ${HIDDEN} ], ports: [ { port: 443 } ] } ]`), denied],
    ['a part that is left out', policy('p', '[ { from: [ { ipBlock: { cidr: 10.244.0.0/16, except: [REDACTED-IP] } } ] } ]'), unknown],
    ['left out of others', policy('p', '[ { from: [ { ipBlock: { cidr: 10.9.0.0/16, except: [REDACTED-IP] } } ] } ]'), denied],
    ['of a network that a rule denies', tiered('{ action: Deny, to: [ { networks: [x.x.x.x/8] } ] }'), unknown],
    ['of a network that a rule accepts', tiered('{ action: Accept, to: [ { networks: [x.x.x.x/8] } ] }'), delivered],
  ])('%s', (_name, objects, expected) => {
    const { outcome, reason } = askIn(networkOf(TOPOLOGY + objects), 'a', 'b:80');
    expect([outcome, reason?.code ?? null]).toEqual(expected);
  });

  test('is said once', () => {
    const hidden = `[ { from: [ ${HIDDEN}, ${HIDDEN} ] } ]`;
    const objects = `${policy('p', hidden)}${policy('q', hidden)}${tiered('{ action: Deny, to: [ { networks: [x.x.x.x/8] } ] }')}`;
    const loaded = loadNetwork([file(TOPOLOGY + objects, 'x.yaml')]);
    const notes = loaded.ok ? loaded.warnings.filter((w) => w.code === 'redacted').map((w) => w.message) : ['not read'];
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('address blocks of policies are redacted');
  });
});

test.each(['y', 'n', 'yes', 'no', 'on', 'off'])('a bare %s is no label: kubectl reads a boolean', (bare) => {
  const loaded = loadNetwork([
    file(TOPOLOGY + policy('p', `[ { from: [ { podSelector: { matchLabels: { app: ${bare} } } } ] } ]`), 'x.yaml'),
  ]);
  expect(loaded.ok ? [] : loaded.diagnostics.map((d) => [d.code, d.place?.field])).toEqual([
    ['ambiguous-scalar', 'spec.ingress[0].from[0].podSelector.matchLabels.app'],
  ]);
});
