import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { traceSchema } from '../../src/document/trace-schema.ts';
import { type Request, render, type TraceDocument } from '../../src/index.ts';
import { documentOf, expectingOf } from '../check/checking.ts';
import { headersFollow } from '../laws/headers.ts';
import { ask, askIn, crossings, networkOf } from '../tracing.ts';

/** fixtures/http/redirects.yaml: 203.0.113.20 is the Gateway's, .21 ingress-nginx's, and all that arrives is received by web. */
const FIXTURE = 'http/redirects.yaml';

/** `delivered default/web`, `looped REDIRECT_LOOP unknown`. */
const end = ({ paths, outcome }: TraceDocument) =>
  paths.map((p) =>
    p.reason === null ? `${outcome} ${p.endpoint?.pod ?? p.endpoint?.ip}` : `${p.outcome} ${p.reason.code} ${p.reason.client}`,
  );

/** The client's own hops before a packet leaves it: `dns web`, `203.0.113.20:80`. */
const asked = ({ paths, source }: TraceDocument) =>
  (paths[0]?.forward.hops ?? []).flatMap((h) => {
    if (h.netns.replace('default/', '') !== source.name) return [];
    if (h.kind === 'dns') return [`dns ${h.question}`];
    return h.kind === 'socket' && h.action === 'send' ? [`${h.packet.destination}:${h.packet.destinationPort}`] : [];
  });

const sentTo = ({ paths }: TraceDocument) =>
  (paths[0]?.forward.hops ?? []).flatMap((h) => (h.kind === 'proxy' && h.action === 'redirect' ? [h.to] : []));

interface Row {
  readonly url: string;
  readonly from?: string;
  readonly end: string;
  readonly asked: readonly string[];
  readonly sentTo: readonly string[];
  readonly more?: Partial<Request>;
}

const WEB = 'delivered default/web';
const [PLAIN, TLS, ALT] = ['203.0.113.20:80', '203.0.113.20:443', '203.0.113.20:8080'];

