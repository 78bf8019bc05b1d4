import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Request, type TraceDocument, traceRequest } from '../src/index.ts';
import { ask, networkOf } from './tracing.ts';

const FIXTURE = 'names/shop.yaml';
const TEXT = readFileSync(new URL(`../fixtures/${FIXTURE}`, import.meta.url), 'utf8');
const lineOf = (text: string) => TEXT.split('\n').findIndex((l) => l.includes(text)) + 1;

/** A change to the fixture: text, and what is there instead. */
type Change = readonly [string, string];

function tried(changes: readonly Change[], request: Request) {
  const text = changes.reduce((t, [from, to]) => {
    if (!t.includes(from)) throw new Error(`${from} is not in ${FIXTURE}`);
    return t.replace(from, to);
  }, TEXT);
  return traceRequest(networkOf(text, FIXTURE), request);
}

function changed(changes: readonly Change[], request: Request): TraceDocument {
  const result = tried(changes, request);
  if (!result.ok) throw new Error(`${result.message}; ${result.hint}`);
  return result.trace;
}

const hopsOf = ({ paths }: TraceDocument) => paths[0]?.forward.hops ?? [];

describe('a destination by its DNS name', () => {
  // [from, to, name and kind of what it is, what the packets are sent to]
  it.each([
    ['client', 'web.shop', 'Service web', ['10.96.0.10:80']],
    ['client', 'web.shop.svc.cluster.local:http', 'Service web', ['10.96.0.10:80']],
    ['client', 'db-0.db.shop', 'Pod db-0', ['10.244.1.20:5432']],
    ['client', 'db.shop', 'Service db', ['10.244.1.20:5432', '10.244.2.20:5432', '10.244.2.22:5432']],
    ['client', 'older.shop', 'Service web', ['10.96.0.10:80']],
    // Its port is 443; a service without ports has those of whatever it stands for.
    ['client', 'mirror.shop', 'Host files.example.com', ['203.0.113.80:443']],
    ['client', 'shop/svc/mirror', 'Host files.example.com', ['203.0.113.80:443']],
    // The port is the one that is called, not one of the service's.
    ['client', 'mirror.shop:8443', 'Host files.example.com', ['203.0.113.80:8443']],
    ['agent', 'files.example.com:443', 'Host files.example.com', ['203.0.113.80:443']],
    ['client', '10-244-2-10.shop.pod.cluster.local', 'Address 10.244.2.10', ['10.244.2.10:8080']],
    ['shop/cart', 'mirror', 'Host files.example.com', ['203.0.113.80:443']],
    ['shop/cart', 'legacy:80', 'Address 10.9.9.9', ['10.9.9.9:80']],
  ])('%s calls %s', (source, destination, kind, sent) => {
    const trace = ask(FIXTURE, source, destination);
    expect(trace.outcome).toBe(destination.startsWith('legacy') ? 'dropped' : 'delivered');
    expect(`${trace.destination.kind} ${trace.destination.name}`).toBe(kind);
    const firsts = trace.paths.map((p) => p.forward.hops.slice(0, 2));
    expect(firsts.map(([look, send]) => [look?.kind, send?.kind])).toEqual(sent.map(() => ['dns', 'socket']));
    expect(firsts.map(([, send]) => `${send?.packet.destination}:${send?.packet.destinationPort}`)).toEqual(sent);
    expect(trace.paths.every((p) => p.dns === null)).toBe(true);
  });

  // A URL's host is never the name of a thing.
  it.each([
    ['shop/cart', 'http://web/', 'delivered', ['10.96.0.10']],
    ['shop/cart', 'http://web./', 'rejected', []],
    ['shop/cart', 'http://legacy/', 'dropped', ['10.9.9.9']],
    ['client', 'http://web/', 'rejected', []],
    ['own', 'http://web/', 'rejected', []],
    ['own', 'http://db.shop:5432/', 'delivered', ['10.244.1.20', '10.244.2.20', '10.244.2.22']],
    ['agent', 'http://client/', 'rejected', []],
    ['plain', 'http://web/', 'rejected', []],
    ['node-1', 'http://node-1/', 'delivered', ['192.168.1.11']],
  ])('%s calls %s', (source, url, outcome, answer) => {
    const trace = ask(FIXTURE, source, url);
    expect(trace.outcome).toBe(outcome);
    expect(hopsOf(trace)[0]).toMatchObject({ kind: 'dns', answer });
  });

  it('a thing of that name is not looked up, and a bare name is no DNS name', () => {
    expect(hopsOf(ask(FIXTURE, 'client', 'shop/svc/web'))[0]?.kind).toBe('socket');
    expect(tried([], { source: 'client', destination: 'web' })).toMatchObject({ ok: false, message: expect.stringContaining('no pod') });
  });

  it('cites whoever has the name, and names the server', () => {
    const [look] = hopsOf(ask(FIXTURE, 'client', 'old.shop'));
    expect(look).toMatchObject({
      kind: 'dns',
      question: 'old.shop',
      type: 'A',
      server: { name: 'the cluster DNS', ip: '10.96.0.53' },
      answer: ['10.96.0.10'],
      evidence: 'declared',
      source: { line: lineOf('name: web,'), object: 'Service/shop/web' },
    });
  });

  it('without a cluster DNS that is an assumption', () => {
    const trace = changed([['name: kube-dns, namespace', 'name: names, namespace']], { source: 'client', destination: 'web.shop' });
    expect([trace.outcome, hopsOf(trace)[0]?.evidence]).toEqual(['delivered', 'assumed']);
    expect(trace.assumptions.map((a) => a.message)).toContainEqual(expect.stringMatching(/^the input has no cluster DNS/));
  });

  it('a DNS service without endpoints is said, for nobody follows the query', () => {
    const trace = changed([NOT_READY], { source: 'client', destination: 'web.shop' });
    expect(trace.outcome).toBe('delivered');
    expect(trace.assumptions.map((a) => a.message)).toContainEqual(expect.stringMatching(/kube-dns has no ready endpoint at port 53\/udp/));
    const fine = ask(FIXTURE, 'client', 'web.shop').assumptions.map((a) => a.message);
    expect(fine).toEqual([]);
  });

  it('musl would not find what only the search list has', () => {
    const said = (source: string) => ask(FIXTURE, source, 'web.shop').assumptions.filter((a) => a.message.includes('musl')).length;
    expect([said('eager'), said('client')]).toEqual([1, 0]);
  });
});

