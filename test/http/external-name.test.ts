import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { headersFollow } from '../laws/headers.ts';
import { askIn, networkOf } from '../tracing.ts';

/** An ExternalName behind a rule: BackendObjectReference.kind of the Gateway API, externalNamePorts and getEndpointsFromSlices of ingress-nginx. */

const FILE = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
pods:
  - { name: client, node: node-1, ip: 10.244.1.9, containers: [] }
  - { name: proxy, node: node-1, ip: 10.244.1.10, labels: { app: proxy }, containers: [{ name: proxy, ports: [{ containerPort: 80 }] }] }
  - { name: web, node: node-1, ip: 10.244.1.20, labels: { app: web }, containers: [{ name: app, ports: [{ containerPort: 8080 }] }] }
  - { name: dns, namespace: kube-system, node: node-1, ip: 10.244.1.2, labels: { app: dns }, containers: [{ name: dns, ports: [{ containerPort: 53, protocol: UDP }] }] }
services:
  - { name: kube-dns, namespace: kube-system, clusterIP: 10.96.0.2, selector: { app: dns }, ports: [{ port: 53, protocol: UDP }] }
  - { name: proxy, clusterIP: 10.96.0.10, selector: { app: proxy }, ports: [{ port: 80 }] }
  - { name: web, clusterIP: 10.96.0.20, selector: { app: web }, ports: [{ port: 8080 }] }
  - { name: alias, type: ExternalName, externalName: NAME, ports: [{ name: http, port: 80, targetPort: 8080 }] }
ingressClasses: [{ name: class, CONTROLLERservice: default/proxy }]
ingresses:
  - name: shop
    ingressClassName: class
    rules: [{ host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: alias, port: { PORT } } } }] } }]
internet:
  gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }
  clients: [{ name: www.partner.example, ip: 198.51.100.30 }]