/** Locations by HTTPRequestRedirectFilter; methods by RFC 9110, 15.4; headers as curl sends them on. */
const ROWS: readonly Row[] = [
  { url: 'http://tls.example.com/a?b=c', end: WEB, asked: [PLAIN, TLS], sentTo: ['https://tls.example.com/a?b=c'] },
  { url: 'http://down.example.com/', end: 'rejected NO_ENDPOINTS http-503', asked: [PLAIN, TLS], sentTo: ['https://down.example.com/'] },
  { url: 'http://old.example.com/', end: WEB, asked: [PLAIN, PLAIN], sentTo: ['http://new.example.com/'] },
  { url: 'https://old.example.com/', end: WEB, asked: [TLS, TLS], sentTo: ['https://new.example.com/'] },
  { url: 'http://port.example.com/', end: WEB, asked: [PLAIN, ALT], sentTo: ['http://port.example.com:8080/'] },
  {
    url: 'http://path.example.com/',
    end: WEB,
    asked: [PLAIN, PLAIN, PLAIN],
    sentTo: ['http://path.example.com/v1/home', 'http://path.example.com/v2/home'],
  },
  // By a node port: without scheme and port of its own, the redirect has the listener's.
  {
    url: 'http://192.168.1.11:30080/',
    more: { headers: { Host: 'old.example.com' } },
    end: WEB,
    asked: ['192.168.1.11:30080', PLAIN],
    sentTo: ['http://new.example.com/'],
  },
  // The Host header was meant for the address.
  {
    url: 'http://203.0.113.20/',
    more: { headers: { Host: 'tls.example.com' } },
    end: WEB,
    asked: [PLAIN, TLS],
    sentTo: ['https://tls.example.com/'],
  },
  // An Authorization header is for the port and scheme that it was given for, others are not.
  {
    url: 'http://secret.example.com/',
    more: { headers: { Authorization: 'me' } },
    end: 'rejected NO_INGRESS_RULE http-404',
    asked: [PLAIN, TLS],
    sentTo: ['https://secret.example.com/'],
  },
  {
    url: 'http://secret.example.com/',
    more: { headers: { 'X-Token': 'me' } },
    end: WEB,
    asked: [PLAIN, TLS],
    sentTo: ['https://secret.example.com/'],
  },
  { url: 'http://form.example.com/302', more: { method: 'POST' }, end: WEB, asked: [PLAIN, TLS], sentTo: ['https://form.example.com/302'] },
  { url: 'http://form.example.com/303', more: { method: 'PUT' }, end: WEB, asked: [PLAIN, TLS], sentTo: ['https://form.example.com/303'] },
  {
    url: 'http://form.example.com/307',
    more: { method: 'POST' },
    end: 'rejected NO_INGRESS_RULE http-404',
    asked: [PLAIN, TLS],
    sentTo: ['https://form.example.com/307'],
  },
  { url: 'http://shop.example.com/', end: WEB, asked: ['203.0.113.21:80', '203.0.113.21:443'], sentTo: ['https://shop.example.com/'] },
  {
    url: 'http://shop.example.com/idle',
    end: 'rejected NO_ENDPOINTS http-503',
    asked: ['203.0.113.21:80', '203.0.113.21:443'],
    sentTo: ['https://shop.example.com/idle'],
  },
  {
    url: 'http://store.example.com/',
    end: WEB,
    asked: [PLAIN, '203.0.113.21:80', '203.0.113.21:443'],
    sentTo: ['http://shop.example.com/', 'https://shop.example.com/'],
  },
  {
    url: 'http://ping.example.com/',
    end: 'looped REDIRECT_LOOP unknown',
    asked: [PLAIN, PLAIN],
    sentTo: ['http://pong.example.com/', 'http://ping.example.com/'],
  },
  {
    url: 'http://enter.example.com/',
    end: 'looped REDIRECT_LOOP unknown',
    asked: [PLAIN, PLAIN, PLAIN],
    sentTo: ['http://ping.example.com/', 'http://pong.example.com/', 'http://ping.example.com/'],
  },
  { url: 'http://partner.example.com/', end: 'exits LEAVES_INPUT unknown', asked: [PLAIN], sentTo: ['https://www.partner.example/'] },
  {
    url: 'http://login.example.com/',
    end: 'delivered 198.51.100.20',
    asked: [PLAIN, 'dns idp.example.org', '198.51.100.20:443'],
    sentTo: ['https://idp.example.org/'],
  },
  {
    url: 'http://inside.example.com/',
    end: WEB,
    asked: [PLAIN, 'dns web.default.svc.cluster.local', '10.96.0.21:80'],
    sentTo: ['http://web.default.svc.cluster.local/'],
  },
  {
    from: 'laptop',
    url: 'http://inside.example.com/',
    end: 'rejected NO_SUCH_NAME name-not-found',
    asked: [PLAIN, 'dns web.default.svc.cluster.local'],
    sentTo: ['http://web.default.svc.cluster.local/'],
  },
  { from: 'laptop', url: 'http://tls.example.com/', end: WEB, asked: [PLAIN, TLS], sentTo: ['https://tls.example.com/'] },
];

const text = readFileSync(new URL(`../../fixtures/${FIXTURE}`, import.meta.url), 'utf8');

describe('redirects', () => {
  test.each(ROWS)('$url $more', ({ url, from = 'client', more, ...expected }) => {
    const trace = ask(FIXTURE, from, url, more);
    expect({ end: end(trace), asked: asked(trace), sentTo: sentTo(trace) }).toEqual({ ...expected, end: [expected.end] });
  });

  test('keep the laws: headers follow over the start of each request, a reason points at its hop', () => {
    for (const { url, from = 'client', more } of ROWS)
      for (const path of ask(FIXTURE, from, url, more).paths) {
        for (const walk of [path.forward, path.reply, path.ack]) if (walk !== null) headersFollow(walk.hops);
        const { reason, forward } = path;
        if (reason === null || reason.code === 'LEAVES_INPUT') continue;
        expect([url, reason.walk, forward.hops[reason.hop]?.kind, reason.hop]).toEqual([url, 'forward', 'drop', forward.hops.length - 1]);
        expect([url, reason.fix.length > 0]).toEqual([url, true]);
      }
  });
});