const none = (name: string) => `the cluster DNS has no name ${name} (NXDOMAIN)`;
const at = (text: string) => `${FIXTURE}:${lineOf(text)}`;

/** [from, to, why, first fix, the line that is to blame] */
const NAMELESS: readonly (readonly [string, string, string, string, string])[] = [
  [
    'client',
    'wev.shop',
    `${none('wev.shop')}: namespace shop has no service wev`,
    `call web.shop (service web, ${at('name: web,')})`,
    'name: client,',
  ],
  [
    'client',
    'web.shpo',
    `${none('web.shpo')}: there is no namespace shpo`,
    `call web.shop (service web, ${at('name: web,')})`,
    'name: client,',
  ],
  [
    'client',
    'wbe.shop.svc.cluster.local.',
    `${none('wbe.shop.svc.cluster.local')}: namespace shop has no service wbe`,
    `call web.shop.svc.cluster.local (service web, ${at('name: web,')})`,
    'name: client,',
  ],
  ['client', 'clien.', none('clien'), 'call client: without a dot it is the pod, which has no DNS name', 'name: client,'],
  [
    'client',
    'db-3.db.shop',
    `${none('db-3.db.shop')}: service db has no endpoint named db-3`,
    `call db-0.db.shop (service db, ${at('name: db, namespace')})`,
    'name: db, namespace',
  ],
  [
    'client',
    'web.shop.',
    `${none('web.shop')}: the search list of pod client does not make web.shop.svc.cluster.local of it`,
    'call it without the dot at its end, or call web.shop.svc.cluster.local',
    'name: client,',
  ],
  [
    'client',
    'db-2.db.shop',
    `${none('db-2.db.shop')}: pod db-2 is not ready, and service db gives names to ready pods only`,
    `make pod db-2 ready (${at('name: db-2')}), or let service db name pods that are not: publishNotReadyAddresses: true (${at('name: db, namespace')})`,
    'name: db-2',
  ],
  [
    'shop/cart',
    'unnamed.db',
    `${none('unnamed.db')}: pod unnamed has no name of its own below service db`,
    `give pod unnamed hostname: unnamed and subdomain: db (${at('name: unnamed')}), as a StatefulSet does`,
    'name: unnamed',
  ],
  [
    'client',
    'db-0.peers.shop',
    `${none('db-0.peers.shop')}: pod db-0 has no name of its own below service peers`,
    `call db-0.db.shop: a pod has one name of its own, by its hostname and subdomain (${at('name: db-0')})`,
    'name: db-0',
  ],
  [
    'bare',
    'web.shop',
    `${none('web.shop')}: the search list of pod bare does not make web.shop.svc.cluster.local of it`,
    `call web.shop.svc.cluster.local, which needs no search list; or add a domain to dnsConfig.searches (${at('name: bare')})`,
    'name: bare',
  ],
  [
    'agent',
    'web.shop',
    "only the cluster DNS knows web.shop (web.shop.svc.cluster.local), and pod agent does not ask it: it is on its host's network, where dnsPolicy ClusterFirst means the node's own DNS",
    `set dnsPolicy of pod agent to ClusterFirstWithHostNet (${at('name: agent,')})`,
    'name: agent,',
  ],
  [
    'plain',
    'web.shop',
    'only the cluster DNS knows web.shop (web.shop.svc.cluster.local), and pod plain does not ask it: its dnsPolicy is Default',
    `set dnsPolicy of pod plain to ClusterFirst (${at('name: plain')})`,
    'name: plain',
  ],
  [
    'node/node-1',
    'web.shop',
    'only the cluster DNS knows web.shop (web.shop.svc.cluster.local), and node-1 does not ask it: processes on nodes ask as the node is set up',
    'call 10.96.0.10, or let the node ask the cluster DNS',
    'name: node-1',
  ],
  [
    'internet',
    'web.shop',
    'only the cluster DNS knows web.shop (web.shop.svc.cluster.local), and laptop does not ask it: names of the cluster are not known outside',
    'make service web reachable from outside (names/shop.yaml:26): type: LoadBalancer, or NodePort',
    'name: laptop',
  ],
  [
    'client',
    'circle.shop',
    'service round is another name for circle.shop.svc.cluster.local, which leads back to itself',
    `set externalName of service round to a name that has an address (${at('name: round')})`,
    'name: round',
  ],
  [
    'client',
    'shop/svc/stale',
    'service stale is another name for gone.shop.svc.cluster.local, which has no address',
    `set externalName of service stale to a name that has an address (${at('name: stale')})`,
    'name: stale',
  ],
];