`;

const world = ({ name = 'www.partner.example', controller = 'k8s.io/ingress-nginx', port = 'number: 80' } = {}) =>
  networkOf(
    FILE.replace('NAME', name)
      .replace('CONTROLLER', controller === '' ? '' : `controller: ${controller}, `)
      .replace('PORT', port),
  );

const answer = (network: ReturnType<typeof networkOf>) => {
  const trace = askIn(network, 'client', 'http://shop.example.com/');
  const [path] = trace.paths;
  for (const walk of [path?.forward, path?.reply, path?.ack]) if (walk != null) headersFollow(walk.hops);
  const looked = path?.forward.hops.flatMap((h) => (h.kind === 'dns' ? [`${h.netns} asks for ${h.question}`] : []));
  const sent = path?.forward.hops.flatMap((h) =>
    h.kind === 'socket' && h.action === 'send' ? [`${h.packet.destination}:${h.packet.destinationPort}`] : [],
  );
  const end = path?.reason == null ? trace.outcome : `${path.outcome} ${path.reason.code} ${path.reason.client}`;
  return { end, looked, called: sent?.slice(1) };
};

const ASKS = ['default/proxy asks for www.partner.example'];

describe('ingress-nginx looks the name up and connects', () => {
  test.each([
    // The service's target port, the number where it has no such port, its name.
    [{}, { end: 'delivered', looked: ASKS, called: ['198.51.100.30:8080'] }],
    [{ port: 'number: 443' }, { end: 'delivered', looked: ASKS, called: ['198.51.100.30:443'] }],
    [{ port: 'name: http' }, { end: 'delivered', looked: ASKS, called: ['198.51.100.30:8080'] }],
    [{ port: 'name: https' }, { end: 'rejected NO_SUCH_PORT http-503', looked: [], called: [] }],
    // Another service of the cluster: by its ClusterIP, as everybody calls it.
    [
      { name: 'web.default.svc.cluster.local' },
      { end: 'delivered', looked: ['default/proxy asks for web.default.svc.cluster.local'], called: ['10.96.0.20:8080'] },
    ],
    [
      { name: 'gone.default.svc.cluster.local' },
      { end: 'rejected NO_SUCH_NAME http-502', looked: ['default/proxy asks for gone.default.svc.cluster.local'], called: [] },
    ],
    [
      { name: 'www.other.example' },
      { end: 'undetermined FACT_MISSING unknown', looked: ['default/proxy asks for www.other.example'], called: [] },
    ],
    [{ name: '198.51.100.30' }, { end: 'delivered', looked: [], called: ['198.51.100.30:8080'] }],
    [{ name: 'localhost' }, { end: 'rejected NO_ENDPOINTS http-503', looked: [], called: [] }],
    [{ name: '127.0.0.1' }, { end: 'rejected NO_ENDPOINTS http-503', looked: [], called: [] }],
  ])('%j', (change, expected) => {
    expect(answer(world(change))).toEqual(expected);
  });

  test('which is its own choice, and said', () => {
    const trace = askIn(world(), 'client', 'http://shop.example.com/');
    const hop = trace.paths[0]?.forward.hops.find((h) => h.kind === 'proxy');
    expect(hop).toMatchObject({ evidence: 'assumed', backend: 'service default/alias:80 (www.partner.example)' });
    expect(trace.paths[0]?.endpoint).toMatchObject({ ip: '198.51.100.30', port: 8080, pod: null });
    const said = trace.assumptions.map((a) => a.message).join('\n');
    expect(said).toMatch(/that ingress-nginx looks www\.partner\.example up and connects to it is its own choice/);
    expect(said).toMatch(/www\.partner\.example is asked for shop\.example\.com, as the client's Host header says/);
  });

  test('and the pod that receives it in the end is the endpoint', () => {
    const trace = askIn(world({ name: 'web.default.svc.cluster.local' }), 'client', 'http://shop.example.com/');
    expect(trace.paths[0]?.endpoint).toEqual({ ip: '10.244.1.20', port: 8080, pod: 'default/web', node: 'node-1' });
  });

  test('a name that nothing is known of is to be stated', () => {
    const fix = (name: string) => askIn(world({ name }), 'client', 'http://shop.example.com/').reason?.fix ?? [];
    expect(fix('www.other.example')[0]).toMatch(/^state what it is: internet: \{ clients: \[\{ name: www\.other\.example, ip: … \}\] \}/);
  });
});

describe('of other controllers it is not known', () => {
  test.each(['', 'traefik.io/ingress-controller'])('%j', (controller) => {
    const network = world({ controller });
    expect(answer(network)).toEqual({ end: 'undetermined FACT_MISSING unknown', looked: [], called: [] });
    const { fix } = askIn(network, 'client', 'http://shop.example.com/').reason ?? { fix: [] };
    expect(fix).toHaveLength(2);
    expect(fix[1]).toBe('or state controller: k8s.io/ingress-nginx of the class, if it is that one (x.yaml:16)');
    expect(fix.join()).not.toMatch(/selector/);
  });
});

describe('the Gateway API discourages it', () => {
  const fault = readFileSync(new URL('../../fixtures/faults/route-to-external-name.yaml', import.meta.url), 'utf8');
  const ask = (text: string) => askIn(networkOf(text), 'internet', 'https://argo.example.com/');

  test('500, and said to be up to the implementation', () => {
    const { outcome, reason, assumptions, paths } = ask(fault);
    expect([outcome, reason?.code, reason?.client]).toEqual(['rejected', 'NO_ENDPOINTS', 'http-500']);
    expect(paths[0]?.forward.hops.at(-1)?.evidence).toBe('assumed');
    expect(assumptions.map((a) => a.message).join('\n')).toMatch(
      /should not support one as a backend, and 500 .* may call www\.partner\.example all the same/,
    );
  });

  test('the fix works: a service with endpoints', () => {
    const fix = ask(fault).reason?.fix ?? [];
    expect(fix).toEqual([
      'let the backend be a service with endpoints (x.yaml:32; service web: x.yaml:12): one of type ClusterIP, with the addresses of www.partner.example stated as its endpoints',
    ]);
    const lines = fault.split('\n');
    expect([lines[31], lines[11]].map((l) => /backendRefs|ExternalName/.exec(l ?? '')?.[0])).toEqual(['backendRefs', 'ExternalName']);
    const mended = fault
      .replace('type: ExternalName, externalName: www.partner.example,', 'type: ClusterIP, clusterIP: 10.96.0.11,')
      .replace('internet:\n', 'endpoints: [{ service: web, addresses: [{ ip: 198.51.100.30, port: 80 }] }]\ninternet:\n')
      .replace('publicIP: 203.0.113.1 }', 'publicIP: 203.0.113.1 }\n  clients: [{ name: www.partner.example, ip: 198.51.100.30 }]');
    expect(askIn(networkOf(mended), '198.51.100.1', 'https://argo.example.com/').outcome).toBe('delivered');
  });

  test('by its weight only', () => {
    const half = fault
      .replace('backendRefs: [{ name: web, port: 80 }]', 'backendRefs: [{ name: web, port: 80 }, { name: app, port: 80 }]')
      .replace(
        'services:\n',
        'services:\n  - { name: app, clusterIP: 10.96.0.11, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }\n',
      );
    expect(ask(half).paths.map((p) => [p.probability, p.outcome])).toEqual([
      [0.5, 'rejected'],
      [0.5, 'delivered'],
    ]);
  });
});