test('the second request takes the way that it takes alone, and what comes back is its own', () => {
  const [first, second] = ['http://tls.example.com/', 'https://tls.example.com/'].map((url) => ask(FIXTURE, 'laptop', url).paths[0]);
  const [whole, alone] = [first, second].map((p) => crossings(p?.forward ?? null));
  expect(alone?.length).toBeGreaterThan(5);
  expect(whole?.slice(-(alone?.length ?? 0))).toEqual(alone);
  expect(first?.reply).toEqual(second?.reply);
  expect(first?.ack).toEqual(second?.ack);
  expect(first?.endpoint).toEqual(second?.endpoint);
});

test('the redirect leads from the one header to the other', () => {
  const hop = ask(FIXTURE, 'laptop', 'http://tls.example.com/').paths[0]?.forward.hops.find((h) => h.kind === 'proxy');
  expect(hop).toMatchObject({
    action: 'redirect',
    packet: { source: '198.51.100.7', destination: '203.0.113.20', destinationPort: 443, ttl: 64 },
  });
  expect(hop?.changes).toContainEqual({ field: 'destination', from: '10.244.1.10', to: '203.0.113.20' });
});

/** Two nodes are balanced to, each by half; a connection to the same host and port is used again. */
test.each([
  ['http://tls.example.com/', 4],
  ['http://old.example.com/', 4],
  ['http://path.example.com/', 2],
  ['http://store.example.com/', 8],
  ['http://grows.example.com/x', 2],
])('%s has %i paths', (url, count) => {
  const { paths } = askIn(networkOf(text.replaceAll('Policy: Local', 'Policy: Cluster')), 'laptop', url);
  expect(paths.map((p) => p.probability)).toEqual(Array.from({ length: count }, () => 1 / count));
});

test('so many ways that nobody could read them are as few as those of the last requests', () => {
  // h0 sends to h1 by a connection of its own, and so on: 2 to the power of 8 ways. Of each host two requests go over one connection.
  const redirect = (fields: string) => `filters: [{ type: RequestRedirect, requestRedirect: { ${fields} } }]`;
  const host = (i: number) =>
    `  - name: h${i}
    parentRefs: [{ name: public, namespace: infra }]
    hostnames: [h${i}.example.net]
    rules:
      - ${redirect('path: { type: ReplaceFullPath, replaceFullPath: /on }')}
      - { matches: [{ path: { value: /on } }], ${i === 7 ? 'backendRefs: [{ name: web, port: 80 }]' : redirect(`hostname: h${i + 1}.example.net, path: { type: ReplaceFullPath, replaceFullPath: / }`)} }
`;
  const routes = Array.from({ length: 8 }, (_, i) => host(i)).join('');
  const network = networkOf(text.replaceAll('Policy: Local', 'Policy: Cluster').replace('httpRoutes:\n', `httpRoutes:\n${routes}`));
  const { paths, outcome, assumptions } = askIn(network, 'laptop', 'http://h0.example.net/');
  expect(outcome).toBe('delivered');
  expect(paths).toHaveLength(64);
  expect(assumptions.map((a) => a.message).join()).toMatch(/the likeliest stands for all/);
  expect(paths.reduce((sum, p) => sum + p.probability, 0)).toBeCloseTo(1, 9);
});

test('more than fifty are too many', () => {
  const trace = ask(FIXTURE, 'client', 'http://grows.example.com/x');
  expect([asked(trace).length, trace.outcome, trace.reason?.message]).toEqual([
    51,
    'looped',
    `more than 50 redirects lead on and on, and the client gives up: the last one leads to http://grows.example.com${'/x'.repeat(52)}`,
  ]);
});

test('a circle is told from where it begins', () => {
  expect(ask(FIXTURE, 'client', 'http://enter.example.com/').reason?.message).toBe(
    'the redirects lead round in a circle: http://ping.example.com/ -> http://pong.example.com/ -> http://ping.example.com/',
  );
});

test('a redirect is not said to lack the listener that it leads to', () => {
  const without = text.replace('hostnames: [tls.example.com]', 'hostnames: [other.example.com]');
  const { reason } = askIn(networkOf(without), 'client', 'http://tls.example.com/');
  expect([reason?.code, reason?.client]).toEqual(['NO_INGRESS_RULE', 'http-404']);
});

