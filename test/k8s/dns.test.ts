import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeStep } from '../../src/hop/describe-application.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import { type Resolution, resolve } from '../../src/k8s/dns/dns.ts';
import type { Asker } from '../../src/k8s/dns/resolver.ts';
import { formatAddress } from '../../src/net/address.ts';
import { networkOf } from '../tracing.ts';

const clusterOf = (text: string): Cluster => networkOf(text).cluster;

const SHOP = clusterOf(readFileSync(new URL('../../fixtures/names/shop.yaml', import.meta.url), 'utf8'));

function asker(cluster: Cluster, name: string): Asker {
  const pod = [...cluster.pods.values()].find((p) => p.name === name);
  if (pod !== undefined) return { kind: 'pod', pod };
  const node = cluster.nodes.get(name);
  if (node !== undefined) return { kind: 'node', node };
  const host = cluster.outside.find((h) => h.name === name);
  if (host === undefined) throw new Error(`nobody is called ${name}`);
  return { kind: 'host', host };
}

const stepsOf = ({ steps }: Resolution) => steps.map(describeStep);
const ask = (client: string, name: string, cluster = SHOP) => resolve(cluster, asker(cluster, client), name, cluster.families[0] ?? 'IPv4');

/** The three names that the search list of a pod in namespace `default` makes of a name that is not there. */
const searched = (name: string) => ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'].map((d) => `${name}.${d} NXDOMAIN`);

/**
 * [who asks, for what, the steps]. Expected: resolv.conf(5) for the names that are asked for and their order; Kubernetes DNS-Based
 * Service Discovery 1.1.0 for the answers; GetPodDNS of kubelet for who asks whom with which search list.
 */
const SEARCH: readonly (readonly [string, string, readonly string[]])[] = [
  ['client', 'web.shop', ['web.shop.default.svc.cluster.local NXDOMAIN', 'web.shop.svc.cluster.local A 10.96.0.10']],
  ['cart', 'web', ['web.shop.svc.cluster.local A 10.96.0.10']],
  ['cart', 'web.shop', ['web.shop.shop.svc.cluster.local NXDOMAIN', 'web.shop.svc.cluster.local A 10.96.0.10']],
  [
    'client',
    'web.shop.svc',
    [
      'web.shop.svc.default.svc.cluster.local NXDOMAIN',
      'web.shop.svc.svc.cluster.local NXDOMAIN',
      'web.shop.svc.cluster.local A 10.96.0.10',
    ],
  ],
  // Four dots: fewer than ndots 5.
  ['client', 'web.shop.svc.cluster.local', [...searched('web.shop.svc.cluster.local'), 'web.shop.svc.cluster.local A 10.96.0.10']],
  ['client', 'web.shop.svc.cluster.local.', ['web.shop.svc.cluster.local A 10.96.0.10']],
  ['client', 'WEB.Shop.svc.cluster.LOCAL.', ['web.shop.svc.cluster.local A 10.96.0.10']],
  // Five dots.
  ['client', 'db-0.db.shop.svc.cluster.local', ['db-0.db.shop.svc.cluster.local A 10.244.1.20']],
  ['client', 'web.shop.', ['web.shop NXDOMAIN']],
  ['client', 'gone.shop', [...searched('gone.shop'), 'gone.shop NXDOMAIN']],
  // dnsConfig with ndots 1, beside the policy's search list.
  ['eager', 'web.shop', ['web.shop NXDOMAIN', 'web.shop.default.svc.cluster.local NXDOMAIN', 'web.shop.svc.cluster.local A 10.96.0.10']],
  ['eager', 'web.shop.svc.cluster.local', ['web.shop.svc.cluster.local A 10.96.0.10']],
  // dnsPolicy None: its own search list svc.cluster.local and ndots 2.
  ['own', 'web.shop', ['web.shop.svc.cluster.local A 10.96.0.10']],
  ['own', 'db-0.db.shop', ['db-0.db.shop NXDOMAIN', 'db-0.db.shop.svc.cluster.local A 10.244.1.20']],
  // dnsPolicy None without a search list: ndots is 1.
  ['bare', 'web.shop', ['web.shop NXDOMAIN']],
  ['bare', 'web.shop.svc.cluster.local', ['web.shop.svc.cluster.local A 10.96.0.10']],
  // dnsPolicy None with a nameserver outside; Default; a node; a client outside; ClusterFirst on the host's network.
  ...['abroad', 'plain', 'node-1', 'laptop', 'agent'].map(
    (who) => [who, 'web.shop.svc.cluster.local', ['web.shop.svc.cluster.local NXDOMAIN']] as const,
  ),
  ['agent', 'web.shop', ['web.shop NXDOMAIN']],
  ['agent-dns', 'web.shop', ['web.shop.default.svc.cluster.local NXDOMAIN', 'web.shop.svc.cluster.local A 10.96.0.10']],
  // A name of the world outside: known, not known, and one that is taken to be a slip (a namespace's name, misspelt).
  ['client', 'files.example.com', [...searched('files.example.com'), 'files.example.com A 203.0.113.80']],
  ['agent', 'files.example.com', ['files.example.com A 203.0.113.80']],
  ['client', 'example.com', [...searched('example.com'), 'example.com not known']],
  ['client', 'web.shpo', [...searched('web.shpo'), 'web.shpo NXDOMAIN']],
];

