import { describe, expect, test } from 'vitest';
import { lab } from '../../src/index.ts';
import { documentOf, expecting, expectingOf, networkOf, TAKEN, unaskedIn, WORLD } from './checking.ts';

const pairs = async (line: string, namespace = 'default') =>
  (await documentOf(expecting(line), { namespace })).results.map((r) => `${r.from} -> ${r.to}`);

/** Pods a, b, c and shop/d, whose first TCP port is 9090; services web, node-port, half, headless and shop/two. */
describe('what from and to stand for', () => {
  test.each([
    ['{ from: a, to: b }', ['a -> b']],
    ['{ from: [a, b], to: [b, c] }', ['a -> b', 'a -> c', 'b -> b', 'b -> c']],
    ['{ from: "*", to: b }', ['a -> b', 'c -> b', 'shop/d -> b']],
    ['{ from: a, to: "*" }', ['a -> b', 'a -> c', 'a -> shop/d']],
    ['{ from: a, to: "*:8080" }', ['a -> b:8080', 'a -> c:8080', 'a -> shop/d:8080']],
    ['{ from: a, to: "*", port: 8080 }', ['a -> b:8080', 'a -> c:8080', 'a -> shop/d:8080']],
    ['{ from: pod/a, to: "*" }', ['pod/a -> b', 'pod/a -> c', 'pod/a -> shop/d']],
    ['{ from: shop/*, to: a }', ['shop/d -> a']],
    ['{ from: shop/pod/*, to: a }', ['shop/d -> a']],
    ['{ from: pods/*, to: a }', ['b -> a', 'c -> a', 'shop/d -> a']],
    ['{ from: a, to: shop/svc/* }', ['a -> shop/svc/two:80/tcp', 'a -> shop/svc/two:53/udp']],
    ['{ from: a, to: shop/svc/*, protocol: udp }', ['a -> shop/svc/two:53/udp']],
    ['{ from: a, to: shop/svc/*, port: http }', ['a -> shop/svc/two:http']],
    ['{ from: a, to: "shop/svc/*:http" }', ['a -> shop/svc/two:http']],
    [
      '{ from: a, to: { names: [svc/*], except: [svc/half, shop/svc/two, svc/headless] } }',
      ['a -> svc/web:80/tcp', 'a -> svc/node-port:80/tcp'],
    ],
    ['{ from: { names: ["*"], except: [b, shop/d] }, to: b }', ['a -> b', 'c -> b']],
    ['{ from: { workload: { tier: front } }, to: c }', ['a -> c', 'b -> c']],
    ['{ from: { workload: { app: web, tier: front } }, to: c }', ['b -> c']],
    ['{ from: { workload: { app: web }, namespace: shop }, to: c }', ['shop/d -> c']],
    ['{ from: { workload: { app: web }, except: [c] }, to: a }', ['b -> a']],
    ['{ from: { workload: { app: web } }, to: { workload: { app: web } } }', ['b -> c', 'c -> b']],
    ['{ from: 203.0.113.77, to: laptop, outcome: [delivered, blocked] }', ['203.0.113.77 -> laptop']],
    ['{ from: [laptop, node-1], to: b, protocol: icmp }', ['laptop -> b (icmp)', 'node-1 -> b (icmp)']],
  ])('%s', async (line, expected) => {
    expect(await pairs(line)).toEqual(expected);
  });

  test('names and labels without a namespace are those of -n', async () => {
    expect(await pairs('{ from: d, to: default/a }', 'shop')).toEqual(['d -> default/a']);
    expect(await pairs('{ from: { workload: { app: web } }, to: default/a }', 'shop')).toEqual(['d -> default/a']);
    expect(await pairs('{ from: "*", to: d }', 'shop')).toEqual(['default/a -> d', 'default/b -> d', 'default/c -> d']);
  });

  test('a name is that next to its source; of what a wildcard stands for each keeps its own', async () => {
    const namesake =
      '  - { name: c, namespace: shop, node: node-1, ip: 10.244.1.12, containers: [ { name: app, ports: [ { containerPort: 8080 } ] } ] }\n';
    const world = { name: 'world.yaml', text: WORLD.replace('services:\n', `${namesake}services:\n`) };
    const asked = async (line: string) => {
      const { results } = await documentOf(expectingOf(world, line));
      return results.map((r) => `${r.from} -> ${r.to} ${r.trace?.destination.namespace}`);
    };
    expect(await asked('{ from: [a, shop/d], to: c, outcome: dropped }')).toEqual(['a -> c default', 'shop/d -> c shop']);
    expect(await asked('{ from: shop/d, to: "*", outcome: dropped }')).toEqual([
      'shop/d -> a default',
      'shop/d -> b default',
      'shop/d -> default/c default',
      'shop/d -> shop/c shop',
    ]);
  });

  test('at: and source: mean the pod, where a service has its name too', async () => {
    const world = { name: 'world.yaml', text: WORLD.replace('name: web, clusterIP', 'name: b, clusterIP') };
    const { results } = await documentOf(
      expectingOf(world, '{ from: a, to: pod/b, at: b, source: a }', '{ from: pod/b, to: a, source: b }'),
    );
    expect(results.map((r) => [r.status, r.unasked])).toEqual([
      ['holds', undefined],
      ['holds', undefined],
    ]);
  });

  test('expectations of the Topology and of several documents, in the order of the files', async () => {
    const [world, ...documents] = expecting('{ from: a, to: c }');
    const files = [...documents, { name: 'world.yaml', text: `${world?.text}expect: [ { from: a, to: b } ]\n` }];
    const { results } = await documentOf(files);
    expect(results.map((r) => [r.to, r.source.file, r.source.line])).toEqual([
      ['b', 'world.yaml', WORLD.split('\n').length],
      ['c', 'expect.yaml', 4],
    ]);
  });

  test('lab verify --all asks for the same connections', async () => {
    const line = '{ name: all, from: "*", to: shop/svc/*, protocol: udp, outcome: [delivered, blocked] }';
    const { allFlows } = await lab();
    const flows = allFlows(networkOf(expecting(line)), TAKEN.namespace);
    if (!flows.ok) throw new Error('refused');
    expect(flows.value.map((f) => [f.trace.question.source.name, f.trace.question.target.port, f.name, f.expected])).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => [name, 53, 'all', ['delivered', 'blocked']]),
    );
  });
});

