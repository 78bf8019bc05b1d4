import { describe, expect, it } from 'vitest';
import { viewOf } from '../../src/show/index.ts';
import { CLUSTER, networkOf as clusterOf } from '../topology/kubernetes/small-cluster.ts';
import { askIn, networkOf } from '../tracing.ts';

/**
 * kube-proxy's mode ipvs, by hand from pkg/proxy/ipvs/proxier.go and net/netfilter/ipvs: no kernel that we have walks it. `outside` is a
 * machine beside the nodes.
 */
const TOPOLOGY = (options = '') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, kubeProxy: { mode: ipvs${options} } }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
  - { name: outside, ip: 192.168.1.99, podCIDR: 10.244.9.0/24, kubeProxy: { running: false } }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, labels: { app: a } }
  - { name: b, node: node-1, ip: 10.244.1.11, labels: { app: b } }
  - { name: c, node: node-2, ip: 10.244.2.10, labels: { app: c } }
  - { name: h, node: node-1, hostNetwork: true, labels: { app: h } }
services:
  - { name: a, clusterIP: 10.96.0.10, selector: { app: a }, ports: [ { port: 80 } ] }
  - { name: c, clusterIP: 10.96.0.12, type: NodePort, selector: { app: c }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ] }
  - { name: h, clusterIP: 10.96.0.13, selector: { app: h }, ports: [ { port: 80 } ] }
  - { name: none, clusterIP: 10.96.0.14, type: NodePort, selector: { app: x }, ports: [ { port: 80, nodePort: 30081 } ] }
  - name: local
    clusterIP: 10.96.0.15
    type: NodePort
    externalTrafficPolicy: Local
    internalTrafficPolicy: Local
    selector: { app: c }
    ports: [ { port: 80, nodePort: 30082 } ]
  - name: lb
    clusterIP: 10.96.0.16
    type: LoadBalancer
    loadBalancerSourceRanges: [ 10.244.1.10/32 ]
    sessionAffinity: ClientIP
    selector: { app: b }
    ports: [ { port: 80, nodePort: 30083 } ]
    status: { loadBalancer: { ingress: [ { ip: 198.51.100.10 } ] } }
