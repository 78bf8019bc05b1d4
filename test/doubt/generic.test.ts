import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HopDocument, loadNetwork, type PathDocument, type TraceDocument, traceRequest } from '../../src/index.ts';
import { world } from '../laws/topologies.ts';
import { askIn, crossings, networkOf } from '../tracing.ts';

/** A CNI plugin of which nothing is known: what is walked, what is said of it, and what is no fault. */

const topology = (more = '', node2 = '', cni = 'weave') => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { serviceCIDR: 10.96.0.0/12, cni: ${cni} }
nodes:
  - { name: node-1, ip: 192.168.1.11 }
  - { name: node-2, ip: 192.168.1.12${node2} }
  - { name: node-3, ip: 192.168.2.13 }
pods:
  - { name: a, node: node-1, ip: 10.32.0.5 }
  - { name: b, node: node-1, ip: 10.32.0.6, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
  - { name: c, node: node-2, ip: 10.32.0.7, labels: { app: web }, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
  - { name: d, node: node-3, ip: 10.40.0.8, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
  - { name: none, clusterIP: 10.96.0.11, selector: { app: none }, ports: [ { port: 80 } ] }
underlay: { segments: [ { name: lan, cidr: 192.168.1.0/24 }, { name: far, cidr: 192.168.2.0/24 } ]${more} }
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }, clients: [ { name: laptop, ip: 198.51.100.7 } ] }
`;

const network = networkOf(topology());
const answer = ({ outcome, reason }: TraceDocument) => (reason === null ? outcome : `${outcome} ${reason.code} ${reason.client}`);

describe('a pod is routed to its node, and the network between the nodes takes packets there', () => {
  it('on one segment, by the node itself', () => {
    expect(crossings(askIn(network, 'a', 'c:8080').paths[0]?.forward ?? null)).toEqual([
      'a eth0 out 10.32.0.5 > 10.32.0.7',
      'node-1 veth0 in 10.32.0.5 > 10.32.0.7',
      'node-1 eth0 out 10.32.0.5 > 10.32.0.7',
      'node-2 eth0 in 10.32.0.5 > 10.32.0.7',
      'node-2 veth0 out 10.32.0.5 > 10.32.0.7',
      'c eth0 in 10.32.0.5 > 10.32.0.7',
    ]);
  });

  it('to a segment that no router leads to: at once', () => {
    expect(crossings(askIn(network, 'a', 'd:8080').paths[0]?.forward ?? null)).toEqual([
      'a eth0 out 10.32.0.5 > 10.40.0.8',
      'node-1 veth0 in 10.32.0.5 > 10.40.0.8',
      'node-1 eth0 out 10.32.0.5 > 10.40.0.8',
      'node-3 eth0 in 10.32.0.5 > 10.40.0.8',
      'node-3 veth0 out 10.32.0.5 > 10.40.0.8',
      'd eth0 in 10.32.0.5 > 10.40.0.8',
    ]);
  });

  it('through a router, which knows the pods behind it', () => {
    const routers = ', routers: [ { name: r1, interfaces: [ { segment: far, ip: 192.168.2.254 }, { segment: lan, ip: 192.168.1.254 } ] } ]';
    const routed = networkOf(topology(routers));
    const { forward, reply } = askIn(routed, 'a', 'd:8080').paths[0] ?? {};
    expect(crossings(forward ?? null).slice(2, 6)).toEqual([
      'node-1 eth0 out 10.32.0.5 > 10.40.0.8',
      'r1 eth1 in 10.32.0.5 > 10.40.0.8',
      'r1 eth0 out 10.32.0.5 > 10.40.0.8',
      'node-3 eth0 in 10.32.0.5 > 10.40.0.8',
    ]);
    expect(crossings(reply ?? null).at(-1)).toBe('a eth0 in 10.40.0.8 > 10.32.0.5');
  });

  it('back from the internet, by the gateway', () => {
    const trace = askIn(network, 'a', 'laptop:443');
    expect(answer(trace)).toBe('delivered');
    expect(crossings(trace.paths[0]?.reply ?? null).slice(1, 5)).toEqual([
      'gateway wan0 in 198.51.100.7 > 203.0.113.1',
      'gateway eth0 out 198.51.100.7 > 10.32.0.5',
      'node-1 eth0 in 198.51.100.7 > 10.32.0.5',
      'node-1 veth0 out 198.51.100.7 > 10.32.0.5',
    ]);
  });
});

describe('what is said of it', () => {
  const between = (hops: readonly HopDocument[]) => hops.filter((h) => h.netns === h.node);

  it.each(['b:8080', 'c:8080', 'd:8080', 'svc/web'])('each hop from the host end of a to that of %s is assumed', (to) => {
    const { forward, reply } = askIn(network, 'a', to).paths[0] ?? {};
    for (const walk of [forward, reply]) expect(new Set(between(walk?.hops ?? []).map((h) => h.evidence))).toEqual(new Set(['assumed']));
    expect(forward?.hops.at(-1)?.evidence).toBe('declared');
  });

  it('what is of no pod is known as ever', () => {
    const trace = askIn(network, 'node-1', 'node-2:22');
    expect(trace.assumptions.map((a) => a.message).filter((m) => m.includes('weave'))).toEqual([]);
    expect(trace.paths[0]?.forward.hops.flatMap((h) => (h.kind === 'interface' ? h.evidence : []))).toEqual(['declared', 'declared']);
  });

  it('names the plugin, and what is not modelled, in one line', () => {
    const said = askIn(network, 'a', 'c:8080').assumptions.map((a) => a.message);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^weave is not modelled: its devices, tunnels, MTU, masquerade and policy/);
  });

  it.each(['node-2:22', 'laptop:443'])('says that the source at %s may be another', (to) => {
    const said = askIn(network, 'a', to).assumptions.map((a) => a.message);
    expect(said.find((m) => m.startsWith('10.32.0.5 is taken to stay'))).toMatch(/whether weave masquerades it/);
  });
});

describe('a failure that hangs on a guess is undetermined, and any other is what it is', () => {
  const off = networkOf(topology('', ', sysctls: { net.ipv4.ip_forward: 0 }'));
  const proxyless = networkOf(topology('', ', kubeProxy: { running: false }'));

  const networks = { plain: network, off, proxyless };

  it.each([
    ['off', 'a', 'c:8080', 'undetermined FACT_MISSING unknown'],
    ['off', 'node-1', 'c:8080', 'undetermined FACT_MISSING unknown'],
    ['off', 'c', 'a:80', 'undetermined FACT_MISSING unknown'],
    ['plain', 'a', 'c:81', 'undetermined FACT_MISSING unknown'],
    ['plain', 'a', 'b:81', 'rejected NOBODY_LISTENS refused'],
    ['plain', 'node-1', 'b:81', 'rejected NOBODY_LISTENS refused'],
    ['plain', 'a', 'svc/none', 'rejected NO_ENDPOINTS refused'],
    ['plain', 'a', '10.96.0.10:81', 'dropped NO_SUCH_PORT time-out'],
    ['plain', 'a', '10.96.0.99:80', 'dropped NO_ROUTE time-out'],
    ['plain', 'a', 'nobody.default.svc.cluster.local:80', 'rejected NO_SUCH_NAME name-not-found'],
    ['plain', 'a', '10.32.0.99:80', 'undetermined FACT_MISSING unknown'],
    ['proxyless', 'c', 'svc/web', 'dropped PROXY_NOT_RUNNING time-out'],
  ] as const)('%s: %s -> %s: %s', (where, from, to, expected) => {
    expect(answer(askIn(networks[where], from, to))).toBe(expected);
  });

  it('says what would fail, and the command that tells; of the way back nothing', () => {
    const { reason, alsoBlockedBy, paths } = askIn(off, 'a', 'c:8080');
    expect(reason?.message).toMatch(
      /^whether this works hangs on weave, which is not modelled; by what is taken for it, node-2 does not forward/,
    );
    expect(reason?.fix).toEqual(['look on node-2: ip route show table all; ip -d link; iptables-save -t nat']);
    expect(alsoBlockedBy).toEqual([]);
    expect([paths[0]?.reply, paths[0]?.forward.outcome, paths[0]?.forward.hops.at(-1)?.kind]).toEqual([null, 'undetermined', 'drop']);
  });

  it('the size of a packet that fits is a guess, too', () => {
    const trace = askIn(network, 'a', 'b:8080/udp', { size: 9000 });
    expect(answer(trace)).toBe('undetermined FACT_MISSING unknown');
    expect(trace.reason?.message).toMatch(/9000 bytes/);
    expect(trace.assumptions.map((a) => a.message)).toEqual([expect.stringMatching(/^weave is not modelled: .* MTU/)]);
  });
});

describe('the plugin in a topology', () => {
  const said = (cni: string) => {
    const loaded = loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(topology('', '', cni)) }]);
    return loaded.ok
      ? `${loaded.value.cluster.cni.plugin} ${loaded.value.cluster.cni.name}`
      : loaded.diagnostics.map((d) => `${d.message}; ${d.hint}`).join();
  };

  it.each([
    ['generic', 'generic generic'],
    ['antrea', 'generic antrea'],
    ['ovn-kubernetes', 'generic ovn-kubernetes'],
    ['kube-router', 'generic kube-router'],
    ['{ plugin: generic, name: my-own }', 'generic my-own'],
    ['{ plugin: weave, mtu: 1376 }', 'weave has no keys of its own here; write { plugin: generic, name: weave }'],
  ])('%s', (cni, expected) => {
    expect(said(cni)).toBe(expected);
  });

  it('needs an address of each pod where its node has no range', () => {
    const text = topology().replace('ip: 10.32.0.5 ', '');
    const loaded = loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(text) }]);
    expect(loaded.ok ? [] : loaded.diagnostics.filter((d) => d.severity === 'error').map((d) => [d.code, d.place?.field])).toEqual([
      ['missing-field', 'pods[0].ip'],
    ]);
  });

  it('takes ranges that mean nothing: outside of each other, around the nodes, with pods outside of them', () => {
    const ranges = topology('', ', podCIDR: 172.16.0.0/24').replace('serviceCIDR', 'podCIDR: 192.168.0.0/16, serviceCIDR');
    expect(answer(askIn(networkOf(ranges), 'a', 'c:8080'))).toBe('delivered');
    expect(answer(askIn(networkOf(ranges), 'node-1', 'node-2:22'))).toBe('delivered');
  });
});

/** Faults of the input alone: no plugin makes them good. */
const SURE = ['NO_SUCH_PORT', 'PROXY_NOT_RUNNING', 'LEAVES_INPUT', 'NO_ROUTE'];

describe('random topologies', () => {
  it('whatever crossed from node to node with a pod in it is delivered, has left or is not known', () => {
    const weaves = world.map((w) => ({ ...w, text: w.text.replace(/cni: \{[^}]*\}/, 'cni: weave') }));
    const isPod = (address: string) => address.startsWith('10.244.');
    let judged = 0;
    const judge = ({ outcome, reason, forward, reply, ack }: PathDocument) => {
      const hops = [forward, reply, ack].flatMap((w) => w?.hops ?? []);
      const left = hops.some((h) => h.kind === 'interface' && h.device === 'eth0' && h.netns === h.node && isPod(h.packet.source));
      if (!left || SURE.includes(reason?.code ?? '')) return;
      judged++;
      expect(['delivered', 'exits', 'undetermined'], JSON.stringify(reason)).toContain(outcome);
      if (outcome === 'undetermined') expect([reason?.code, reason?.client]).toEqual(['FACT_MISSING', 'unknown']);
    };
    fc.assert(
      fc.property(weaves, fc.nat(), fc.nat(), ({ text, places, targets }, from, to) => {
        const loaded = loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(text) }]);
        if (!loaded.ok) return;
        const source = places[from % places.length] ?? '';
        const asked = traceRequest(loaded.value, { source, destination: targets[to % targets.length] ?? '' });
        if (asked.ok) for (const path of asked.trace.paths) judge(path);
      }),
      { numRuns: 400, seed: 12 },
    );
    expect(judged).toBeGreaterThan(100);
  });
});
