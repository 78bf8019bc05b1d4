import { describe, expect, it } from 'vitest';
import { addressesText } from '../../src/document/addresses-text.ts';
import { podPolicyDocument } from '../../src/document/pod-policy.ts';
import type { PolicyPeerDocument } from '../../src/document/policy-schema.ts';
import { portsText } from '../../src/document/ports-text.ts';
import { podReach } from '../../src/reach/index.ts';
import { networkOf } from '../tracing.ts';

/** Small clusters; what is to come out is derived by hand. */
const PODS = `
  - { name: db-0, namespace: shop, node: n1, ip: 10.244.1.10, labels: { app: db }, containers: [ { name: c, ports: [ { name: pg, containerPort: 5432 }, { name: top, containerPort: 9187 } ] } ] }
  - { name: web, namespace: shop, node: n1, ip: 10.244.1.11, labels: { app: web } }
  - { name: cart, namespace: shop, node: n2, ip: 10.244.2.12, labels: { app: cart }, containers: [ { name: c, ports: [ { name: pg, containerPort: 6000 } ] } ] }
  - { name: top, namespace: ops, node: n2, ip: 10.244.2.13 }
  - { name: agent, namespace: ops, node: n2, hostNetwork: true, labels: { app: web } }`;
const HEAD = (cni: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: ${cni}, kubeProxy: iptables }
nodes: [ { name: n1, ip: 192.168.1.11 }, { name: n2, ip: 192.168.1.12 } ]
namespaces: [ { name: shop }, { name: ops, labels: { team: ops } } ]
pods:${PODS}
`;
const policies = (text: string, cni = 'calico') => `${HEAD(cni)}networkPolicies:${text}`;

/** All that is said in one direction: `PEER PORTS VERDICT BLOCKED RULE`, ports of one reason together, sorted as the document has them. */
function said(text: string, pod: string, direction: 'ingress' | 'egress'): readonly string[] {
  const { cluster } = networkOf(text);
  const found = cluster.pods.get(pod);
  if (found === undefined) throw new Error(`no pod ${pod}`);
  const rows = new Map<string, { protocol: 'tcp' | 'udp' | 'sctp' | 'icmp'; ports: string[] }[]>();
  for (const { group, cidrs, verdict, blockedAt, decidedBy, ...row } of podPolicyDocument(podReach(cluster, found))[direction].peers) {
    const who = group === undefined ? addressesText(cidrs ?? []) : `${group.namespace ?? 'node'}/${group.members.join('+')}`;
    const by = decidedBy === null ? '' : ` ${decidedBy.name}${decidedBy.rule === null ? '' : `[${decidedBy.rule}]`}`;
    const line = `${who}\t${verdict}${blockedAt === null ? '' : ` ${blockedAt}`}${by}`;
    rows.set(line, [...(rows.get(line) ?? []), row]);
  }
  return [...rows].map(([line, ports]) => line.replace('\t', ` ${portsText(ports)} `));
}

describe('what may reach a pod', () => {
  it('from a block of which the input hides a part: nobody outside of it, and of who is in it nothing is known', () => {
    const rows = said(
      policies(`
  - { name: p, namespace: shop, podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { ipBlock: { cidr: 203.0.113.0/24, except: [ "***HIDDEN***" ] } } ] } ] }`),
      'shop/db-0',
      'ingress',
    );
    expect(rows).toContain('203.0.113.0/24 all unknown');
    expect(rows.filter((row) => row.startsWith('0.0.0.0/0 except '))).toEqual([
      expect.stringMatching(/203\.0\.113\.0\/24.* all deny own p$/),
    ]);
  });

  it('by names of ports of its own, by selectors and blocks; its own node always', () => {
    const text = policies(`
  - name: db
    namespace: shop
    podSelector: { matchLabels: { app: db } }
    ingress:
      - { from: [ { podSelector: { matchLabels: { app: web } } } ], ports: [ { port: pg } ] }
      - { from: [ { namespaceSelector: { matchLabels: { team: ops } } } ], ports: [ { port: top }, { port: 5430, endPort: 5433 } ] }
      - { from: [ { ipBlock: { cidr: 192.168.0.0/16, except: [ 192.168.128.0/17 ] } } ], ports: [ { protocol: SCTP } ] }`);
    expect(said(text, 'shop/db-0', 'ingress')).toEqual([
      'ops/top all but 5430-5433/tcp, 9187/tcp deny own db',
      'ops/top 5430-5433/tcp, 9187/tcp allow db[1]',
      'shop/cart all deny own db',
      'shop/web all but 5432/tcp deny own db',
      'shop/web 5432/tcp allow db[0]',
      'node/192.168.1.11 all allow',
      'node/192.168.1.12 all but all sctp deny own db',
      'node/192.168.1.12 all sctp allow db[2]',
      '192.168.0.0/17 all but all sctp deny own db',
      '192.168.0.0/17 all sctp allow db[2]',
      '0.0.0.0/0 except 192.168.0.0/17 all deny own db',
    ]);
    expect(said(text, 'shop/db-0', 'egress')).toEqual([
      'ops/top all allow',
      'shop/cart all allow',
      'shop/web all allow',
      'node/192.168.1.11 all allow',
      'node/192.168.1.12 all allow',
      '0.0.0.0/0 all allow',
    ]);
  });

  it('only as far as the other end lets it go', () => {
    const text = policies(`
  - { name: db, namespace: shop, podSelector: { matchLabels: { app: db } }, ingress: [ { ports: [ { port: 5432 }, { port: 9187 } ] } ] }
  - { name: out, namespace: shop, podSelector: { matchLabels: { app: cart } }, policyTypes: [Egress], egress: [ { ports: [ { port: 5432 } ] } ] }`);
    expect(said(text, 'shop/db-0', 'ingress').filter((line) => line.startsWith('shop/cart'))).toEqual([
      'shop/cart all but 5432/tcp, 9187/tcp deny own db',
      'shop/cart 5432/tcp allow db[0]',
      'shop/cart 9187/tcp deny peer out',
    ]);
    // The other way round it is the peer's ingress, by rules of the peer.
    expect(said(text, 'shop/cart', 'egress').filter((line) => line.startsWith('shop/db-0'))).toEqual([
      'shop/db-0 all but 5432/tcp deny own out',
      'shop/db-0 5432/tcp allow out[0]',
    ]);
    expect(said(text, 'shop/web', 'egress').filter((line) => line.startsWith('shop/db-0'))).toEqual([
      'shop/db-0 all but 5432/tcp, 9187/tcp deny peer db',
      'shop/db-0 5432/tcp, 9187/tcp allow',
    ]);
  });

  it('from a pod on the network of its node: pods of that node always, those of others by their policies', () => {
    const text = `${HEAD('calico')}  - { name: web-2, namespace: shop, node: n2, ip: 10.244.2.14 }
