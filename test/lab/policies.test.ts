import { describe, expect, test } from 'vitest';
import { checkAbilities } from '../../src/lab/abilities.ts';
import { scriptOf } from '../../src/lab/index.ts';
import { networkOf } from '../tracing.ts';

/** What `lab script` makes of policies, without a kernel: the chains are written down by hand. */

const topology = (enforcer: string, policies: string, cni = 'bridge') => `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: ${cni}, networkPolicy: ${enforcer} }
nodes: [ { name: n1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 } ]
namespaces: [ { name: shop, labels: { team: x } } ]
pods:
  - { name: web, node: n1, ip: 10.244.1.2, labels: { app: web }, containers: [ { name: c, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: cart, namespace: shop, node: n1, ip: 10.244.1.3, containers: [ { name: c, ports: [ { name: http, containerPort: 8181 } ] } ] }
${policies}`;

const WEB = `networkPolicies:
  - name: web
    podSelector: { matchLabels: { app: web } }
    policyTypes: [Ingress, Egress]
    ingress:
      - { from: [ { namespaceSelector: { matchLabels: { team: x } } } ], ports: [ { port: http }, { port: 90, endPort: 99, protocol: UDP } ] }
      - from: [ { ipBlock: { cidr: 10.244.0.0/16, except: [ 10.244.64.0/18 ] } } ]
    egress: [ { ports: [ { port: http } ] } ]
`;

const ADMIN = `---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: admin }
spec:
  priority: 5
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: default } } }
  ingress:
    - { action: Pass, from: [ { namespaces: { matchLabels: { team: x } } } ] }
    - { action: Deny, from: [ { namespaces: {} } ] }
`;

/** The rules of the chains of the pod web, without the comments. */
const chains = (text: string) =>
  scriptOf(networkOf(text))
    .split('\n')
    .filter((line) => /^-A POLICY|^-I /.test(line))
    .map((line) => line.replace(/ -m comment --comment (?:"[^"]*"|\S+)/, ''));

const STARTS_IN = [
  '-A POLICY-IN-0 -m conntrack --ctstate RELATED,ESTABLISHED,UNTRACKED -j RETURN',
  '-A POLICY-IN-0 -m addrtype --src-type LOCAL -j RETURN',
];
const OUT = ['-A POLICY-OUT-0 -m conntrack --ctstate RELATED,ESTABLISHED,UNTRACKED -j RETURN'];
const JUMPS = [
  '-I INPUT -j POLICY-OUT',
  '-I FORWARD -j POLICY-IN',
  '-I FORWARD -j POLICY-OUT',
  '-A POLICY-OUT -s 10.244.1.2/32 -j POLICY-OUT-0',
  '-A POLICY-IN -d 10.244.1.2/32 -j POLICY-IN-0',
];
/** A name is a number of its own on each destination. */
const EGRESS = [
  '-d 10.244.1.2/32 -p tcp -m tcp --dport 8080 -j RETURN',
  '-d 10.244.1.3/32 -p tcp -m tcp --dport 8181 -j RETURN',
  '-j REJECT --reject-with icmp-port-unreachable',
].map((rule) => `-A POLICY-OUT-0 ${rule}`);

describe('policies as rules of iptables', () => {
  test('a rule for each peer and port, a hole cuts a range in pieces, and what no rule lets through is refused', () => {
    expect(chains(topology('kube-router', WEB))).toEqual([
      ...JUMPS,
      ...OUT,
      '-A POLICY-OUT-0 -d 10.244.1.2/32 -j RETURN',
      ...EGRESS,
      ...STARTS_IN,
      '-A POLICY-IN-0 -s 10.244.1.2/32 -j RETURN',
      '-A POLICY-IN-0 -s 10.244.1.3/32 -p tcp -m tcp --dport 8080 -j RETURN',
      '-A POLICY-IN-0 -s 10.244.1.3/32 -p udp -m udp --dport 90:99 -j RETURN',
      '-A POLICY-IN-0 -s 10.244.0.0/18 -j RETURN',
      '-A POLICY-IN-0 -s 10.244.128.0/17 -j RETURN',
      '-A POLICY-IN-0 -j REJECT --reject-with icmp-port-unreachable',
    ]);
  });

  test('tiers are chains of their own, one after the other; Calico drops, and asks about a hairpin, too', () => {
    const ingress = chains(topology('calico', WEB + ADMIN, 'calico')).filter((line) => /-A POLICY-IN-0/.test(line));
    expect(ingress).toEqual([
      ...STARTS_IN,
      '-A POLICY-IN-0 -s 10.244.1.3/32 -g POLICY-IN-0-np',
      '-A POLICY-IN-0 -s 10.244.1.2/32 -j DROP',
      '-A POLICY-IN-0 -s 10.244.1.3/32 -j DROP',
      '-A POLICY-IN-0 -g POLICY-IN-0-np',
      '-A POLICY-IN-0-np -s 10.244.1.3/32 -p tcp -m tcp --dport 8080 -j RETURN',
      '-A POLICY-IN-0-np -s 10.244.1.3/32 -p udp -m udp --dport 90:99 -j RETURN',
      '-A POLICY-IN-0-np -s 10.244.0.0/18 -j RETURN',
      '-A POLICY-IN-0-np -s 10.244.128.0/17 -j RETURN',
      '-A POLICY-IN-0-np -j DROP',
    ]);
  });

  test('an enforcer that does not take a kind has no chain for it', () => {
    const old = '{ enforcer: calico, version: "3.28" }';
    expect(chains(topology(old, ADMIN, 'calico'))).toEqual([]);
  });

  test('nobody enforces any', () => {
    expect(chains(topology('none', WEB + ADMIN))).toEqual([]);
  });
});

const DOMAIN = ADMIN.replace(/ {2}ingress:[\s\S]*/, '  egress: [ { action: Allow, to: [ { domainNames: [ example.com ] } ] } ]\n');

describe('what a lab does not build is refused by name', () => {
  const run = async () => ({ status: 0, stdout: '0\n', stderr: '' });
  test.each([
    ['cilium', topology('cilium', WEB), /policies on the devices of pods, as Cilium/],
    ['antrea', topology('antrea', WEB), /policies on the devices of pods, as Cilium/],
    ['domain names', topology('calico', DOMAIN, 'calico'), /the addresses of domain names, which a policy is about/],
  ])('%s', async (_name, text, refusal) => {
    await expect(checkAbilities(run, scriptOf(networkOf(text)))).rejects.toThrow(refusal);
  });
});