describe('the search list', () => {
  it.each(SEARCH)('%s asks for %s', (client, name, steps) => {
    expect(stepsOf(ask(client, name))).toEqual(steps);
  });
});

const zone = (name: string) => `${name}.cluster.local.`;

/** [name below cluster.local, the answer to each name that it leads to]. */
const ZONE: readonly (readonly [string, readonly string[]])[] = [
  ['db.shop.svc', ['db.shop.svc.cluster.local A 10.244.1.20, 10.244.2.20, 10.244.2.22']],
  ['peers.shop.svc', ['peers.shop.svc.cluster.local A 10.244.1.20, 10.244.2.20, 10.244.2.21, 10.244.2.22']],
  ['empty.shop.svc', ['empty.shop.svc.cluster.local NXDOMAIN']],
  ['db-1.db.shop.svc', ['db-1.db.shop.svc.cluster.local A 10.244.2.20']],
  ['db-2.db.shop.svc', ['db-2.db.shop.svc.cluster.local NXDOMAIN']],
  ['db-0.peers.shop.svc', ['db-0.peers.shop.svc.cluster.local NXDOMAIN']],
  ['unnamed.db.shop.svc', ['unnamed.db.shop.svc.cluster.local NXDOMAIN']],
  ['10-244-2-22.db.shop.svc', ['10-244-2-22.db.shop.svc.cluster.local A 10.244.2.22']],
  // It has a hostname instead; below peers, which is not its subdomain, it has none.
  ['10-244-1-20.db.shop.svc', ['10-244-1-20.db.shop.svc.cluster.local NXDOMAIN']],
  ['10-244-1-20.peers.shop.svc', ['10-244-1-20.peers.shop.svc.cluster.local A 10.244.1.20']],
  ['x.db-0.db.shop.svc', ['x.db-0.db.shop.svc.cluster.local NXDOMAIN']],
  ['10-244-2-10.shop.pod', ['10-244-2-10.shop.pod.cluster.local A 10.244.2.10']],
  ['1-2-3-4.shop.pod', ['1-2-3-4.shop.pod.cluster.local A 1.2.3.4']],
  ['1-2-3-444.shop.pod', ['1-2-3-444.shop.pod.cluster.local NXDOMAIN']],
  ['10-244-2-10.nowhere.pod', ['10-244-2-10.nowhere.pod.cluster.local NXDOMAIN']],
  ['web.nowhere.svc', ['web.nowhere.svc.cluster.local NXDOMAIN']],
  ['shop.svc', ['shop.svc.cluster.local NODATA']],
  // Every cluster has these.
  ['kube-public.svc', ['kube-public.svc.cluster.local NODATA']],
  ['kube-node-lease.svc', ['kube-node-lease.svc.cluster.local NODATA']],
  ['svc', ['svc.cluster.local NODATA']],
  ['node', ['node.cluster.local NXDOMAIN']],
  ['old.shop.svc', ['old.shop.svc.cluster.local CNAME web.shop.svc.cluster.local', 'web.shop.svc.cluster.local A 10.96.0.10']],
  [
    'older.shop.svc',
    [
      'older.shop.svc.cluster.local CNAME old.shop.svc.cluster.local',
      'old.shop.svc.cluster.local CNAME web.shop.svc.cluster.local',
      'web.shop.svc.cluster.local A 10.96.0.10',
    ],
  ],
  ['mirror.shop.svc', ['mirror.shop.svc.cluster.local CNAME files.example.com', 'files.example.com A 203.0.113.80']],
  ['cloud.shop.svc', ['cloud.shop.svc.cluster.local CNAME db.cloud.example.net', 'db.cloud.example.net not known']],
  ['stale.shop.svc', ['stale.shop.svc.cluster.local CNAME gone.shop.svc.cluster.local', 'gone.shop.svc.cluster.local NXDOMAIN']],
  [
    'circle.shop.svc',
    [
      'circle.shop.svc.cluster.local CNAME round.shop.svc.cluster.local',
      'round.shop.svc.cluster.local CNAME circle.shop.svc.cluster.local',
    ],
  ],
  ['x.old.shop.svc', ['x.old.shop.svc.cluster.local NXDOMAIN']],
];