internet: { gateway: { ip: 192.168.1.1 } }
`;

const network = networkOf(TOPOLOGY());

describe('kube-proxy ipvs', () => {
  /** The hooks of node-1 that the first packet passes, with the addresses that it has behind each rewrite. */
  it('balances at INPUT, and sends on by OUTPUT and POSTROUTING', () => {
    const hops = askIn(network, 'a', 'svc/c').paths[0]?.forward.hops ?? [];
    expect(
      hops.flatMap((h) => (h.netns === 'node-1' && h.kind === 'nat' ? [[h.hook, h.packet.source, h.packet.destination]] : [])),
    ).toEqual([['INPUT', '10.244.1.10', '10.244.2.10']]);
    expect(hops.flatMap((h) => (h.netns === 'node-1' && h.kind === 'filter' ? [h.hook] : []))).not.toContain('FORWARD');
  });

  it.each([
    // A pod's address stays, and its answer comes back by its node.
    ['a', 'svc/c', ['10.244.1.10', '10.244.2.10']],
    // Both ends of a node's own packet are the ClusterIP, until it is masqueraded.
    ['node-1', 'svc/c', ['192.168.1.11', '10.244.2.10']],
    // KUBE-LOOP-BACK.
    ['a', 'svc/a', ['10.244.1.1', '10.244.1.10']],
    // KUBE-NODE-PORT-TCP.
    ['outside', '192.168.1.11:30080', ['192.168.1.11', '10.244.2.10']],
    ['node-1', '192.168.1.11:30080', ['192.168.1.11', '10.244.2.10']],
    // An endpoint that is the node itself: the packet goes on in INPUT.
    ['a', 'svc/h', ['10.244.1.10', '192.168.1.11']],
    ['a', '198.51.100.10:80', ['10.244.1.1', '10.244.1.11']],
    // Local, and the node has one.
    ['outside', '192.168.1.12:30082', ['192.168.1.99', '10.244.2.10']],
  ])('%s -> %s arrives as %j', (source, destination, ends) => {
    const { outcome, paths } = askIn(network, source, destination);
    const last = paths[0]?.forward.hops.at(-1)?.packet;
    expect([outcome, [last?.source, last?.destination]]).toEqual(['delivered', ends]);
  });

  it.each([
    ['a', 'svc/none', 'NO_ENDPOINTS', 'refused'],
    ['node-1', 'svc/none', 'NO_ENDPOINTS', 'refused'],
    ['outside', '192.168.1.11:30081', 'NO_ENDPOINTS', 'refused'],
    // KUBE-IPVS-FILTER.
    ['a', '10.96.0.12:81', 'NO_SUCH_PORT', 'refused'],
    // KUBE-SOURCE-RANGES-FIREWALL.
    ['b', '198.51.100.10:80', 'SOURCE_RANGE_DENIED', 'time-out'],
    // ip_vs_xmit.c: nothing leaves that comes from a loopback address.
    ['node-1', '127.0.0.1:30080', 'MARTIAN_ADDRESS', 'time-out'],
    // KUBE-IPVS-OUT-FILTER: no range holds the node. It is dropped in OUTPUT, and TCP does not hear of that.
    ['node-1', '198.51.100.10:80', 'SOURCE_RANGE_DENIED', 'time-out'],
    // KUBE-IPVS-FILTER knows no ICMP: kubernetes/website#41002.
    ['a', 'icmp://10.96.0.12', 'NO_SUCH_PORT', 'refused'],
  ])('%s -> %s: %s', (source, destination, code, client) => {
    expect(
      askIn(network, source, destination.replace('icmp://', ''), destination.startsWith('icmp') ? { protocol: 'icmp' } : {}).reason,
    ).toMatchObject({
      code,
      client,
    });
  });

  it('a node that is in no range: the fix is one that holds the node', () => {
    const denied = askIn(network, 'node-1', '198.51.100.10:80').reason;
    expect(denied?.message).toMatch(/^192\.168\.1\.11 is in none of the source ranges of service lb/);
    expect(denied?.fix[0]).toMatch(/^add a range that holds 192\.168\.1\.11 to loadBalancerSourceRanges/i);
    const opened = TOPOLOGY().replace('[ 10.244.1.10/32 ]', '[ 10.244.1.10/32, 192.168.1.11/32 ]');
    expect(askIn(networkOf(opened), 'node-1', '198.51.100.10:80').outcome).toBe('delivered');
  });

  it("a node port that is called on 127.0.0.1 answers on the node's address", () => {
    const { reason } = askIn(network, 'node-1', '127.0.0.1:30080');
    expect(reason?.remedies).toMatchObject([{ kind: 'ask', instead: { destination: '192.168.1.11:30080/tcp' } }]);
  });

  it('names no chain of a service: there is none', () => {
    const view = viewOf(network.cluster, network.datapath, 'service', 'default/c', false);
    if (view === null || !('ports' in view)) throw new Error('no service');
    expect(view.ports.map((p) => [p.chain, p.endpoints.map((e) => e.chain)])).toEqual([[null, [null]]]);
  });

  it('takes the others where Local has none, and keeps the source: their answers do not come back by this node', () => {
    const [path] = askIn(network, 'outside', '192.168.1.11:30082').paths;
    const last = path?.forward.hops.at(-1);
    expect([last?.netns, last?.packet.source]).toEqual(['default/c', '192.168.1.99']);
    expect(path?.outcome).not.toBe('delivered');
  });

  it('says that it is modelled only', () => {
    const said = askIn(network, 'a', 'svc/c').assumptions.map((a) => a.message);
    expect(said).toContain("kube-proxy's mode ipvs is modelled, not verified against a kernel");
  });

  it('shows kube-ipvs0, the virtual servers and the rules with sets', () => {
    const view = viewOf(network.cluster, network.datapath, 'node', 'node-1', true);
    if (view === null || !('ipvs' in view)) throw new Error('no node');
    expect(view.devices.find((d) => d.name === 'kube-ipvs0')).toMatchObject({ kind: 'dummy', up: false });
    expect(view.ipvs).toContain('-A -t 10.96.0.12:80 -s rr\n-a -t 10.96.0.12:80 -r 10.244.2.10:8080 -m -w 1\n');
    expect(view.ipvs).toContain('-A -t 198.51.100.10:80 -s rr -p 10800\n');
    expect(view.ipvs).toContain('-A -t 192.168.1.11:30080 -s rr\n');
    expect(view.ruleset).toContain('-A KUBE-SERVICES ! -s 10.244.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ\n');
    expect(view.ruleset).toContain('-A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE\n');
  });

  it('with strictARP answers ARP for no address of a service', () => {
    const strict = networkOf(TOPOLOGY(', strictARP: true')).datapath.netns('node-1')?.sysctls;
    const of = (name: string) => strict?.get(`net.ipv4.conf.all.${name}`)?.value;
    expect([of('arp_ignore'), of('arp_announce')]).toEqual([1, 2]);
  });
});

describe('kube-proxy ipvs: which addresses of a node answer node ports', () => {
  const withLo = (options: string) =>
    TOPOLOGY(options).replace('podCIDR: 10.244.1.0/24 }', 'podCIDR: 10.244.1.0/24, addresses: [ { ip: 192.168.77.1, dev: lo } ] }');
  it.each([
    ['', '192.168.77.1', 'delivered'],
    [', nodePortAddresses: [primary]', '192.168.1.11', 'delivered'],
    [', nodePortAddresses: [primary]', '192.168.77.1', 'rejected'],
    [', nodePortAddresses: [192.168.77.0/24]', '192.168.77.1', 'delivered'],
    [', nodePortAddresses: [192.168.77.0/24]', '192.168.1.11', 'rejected'],
    // Loopback has no virtual server where not all addresses do, and nobody listens.
    [', nodePortAddresses: [primary]', '127.0.0.1', 'rejected'],
  ])('%s: %s', (options, address, outcome) => {
    expect(askIn(networkOf(withLo(options)), 'node-1', `${address}:30080`).outcome).toBe(outcome);
  });
});

describe('kube-proxy ipvs on one node of two', () => {
  const one = networkOf(
    TOPOLOGY()
      .replace('mode: ipvs', 'mode: iptables')
      .replace('podCIDR: 10.244.2.0/24 }', 'podCIDR: 10.244.2.0/24, kubeProxy: { mode: ipvs } }'),
  );
  const hooks = (source: string, destination: string, node: string) =>
    (askIn(one, source, destination).paths[0]?.forward.hops ?? []).flatMap((h) =>
      h.netns === node && h.kind === 'nat' && h.action === 'dnat' ? [h.hook] : [],
    );

  it('balances where its own packets come by', () => {
    expect(hooks('c', 'svc/a', 'node-2')).toEqual(['INPUT']);
    expect(hooks('a', 'svc/c', 'node-1')).toEqual(['PREROUTING']);
    expect(one.datapath.netns('node-1')?.devices.has('kube-ipvs0')).toBe(false);
    expect(one.datapath.netns('node-2')?.devices.has('kube-ipvs0')).toBe(true);
  });
  it('says that it is modelled', () => {
    expect(askIn(one, 'c', 'svc/a').assumptions.map((a) => a.message)).toContain(
      "kube-proxy's mode ipvs is modelled, not verified against a kernel",
    );
  });
});

describe('kube-proxy ipvs, IPv6', () => {
  const six = networkOf(`apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 'fd00:10:244::/56', serviceCIDR: 'fd00:10:96::/112', kubeProxy: { mode: ipvs } }
