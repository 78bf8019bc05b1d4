import { describe, expect, test } from 'vitest';
import { loadNetwork, type TraceDocument, traceRequest } from '../../../src/index.ts';
import { file } from '../sources.ts';

/** Ingresses and routes of objects: what nobody says is not known, and is never a fault. */
const BASE = `
apiVersion: v1
kind: Node
metadata: { name: n1 }
spec: { podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24] }
status: { addresses: [ { type: InternalIP, address: 192.168.1.11 } ] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { nodeName: n1, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }
status: { phase: Running, podIP: 10.244.1.10, podIPs: [ { ip: 10.244.1.10 } ] }
---
apiVersion: v1
kind: Pod
metadata: { name: controller, namespace: infra, labels: { app: controller } }
spec: { nodeName: n1, containers: [ { name: app, ports: [ { containerPort: 80 }, { containerPort: 443 } ] } ] }
status: { phase: Running, podIP: 10.244.1.11, podIPs: [ { ip: 10.244.1.11 } ] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
---
apiVersion: v1
kind: Service
metadata: { name: controller, namespace: infra }
spec: { clusterIP: 10.96.0.11, selector: { app: controller }, ports: [ { name: http, port: 80 }, { name: https, port: 443 } ] }
---
`;
const TOPOLOGY = (more: string) => `---
apiVersion: k8s-trace/v1
kind: Topology
cluster: { cni: bridge, kubeProxy: iptables }
${more}
`;
const ingress = (name: string, host: string, more = '') => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: shop }
spec:
  ${more}
  rules: [ { host: "${host}", http: { paths: [ { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } } ] } } ]
`;
const gateway = (protocol: string) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: infra }
spec: { gatewayClassName: any, listeners: [ { name: http, protocol: ${protocol}, port: 80, allowedRoutes: { namespaces: { from: All } } } ] }
`;
const route = (name: string, host: string, filter = '') => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [ { name: public, namespace: infra } ]
  hostnames: [ ${host} ]
  rules: [ { ${filter} backendRefs: [ { name: web, port: 80 } ] } ]
`;
const GATEWAY_CLASS = TOPOLOGY('gatewayClasses: [ { name: any, service: infra/controller } ]');
const NGINX = TOPOLOGY('ingressClasses: [ { name: nginx, service: infra/controller } ]');
const MIRROR = 'filters: [ { type: ExtensionRef, extensionRef: { group: example.com, kind: Limit, name: ten } } ],';

function loaded(text: string) {
  const result = loadNetwork([file(text, 'cluster.yaml')]);
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('\n'));
  return result;
}

function asked(text: string, url: string): TraceDocument {
  const answer = traceRequest(loaded(text).value, { source: 'shop/web-1', destination: url });
  if (!answer.ok) throw new Error(answer.message);
  return answer.trace;
}

describe('a URL', () => {
  test.each([
    [
      'of an Ingress whose class nothing says',
      ingress('web', 'shop.example.com'),
      /Ingress shop\/web matches, and which controller serves it/,
    ],
    ['of a class that is not in the input', ingress('web', 'shop.example.com', 'ingressClassName: nginx'), /which controller serves it/],
    ['of a route whose Gateway is not in the input', route('web', 'shop.example.com'), /HTTPRoute shop\/web matches, and the Gateway/],
    [
      'of a Gateway whose class is not in the input',
      gateway('HTTP') + route('web', 'shop.example.com'),
      /Gateway infra\/public matches, and which controller/,
    ],
    [
      'of a Gateway that is not followed',
      gateway('TCP') + route('web', 'shop.example.com') + GATEWAY_CLASS,
      /Gateway infra\/public .* spec\.listeners\[0\]\.protocol: expected HTTP or HTTPS/,
    ],
    [
      'of a route that is not followed',
      gateway('HTTP') + route('web', 'shop.example.com', MIRROR) + GATEWAY_CLASS,
      /HTTPRoute shop\/web .* spec\.rules\[0\]\.filters\[0\]/,
    ],
    [
      'that a route which is not followed may take from another one',
      gateway('HTTP') + route('web', 'shop.example.com') + route('limits', 'shop.example.com', MIRROR) + GATEWAY_CLASS,
      /HTTPRoute shop\/limits/,
    ],
    [
      'that no rule has: it may be of the internet',
      ingress('web', 'other.example.com', 'ingressClassName: nginx') + NGINX,
      /does not say what address shop\.example\.com has/,
    ],
    [
      'that no rule has, beside a Gateway whose class is not in the input',
      gateway('HTTP') + route('web', 'other.example.com'),
      /does not say what address shop\.example\.com has/,
    ],
    ['without any rule', '', /does not say what address shop\.example\.com has/],
  ])('%s is undetermined', (_what, more, message) => {
    const { outcome, reason } = asked(BASE + more, 'http://shop.example.com/');
    expect([outcome, reason?.code]).toEqual(['undetermined', 'FACT_MISSING']);
    expect(reason?.message).toMatch(message);
    expect(reason?.fix.length).toBeGreaterThan(0);
  });

  test.each([
    ['the class is stated, as the fix says', ingress('web', 'shop.example.com', 'ingressClassName: nginx') + NGINX],
    ['the class of the Gateway is stated', gateway('HTTP') + route('web', 'shop.example.com') + GATEWAY_CLASS],
    [
      'what is not followed has other hosts',
      gateway('HTTP') + route('web', 'shop.example.com') + route('limits', 'other.example.com', MIRROR) + GATEWAY_CLASS,
    ],
  ])('is delivered where %s', (_what, more) => {
    expect(asked(BASE + more, 'http://shop.example.com/')).toMatchObject({ outcome: 'delivered', reason: null });
  });
});

test.each([
  [gateway('TCP'), 'protocol: TCP', /this Gateway is not followed, and is left out: expected HTTP or HTTPS/],
  [route('web', 'shop.example.com', MIRROR), 'ExtensionRef', /this HTTPRoute is not followed/],
  [ingress('web', 'shop.<your domain>'), 'host: ', /this Ingress is not followed, and is left out: expected a host name/],
])('what is left out is reported at its field', (more, at, message) => {
  const text = BASE + more;
  const found = loaded(text).warnings.filter((w) => w.code === 'object-not-followed');
  expect(found).toHaveLength(1);
  expect(found[0]?.message).toMatch(message);
  expect(text.split('\n')[(found[0]?.place?.line ?? 0) - 1]).toContain(at);
});

test('manifests have a way to the internet, as a cluster that runs has', () => {
  const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { containers: [ { name: app, image: web } ] } } }
${ingress('web', 'shop.example.com')}`;
  const answer = traceRequest(loaded(deployment).value, { source: 'internet', destination: 'https://shop.example.com/' });
  expect(answer).toMatchObject({ ok: true, trace: { outcome: 'undetermined' } });
});

test('what an object lacks is said in words, and not in those of the schema', () => {
  const loaded = loadNetwork([file(`${BASE}apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: empty }\n`)]);
  const told = (loaded.ok ? loaded.warnings : loaded.diagnostics).filter((d) => d.code === 'object-not-followed').map((d) => d.message);
  expect(told).toHaveLength(1);
  expect(told[0]).not.toMatch(/Invalid input|undefined/);
});