describe('the zone of the cluster', () => {
  it.each(ZONE)('%s', (name, steps) => {
    expect(stepsOf(ask('client', zone(name)))).toEqual(steps);
  });

  it('has another name where the cluster says so', () => {
    const text = readFileSync(new URL('../../fixtures/names/shop.yaml', import.meta.url), 'utf8');
    const other = clusterOf(text.replace('serviceCIDR: 10.96.0.0/12', 'serviceCIDR: 10.96.0.0/12, clusterDomain: k8s.example'));
    expect(stepsOf(ask('cart', 'web', other))).toEqual(['web.shop.svc.k8s.example A 10.96.0.10']);
    expect(stepsOf(ask('cart', 'web.shop.svc.cluster.local.', other))).toEqual(['web.shop.svc.cluster.local NXDOMAIN']);
  });

  // CoreDNS, plugin/backend_lookup.go, A: 8 are followed.
  it.each([
    [8, ['n1.shop.svc.cluster.local A 10.96.0.99']],
    [9, ['n2.shop.svc.cluster.local CNAME n1.shop.svc.cluster.local']],
  ])('%i names that stand for another one', (count, last) => {
    const text = readFileSync(new URL('../../fixtures/names/shop.yaml', import.meta.url), 'utf8');
    const names = Array.from(
      { length: count },
      (_, i) => `  - { name: n${i + 2}, namespace: shop, type: ExternalName, externalName: n${i + 1}.shop.svc.cluster.local }\n`,
    );
    const end = '  - { name: n1, namespace: shop, clusterIP: 10.96.0.99, ports: [{ port: 80 }] }\n';
    const other = clusterOf(text.replace('services:\n', `services:\n${names.join('')}${end}`));
    expect(stepsOf(ask('client', zone(`n${count + 1}.shop.svc`), other)).slice(-1)).toEqual(last);
  });

  it('a name outside without an address of the family has none of it, and is there', () => {
    const { steps } = resolve(SHOP, asker(SHOP, 'client'), 'files.example.com.', 'IPv6');
    expect(steps.map(describeStep)).toEqual(['files.example.com NODATA']);
  });

  // The EndpointSlice controller has them as addresses of no port.
  it.each([
    ['', 'A 10.244.2.10'],
    [', terminating: true', 'NXDOMAIN'],
    [', ready: false', 'NXDOMAIN'],
  ])('a pod without the port of its headless service%s', (more, answer) => {
    const text = readFileSync(new URL('../../fixtures/names/shop.yaml', import.meta.url), 'utf8');
    const headless =
      '  - { name: odd, namespace: shop, clusterIP: None, selector: { app: web }, ports: [{ port: 80, targetPort: nobody }] }\n';
    const other = clusterOf(text.replace('ip: 10.244.2.10,', `ip: 10.244.2.10${more},`).replace('services:\n', `services:\n${headless}`));
    expect(stepsOf(ask('client', zone('odd.shop.svc'), other))).toEqual([`odd.shop.svc.cluster.local ${answer}`]);
  });

  it('an address as externalName is no name that anybody has', () => {
    const text = readFileSync(new URL('../../fixtures/names/shop.yaml', import.meta.url), 'utf8');
    const other = clusterOf(text.replace('externalName: gone.shop.svc.cluster.local', 'externalName: 192.0.2.7'));
    expect(stepsOf(ask('client', zone('stale.shop.svc'), other))).toEqual(['stale.shop.svc.cluster.local NXDOMAIN']);
  });
});