nodes:
  - { name: node-1, ip: 'fd00:1::11', podCIDR: 'fd00:10:244:1::/64' }
  - { name: node-2, ip: 'fd00:1::12', podCIDR: 'fd00:10:244:2::/64' }
pods:
  - { name: a, node: node-1, ip: 'fd00:10:244:1::10', labels: { app: a } }
  - { name: c, node: node-2, ip: 'fd00:10:244:2::10', labels: { app: c } }
services:
  - { name: a, clusterIP: 'fd00:10:96::a', selector: { app: a }, ports: [ { port: 80 } ] }
  - { name: c, clusterIP: 'fd00:10:96::c', type: NodePort, selector: { app: c }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ] }
  - { name: none, clusterIP: 'fd00:10:96::e', selector: { app: x }, ports: [ { port: 80 } ] }
`);
  it.each([
    ['a', 'svc/c', ['fd00:10:244:1::10', 'fd00:10:244:2::10']],
    ['node-1', 'svc/c', ['fd00:1::11', 'fd00:10:244:2::10']],
    ['a', 'svc/a', ['fd00:10:244:1::1', 'fd00:10:244:1::10']],
    // It is masqueraded where it leaves, by cni0 of node-2.
    ['node-1', '[fd00:1::12]:30080', ['fd00:10:244:2::1', 'fd00:10:244:2::10']],
  ])('%s -> %s arrives as %j', (source, destination, ends) => {
    const { outcome, paths } = askIn(six, source, destination);
    const last = paths[0]?.forward.hops.at(-1)?.packet;
    expect([outcome, [last?.source, last?.destination]]).toEqual(['delivered', ends]);
  });
  it.each([
    ['a', 'svc/none', 'NO_ENDPOINTS'],
    ['a', '[fd00:10:96::c]:81', 'NO_SUCH_PORT'],
  ])('%s -> %s: %s', (source, destination, code) => {
    expect(askIn(six, source, destination).reason).toMatchObject({ code, client: 'refused' });
  });
});

/** kube-proxy's own ConfigMap says it. */
describe('kube-proxy ipvs of objects', () => {
  const config = (scheduler: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: kube-proxy, namespace: kube-system }
data: { config.conf: '{ kind: KubeProxyConfiguration, mode: ipvs, clusterCIDR: 10.244.0.0/16, ipvs: { scheduler: "${scheduler}" } }' }
---
`;
  const ask = (scheduler: string) =>
    askIn(clusterOf(config(scheduler) + CLUSTER, { flags: { cni: 'kindnet' } }), 'shop/client', 'shop/svc/web');
  const dnat = ({ paths }: ReturnType<typeof ask>) => (paths[0]?.forward.hops ?? []).filter((h) => h.kind === 'nat' && h.action === 'dnat');

  it('is the model, and no guess', () => {
    const trace = ask('rr');
    expect(trace.outcome).toBe('delivered');
    expect(dnat(trace).map((h) => [h.kind === 'nat' ? h.hook : '', h.evidence])).toEqual([['INPUT', 'declared']]);
    expect(trace.assumptions.map((a) => a.message)).toContain("kube-proxy's mode ipvs is modelled, not verified against a kernel");
  });
  it('with another scheduler is one', () => {
    const trace = ask('wrr');
    expect(dnat(trace).map((h) => h.evidence)).toEqual(['assumed']);
    expect(trace.assumptions.map((a) => a.message)).toContain('IPVS has the scheduler wrr, which is modelled as rr');
  });
});
