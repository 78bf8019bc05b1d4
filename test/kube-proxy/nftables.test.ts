import { describe, expect, it } from 'vitest';
import { showService } from '../../src/show/service.ts';
import { askIn, networkOf } from '../tracing.ts';

/**
 * What kube-proxy's nftables mode does, and what is said of it: derived from its rules (pkg/proxy/nftables/proxier.go), and from captures of one
 * cluster in both modes. Each row is asked in iptables mode as well; null: the same there.
 */
const topology = (kubeProxy: string, more = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, kubeProxy: ${kubeProxy} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, addresses: [ { dev: eth0, ip: 192.168.1.50 } ]${more} }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, labels: { app: own } }
  - { name: b, node: node-2, ip: 10.244.2.10, labels: { app: web }, containers: [ { name: web, ports: [ { containerPort: 8080 } ] } ] }
  - { name: c, node: node-2, ip: 10.244.2.11, labels: { app: web }, ready: false }
services:
  - { name: web, type: NodePort, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ] }
  - { name: none, type: LoadBalancer, clusterIP: 10.96.0.11, selector: { app: none }, externalIPs: [ 203.0.113.9 ], loadBalancerSourceRanges: [ 192.0.2.0/24 ],
      status: { loadBalancer: { ingress: [ { ip: 203.0.113.10 } ] } }, ports: [ { port: 80, nodePort: 30081 } ] }
  - { name: local, type: NodePort, clusterIP: 10.96.0.12, selector: { app: web }, internalTrafficPolicy: Local, externalTrafficPolicy: Local, ports: [ { port: 80, targetPort: 8080, nodePort: 30082 } ] }
  - { name: ranges, type: LoadBalancer, clusterIP: 10.96.0.13, selector: { app: web }, loadBalancerSourceRanges: [ 192.0.2.0/24, 198.51.100.0/24 ],
      status: { loadBalancer: { ingress: [ { ip: 203.0.113.11 } ] } }, ports: [ { port: 80, targetPort: 8080, nodePort: 30083 } ] }
  - { name: own, clusterIP: 10.96.0.14, selector: { app: own }, ports: [ { port: 80 } ] }
