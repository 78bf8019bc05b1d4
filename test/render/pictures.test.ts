import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TraceDocument } from '../../src/index.ts';
import { legsOf } from '../../src/render/picture.ts';
import { PICTURE_FORMATS } from '../../src/render/picture-formats.ts';
import { pictureRenderers } from '../../src/render/pictures.ts';
import { ask } from '../tracing.ts';
import { readDot, readMermaid, readPage, readSvg } from './picture-readers.ts';
import { commandOfPicture, PICTURES, traceOfPicture } from './pictures.ts';
import { TRACES, tracesOf } from './traces.ts';

const options = { color: false, width: 100, allPaths: false, reply: false, verbose: false };
const ALL = { ...options, allPaths: true, reply: true, verbose: true };

const READERS = { mermaid: readMermaid, dot: readDot, svg: readSvg, html: readPage };

const MORE: Readonly<Record<string, () => TraceDocument>> = {
  ingress: () => ask('http/ingress.yaml', 'laptop', 'https://shop.example.com/'),
  redirect: () => ask('http/gateway.yaml', 'internet', 'http://shop.example.com/'),
  redirects: () => ask('http/redirects.yaml', 'client', 'http://tls.example.com/'),
  'two families': () => ask('ipv6/one-family-cut.yaml', 'a', 'svc/web'),
  'a volume': () => ask('sharing/volumes.yaml', 'app@web', 'shipper@web', { over: 'volume' }),
  'a policy': () => ask('cases/policy-without-dns.yaml', 'client', 'shop.default', { withDns: true }),
  'a tunnel': () => ask('cases/overlay-port-closed.yaml', 'client', 'shop-1'),
};

const traceOf = (name: string): TraceDocument => MORE[name]?.() ?? tracesOf(name);

/** Each text of a trace that can come from a file, with letters that mean something to somebody. */
const HOSTILE = [
  `</script><script>x()</script>"><img src=x onerror="x()">'&amp;]]><!--`,
  '%%{init: {}}%% ; #35; end\n  l1->>l2: x',
  '\\N \\l \\" "; } digraph',
  'turned\u202egnp\u2066 \u0000\u001b[31m\u2028 \ud800 \uffff 名前 🙂',
].join(' ');
const FROM_FILES = ['text', 'message', 'name', 'netns', 'device', 'segment', 'file', 'object', 'process', 'node', 'rule', 'chain'];
const hostile = (trace: TraceDocument): TraceDocument =>
  JSON.parse(JSON.stringify(trace), (key, value) =>
    FROM_FILES.includes(key) && typeof value === 'string' ? `${value} ${HOSTILE}` : value,
  );

describe.each(PICTURE_FORMATS)('-o %s', (format) => {
  const read = READERS[format];
  const draw = pictureRenderers[format];

  test.each([...Object.keys(TRACES), ...Object.keys(MORE)])('%s: a reader of its grammar takes it, with hostile names too', (name) => {
    const trace = traceOf(name);
    expect(() => read(draw([trace], options))).not.toThrow();
    expect(() => read(draw([hostile(trace)], ALL))).not.toThrow();
  });

  test('several traces are one picture, with each outcome', () => {
    const text = draw([tracesOf('same node'), tracesOf('no route')], options);
    expect(() => read(text)).not.toThrow();
    for (const words of ['pod-b:8080/tcp', 'pod-d:8080/tcp', 'delivered', 'NO_ROUTE']) expect(text).toContain(words);
  });

  test('what the answer supposes is said', () => {
    const whatIf = [{ change: 'removed' as const, object: 'NetworkPolicy/shop/deny-all', along: [], source: null }];
    expect(draw([{ ...tracesOf('same node'), whatIf }], options)).toMatch(/What if NetworkPolicy\/shop\/deny-all/);
  });

  test('colour and width are a terminal’s', () => {
    const trace = tracesOf('no route');
    expect(draw([trace], { ...options, color: true, width: 40 })).toBe(draw([trace], options));
  });
});