describe('a name that nothing has', () => {
  it.each(NAMELESS)('%s calls %s', (source, destination, message, fix, blamed) => {
    const trace = ask(FIXTURE, source, destination);
    expect(trace.reason).toMatchObject({ code: 'NO_SUCH_NAME', message, client: 'name-not-found', walk: 'forward', hop: 1 });
    expect([trace.outcome, trace.reason?.fix[0], trace.reason?.source?.line]).toEqual(['rejected', fix, lineOf(blamed)]);
    expect(trace.paths.map((p) => [p.probability, p.reply, ...p.forward.hops.map((h) => h.kind)])).toEqual([[1, null, 'dns', 'drop']]);
  });

  it('names that have no address either are not offered', () => {
    // As near to gone.shop as old.shop is round.shop, an ExternalName that leads to itself.
    expect(ask(FIXTURE, 'client', 'gone.shop').reason?.fix).toEqual([`call old.shop (service old, ${at('name: old,')})`]);
  });

  it('a headless service without endpoints is what it is by any name', () => {
    const { outcome, reason } = ask(FIXTURE, 'client', 'empty.shop');
    expect([outcome, reason?.code, reason?.client]).toEqual(['rejected', 'NO_ENDPOINTS', 'name-not-found']);
  });

  it.each([
    ['example.com:443', 'example.com'],
    ['cloud.shop:5432', 'db.cloud.example.net'],
  ])('%s: nothing is said of names outside', (destination, name) => {
    const { outcome, reason } = ask(FIXTURE, 'client', destination);
    expect([outcome, reason?.code, reason?.client]).toEqual(['undetermined', 'FACT_MISSING', 'unknown']);
    expect(reason?.message).toBe(`the input does not say what address ${name} has`);
    expect(reason?.fix[0]).toContain(`name: ${name}, ip: …`);
  });

  it.each([
    ['a..b', 'is no DNS name'],
    [`${'x'.repeat(64)}.shop`, 'is no DNS name'],
    ['_http._tcp.web.shop', 'SRV records'],
    ['web.shop:81', 'no port 81'],
    ['cloud.shop', null],
  ])('%s', (destination, message) => {
    const result = tried([], { source: 'client', destination });
    expect(result.ok ? null : result.message).toEqual(message === null ? null : expect.stringContaining(message));
  });
});

