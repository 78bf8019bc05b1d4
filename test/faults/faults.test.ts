import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';

/** Inputs that were once answered wrongly, with the right answer: from the kernel, from kube-proxy's source, or from the contract. */
interface Row {
  /** In fixtures/faults. */
  readonly fault: string;
  readonly ask: string;
  readonly status: number;
  /** What standard output and standard error say, each of them. */
  readonly says: readonly RegExp[];
  readonly neverSays?: RegExp;
  /** Expectations, a line each, in a file of their own. */
  readonly expect?: readonly string[];
  /** What the file states instead. */
  readonly with?: readonly [stated: string, instead: string];
}

const LED_TO_NODE_2 = 'routes: [{ to: 203.0.113.50/32, via: 192.168.1.12 }]';

const TO_WEB_1 = '{ from: c1, to: svc/web }';
const TO_WEB_2 = '{ from: c2, to: svc/web }';

/** Of two entries that are not terminating nobody knows which one counts. */
const twiceOnThePaper = (instead: string, ...expectations: readonly string[]): Row => ({
  fault: 'same-address-twice',
  with: ['node-1, ready: false, terminating: true', instead],
  ask: 'check',
  expect: expectations,
  status: 3,
  says: [/undetermined FACT_MISSING/, /^0 of 2 expectations hold/m],
});