describe('the way of a packet in lanes', () => {
  /** Lanes, and the walk through them: `|` where it turns round. */
  const ways = (trace: TraceDocument, path = 0) => {
    const drawn = trace.paths[path];
    if (drawn === undefined) throw new Error('no such path');
    return legsOf(trace, drawn).map(({ title, lanes, stops, end }) => {
      const way = stops.map((s, i) => `${i === 0 ? '' : s.row === stops[i - 1]?.row ? ' ' : ' | '}${lanes[s.lane]?.name}`).join('');
      return `${title}: ${way}${end === null ? '' : `: ${end.words}`}`;
    });
  };

  test.each<[string, readonly string[]]>([
    [
      'same node',
      [
        'Request: pod-a node-1 pod-b: arrives',
        'Answer: pod-b node-1 pod-a: arrives',
        "Handshake's third packet: pod-a node-1 pod-b: arrives",
      ],
    ],
    ['no route', ['Request: pod-a node-1 underlay gateway: ends here: dropped NO_ROUTE']],
    [
      'its own service',
      [
        'Request: pod-a node-1 | pod-a: arrives',
        'Answer: pod-a node-1 | pod-a: arrives',
        "Handshake's third packet: pod-a node-1 | pod-a: arrives",
      ],
    ],
    [
      'a loop',
      [
        'Request: pod-a node-1 underlay node-2 | underlay node-1 | underlay node-2: ends here: looped ROUTING_LOOP',
        'Refusal: node-2 underlay node-1 pod-a: arrives',
      ],
    ],
    [
      'nobody listens',
      [
        'Request: pod-a node-1 underlay node-2 pod-d: ends here: rejected NOBODY_LISTENS',
        'Refusal: pod-d node-2 underlay node-1 pod-a: arrives',
      ],
    ],
    ['the internet', ['Request: pod-a node-1 underlay gateway: leaves the input here: exits LEAVES_INPUT']],
  ])('%s', (name, expected) => {
    expect(ways(tracesOf(name))).toEqual(expected);
  });

  test('an answer has the lanes of its request, in the same order', () => {
    const trace = tracesOf('other node');
    const [path] = trace.paths;
    if (path === undefined) throw new Error('no path');
    for (const { lanes } of legsOf(trace, path))
      expect(lanes.map((l) => `${l.name} ${l.what}`)).toEqual(['pod-a pod', 'node-1 node', 'underlay network', 'node-2 node', 'pod-d pod']);
  });

  test('a controller ends one connection and begins another: each has lanes of its own', () => {
    const there = 'laptop the internet gateway underlay node-1';
    expect(ways(traceOf('ingress')).map((way) => way.replaceAll('ingress-nginx/', ''))).toEqual([
      `Request: laptop to controller: ${there} controller`,
      'Request: controller to shop-1: controller node-1 shop-1: arrives',
      'Answer: shop-1 to controller: shop-1 node-1 controller',
      `Answer: controller to laptop: controller ${there
        .split(/ (?!internet)/)
        .reverse()
        .join(' ')}: arrives`,
      `Handshake's third packet: laptop to controller: ${there} controller`,
      "Handshake's third packet: controller to shop-1: controller node-1 shop-1: arrives",
    ]);
  });
});

describe('what a picture says', () => {
  test('mermaid: a participant a lane, an arrow a crossing with the header there, changes in notes', () => {
    const { participants, arrows, notes } = readMermaid(pictureRenderers.mermaid([tracesOf('its own service')], options));
    expect(participants).toHaveLength(2);
    expect(arrows).toEqual([
      'l1->>l2: 10.244.1.10:40000 → 10.96.0.12:80',
      'l2->>l1: 10.244.1.1:40000 → 10.244.1.10:8080',
      'l1-->>l2: 10.244.1.10:8080 → 10.244.1.1:40000',
      'l2-->>l1: 10.96.0.12:80 → 10.244.1.10:40000',
    ]);
    expect(notes.join('\n')).toContain('destination 10.96.0.12:80 ⇒ 10.244.1.10:8080');
    expect(notes.at(-1)).toMatch(/✓ arrives$/);
  });

  test('mermaid: a diagram that would be too large says what is left out', () => {
    const trace = traceOf('ingress');
    const { arrows, notes } = readMermaid(pictureRenderers.mermaid([trace], ALL));
    expect(arrows.length).toBeLessThanOrEqual(50);
    expect(notes.at(-1)).toMatch(/\d+ more packets are not drawn/);
  });

  test('dot: a node a stop, arrows in the order of the packet, and an end with a shape', () => {
    const text = pictureRenderers.dot([tracesOf('no route')], options);
    expect(readDot(text).edges).toEqual(['p1_0_0 -> p1_0_1', 'p1_0_1 -> p1_0_2', 'p1_0_2 -> p1_0_3', 'p1_0_3 -> p1_0_end']);
    expect(text).toMatch(/p1_0_end \[shape=octagon, .*✕ ends here: dropped/);
  });

  test('svg: text is text, one path unless all are asked for', () => {
    const trace = tracesOf('a service with two endpoints');
    const words = (text: string) => readSvg(text).join('\n');
    const one = words(pictureRenderers.svg([trace], options));
    expect(one).toContain('pod-b pod');
    expect(one).not.toContain('pod-c pod');
    expect(one).toMatch(/destination 10\.96\.0\.10:80 ⇒/);
    const all = words(pictureRenderers.svg([trace], ALL));
    expect(all).toContain('pod-c pod');
    expect(all).toContain("Handshake's third packet");
  });

  test('html: so many paths are drawn, those that fail among them, and the data has all', () => {
    const trace = tracesOf('a service with two endpoints');
    const [first, second] = trace.paths;
    if (first === undefined || second === undefined) throw new Error('two paths');
    const [failing] = tracesOf('no route').paths;
    if (failing === undefined) throw new Error('one path');
    const paths = [...Array.from({ length: 40 }, () => first), failing];
    const text = pictureRenderers.html([{ ...trace, paths }], options);
    expect(text.match(/name="s1-path"/g)).toHaveLength(30);
    expect(text).toContain('Path 41, ');
    expect(text).toContain('11 more paths are not drawn');
    expect(readPage(text)).toMatchObject({ schemaVersion: 1, paths: { length: 41 } });
  });

  test.each(Object.keys(PICTURES) as readonly (keyof typeof PICTURES)[])('docs/pictures/%s is as it is drawn today', (name) => {
    const committed = readFileSync(join(import.meta.dirname, '../../docs/pictures', name), 'utf8');
    const isCurrent = pictureRenderers.svg([traceOfPicture(name)], options) === committed;
    expect(isCurrent, commandOfPicture(name)).toBe(true);
  });
});