/** The end counts, unless the expectation is about the first answer. */
test.each([
  ['http://down.example.com/', '', 'fails'],
  ['http://down.example.com/', ', redirects: follow', 'fails'],
  ['http://down.example.com/', ', redirects: stay', 'holds'],
  ['http://down.example.com/', ', outcome: rejected, reason: NO_ENDPOINTS', 'holds'],
  ['http://ping.example.com/', ', outcome: looped, reason: REDIRECT_LOOP', 'holds'],
  ['http://ping.example.com/', ', redirects: stay', 'holds'],
  ['https://down.example.com/', ', redirects: stay', 'fails'],
  ['http://tls.example.com/', ', at: pod/web', 'holds'],
  ['http://tls.example.com/', ', at: pod/web, redirects: stay', 'fails'],
  ['http://partner.example.com/', ', outcome: exits', 'holds'],
  ['web:8080', ', redirects: stay', 'fails'],
])('check of %s%s %s', async (to, more, status) => {
  const [result] = (await documentOf(expectingOf({ name: 'redirects.yaml', text }, `{ from: client, to: "${to}"${more} }`))).results;
  expect(result?.status).toBe(status);
});

test('an answer that is not followed is told as one', async () => {
  const line = '{ from: client, to: "http://down.example.com/", redirects: stay, outcome: blocked }';
  const [result] = (await documentOf(expectingOf({ name: 'redirects.yaml', text }, line))).results;
  expect(result?.got).toBe('delivered');
  expect(result?.expected).toBe('blocked, at the first answer');
  expect(result?.trace?.assumptions.map((a) => a.message)).toContain(
    'the answer is a redirect, which is not followed: 301 to https://down.example.com/',
  );
});

/** One of a host's rules, for each of the two listeners. */
type Answer =
  | { readonly kind: 'backend' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'outside' }
  | { readonly kind: 'to'; readonly host: number; readonly scheme: 'http' | 'https' | null };

const HOSTS = 4;
const SCHEMES = ['http', 'https'] as const;
const answers = fc.oneof(
  fc.constantFrom<Answer>({ kind: 'backend' }, { kind: 'nothing' }, { kind: 'outside' }),
  fc.record({ kind: fc.constant('to' as const), host: fc.nat(HOSTS - 1), scheme: fc.constantFrom(...SCHEMES, null) }),
  fc.record({ kind: fc.constant('to' as const), host: fc.nat(HOSTS - 1), scheme: fc.constantFrom(...SCHEMES, null) }),
);

/** Where one who has only the table of answers comes to, and by how many redirects. */
function destined(table: readonly (readonly Answer[])[], host: number, scheme: number, seen: readonly string[] = []): string {
  const here = `${host} ${scheme}`;
  const answer = table[host]?.[scheme] ?? { kind: 'nothing' };
  if (seen.includes(here)) return `looped ${seen.length}`;
  if (answer.kind === 'backend') return `delivered ${seen.length}`;
  if (answer.kind === 'nothing') return `rejected ${seen.length}`;
  if (answer.kind === 'outside') return `exits ${seen.length + 1}`;
  return destined(table, answer.host, answer.scheme === null ? scheme : SCHEMES.indexOf(answer.scheme), [...seen, here]);
}

function ruleOf(answer: Answer): string {
  const redirect = (fields: string) => `filters: [{ type: RequestRedirect, requestRedirect: { ${fields} } }]`;
  switch (answer.kind) {
    case 'backend':
      return 'backendRefs: [{ name: web, port: 80 }]';
    case 'nothing':
      return 'backendRefs: [{ name: idle, port: 80 }]';
    case 'outside':
      return redirect('hostname: www.partner.example');
    case 'to':
      return redirect(`hostname: h${answer.host}.example.net${answer.scheme === null ? '' : `, scheme: ${answer.scheme}`}`);
  }
}

const routeOf = (answer: Answer, host: number, scheme: number) =>
  `  - { name: r${host}-${scheme}, parentRefs: [{ name: public, namespace: infra, sectionName: ${SCHEMES[scheme]} }], hostnames: [h${host}.example.net], rules: [{ ${ruleOf(answer)} }] }\n`;

