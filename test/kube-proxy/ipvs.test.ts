import { describe, expect, it } from 'vitest';
import { viewOf } from '../../src/show/index.ts';
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
  ])('%s -> %s: %s', (source, destination, code, client) => {
    expect(askIn(network, source, destination).reason).toMatchObject({ code, client });
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
