import { describe, expect, it } from 'vitest';
import { genericCni } from '../../src/cni/generic.ts';
import { compile } from '../../src/compile/index.ts';
import type { Cluster, Network, TraceDocument } from '../../src/index.ts';
import { guessedProxy } from '../../src/k8s/guessed-proxy.ts';
import type { Pod } from '../../src/k8s/pod.ts';
import type { Service } from '../../src/k8s/service.ts';
import { ip } from '../../src/net/address.ts';
import { inferred } from '../../src/source/origin.ts';
import { askIn, networkOf } from '../tracing.ts';

/** Clusters as Kubernetes objects make them: of which a Topology could not say what is not there, or not known. */

const { cluster: base } = networkOf(`apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24, devices: { veth1: { up: false } } }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10 }
  - { name: b, node: node-1, ip: 10.244.1.11, labels: { app: web }, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
  - { name: c, node: node-2, ip: 10.244.2.10, labels: { app: far }, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
  - { name: d, node: node-2, ip: 10.244.2.11, labels: { app: down } }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
  - { name: shut, clusterIP: 10.96.0.11, selector: { app: web }, ports: [ { port: 80, targetPort: 9 } ] }
  - { name: down, clusterIP: 10.96.0.12, selector: { app: down }, ports: [ { port: 80 } ] }
  - { name: none, clusterIP: 10.96.0.13, selector: { app: none }, ports: [ { port: 80 } ] }
  - { name: near, clusterIP: 10.96.0.14, internalTrafficPolicy: Local, selector: { app: far }, ports: [ { port: 80, targetPort: 8080 } ] }
  - { name: given, clusterIP: 10.96.0.15, ports: [ { port: 5432 } ] }
  - { name: bare, clusterIP: None, ports: [ { port: 5432 } ] }
  - { name: cloud, type: LoadBalancer, clusterIP: 10.96.0.16, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ], status: { loadBalancer: { ingress: [ { hostname: x.elb.example.net } ] } } }
internet: { gateway: { ip: 192.168.1.1 }, clients: [ { name: laptop, ip: 198.51.100.7 } ] }
`);

const made = (more: Partial<Cluster>): Network => {
  const cluster = { ...base, ...more };
  return { cluster, datapath: compile(cluster) };
};
const answer = ({ outcome, reason }: TraceDocument) => (reason === null ? outcome : `${outcome} ${reason.code} ${reason.client}`);

describe('a mode of kube-proxy that has no model', () => {
  const ipvs = made({ kubeProxy: { ...base.kubeProxy, ...guessedProxy('kube-router') } });

  it.each([
    ['a', 'svc/web', 'delivered'],
    ['a', 'svc/shut', 'undetermined FACT_MISSING unknown'],
    ['a', 'svc/down', 'undetermined FACT_MISSING unknown'],
    ['a', 'svc/near', 'undetermined FACT_MISSING unknown'],
    ['a', 'svc/none', 'rejected NO_ENDPOINTS refused'],
    ['a', 'd:80', 'rejected LINK_DOWN host-unreachable'],
    ['a', '10.96.0.10:81', 'dropped NO_SUCH_PORT time-out'],
    ['b', 'b:9', 'rejected NOBODY_LISTENS refused'],
  ])('%s -> %s: %s', (from, to, expected) => {
    expect(answer(askIn(ipvs, from, to))).toBe(expected);
  });

  it('says on which hops it counts, and the command that shows its rules', () => {
    const trace = askIn(ipvs, 'a', 'svc/web');
    const [path] = trace.paths;
    const nat = [...(path?.forward.hops ?? []), ...(path?.reply?.hops ?? [])].filter((h) => h.kind === 'nat');
    expect(nat.map((h) => h.evidence)).toEqual(['assumed', 'assumed']);
    expect(path?.forward.hops.find((h) => h.kind === 'bridge')?.evidence).not.toBe('assumed');
    expect(trace.assumptions.map((a) => a.message)).toContain(
      "kube-router does services instead of kube-proxy, and is modelled as kube-proxy's mode iptables",
    );
    expect(askIn(ipvs, 'a', 'svc/shut').reason?.fix).toEqual(['look on node-1: ipvsadm -Ln']);
    expect(askIn(ipvs, 'a', 'c:8080').assumptions).toEqual([]);
  });

  it.each([
    ['kube-router', "kube-router does services instead of kube-proxy, and is modelled as kube-proxy's mode iptables"],
    ['cilium', "cilium does services instead of kube-proxy, and is modelled as kube-proxy's mode iptables"],
    [null, "kube-proxy's mode is not known, and is taken to be iptables"],
  ])('%s', (name, said) => {
    const trace = askIn(made({ kubeProxy: { ...base.kubeProxy, ...guessedProxy(name) } }), 'a', 'svc/web');
    expect(trace.assumptions.map((a) => a.message)).toContain(said);
  });

  it('beside a CNI plugin that is not known either, both are named', () => {
    const both = made({ cni: genericCni('cilium', inferred(null)), kubeProxy: { ...base.kubeProxy, ...guessedProxy('cilium') } });
    const { reason, assumptions } = askIn(both, 'a', 'svc/down');
    expect(reason?.message).toMatch(/^whether this works hangs on cilium, which is not modelled/);
    expect(assumptions.map((a) => a.message).filter((m) => m.startsWith('cilium'))).toHaveLength(2);
  });
});