networkPolicies: [ { name: closed, namespace: shop, podSelector: {}, policyTypes: [Ingress] } ]
`;
    expect(said(text, 'ops/agent', 'egress').filter((line) => line.startsWith('shop/web'))).toEqual([
      'shop/web all deny peer closed',
      'shop/web-2 all allow',
    ]);
  });

  it("egress by names of the receivers' ports, which nobody outside has", () => {
    const text = policies(`
  - { name: out, namespace: shop, podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [ { ports: [ { port: pg } ] } ] }`);
    expect(said(text, 'shop/web', 'egress').filter((line) => line.includes('allow'))).toEqual([
      'shop/cart 6000/tcp allow out[0]',
      'shop/db-0 5432/tcp allow out[0]',
    ]);
  });
});

describe('who is asked', () => {
  const DENY = `
  - { name: none, namespace: shop, podSelector: {}, policyTypes: [Ingress, Egress] }`;

  it("a pod on its node's network is not, its peers are", () => {
    expect(said(policies(DENY), 'ops/agent', 'ingress')).toEqual([
      'ops/top all allow',
      'shop/cart all deny peer none',
      'shop/db-0 all deny peer none',
      'shop/web all deny peer none',
      'node/192.168.1.11 all allow',
      'node/192.168.1.12 all allow',
      '0.0.0.0/0 all allow',
    ]);
    // To pods on its own node it always gets, however they are isolated.
    expect(said(policies(DENY), 'ops/agent', 'egress').filter((line) => line.startsWith('shop'))).toEqual([
      'shop/cart all allow',
      'shop/db-0 all deny peer none',
      'shop/web all deny peer none',
    ]);
  });

  it('nobody, where nobody enforces policies', () => {
    expect(said(policies(DENY, 'calico, networkPolicy: none'), 'shop/db-0', 'ingress').every((line) => line.endsWith(' all allow'))).toBe(
      true,
    );
  });

  it('nobody knows whom, where it is not known who enforces them: what may be denied is unknown', () => {
    const generic = '{ plugin: generic, name: other }';
    const lines = said(policies(DENY, generic), 'shop/db-0', 'ingress');
    expect(lines).toContain('shop/web all unknown');
    expect(lines).toContain('node/192.168.1.11 all allow');
  });
});

describe('workloads', () => {
  const pod = (name: string, labels: string, ip: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: ${labels}, ownerReferences: [ { apiVersion: apps/v1, kind: StatefulSet, name: ${name.slice(0, -2)}, controller: true } ] }
spec: { nodeName: n1, containers: [ { name: c } ] }
status: { phase: Running, podIP: ${ip}, podIPs: [ { ip: ${ip} } ] }
---`;
  const objects = (selector: string) => `
apiVersion: v1
kind: Node
metadata: { name: n1 }
spec: { podCIDR: 10.244.1.0/24, podCIDRs: [ 10.244.1.0/24 ] }
status: { addresses: [ { type: InternalIP, address: 192.168.1.11 } ] }
---${pod('db-0', '{ app: db }', '10.244.1.10')}${pod('web-0', '{ app: web, canary: "yes" }', '10.244.1.11')}${pod('web-1', '{ app: web }', '10.244.1.12')}${pod('web-2', '{ app: web }', '10.244.1.13')}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ ${selector} ] } ] }
---
apiVersion: k8s-trace/v1
kind: Topology
cluster: { cni: calico, networkPolicy: calico }
`;

  it('are one group with their pods, and several where policies tell these apart', () => {
    const canary = said(objects('{ podSelector: { matchLabels: { canary: "yes" } } }'), 'shop/db-0', 'ingress');
    expect(canary.filter((line) => line.startsWith('shop'))).toEqual(['shop/web-0 all allow db[0]', 'shop/web-1+web-2 all deny own db']);
    const all = said(objects('{ podSelector: { matchLabels: { app: web } } }'), 'shop/db-0', 'ingress');
    expect(all.filter((line) => line.startsWith('shop'))).toEqual(['shop/web-0+web-1+web-2 all allow db[0]']);
  });

  it('are unknown where the input lacks the labels of their namespace', () => {
    const lines = said(objects('{ namespaceSelector: { matchLabels: { team: web } } }'), 'shop/db-0', 'ingress');
    expect(lines.filter((line) => line.startsWith('shop'))).toEqual(['shop/web-0+web-1+web-2 all unknown']);
  });
});