const ROWS: readonly Row[] = [
  // Asked of Linux 6.18.
  { fault: 'rp-filter-and-iif-rule', ask: 'client app:80', status: 0, says: [/^delivered: /] },
  { fault: 'fwmark-outside-mask', ask: 'pod-a pod-d:80', status: 1, says: [/^dropped BLACKHOLE_ROUTE: /] },
  { fault: 'neighbour-of-another-device', ask: 'pod-a pod-d:80', status: 0, says: [/^delivered: /] },
  // kubernetes#135593
  { fault: 'same-address-twice', ask: 'c1 svc/web', status: 0, says: [/^delivered: /] },
  { fault: 'same-address-twice', ask: 'c2 svc/web', status: 0, says: [/^delivered: /] },
  { fault: 'same-address-twice', ask: 'check', expect: [TO_WEB_1, TO_WEB_2], status: 0, says: [/^2 of 2 expectations hold/] },
  { fault: 'same-address-twice', ask: 'check', expect: [TO_WEB_2, TO_WEB_1], status: 0, says: [/^2 of 2 expectations hold/] },
  twiceOnThePaper('node-1, ready: false', TO_WEB_1, TO_WEB_2),
  twiceOnThePaper('node-1, ready: false', TO_WEB_2, TO_WEB_1),
  twiceOnThePaper('node-1, ready: true', TO_WEB_1, TO_WEB_2),
  twiceOnThePaper('node-1, ready: true', TO_WEB_2, TO_WEB_1),
  // dev_valid_name, and what sysctl has of this name.
  { fault: 'bridge-named-all', ask: 'validate', status: 2, says: [/cluster\.cni\.bridge/] },
  { fault: 'ranges-overlap-on-paper', ask: 'validate', status: 0, says: [/warning: .*\[ranges-overlap-on-paper\]/, /valid: /] },
  { fault: 'ranges-overlap-on-paper', ask: 'app svc/web', status: 0, says: [/^delivered: /m] },
  { fault: 'show-service', ask: 'show service web', status: 0, says: [/KUBE-SVC-/, /KUBE-SEP-/] },
  // Each family is a connection of its own, and the IPv6 one of each expectation has no route.
  {
    fault: '../ipv6/one-family-cut',
    ask: 'check',
    status: 1,
    says: [/^2 of 4 connections, 0 of 2 expectations hold; 2 connections fail\.$/m],
  },
  // A client of a headless service calls the pods themselves.
  { fault: 'headless-port', ask: 'client svc-chroma.default:8000', status: 0, says: [/^delivered: /] },
  { fault: 'headless-port', ask: 'client svc/svc-chroma:8000', status: 0, says: [/^delivered: /] },
  { fault: 'headless-port', ask: 'client http://svc-chroma.default:8000/', status: 0, says: [/^delivered: /] },
  { fault: 'headless-port', ask: 'client svc-chroma.default:80', status: 1, says: [/^rejected NOBODY_LISTENS: /] },
  {
    fault: 'port-of-other-protocol',
    ask: 'client svc/dns:53/udp',
    status: 2,
    says: [/service dns has no port 53\/udp\n {2}its ports: 53\/tcp/],
    neverSays: /call svc/,
  },
  // Gateway API: without sectionName a route hangs on every listener.
  {
    fault: 'redirect-to-itself',
    ask: 'internet https://test.example.com/get',
    status: 1,
    says: [/^looped REDIRECT_LOOP: /, /the very URL that was asked for: https:\/\/test\.example\.com\/get/, /sectionName: http,/],
  },
  {
    fault: 'redirect-to-itself',
    ask: 'internet http://test.example.com/get',
    status: 1,
    says: [/^looped REDIRECT_LOOP: /, /198\.51\.100\.1:40000 > 203\.0\.113\.20:443/],
  },
  {
    fault: 'redirect-to-itself',
    ask: 'check',
    expect: [
      '{ from: internet, to: "http://test.example.com/get" }',
      '{ from: internet, to: "http://test.example.com/get", redirects: stay }',
      '{ from: internet, to: "http://test.example.com/get", outcome: looped, reason: REDIRECT_LOOP }',
    ],
    status: 1,
    says: [/^2 of 3 expectations hold, 1 fails\.$/m],
  },
  // BackendObjectReference.kind
  {
    fault: 'route-to-external-name',
    ask: 'internet https://argo.example.com/',
    status: 1,
    says: [
      /^rejected NO_ENDPOINTS: /,
      /sees HTTP 500/,
      /Let the backend be a service with endpoints/,
      /may call www\.partner\.example all the same/,
    ],
    neverSays: /selector/,
  },
  // One stated socket is what is asked for; without any, a ping.
  { fault: 'pinged-instead', ask: 'a db', status: 1, says: [/^rejected LISTENS_ON_LOOPBACK: a does not reach db:5432\/tcp/] },
  {
    fault: 'pinged-instead',
    ask: 'a none',
    status: 0,
    says: [/^delivered: none states no port, so it is pinged: a reaches none \(icmp\)/],
  },
  { fault: 'pinged-instead', ask: 'a none:80', status: 1, says: [/^rejected NOBODY_LISTENS: /] },
  {
    fault: 'pinged-instead',
    ask: 'check',
    status: 1,
    says: [/got +rejected LISTENS_ON_LOOPBACK/, /got +not asked: none states no port/, /^0 of 2 expectations hold, 2 fail\.$/m],
  },
  {
    fault: 'pinged-instead',
    ask: 'check',
    expect: ['{ from: a, to: none, protocol: icmp }', '{ from: a, to: n1 }', '{ from: a, to: "none:80", outcome: blocked }'],
    status: 1,
    says: [/^3 of 5 expectations hold, 2 fail\.$/m],
  },
  // On the internet's link the gateway answers for what it routes inward, and nobody for anything else that the input states.
  { fault: 'external-ip-from-outside', ask: 'internet 203.0.113.50:80', status: 1, says: [/^dropped NO_LOCAL_ENDPOINTS: .*node-2 has no/] },
  { fault: 'external-ip-from-outside', ask: 'internet svc/web', status: 1, says: [/^dropped NO_LOCAL_ENDPOINTS: /] },
  { fault: 'external-ip-from-outside', ask: 'other 203.0.113.50:80', status: 0, says: [/^delivered: /] },
  {
    fault: 'external-ip-from-outside',
    with: [LED_TO_NODE_2, 'routes: []'],
    ask: 'internet 203.0.113.50:80',
    status: 0,
    says: [
      /^exits LEAVES_INPUT: /,
      /203\.0\.113\.50 is an external address of service web, .*routes: \[\{ to: 203\.0\.113\.50\/32, via: 192\.168\.1\.11 \}\]/,
    ],
  },
  {
    fault: 'external-ip-from-outside',
    with: [LED_TO_NODE_2, 'routes: [{ to: 203.0.113.50/32, via: 192.168.1.11 }]'],
    ask: 'internet 203.0.113.50:80',
    status: 0,
    says: [/^delivered: /],
    neverSays: /nobody on the internet/,
  },
  // kube-proxy has rules for load balancers' addresses of ipMode VIP on every node (KEP-1860).
  {
    fault: 'past-the-load-balancer',
    ask: 'cert-manager http://shop.example.com/',
    status: 0,
    says: [/^delivered: /, /node-1 takes 203\.0\.113\.10 itself, past the load balancer of service ingress\/nginx \(ipMode VIP\)/],
  },
  {
    fault: 'past-the-load-balancer',
    ask: 'cert-manager shop.example.com:80',
    status: 0,
    says: [/^delivered: /, /itself, past the load balancer/],
  },
  { fault: 'past-the-load-balancer', ask: 'internet shop.example.com:80', status: 0, says: [/^delivered: /], neverSays: /past the load/ },
  {
    fault: 'hints-void',
    ask: 'client svc/web',
    status: 0,
    says: [/^delivered: .*2 paths/, /trafficDistribution of service web has no effect: web-2 /],
  },
  {
    fault: 'hints-void',
    ask: 'validate',
    status: 0,
    says: [/note: trafficDistribution of service web has no effect: web-2 .*\[hints-without-effect\]/],
  },
  {
    fault: 'other-family-of-endpoints',
    ask: 'validate',
    status: 0,
    says: [/warning: service leader has IPv4 endpoints only, and it is of IPv6/],
    neverSays: /no stated endpoints/,
  },
  { fault: 'other-family-of-endpoints', ask: 'client svc/leader', status: 1, says: [/^rejected NO_ENDPOINTS: .*no IPv6 endpoints/] },
  // ServicePortName, pkg/proxy/endpointslicecache.go
  {
    fault: 'endpoints-without-port-name',
    ask: 'client svc/db',
    status: 1,
    says: [
      /^rejected NO_ENDPOINTS: .*those that are stated name no port/,
      /Fix +Name the port in the stated endpoints: port: postgresql \(.*:13\)/,
    ],
  },
  {
    fault: 'endpoints-without-port-name',
    with: ['service: db,', 'service: db, port: postgresql,'],
    ask: 'client svc/db',
    status: 0,
    says: [/^delivered: /],
  },
  { fault: 'endpoints-without-port-name', with: ['name: postgresql, ', ''], ask: 'client svc/db', status: 0, says: [/^delivered: /] },
  // A headless service's name stands for all addresses, whatever their port is called.
  { fault: 'endpoints-without-port-name', with: ['10.96.0.10', 'None'], ask: 'client svc/db', status: 0, says: [/^delivered: /] },
  // Advice: that the code is right says nothing of the fix.
  {
    fault: 'udp-service-tcp-pod',
    ask: 'client svc/log',
    status: 1,
    says: [/^rejected NOBODY_LISTENS: /, /log-1 listens on 514\/tcp .*: add containerPort: 514, protocol: UDP to a container/],
    neverSays: /targetPort/,
  },
  {
    fault: 'node-port-elsewhere',
    ask: 'client 192.168.1.12:30080',
    status: 1,
    says: [/^dropped CONNTRACK_INVALID: /, /Set externalTrafficPolicy of service web to Cluster/, /call its ClusterIP, 10\.96\.0\.10:80/],
    neverSays: /look for a route/i,
  },
];

test.each(ROWS)('$fault: $ask', async ({ fault, ask, status, says, neverSays, expect: lines = [], with: [stated, instead] = ['', ''] }) => {
  const file = readFileSync(new URL(`../../fixtures/faults/${fault}.yaml`, import.meta.url), 'utf8');
  const text = file.replace(stated, instead);
  expect(file).toContain(stated);
  const more = `apiVersion: k8s-trace/v1\nkind: Expectations\nexpect:\n${lines.map((l) => `  - ${l}\n`).join('')}`;
  const files = { 'topology.yaml': text, ...(lines.length === 0 ? {} : { 'expect.yaml': more }) };
  const ran = await run(
    `${ask}${Object.keys(files)
      .map((f) => ` -f ${f}`)
      .join('')} --width 500`,
    { files },
  );
  const said = ran.stdout + ran.stderr;
  for (const words of says) expect(said).toMatch(words);
  if (neverSays !== undefined) expect(said).not.toMatch(neverSays);
  expect(ran.status).toBe(status);
});