internet: { gateway: { ip: 192.168.1.1 } }
`;

const NFTABLES = networkOf(topology('nftables'));
const IPTABLES = networkOf(topology('iptables'));

const answer = (network: typeof NFTABLES, source: string, destination: string) => {
  const { outcome, reason } = askIn(network, source, destination);
  return reason === null ? outcome : `${outcome} ${reason.code} ${reason.client}`;
};

describe('where it differs from iptables mode', () => {
  it.each([
    // A ClusterIP refuses what it has no port for; nobody has an address that no service has.
    ['a', '10.96.0.10:81', 'rejected NO_SUCH_PORT refused', 'dropped NO_SUCH_PORT time-out'],
    ['a', '10.96.0.10:80/udp', 'rejected NO_SUCH_PORT refused', 'dropped NO_SUCH_PORT time-out'],
    ['node-1', '10.96.0.10:81', 'rejected NO_SUCH_PORT refused', 'dropped NO_SUCH_PORT time-out'],
    ['a', '10.96.0.10/icmp', 'rejected NO_SUCH_PORT refused', 'dropped NO_SUCH_PORT time-out'],
    ['a', '10.96.77.7:80', 'dropped FILTER_DROP time-out', 'dropped NO_ROUTE time-out'],
    // Node ports answer on the node's own address only, and never on 127.0.0.1.
    ['a', '192.168.1.11:30080', 'delivered', 'delivered'],
    ['a', '192.168.1.50:30080', 'rejected NOBODY_LISTENS refused', 'delivered'],
    ['node-1', '127.0.0.1:30080', 'rejected NOBODY_LISTENS refused', 'delivered'],
    // A service without endpoints is refused to a node's own process, and its ranges are asked first.
    ['node-1', '203.0.113.9:80', 'rejected NO_ENDPOINTS refused', 'dropped NO_ENDPOINTS time-out'],
    ['a', '203.0.113.10:80', 'dropped SOURCE_RANGE_DENIED time-out', 'rejected NO_ENDPOINTS refused'],
  ])('%s -> %s: %s, and there %s', (source, destination, expected, there) => {
    expect([answer(NFTABLES, source, destination), answer(IPTABLES, source, destination)]).toEqual([expected, there]);
  });

  it('of two endpoints each has half, of one all, and none is asked in vain', () => {
    const { paths } = askIn(NFTABLES, 'a', 'svc/web');
    expect(paths.map((p) => [p.endpoint?.ip, p.probability])).toEqual([['10.244.2.10', 1]]);
  });
});

describe('where it does the same', () => {
  it.each([
    ['a', 'svc/web', 'delivered'],
    ['node-1', 'svc/web', 'delivered'],
    ['a', 'svc/own', 'delivered'],
    ['a', 'svc/none', 'rejected NO_ENDPOINTS refused'],
    ['a', '192.168.1.11:30081', 'rejected NO_ENDPOINTS refused'],
    ['node-1', '192.168.1.11:30081', 'rejected NO_ENDPOINTS refused'],
    ['a', 'svc/local', 'dropped NO_LOCAL_ENDPOINTS time-out'],
    ['a', '203.0.113.11:80', 'dropped SOURCE_RANGE_DENIED time-out'],
    ['b', '192.168.1.11:30082', 'dropped NO_LOCAL_ENDPOINTS time-out'],
    ['a', '192.168.1.12:30082', 'delivered'],
  ])('%s -> %s: %s', (source, destination, expected) => {
    const there = answer(networkOf(topology('{ detectLocalMode: NodeCIDR }')), source, destination);
    const here = answer(networkOf(topology('{ mode: nftables, detectLocalMode: NodeCIDR }')), source, destination);
    expect([here, there]).toEqual([expected, expected]);
  });
});

describe('what is said', () => {
  const said = (source: string, destination: string, network = NFTABLES) => {
    const { reason } = askIn(network, source, destination);
    return [reason?.message, reason?.source?.object, reason?.fix[0]];
  };

  it.each([
    [
      'a',
      '10.96.0.10:81',
      'service web has no port 81/tcp, so kube-proxy of node-1 refuses it',
      'Service/default/web',
      'call a port that service web has: 80/tcp',
    ],
    [
      'a',
      '10.96.0.10/icmp',
      'a ClusterIP answers no ping: 10.96.0.10 of service web is translated for its ports only',
      'Service/default/web',
      'call a port that service web has: 80/tcp',
    ],
    [
      'a',
      '10.96.77.7:80',
      'no service has the address 10.96.77.7, so kube-proxy of node-1 drops what is sent there',
      'Topology',
      'call an address that a service has; 10.96.77.7 belongs to none',
    ],
    [
      'a',
      '192.168.1.50:30080',
      '30080 is the node port of service web, but no rule of node-1 is about 192.168.1.50, and nothing listens there',
      'Topology',
      'set cluster.kubeProxy.nodePortAddresses to [0.0.0.0/0] (x.yaml:3): as it is, only the ip of a node answers',
    ],
    [
      'node-1',
      '127.0.0.1:30080',
      '30080 is the node port of service web, but no rule of node-1 is about 127.0.0.1, and nothing listens there',
      'Topology',
      'call another address of node-1, or the service by its ClusterIP: in mode nftables node ports never answer on 127.0.0.1',
    ],
    [
      'a',
      '203.0.113.10:80',
      '10.244.1.10 is in none of the source ranges of service none (192.0.2.0/24), and node-1 drops it',
      'Service/default/none',
      'add a range that holds 10.244.1.10 to loadBalancerSourceRanges of service none (x.yaml:13)',
    ],
  ])('%s -> %s', (source, destination, message, object, fix) => {
    expect(said(source, destination)).toEqual([message, object, fix]);
  });

  it('an address that no service has: by the code of a rule that drops, which it is', () => {
    const asked = (from: string, to: string) => askIn(NFTABLES, from, to).reason;
    expect(asked('a', '10.96.77.7:80')).toMatchObject({ code: 'FILTER_DROP', client: 'time-out' });
    expect(asked('node-1', '10.96.77.7:53/udp')).toMatchObject({ code: 'FILTER_DROP', client: 'not-permitted' });
  });

  it('of the rules on the way: their chains, and where each comes from', () => {
    const [path] = askIn(NFTABLES, 'a', 'svc/web').paths;
    const nat = path?.forward.hops.find((h) => h.kind === 'nat');
    if (nat?.kind !== 'nat') throw new Error('not translated');
    expect(nat.rules.map((r) => `${r.chain}: ${r.rule}`)).toEqual([
      'nat-prerouting: jump services',
      'services: ip daddr . meta l4proto . th dport vmap @service-ips',
      expect.stringMatching(/^service-[A-Z2-7]{8}-default\/web\/tcp\/: numgen random mod 1 vmap \{ 0 : goto endpoint-/),
      expect.stringMatching(
        /^endpoint-[A-Z2-7]{8}-default\/web\/tcp\/__10\.244\.2\.10\/8080: meta l4proto tcp dnat to 10\.244\.2\.10:8080$/,
      ),
    ]);
    expect(nat.source?.object).toBe('Pod/default/b');
    const refused = askIn(NFTABLES, 'a', 'svc/none').paths[0]?.forward.hops.find((h) => h.kind === 'filter' && h.verdict === 'REJECT');
    expect(refused?.source?.object).toBe('Service/default/none');
  });

  it('has no sysctl of node ports on 127.0.0.1', () => {
    expect([NFTABLES, IPTABLES].map((n) => n.datapath.netns('node-1')?.sysctls.get('net.ipv4.conf.all.route_localnet')?.value)).toEqual([
      undefined,
      1,
    ]);
  });
});

it('show service names the chains of the table, on whichever node', () => {
  const view = showService(NFTABLES.cluster, NFTABLES.datapath, 'default/web');
  expect(view?.ports.map((p) => [p.chain, p.endpoints.map((e) => e.chain)])).toEqual([
    [
      expect.stringMatching(/^service-[A-Z2-7]{8}-default\/web\/tcp\/$/),
      [expect.stringMatching(/^endpoint-[A-Z2-7]{8}-default\/web\/tcp\/__10\.244\.2\.10\/8080$/), null],
    ],
  ]);
});

describe('a node with a mode of its own', () => {
  it('has the node ports of that mode', () => {
    const mixed = networkOf(topology('iptables', ', kubeProxy: { mode: nftables }'));
    expect(['192.168.1.11:30080', '192.168.1.50:30080', '192.168.1.12:30080'].map((d) => answer(mixed, 'a', d))).toEqual([
      'delivered',
      'rejected NOBODY_LISTENS refused',
      'delivered',
    ]);
  });
});

/** The client is connected where a node has seen its request only: no rule is about INVALID packets. */
it('lets a TCP connection be whose packets pass it one way only', () => {
  const more = ', routes: { add: [ { to: 10.244.2.10/32, via: 192.168.1.13 } ] }';
  const third = `  - { name: node-3, ip: 192.168.1.13, podCIDR: 10.244.3.0/24 }\npods:`;
  const text = (mode: string) => topology(mode, more).replace('pods:', third);
  expect(answer(networkOf(text('nftables')), 'a', 'b:8080')).toBe('delivered');
  expect(answer(networkOf(text('iptables')), 'a', 'b:8080')).toMatch(/CONNTRACK_INVALID/);
});