describe('in words', () => {
  it.each([
    [['10.0.0.0/8'], '10.0.0.0/8'],
    [['0.0.0.0/1', '192.0.0.0/2'], '0.0.0.0/1, 192.0.0.0/2'],
    [['0.0.0.0/1', '192.0.0.0/2', '160.0.0.0/3'], '0.0.0.0/0 except 128.0.0.0/3'],
    [['::/1', 'c000::/2', 'a000::/3'], '::/0 except 8000::/3'],
  ])('addresses %j: %s', (cidrs, text) => expect(addressesText(cidrs)).toBe(text));

  const ports = (protocol: PolicyPeerDocument['protocol'], ...numbers: string[]) => ({ protocol, ports: numbers });
  it.each([
    [[ports('tcp', '80', '443')], '80/tcp, 443/tcp'],
    [[ports('tcp', '80'), ports('tcp', '81-90')], '80-90/tcp'],
    [[ports('tcp', '1-65535'), ports('icmp')], 'all tcp, icmp'],
    [[ports('tcp', '1-21', '23-65535'), ports('udp', '1-65535'), ports('sctp', '1-65535'), ports('icmp')], 'all but 22/tcp'],
    [[ports('tcp', '1-65535'), ports('udp', '1-65535'), ports('sctp', '1-65535'), ports('icmp')], 'all'],
  ])('ports %j: %s', (rows, text) => expect(portsText(rows)).toBe(text));
});
