import type { TracedCase } from './case.ts';

/** URLs by Ingress and Gateway API. */
const SHOP = 'http://shop.example.com/';

export const HTTP: Readonly<Record<string, TracedCase>> = {
  'prefix-by-element': {
    troubles: [
      {
        from: 'client',
        to: `${SHOP}v1beta/items`,
        outcome: 'rejected',
        code: 'NO_INGRESS_RULE',
        client: 'http-404',
        cites: 'host: shop.example.com',
        fix: 'a Prefix goes by whole path elements',
      },
    ],
    works: [
      { from: 'client', to: `${SHOP}v1/items` },
      { from: 'client', to: `${SHOP}v1beta/users/1` },
    ],
    mended: [['path: /v1beta/users', 'path: /v1beta']],
  },
  'ingress-without-class': {
    troubles: [
      {
        from: 'client',
        to: SHOP,
        outcome: 'rejected',
        code: 'NO_INGRESS_CLASS',
        client: 'http-404',
        cites: '- { name: shop, rules:',
        fix: 'set ingressClassName to nginx',
      },
    ],
    works: [{ from: 'client', to: 'http://blog.example.com/' }],
    warns: ['no-class'],
    mended: [['- { name: shop, rules:', '- { name: shop, ingressClassName: nginx, rules:']],
  },
  'backend-port-name': {
    troubles: [
      {
        from: 'client',
        to: SHOP,
        outcome: 'rejected',
        code: 'NO_SUCH_PORT',
        client: 'http-503',
        cites: 'port: { name: http }',
        fix: 'to one that service shop has (backend-port-name.yaml:13): 80 (web)',
      },
    ],
    works: [{ from: 'client', to: 'svc/shop:web' }],
    warns: ['unknown-backend-port'],
    mended: [['port: { name: http }', 'port: { name: web }']],
  },
  'backend-renamed': {
    troubles: [
      {
        from: 'client',
        to: SHOP,
        outcome: 'rejected',
        code: 'BACKEND_SERVICE_MISSING',
        client: 'http-503',
        cites: 'name: shop-v1',
        fix: 'name a service that is there: shop',
      },
    ],
    warns: ['unknown-backend'],
    mended: [['name: shop-v1', 'name: shop']],
  },
  'grant-in-the-wrong-namespace': {
    troubles: [
      {
        from: 'client',
        to: SHOP,
        outcome: 'rejected',
        code: 'REFERENCE_NOT_PERMITTED',
        client: 'http-500',
        cites: 'backendRefs:',
        fix: 'is in namespace ingress, and counts for what is there only: move it to default',
      },
    ],
    finds: ['reference-not-permitted'],
    mended: [['- { name: shop, namespace: ingress, from:', '- { name: shop, namespace: default, from:']],
  },
  'route-of-another-namespace': {
    troubles: [
      {
        from: 'client',
        to: SHOP,
        outcome: 'rejected',
        code: 'ROUTE_NOT_ACCEPTED',
        client: 'http-404',
        cites: '- { name: web, namespace: ingress }',
        fix: 'set allowedRoutes.namespaces.from of the listener to All',
      },
    ],
    finds: ['route-not-accepted'],
    mended: [['protocol: HTTP }', 'protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }']],
  },
  'listener-for-other-hosts': {
    troubles: [
      {
        from: 'client',
        to: 'http://www.example.com/',
        outcome: 'rejected',
        code: 'NO_INGRESS_RULE',
        client: 'http-404',
        cites: '- { name: web, gatewayClassName: envoy',
        fix: 'call what a listener is for',
      },
    ],
    works: [{ from: 'client', to: SHOP }],
    mended: [['hostname: shop.example.com', 'hostname: "*.example.com"']],
  },
  'redirect-on-every-listener': {
    troubles: [
      {
        from: 'client',
        to: SHOP,
        outcome: 'looped',
        code: 'REDIRECT_LOOP',
        client: 'unknown',
        cites: '- filters: [{ type: RequestRedirect',
        fix: 'sectionName: http, so that only listener http redirects',
      },
      {
        from: 'client',
        to: 'https://shop.example.com/',
        outcome: 'looped',
        code: 'REDIRECT_LOOP',
        client: 'unknown',
        cites: '- filters: [{ type: RequestRedirect',
        fix: 'sectionName: http, so that only listener http redirects',
      },
    ],
    mended: [['- { name: web, namespace: ingress }', '- { name: web, namespace: ingress, sectionName: http }']],
  },
  'external-name-behind-route': {
    troubles: [
      {
        from: 'client',
        to: SHOP,
        outcome: 'rejected',
        code: 'NO_ENDPOINTS',
        client: 'http-500',
        cites: 'backendRefs:',
        fix: 'one of type ClusterIP, with the addresses of shop.partner.example stated as its endpoints',
      },
    ],
    mended: [
      [
        '- { name: shop, type: ExternalName, externalName: shop.partner.example, ports: [{ port: 80 }] }',
        '- { name: shop, clusterIP: 10.96.0.10, ports: [{ port: 80 }] }\nendpoints:\n  - { service: shop, addresses: [{ ip: 198.51.100.30, port: 80 }] }',
      ],
    ],
  },
};