/** The cluster with one more pod. */
function withPod(more: Partial<Pod>): Network {
  const b = base.pods.get('default/b');
  if (b === undefined) throw new Error('no pod b');
  const pod: Pod = { ...b, name: 'job-x', ...more };
  return made({ pods: new Map([...base.pods, ['default/job-x', pod]]) });
}

describe('a pod that is not there', () => {
  const done = withPod({ phase: 'Succeeded', ips: [{ address: ip('10.244.1.77'), origin: inferred(null) }] });
  const reused = withPod({ phase: 'Failed', ips: [{ address: ip('10.244.1.11'), origin: inferred(null) }] });
  const waiting = withPod({ phase: 'Pending', ips: [], node: null });
  const starting = withPod({ phase: 'Pending', ips: [] });

  it.each([
    ['done', done, 'pod job-x has run to its end (phase Succeeded): it has no process and no address any more'],
    ['reused', reused, 'pod job-x has run to its end (phase Failed): it has no process and no address any more'],
    ['waiting', waiting, 'pod job-x does not run yet (phase Pending): it is on no node'],
    ['starting', starting, 'pod job-x does not run yet (phase Pending): it has no address'],
  ])('%s: neither receives nor sends', (_, network, message) => {
    const to = askIn(network, 'a', 'job-x:8080');
    expect([answer(to), to.reason?.message]).toEqual(['rejected POD_NOT_RUNNING name-not-found', message]);
    const from = askIn(network, 'job-x', 'b:8080');
    expect([answer(from), from.reason?.message]).toEqual(['rejected POD_NOT_RUNNING unknown', message]);
    for (const trace of [to, from]) expect(trace.paths[0]?.forward.hops.map((h) => h.kind)).toEqual(['drop']);
    expect(to.reason?.fix[0]).toMatch(/^see why it does not run \(x\.yaml:\d+\): kubectl -n default describe pod job-x$/);
  });

  it('has no address: that is nobody, or of the pod that has it now', () => {
    expect(answer(askIn(done, 'a', '10.244.1.77:80'))).toBe(answer(askIn(made({}), 'a', '10.244.1.77:80')));
    const now = askIn(reused, 'a', '10.244.1.11:8080');
    expect([answer(now), now.paths[0]?.endpoint?.pod]).toEqual(['delivered', 'default/b']);
  });

  it('is asked for without a port, by a port that it does not have, over a volume', () => {
    for (const to of ['job-x', 'pod/job-x', 'default/job-x:http']) expect(askIn(done, 'a', to).reason?.code).toBe('POD_NOT_RUNNING');
    expect(askIn(done, 'job-x', 'b', { over: 'ipc' }).reason?.code).toBe('POD_NOT_RUNNING');
    expect(askIn(done, 'job-x', 'svc/web').reason?.code).toBe('POD_NOT_RUNNING');
  });

  it('is no endpoint, and the service that selects nothing else says so', () => {
    const { reason } = askIn(withPod({ phase: 'Succeeded', labels: new Map([['app', 'none']]) }), 'a', 'svc/none');
    expect([reason?.code, reason?.message]).toEqual([
      'NO_ENDPOINTS',
      'service none has no endpoints: job-x (phase Succeeded), which it selects, does not run',
    ]);
    expect(reason?.fix[0]).toMatch(/^see why job-x does not run/);
  });
});

describe('addresses that the input does not say', () => {
  const command = 'kubectl -n default get endpointslices -l kubernetes.io/service-name=given';
  const unknown = (service: Service): Service => ({
    ...service,
    ports: service.ports.map((p) => (p.endpoints.length === 0 && service.selector.size === 0 ? { ...p, endpointsUnknown: command } : p)),
  });
  const network = made({ services: new Map([...base.services].map(([name, s]) => [name, unknown(s)])) });

  it.each(['svc/given', '10.96.0.15:5432', 'svc/bare', 'given.default:5432'])('%s: its endpoints', (to) => {
    const trace = askIn(network, 'a', to);
    expect(answer(trace)).toBe('undetermined FACT_MISSING unknown');
    expect(trace.reason?.fix).toEqual([`ask: ${command}`]);
    expect(trace.paths[0]?.reply).toBe(null);
    expect(trace.paths[0]?.forward.hops.map((h) => h.kind)).not.toContain('filter');
  });

  it('with a selector, or stated, they are known', () => {
    expect(askIn(network, 'a', 'svc/none').reason?.code).toBe('NO_ENDPOINTS');
    expect(askIn(made({}), 'a', 'svc/given').reason?.code).toBe('NO_ENDPOINTS');
  });

  it("a load balancer's, of which there is only the name", () => {
    const { reason } = askIn(made({}), 'laptop', 'svc/cloud');
    expect([reason?.code, reason?.message]).toEqual([
      'FACT_MISSING',
      'the load balancer of service cloud is x.elb.example.net, and the input does not say what address that has',
    ]);
    expect(reason?.fix).toEqual(['ask: dig +short x.elb.example.net']);
  });
});