describe('/etc/hosts comes first', () => {
  it.each([
    ['cart', 'legacy', '10.9.9.9'],
    ['cart', 'Legacy.example.org', '10.9.9.9'],
    ['client', 'localhost', '127.0.0.1'],
    ['client', 'client', '10.244.1.10'],
    ['db-2', 'db-2', '10.244.2.21'],
    // Ready or not: it is its own line there.
    ['db-2', 'db-2.db.shop.svc.cluster.local', '10.244.2.21'],
    ['agent', 'node-1', '192.168.1.11'],
    ['node-1', 'node-1', '192.168.1.11'],
  ])('%s finds %s: %s', (client, name, address) => {
    const resolution = ask(client, name);
    expect([resolution.from, ...stepsOf(resolution)]).toEqual(['hosts', `${name.toLowerCase()} A ${address}`]);
  });

  it.each([
    ['client', 'legacy'],
    ['cart', 'legacy.'],
    ['agent', 'agent'],
  ])('%s does not find %s there', (client, name) => {
    expect(ask(client, name).from).toBe('dns');
  });
});

describe('IPv6', () => {
  const four = readFileSync(new URL('../../fixtures/ipv6/four-pods.yaml', import.meta.url), 'utf8')
    .replace('labels: { app: client }', 'labels: { app: client }, hostAliases: [{ ip: "fd00:10:244:2::11", hostnames: [d.example] }]')
    .replace('ip: "fd00:10:244:2::10"', 'ip: "fd00:10:244:2:8000::"')
    .replace(
      'services:\n',
      `services:
  - { name: kube-dns, namespace: kube-system, clusterIP: "fd00:10:96::a", ports: [{ port: 53, protocol: UDP }] }
  - { name: web-pods, clusterIP: None, selector: { app: web }, ports: [{ port: 8080 }] }
`,
    );
  const cluster = clusterOf(four);

  // The names of endpoints and pods: endpointHostname and findPods, CoreDNS's plugin/kubernetes.
  it.each([
    ['web.default.svc', 'AAAA fd00:10:96::10'],
    ['web-pods.default.svc', 'AAAA fd00:10:244:1::11, fd00:10:244:2:8000::'],
    ['fd00-10-244-1--11.web-pods.default.svc', 'AAAA fd00:10:244:1::11'],
    ['fd00-10-244-2-8000---0.web-pods.default.svc', 'NXDOMAIN'],
    ['fd00-10-244-2-8000--0.web-pods.default.svc', 'AAAA fd00:10:244:2:8000::'],
    ['fd00-10-244-2--11.default.pod', 'AAAA fd00:10:244:2::11'],
    ['fd00-0-0-0-0-0-0-11.default.pod', 'AAAA fd00::11'],
    ['10-244-1-1.default.pod', 'A 10.244.1.1'],
    ['fd00-10-244-zz.default.pod', 'NXDOMAIN'],
    ['fd00--1--2.default.pod', 'NXDOMAIN'],
  ])('%s', (name, answer) => {
    expect(stepsOf(ask('pod-a', zone(name), cluster))).toEqual([`${name}.cluster.local ${answer}`]);
  });

  it.each([
    ['localhost', '::1'],
    ['ip6-localhost', '::1'],
    ['pod-a', 'fd00:10:244:1::10'],
    ['d.example', 'fd00:10:244:2::11'],
  ])('%s is in /etc/hosts', (name, address) => {
    const { from, steps } = ask('pod-a', name, cluster);
    expect([from, ...steps.map(describeStep)]).toEqual(['hosts', `${name} AAAA ${address}`]);
  });

  it('the cluster DNS has an IPv6 address', () => {
    const { server } = ask('pod-a', 'web', cluster).resolver;
    expect(server).toMatchObject({ name: 'the cluster DNS', knows: 'cluster', assumption: null });
    expect(server.address === null ? null : formatAddress(server.address)).toBe('fd00:10:96::a');
  });
});