/** Line and column of the very name that is wrong; the columns are counted in `  - { from: a, to: b }`. */
describe('an expectation that cannot be asked', () => {
  test.each([
    ['{ from: aa, to: b }', /^expect\.yaml:4:13: there is no pod or node "aa"[\s\S]*there are: a, b, c, shop\/d, node-1, node-2$/],
    ['{ from: a, to: bb }', /^expect\.yaml:4:20: .*"bb"/],
    ['{ from: [a, zz], to: b }', /^expect\.yaml:4:17: .*"zz"/],
    ['{ from: { names: [a, zz] }, to: b }', /^expect\.yaml:4:26: .*"zz"/],
    ['{ from: { names: ["*"], except: [zz] }, to: b }', /^expect\.yaml:4:38: .*"zz"/],
    ['{ from: { names: ["*"], except: [node-1] }, to: b }', /except takes pods and services, and node-1 is neither/],
    ['{ from: shp/*, to: b }', /^expect\.yaml:4:13: shp\/\* matches nothing[\s\S]*did you mean shop\?/],
    ['{ from: a, to: shop/svc/*, protocol: sctp }', /shop\/svc\/\* matches nothing/],
    ['{ from: web-*, to: b }', /^expect\.yaml:4:13: web-\*: a wildcard stands for whole names[\s\S]*write \*, NAMESPACE\/\*/],
    [
      '{ from: { workload: { app: wbe } }, to: b }',
      /^expect\.yaml:4:25: no pod in namespace default has the labels app=wbe[\s\S]*did you mean app=web\?/,
    ],
    ['{ from: { workload: { app: client }, except: [a] }, to: b }', /every pod with the labels app=client is excepted/],
    ['{ from: "*", to: "*", port: nope }', /has no port named nope/],
    ['{ from: a, to: "b:80", port: 81 }', /^expect\.yaml:4:20: b:80 names port 80, but port is 81/],
    ['{ from: svc/web, to: b }', /^expect\.yaml:4:13: .*services do not send/],
    ['{ from: shop/*, to: shop/* }', /this stands for no connection at all/],
    ['{ from: a, to: b, via: nod-2 }', /^expect\.yaml:4:28: .*"nod-2"[\s\S]*did you mean node-2/],
    ['{ from: a, to: b, via: [node-1, nod-2] }', /"nod-2"/],
    ['{ from: a, to: b, notVia: eth7 }', /"eth7"/],
    ['{ from: a, to: b, notVia: node-1 cni1 }', /node-1 has no device cni1[\s\S]*did you mean cni0/],
    ['{ from: a, to: b, notVia: node-1 cni0 x }', /is no place that a packet passes/],
    ['{ from: a, to: b, via: svc/headless }', /service headless is headless: no packet passes it/],
    ['{ from: a, to: b, via: 9.9.9.9 }', /is no place that a packet passes/],
    ['{ from: a, to: b, at: nobody }', /^expect\.yaml:4:27: .*"nobody"/],
    ['{ from: a, to: b, source: svc/web }', /svc\/web is a service, and no packet comes from its address/],
  ])('%s', async (line, says) => {
    expect(await unaskedIn(expecting(line))).toMatch(says);
  });

  test('all that are wrong are told, both ends of each', async () => {
    const text = await unaskedIn(expecting('{ from: shp/*, to: shp/* }', '{ from: a, to: b }', '{ from: zz, to: b, at: yy }'));
    expect(text).toMatch(/4:13[\s\S]*4:24[\s\S]*6:13[\s\S]*6:28/);
  });
});