test('random redirects end where the table of them leads, and keep the laws', () => {
  const tables = fc.array(fc.array(answers, { minLength: 2, maxLength: 2 }), { minLength: HOSTS, maxLength: HOSTS });
  const ends = new Set<string>();
  fc.assert(
    fc.property(tables, fc.boolean(), fc.nat(HOSTS - 1), fc.nat(1), (table, twoNodes, host, scheme) => {
      const routes = table.flatMap((own, h) => own.map((answer, s) => routeOf(answer, h, s))).join('');
      const nodes = twoNodes ? text.replaceAll('Policy: Local', 'Policy: Cluster') : text;
      const network = networkOf(nodes.replace('httpRoutes:\n', `httpRoutes:\n${routes}`));
      const trace = askIn(network, 'laptop', `${SCHEMES[scheme]}://h${host}.example.net/`);
      const expected = destined(table, host, scheme);
      ends.add(expected.split(' ')[0] ?? '');
      expect(traceSchema.safeParse(trace).error).toBeUndefined();
      expect(trace.paths.reduce((sum, p) => sum + p.probability, 0)).toBeCloseTo(1, 9);
      for (const { outcome, forward, reply, ack, reason } of trace.paths) {
        const redirects = forward.hops.filter((h) => h.kind === 'proxy' && h.action === 'redirect').length;
        expect(`${outcome} ${redirects}`).toBe(expected);
        for (const walk of [forward, reply, ack]) if (walk !== null) headersFollow(walk.hops);
        if (reason !== null) expect(reason.hop).toBeLessThan(forward.hops.length);
      }
    }),
    { seed: 11, numRuns: 25 },
  );
  expect([...ends].sort()).toEqual(['delivered', 'exits', 'looped', 'rejected']);
});

describe('the fix of a circle', () => {
  const fault = readFileSync(new URL('../../fixtures/faults/redirect-to-itself.yaml', import.meta.url), 'utf8');
  const URL_ = 'https://test.example.com/get';
  const fixes = askIn(networkOf(fault), 'internet', URL_).reason?.fix ?? [];

  test('is to bind the redirect to the listener for http, and to give the other one a backend', () => {
    expect(fixes).toEqual([
      'give the parentRef of HTTPRoute default/redirect (x.yaml:29) sectionName: http, so that only listener http redirects',
      'where no other route has it, state one with backendRefs for test.example.com on listener https of Gateway gateway/internal',
    ]);
    expect(fault.split('\n')[28]).toContain('parentRefs');
    const [, listener, namespace, name] = /on listener (\S+) of Gateway (\S+)\/(\S+)$/.exec(fixes[1] ?? '') ?? [];
    const refs = `[{ name: ${name}, namespace: ${namespace}, sectionName: ${listener} }]`;
    const route = `  - { name: test, hostnames: [test.example.com], parentRefs: ${refs}, rules: [{ backendRefs: [{ name: web, port: 80 }] }] }\n`;
    const mended = fault
      .replace('namespace: gateway }]', 'namespace: gateway, sectionName: http }]')
      .replace('\ninternet:', `\n${route}internet:`);
    for (const url of [URL_, URL_.replace('https', 'http')]) expect(askIn(networkOf(mended), 'internet', url).outcome).toBe('delivered');
  });

  test('is to take the parentRef away that is for the listener with TLS', () => {
    const both = fault.replace(
      '[{ name: internal, namespace: gateway }]',
      '[{ name: internal, namespace: gateway, sectionName: http }, { name: internal, namespace: gateway, sectionName: https }]',
    );
    const [fix] = askIn(networkOf(both), 'internet', URL_).reason?.fix ?? [];
    expect(fix).toBe('take the parentRef of HTTPRoute default/redirect for listener https away (x.yaml:29)');
  });

  test('of another circle is where the last redirect leads', () => {
    const { reason } = ask(FIXTURE, 'client', 'http://ping.example.com/');
    const line = text.split('\n').findIndex((l) => l.includes('hostname: ping.example.com } }')) + 1;
    expect(reason?.fix).toEqual([
      `let the redirect (${FIXTURE}:${line}) lead to a URL whose rule has a backend, or give its own rule one in its place`,
    ]);
    const mended = text.replace('hostname: ping.example.com } }', 'hostname: new.example.com } }');
    expect(askIn(networkOf(mended), 'client', 'http://ping.example.com/').outcome).toBe('delivered');
  });
});

