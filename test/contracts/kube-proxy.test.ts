import { describe, expect, it } from 'vitest';
import { loadNetwork, traceRequest } from '../../src/index.ts';
import { proxyModes } from '../../src/kube-proxy/index.ts';
import { askIn, networkOf } from '../tracing.ts';

/** What every kube-proxy mode owes that programs services: run for each entry of the registry. */
const MODES = Object.keys(proxyModes).filter((mode) => mode !== 'none');

const topology = (mode: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, kubeProxy: ${mode} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24, kubeProxy: { running: false } }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10 }
  - { name: b, node: node-1, ip: 10.244.1.11, labels: { app: web } }
  - { name: c, node: node-2, ip: 10.244.2.10, labels: { app: web } }
  - { name: d, node: node-2, ip: 10.244.2.11, labels: { app: web }, ready: false }
services:
  - name: web
    clusterIP: 10.96.0.10
    selector: { app: web }
    ports:
      - { name: http, port: 80, targetPort: 8080 }
      - { name: dns, port: 53, targetPort: 5353, protocol: UDP }
      - { name: sig, port: 38412, targetPort: 38412, protocol: SCTP }
  - { name: none, clusterIP: 10.96.0.11, selector: { app: none }, ports: [ { port: 80 } ] }
  - { name: waiting, clusterIP: 10.96.0.12, ports: [ { port: 80 } ] }
endpoints:
  - { service: waiting, addresses: [ { ip: 10.244.2.11, port: 80, ready: false } ] }
internet: { gateway: { ip: 192.168.1.1 } }
`;

describe.each(MODES)('kube-proxy %s', (mode) => {
  const loaded = loadNetwork([{ name: `${mode}.yaml`, bytes: new TextEncoder().encode(topology(mode)) }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  const network = loaded.value;
  const ask = (source: string, destination: string) => {
    const result = traceRequest(network, { source, destination });
    if (!result.ok) throw new Error(result.message);
    return result.trace;
  };

  it.each([
    ['svc/web:http', 8080],
    ['svc/web:dns', 5353],
    ['svc/web:sig', 38412],
  ])('%s goes to every ready endpoint with the same share, and comes back from the ClusterIP', (destination, port) => {
    const { paths } = ask('a', destination);
    expect(paths.map((p) => [p.endpoint?.ip, p.endpoint?.port, p.probability, p.outcome])).toEqual([
      ['10.244.1.11', port, 0.5, 'delivered'],
      ['10.244.2.10', port, 0.5, 'delivered'],
    ]);
    for (const path of paths) expect(path.reply?.hops.at(-1)?.packet.source).toBe('10.96.0.10');
  });

  it('leaves the source of a pod alone, and masquerades what comes from outside the pod range', () => {
    const seen = (source: string) => ask(source, 'svc/web:http').paths.map((p) => p.forward.hops.at(-1)?.packet.source);
    expect(seen('a')).toEqual(['10.244.1.10', '10.244.1.10']);
    // The node's own process: by the device that the packet leaves by.
    expect(seen('node-1')).toEqual(['10.244.1.1', '192.168.1.11']);
  });

  it('refuses a service without endpoints, and one whose endpoints are all not ready', () => {
    expect(ask('a', 'svc/none').reason).toMatchObject({ code: 'NO_ENDPOINTS', client: 'refused' });
    expect(ask('a', 'svc/waiting').reason).toMatchObject({ code: 'NO_READY_ENDPOINTS', client: 'refused' });
  });

  it('translates nothing on a node where it does not run', () => {
    expect(ask('c', 'svc/web:http').reason).toMatchObject({ code: 'PROXY_NOT_RUNNING', source: { object: 'Node/node-2' } });
  });
});

describe('kube-proxy none', () => {
  const network = networkOf(topology('none'));

  it.each(['node-1', 'node-2'])('has no chain on %s', (node) => {
    const chainsIn = ({ datapath }: typeof network) => {
      const { nat, filter } = datapath.netns(node)?.rulesets.IPv4.tables ?? {};
      return [...(nat?.chains() ?? []), ...(filter?.chains() ?? [])].map((c) => c.name).filter((name) => name.startsWith('KUBE-'));
    };
    expect(chainsIn(networkOf(topology('iptables').replace('running: false', 'running: true')))).toContain('KUBE-SERVICES');
    expect(chainsIn(network)).toEqual([]);
  });

  it.each([
    ['a', 'svc/web:http'],
    ['node-1', 'svc/web:http'],
    ['a', 'svc/none'],
    ['c', 'svc/web:http'],
  ])('%s -> %s goes where the routes lead', (source, destination) => {
    const { reason, outcome } = askIn(network, source, destination);
    expect([outcome, reason?.code]).toEqual(['dropped', 'PROXY_NOT_RUNNING']);
    expect(reason?.message).toMatch(/^kube-proxy's mode is none: nobody programs service/);
  });

  it('does nothing to what is for a pod', () => {
    expect(askIn(network, 'a', 'c:80').outcome).toBe('delivered');
  });
});
