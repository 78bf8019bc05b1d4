import { describe, expect, test } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

/** Hosts that miss a rule: by what `*` stands for, and by the name of an ExternalName, which the Host header has. */

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
  - { name: web, clusterIP: 10.96.0.20, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
  - { name: by-host, type: ExternalName, externalName: shop.example.com }
  - { name: by-service, type: ExternalName, externalName: proxy.default.svc.cluster.local }
ingressClasses: [{ name: class, controller: k8s.io/ingress-nginx, service: default/proxy }]
ingresses:
  - name: shop
    ingressClassName: class
    rules:
      - { host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }
      - { host: "*.wild.example.com", http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }
internet:
  gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }
`;

const GATEWAY = FILE.slice(0, FILE.indexOf('ingressClasses:')).concat(`gatewayClasses: [{ name: envoy, service: default/proxy }]
gateways:
  - name: web
    gatewayClassName: envoy
    listeners: [{ name: http, port: 80, protocol: HTTP }]
httpRoutes:
  - { name: wild, parentRefs: [{ name: web }], hostnames: ["*.wild.example.com"], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
internet:
  gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }
`);

const ask = (text: string, destination: string, headers: Readonly<Record<string, string>> = {}) =>
  askIn(networkOf(text), 'client', destination, destination.startsWith('http') ? { headers } : {});
const said = (text: string, destination: string) => ask(text, destination).assumptions.map((a) => a.message);

describe('* of an Ingress stands for one label, of the Gateway API for one or more', () => {
  const missed = (text: string, host: string) => said(text, `http://${host}/`).filter((m) => m.startsWith('*'));

  test.each([
    [FILE, 'a.wild.example.com', 'delivered', []],
    [
      FILE,
      'a.b.wild.example.com',
      'rejected',
      ['* stands for one label: *.wild.example.com of Ingress default/shop does not hold a.b.wild.example.com'],
    ],
    [
      FILE,
      'wild.example.com',
      'rejected',
      ['* stands for one label: *.wild.example.com of Ingress default/shop does not hold wild.example.com'],
    ],
    [FILE, 'tamed.example.com', 'rejected', []],
    [FILE, 'awild.example.com', 'rejected', []],
    [GATEWAY, 'a.wild.example.com', 'delivered', []],
    [GATEWAY, 'a.b.wild.example.com', 'delivered', []],
    [
      GATEWAY,
      'wild.example.com',
      'rejected',
      ['* stands for one label or more: *.wild.example.com of HTTPRoute default/wild does not hold wild.example.com'],
    ],
  ])('%#: %s', (text, host, outcome, notes) => {
    expect([ask(text, `http://${host}/`).outcome, missed(text, host)]).toEqual([outcome, notes]);
  });

  test('is said where a less precise rule gets the request, and not where a more precise one does', () => {
    const backend = 'http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }';
    const withRule = (host: string) => FILE.replace('    rules:\n', `    rules:\n      - { ${host}${backend} }\n`);
    expect(missed(withRule(''), 'a.b.wild.example.com')).toHaveLength(1);
    expect(missed(withRule('host: a.b.wild.example.com, '), 'a.b.wild.example.com')).toEqual([]);
  });

  test('of tls too: nobody has a certificate for the host', () => {
    const backend = 'http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }';
    const text = FILE.replace(
      '    rules:\n',
      `    tls: [{ hosts: ["*.example.com"] }]\n    rules:\n      - { host: a.b.example.com, ${backend} }\n`,
    )
      .replace('ports: [{ containerPort: 80 }]', 'ports: [{ containerPort: 80 }, { containerPort: 443 }]')
      .replace(
        'selector: { app: proxy }, ports: [{ port: 80 }]',
        'selector: { app: proxy }, ports: [{ name: http, port: 80 }, { name: https, port: 443 }]',
      );
    const notes = said(text, 'https://a.b.example.com/');
    expect(notes).toContain('* stands for one label: *.example.com of tls of Ingress default/shop does not hold a.b.example.com');
    expect(notes.join()).toMatch(/no tls entry for a\.b\.example\.com/);
  });

  test.each([
    [
      FILE,
      'a.b.wild.example.com',
      'one label',
      '      - { host: "*.wild',
      '      - { host: a.b.wild.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }\n',
    ],
    [
      GATEWAY,
      'wild.example.com',
      'one label or more',
      '  - { name: wild,',
      '  - { name: apex, parentRefs: [{ name: web }], hostnames: [wild.example.com], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }\n',
    ],
  ])('%#: the fix is a rule for the host', (text, host, labels, before, rule) => {
    const [fix] = ask(text, `http://${host}/`).reason?.fix ?? [];
    expect(fix).toMatch(
      new RegExp(
        `^add a rule for ${host}: \\* stands for ${labels}, and \\*\\.wild\\.example\\.com / \\(\\w*Prefix, x\\.yaml:\\d+\\) does not hold it$`,
      ),
    );
    expect(ask(text.replace(before, rule + before), `http://${host}/`).outcome).toBe('delivered');
  });
});

describe('the Host header is the name that was called, though it is an ExternalName', () => {
  const NOTE =
    'the Host header is by-host, as the client called it, and not shop.example.com, which service by-host (ExternalName) stands for: no rule of the controller there names it';

  test('so the controller has no rule for it, and both of the fix work', () => {
    const { reason, assumptions } = ask(FILE, 'http://by-host/');
    expect([reason?.code, reason?.client]).toEqual(['NO_INGRESS_RULE', 'http-404']);
    expect(assumptions.map((a) => a.message)).toContain(NOTE);
    expect(reason?.fix).toEqual([
      "call http://shop.example.com/ itself, or send -H 'Host: shop.example.com': service by-host is only another name for it (x.yaml:15), and a Host header has the name that was called",
    ]);
    expect(ask(FILE, 'http://shop.example.com/').outcome).toBe('delivered');
    expect(ask(FILE, 'http://by-host/', { Host: 'shop.example.com' }).outcome).toBe('delivered');
  });

  test('is not said where the header is another one, or a rule names the alias', () => {
    const headers = { Host: 'shop.example.com' };
    const named = FILE.replace('host: shop.example.com', 'host: by-service');
    for (const trace of [ask(FILE, 'http://by-host/', headers), ask(FILE, 'http://by-service/', headers), ask(named, 'http://by-service/')])
      expect([trace.outcome, trace.assumptions.filter((a) => /Host header/.test(a.message))]).toEqual(['delivered', []]);
  });

  test.each([
    ['svc/by-service:80', 'by-service.default.svc.cluster.local'],
    ['by-service.default:80', 'by-service.default'],
  ])('%s: a connection that ends at a controller says it', (destination, host) => {
    expect(said(FILE, destination).join('\n')).toContain(
      `the connection ends at a controller (IngressClass class), which looks at HTTP: the Host header is ${host}, as the client called it`,
    );
  });

  test.each(['svc/web:80', 'svc/proxy:80'])('%s is no alias', (destination) => {
    expect(said(FILE, destination).join()).not.toMatch(/Host header/);
  });

  test('an alias of what is no controller goes by no Host header', () => {
    const text = FILE.replace('externalName: proxy.default', 'externalName: web.default');
    expect(said(text, 'svc/by-service:80').join()).not.toMatch(/Host header/);
    expect(ask(text, 'http://by-service/').outcome).toBe('delivered');
  });
});