describe('in words', () => {
  const lines = (url: string, format: 'table' | 'trace' | 'minimal', source = text) =>
    render(format, askIn(networkOf(source), 'laptop', url), {
      color: false,
      width: 400,
      verbose: false,
      reply: false,
      allPaths: false,
    }).split('\n');

  test.each([
    [
      'http://tls.example.com/',
      'delivered: laptop reaches http://tls.example.com/ (redirected to https://tls.example.com/), and the answer comes back.',
    ],
    [
      'http://store.example.com/',
      'delivered: laptop reaches http://store.example.com/ (redirected 2 times, at last to https://shop.example.com/), and the answer comes back.',
    ],
    ['https://tls.example.com/', 'delivered: laptop reaches https://tls.example.com/, and the answer comes back.'],
    [
      'http://partner.example.com/',
      'exits LEAVES_INPUT: what laptop sends to http://partner.example.com/ leaves what the input describes. The client is sent to https://www.partner.example/, and the input does not say where that is.',
    ],
    [
      'http://ping.example.com/',
      'looped REDIRECT_LOOP: laptop does not reach http://ping.example.com/ (redirected to http://pong.example.com/). The redirects lead round in a circle: http://ping.example.com/ -> http://pong.example.com/ -> http://ping.example.com/.',
    ],
  ])('%s', (url, verdict) => {
    expect(lines(url, 'table')[0]).toBe(verdict);
    expect(lines(url, 'trace')[0]).toBe(verdict);
  });

  test('the client of a circle sees redirects', () => {
    expect(lines('http://ping.example.com/', 'table').join('\n')).toMatch(
      /The client sees redirects, until it has followed as many as it will \(curl: 50\)\./,
    );
  });

  test('a path is told by the way of its second request, too', () => {
    const two = text.replaceAll('Policy: Local', 'Policy: Cluster');
    const titles = lines('http://tls.example.com/', 'table', two).filter((l) => l.startsWith('Path'));
    expect(titles).toHaveLength(4);
    expect(new Set(titles.map((t) => t.replace(/^Path \d/, ''))).size).toBe(4);
    expect(titles.join('\n')).toMatch(/, then by node-2/);
  });

  test('-o minimal has the crossings of both, one after another', () => {
    const crossed = lines('http://tls.example.com/', 'minimal');
    const alone = lines('https://tls.example.com/', 'minimal');
    const forward = (all: readonly string[]) => all.slice(1, all.indexOf('path 1 reply'));
    expect(forward(crossed).slice(-forward(alone).length)).toEqual(forward(alone));
    expect(crossed.filter((l) => l.startsWith('laptop eth0 out')).map((l) => l.split(' > ')[1])).toEqual([PLAIN, TLS, TLS]);
  });
});

test('a host that has only the other family is called by that one, and the header follows in its size, too', () => {
  const dual = readFileSync(new URL('../../fixtures/ipv6/ingress.yaml', import.meta.url), 'utf8')
    .replaceAll('phone', 'six.example.org')
    .replace(
      /^internet:/m,
      `gatewayClasses: [{ name: envoy, service: ingress/ctl }]
gateways: [{ name: web, gatewayClassName: envoy, listeners: [{ name: http, port: 80, protocol: HTTP }] }]
httpRoutes:
  - name: old
    parentRefs: [{ name: web }]
    hostnames: [old.example.com]
    rules: [{ filters: [{ type: RequestRedirect, requestRedirect: { hostname: six.example.org } }] }]
internet:`,
    );
  const { outcome, paths } = askIn(networkOf(dual), 'laptop', 'http://old.example.com/', { family: 'IPv4' });
  expect([outcome, paths.length > 0]).toEqual(['delivered', true]);
  for (const { forward, endpoint } of paths) {
    expect(endpoint?.ip).toBe('2001:db8:7::8');
    headersFollow(forward.hops);
    const hop = forward.hops.find((h) => h.kind === 'proxy');
    expect(hop?.changes).toContainEqual({ field: 'size', from: 60, to: 80 });
  }
});