const NOT_READY: Change = ['labels: { k8s-app: kube-dns }, containers', 'labels: { k8s-app: kube-dns }, ready: false, containers'];
const noWay = (to: string): Change => [
  'podCIDR: 10.244.1.0/24 }',
  `podCIDR: 10.244.1.0/24, routes: { add: [ { to: ${to}, type: blackhole } ] } }`,
];
const NO_WAY_BACK: Change = [
  'podCIDR: 10.244.2.0/24 }',
  'podCIDR: 10.244.2.0/24, routes: { add: [ { to: 10.244.1.0/24, type: blackhole } ] } }',
];
const ANOTHER_SERVER: Change = ['serviceCIDR: 10.96.0.0/12', 'serviceCIDR: 10.96.0.0/12, clusterDNS: [ 10.96.0.53, 10.9.9.9 ]'];
const TWO_SERVERS: Change = [
  '  - { name: coredns,',
  '  - { name: dns-2, namespace: kube-system, node: node-1, ip: 10.244.1.53, labels: { k8s-app: kube-dns }, containers: [ { name: dns, ports: [ { name: dns, containerPort: 53, protocol: UDP } ] } ] }\n  - { name: coredns,',
];

describe('--with-dns', () => {
  const follow = (changes: readonly Change[], destination = 'web.shop') =>
    changed(changes, { source: 'client', destination, withDns: true });
  const sum = ({ paths }: TraceDocument) => paths.map((p) => p.probability).reduce((a, b) => a + b, 0);

  it('the query goes through kube-proxy to the DNS server and back, and then comes the request', () => {
    const trace = follow([]);
    const [path] = trace.paths;
    expect([trace.outcome, path?.dns?.outcome, path?.dns?.reason]).toEqual(['delivered', 'delivered', null]);
    const sent = path?.dns?.forward.hops ?? [];
    expect(sent.some((h) => h.kind === 'nat' && h.packet.destination === '10.244.2.53' && h.packet.destinationPort === 53)).toBe(true);
    expect(sent[0]?.packet).toMatchObject({ protocol: 'udp', destination: '10.96.0.53', destinationPort: 53 });
    expect(path?.dns?.reply?.hops.at(-1)?.packet).toMatchObject({ source: '10.96.0.53', sourcePort: 53 });
    expect(path?.forward.hops[0]?.kind).toBe('dns');
  });

  // [changes, outcome of the trace, code, where it went wrong]
  it.each([
    ['not ready', [NOT_READY], 'rejected', 'NO_READY_ENDPOINTS', 'forward'],
    ['lost on the way', [noWay('10.244.2.53/32')], 'dropped', 'BLACKHOLE_ROUTE', 'forward'],
    ['the answer is lost', [NO_WAY_BACK], 'dropped', 'BLACKHOLE_ROUTE', 'reply'],
  ] as const)('%s: the path ends with the query', (_name, changes, outcome, code, walk) => {
    const trace = follow(changes);
    expect([trace.outcome, trace.reason?.code, trace.reason?.walk, trace.reason?.client]).toEqual([outcome, code, 'dns', 'name-not-found']);
    expect(trace.reason?.message).toMatch(/^the DNS query for web.shop fails: /);
    expect(trace.paths.map((p) => [p.dns?.reason?.code, p.dns?.reason?.walk, p.forward.hops.map((h) => h.kind), p.reply])).toEqual([
      [code, walk, ['drop'], null],
    ]);
  });

  it('with a second nameserver nobody can tell', () => {
    const trace = follow([noWay('10.244.2.53/32'), ANOTHER_SERVER]);
    expect([trace.outcome, trace.reason?.code, trace.paths[0]?.dns?.outcome]).toEqual(['undetermined', 'FACT_MISSING', 'dropped']);
  });

  it('each branch of the query with each of the request', () => {
    const half = follow([TWO_SERVERS, noWay('10.244.2.53/32')]);
    expect(half.paths.map((p) => [p.probability, p.outcome, p.dns?.outcome])).toEqual([
      [0.5, 'delivered', 'delivered'],
      [0.5, 'dropped', 'dropped'],
    ]);
    const six = follow([TWO_SERVERS], 'db.shop');
    expect([six.paths.length, six.outcome]).toEqual([6, 'delivered']);
    expect(sum(six)).toBeCloseTo(1, 9);
  });

  it('what would fail after the query is said beside it', () => {
    const trace = follow([NOT_READY], 'wev.shop');
    expect([trace.reason?.code, trace.alsoBlockedBy.map((r) => r.code)]).toEqual(['NO_READY_ENDPOINTS', ['NO_SUCH_NAME']]);
  });

  it('a query that leaves the input is not known to fail', () => {
    const trace = changed([], { source: 'abroad', destination: 'web.shop.', withDns: true });
    expect(trace.paths.map((p) => [p.dns?.outcome, p.outcome, p.reason?.code])).toEqual([['exits', 'rejected', 'NO_SUCH_NAME']]);
  });

  // By the search list; what a pod is called is no name.
  it.each([
    ['shop/cart', 'web:80', 'delivered', null, 'Service'],
    ['shop/cart', 'web-1:8080', 'rejected', 'NO_SUCH_NAME', 'Name'],
    ['client', 'web', 'rejected', 'NO_SUCH_NAME', 'Name'],
  ])('%s looks the bare name %s up', (source, destination, outcome, code, kind) => {
    const trace = changed([], { source, destination, withDns: true });
    expect([trace.outcome, trace.reason?.code ?? null, trace.destination.kind]).toEqual([outcome, code, kind]);
    expect(trace.paths[0]?.dns?.outcome).toBe('delivered');
  });

  it('nobody is asked for what /etc/hosts has', () => {
    expect(follow([], 'localhost:80').paths.map((p) => [p.outcome, p.dns])).toEqual([['delivered', null]]);
  });

  // [changes, from, to, what is missing]
  it.each([
    ['no cluster DNS', [['name: kube-dns, namespace', 'name: names, namespace']], 'client', 'web.shop', 'the input has no DNS server'],
    ['no DNS name', [], 'client', 'shop/svc/web', 'shop/svc/web is no DNS name'],
    ["the machine's own server", [], 'plain', 'web.shop', 'which DNS server plain asks'],
    ['outside', [], 'laptop', 'web.shop', 'which DNS server laptop asks'],
  ] as const)('%s', (_name, changes, source, destination, message) => {
    const result = tried(changes, { source, destination, withDns: true });
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining(message), hint: expect.stringMatching(/./) });
  });
});
