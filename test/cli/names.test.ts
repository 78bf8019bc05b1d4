import { describe, expect, test } from 'vitest';
import { run, traceOf } from './fake-io.ts';
import { NAMES } from './worlds.ts';

const world = { files: { 'topology.yaml': NAMES } };

/** Command line to [kind, namespace, name, container] of the source. */
const SOURCES: readonly (readonly [string, readonly unknown[]])[] = [
  ['pod-a open:80', ['Pod', 'default', 'pod-a', null]],
  // A service of that name does not send.
  ['web open:80', ['Pod', 'default', 'web', null]],
  ['default/pod-a open:80', ['Pod', 'default', 'pod-a', null]],
  ['shop/pod-a open:80', ['Pod', 'shop', 'pod-a', null]],
  ['pod/pod-a open:80', ['Pod', 'default', 'pod-a', null]],
  ['pods/pod-a open:80', ['Pod', 'default', 'pod-a', null]],
  ['po/pod-a open:80', ['Pod', 'default', 'pod-a', null]],
  ['shop/pod/pod-a open:80', ['Pod', 'shop', 'pod-a', null]],
  ['pod-a default/open:80 -n shop', ['Pod', 'shop', 'pod-a', null]],
  ['-n shop pod/pod-a default/open:80', ['Pod', 'shop', 'pod-a', null]],
  ['app@pod-a open:80', ['Pod', 'default', 'pod-a', 'app']],
  ['sidecar@pod-a open:80', ['Pod', 'default', 'pod-a', 'sidecar']],
  ['app@shop/pod-a open:80', ['Pod', 'shop', 'pod-a', 'app']],
  ['10.244.1.10 open:80', ['Pod', 'default', 'pod-a', null]],
  ['node/node-1 open:80', ['Node', null, 'node-1', null]],
  ['no/node-1 open:80', ['Node', null, 'node-1', null]],
  ['node-2 open:80', ['Node', null, 'node-2', null]],
  ['192.168.1.12 open:80', ['Node', null, 'node-2', null]],
];

/** Command line to [kind, namespace, name, port, protocol, address] of the destination. */
const DESTINATIONS: readonly (readonly [string, readonly unknown[]])[] = [
  ['pod-a open:80', ['Pod', 'default', 'open', 80, 'tcp', '10.244.2.13']],
  ['pod-a open:53/udp', ['Pod', 'default', 'open', 53, 'udp', '10.244.2.13']],
  ['pod-a open:53 --protocol udp', ['Pod', 'default', 'open', 53, 'udp', '10.244.2.13']],
  ['pod-a open -p 80', ['Pod', 'default', 'open', 80, 'tcp', '10.244.2.13']],
  ['pod-a open --port=80 --protocol sctp', ['Pod', 'default', 'open', 80, 'sctp', '10.244.2.13']],
  ['pod-a open', ['Pod', 'default', 'open', null, 'icmp', '10.244.2.13']],
  ['pod-a portless', ['Pod', 'default', 'portless', null, 'icmp', '10.244.2.12']],
  ['pod-a multi', ['Pod', 'default', 'multi', 8080, 'tcp', '10.244.2.10']],
  ['pod-a multi:https', ['Pod', 'default', 'multi', 8443, 'tcp', '10.244.2.10']],
  ['pod-a multi -p https', ['Pod', 'default', 'multi', 8443, 'tcp', '10.244.2.10']],
  ['pod-a multi:dns', ['Pod', 'default', 'multi', 53, 'udp', '10.244.2.10']],
  ['pod-a dns@multi', ['Pod', 'default', 'multi', 53, 'udp', '10.244.2.10']],
  ['pod-a udp-only', ['Pod', 'default', 'udp-only', 514, 'udp', '10.244.2.11']],
  ['pod-a multi --protocol icmp', ['Pod', 'default', 'multi', null, 'icmp', '10.244.2.10']],
  ['pod-a svc/web', ['Service', 'default', 'web', 80, 'tcp', '10.96.0.10']],
  ['pod-a svc/web:80', ['Service', 'default', 'web', 80, 'tcp', '10.96.0.10']],
  ['pod-a svc/web:http', ['Service', 'default', 'web', 80, 'tcp', '10.96.0.10']],
  ['pod-a services/web:80/tcp', ['Service', 'default', 'web', 80, 'tcp', '10.96.0.10']],
  ['pod-a svc/api:https', ['Service', 'default', 'api', 443, 'tcp', '10.96.0.11']],
  ['pod-a api:443', ['Service', 'default', 'api', 443, 'tcp', '10.96.0.11']],
  ['pod-a svc/api -p http', ['Service', 'default', 'api', 80, 'tcp', '10.96.0.11']],
  ['pod-a svc/dns:53/udp', ['Service', 'default', 'dns', 53, 'udp', '10.96.0.12']],
  ['pod-a svc/dns:53/tcp', ['Service', 'default', 'dns', 53, 'tcp', '10.96.0.12']],
  ['pod-a svc/dns --protocol udp', ['Service', 'default', 'dns', 53, 'udp', '10.96.0.12']],
  ['pod-a shop/svc/basket:http', ['Service', 'shop', 'basket', 80, 'tcp', '10.96.0.14']],
  ['shop/pod-a basket -n shop', ['Service', 'shop', 'basket', 80, 'tcp', '10.96.0.14']],
  ['pod-a node/node-1:22', ['Node', null, 'node-1', 22, 'tcp', '192.168.1.11']],
];

describe('names', () => {
  test.each(SOURCES)('%s: the source', async (argv, [kind, namespace, name, container]) => {
    expect((await traceOf(argv, world)).source).toMatchObject({ kind, namespace, name, container });
  });

  test.each(DESTINATIONS)('%s: the destination', async (argv, [kind, namespace, name, port, protocol, ip]) => {
    expect((await traceOf(argv, world)).destination).toMatchObject({ kind, namespace, name, port, protocol, ip });
  });

  test.each([
    ['pod-a 10.244.2.13:80', 80, 'tcp', '10.244.2.13'],
    ['pod-a 10.96.0.11:443', 443, 'tcp', '10.96.0.11'],
    ['pod-a 10.96.0.10', 80, 'tcp', '10.96.0.10'],
    ['pod-a 10.96.0.12:53/udp', 53, 'udp', '10.96.0.12'],
    ['pod-a 10.244.2.13', null, 'icmp', '10.244.2.13'],
    ['pod-a 10.244.2.99:80', 80, 'tcp', '10.244.2.99'],
    ['pod-a http://10.244.2.99/', 80, 'tcp', '10.244.2.99'],
    ['pod-a https://10.244.2.99/x', 443, 'tcp', '10.244.2.99'],
    ['pod-a http://10.244.2.99:8080/x', 8080, 'tcp', '10.244.2.99'],
    ['pod-a http://api/', 80, 'tcp', '10.96.0.11'],
    ['pod-a https://api.default/', 443, 'tcp', '10.96.0.11'],
    ['pod-a http://basket.shop.svc.cluster.local/', 80, 'tcp', '10.96.0.14'],
    ['shop/pod-a http://basket/', 80, 'tcp', '10.96.0.14'],
  ])('%s: an address', async (argv, port, protocol, ip) => {
    expect((await traceOf(argv, world)).destination).toMatchObject({ port, protocol, ip });
  });

  test('of several ports of a pod one is taken, and the output says which', async () => {
    const { assumptions } = await traceOf('pod-a multi', world);
    expect(assumptions.map((a) => a.message).join()).toMatch(/multi has 3 ports.*8080/);
    expect((await run('pod-a multi', world)).stdout).toMatch(/8080/);
  });

  // In namespace shop there are a pod-a and, here, an api too.
  test.each([
    [
      'shop/pod-a api:80',
      /^api is taken to be service shop\/api, next to pod-a; namespace default has a service of that name, too: default\/svc\/api$/m,
    ],
    ['shop/pod-a svc/api:80', /: default\/svc\/api$/m],
    ['shop/pod-a app@pod-a:8080', /^pod-a is taken to be pod shop\/pod-a, .* a pod of that name, too: app@default\/pod\/pod-a$/m],
    // The source is a name in that namespace, too.
    ['pod-a api:80 -n shop', null],
    ['default/pod-a api:80 -n shop', /^api is taken to be service default\/api, next to pod-a; namespace shop has .*: shop\/svc\/api$/m],
    ['pod-a api:80', null],
    ['shop/pod-a shop/api:80', null],
    ['shop/pod-a default/api:80', null],
    ['shop/pod-a http://api/', null],
    ['shop/pod-a one:80', null],
    ['node/node-1 api:80', null],
  ])('%s: a namesake in the namespace of names without one is said', async (argv, said) => {
    const more = '  - { name: api, namespace: shop, clusterIP: 10.96.0.15, selector: { app: cart }, ports: [{ name: http, port: 80 }] }\n';
    const { assumptions } = await traceOf(argv, { files: { 'topology.yaml': NAMES + more } });
    const text = assumptions.map((a) => a.message).join('\n');
    if (said === null) expect(text).not.toMatch(/is taken to be/);
    else expect(text).toMatch(said);
  });

  test('a known kind beats a namespace of that name', async () => {
    const files = { 'topology.yaml': NAMES.replaceAll('namespace: shop', 'namespace: pod') };
    expect((await traceOf('pod/pod-a open:80', { files })).source).toMatchObject({ namespace: 'default', name: 'pod-a' });
    expect((await traceOf('pod/pod/pod-a open:80', { files })).source).toMatchObject({ namespace: 'pod', name: 'pod-a' });
  });

  test('by bare address a port that the service does not have is walked', async () => {
    const { reason, outcome } = await traceOf('pod-a 10.96.0.10:81', world);
    expect([outcome, reason?.code]).toEqual(['rejected', 'NO_SUCH_PORT']);
  });
});

/** Command line to what stderr has to say about it. */
const REFUSED: readonly (readonly [string, readonly RegExp[]])[] = [
  ['nobody open:80', [/"nobody"/, /pod-a, multi/]],
  ['pod-b open:80', [/"pod-b"/, /did you mean pod-a/]],
  ['pod-a opne:80', [/"opne"/, /did you mean .*open/]],
  ['pod-a svc/apii', [/service "svc\/apii"/, /did you mean svc\/api\?/]],
  ['pod-a node/node-3', [/node "node\/node-3"/, /did you mean node\/node-1 or node\/node-2/]],
  ['pod-a cart', [/namespace default/, /shop\/cart/]],
  ['pod-a svc/basket', [/namespace default/, /did you mean shop\/svc\/basket\?/]],
  ['multi open -n shop', [/namespace shop/, /default\/multi/]],
  ['pod-a web', [/ambiguous/, /pod\/web/, /svc\/web/]],
  ['pod-a node-1', [/ambiguous/, /pod\/node-1/, /node\/node-1/]],
  ['sidcar@pod-a open:80', [/no container sidcar/, /did you mean sidecar/]],
  ['nothing@pod-a open:80', [/no container nothing/, /app, sidecar/]],
  ['app@node/node-1 open:80', [/only pods have containers/]],
  ['pod-a:80 open:80', [/source has no port/]],
  ['svc/api open:80', [/services do not send/]],
  ['8.8.8.8 open:80', [/8\.8\.8\.8/]],
  ['pod-a svc/api', [/several ports/, /svc\/api:http/, /svc\/api:https/]],
  ['pod-a svc/api:81', [/no port 81/, /80\/tcp \(http\), 443\/tcp \(https\)/]],
  ['pod-a svc/api:8080', [/no port 8080/, /targetPort/, /svc\/api:80/]],
  ['pod-a svc/api:8443', [/targetPort/, /svc\/api:443/]],
  ['pod-a svc/api:htps', [/no port htps/, /did you mean https/]],
  ['pod-a svc/api -p 81', [/no port 81/, /80\/tcp/]],
  ['pod-a svc/dns:53', [/udp and tcp/, /svc\/dns:53\/udp/]],
  ['pod-a svc/web --protocol udp', [/no udp port/, /80\/tcp/]],
  ['pod-a svc/web:80/udp', [/no port 80/, /80\/tcp/]],
  ['pod-a multi:nope', [/no port named nope/, /8080\/tcp \(http\)/]],
  ['pod-a multi:8080 -p 80', [/8080/, /--port is 80/]],
  ['pod-a svc/api:http -p 80', [/http/, /--port is 80/]],
  ['pod-a open:53/udp --protocol tcp', [/udp/, /--protocol is tcp/]],
  ['pod-a multi:80/icmp', [/ICMP has no ports/]],
  ['pod-a multi -p 80 --protocol icmp', [/ICMP has no ports/]],
  ['pod-a 10.244.2.99 --protocol udp', [/port/]],
  ['pod-a open:0', [/1 to 65535/]],
  ['pod-a open:65536', [/1 to 65535/]],
  ['pod-a open -p 0', [/1 to 65535/]],
  ['pod-a open -p 70000', [/1 to 65535/]],
  ['pod-a 224.0.0.1:80', [/unicast/]],
  ['pod-a fd00::zz', [/fd00::zz is not an IPv6 address/, /with a port in brackets, as \[fd00:10:244::10\]:80/]],
  ['pod-a [fd00::1', [/the bracket is not closed/, /write \[fd00::1\]/]],
  ['pod-a [fd00::1]80', [/after the bracket comes a colon and a port/, /as \[fd00::1\]:80/]],
  ['pod-a [fd00::1]:', [/1 to 65535/]],
  ['pod-a [fd00::1]:65536', [/1 to 65535/]],
  ['pod-a [svc/web]:80', [/in brackets stands an IPv6 address/]],
  ['pod-a [10.0.0.1]:80', [/brackets are for IPv6 addresses/, /write 10\.0\.0\.1:80/]],
  ['pod-a fd00::1/64', [/after the slash is a protocol/, /tcp, udp, sctp or icmp/]],
  ['pod-a fe80::1', [/link-local/, /write a name, or a global address/]],
  ['pod-a [fe80::1%eth0]:80', [/%eth0 is a zone/, /without a zone/]],
  ['pod-a [::ffff:10.0.0.1]:80', [/IPv4-mapped/, /write 10\.0\.0\.1$/m]],
  ['pod-a ff02::1', [/unicast/]],
  ['pod-a fd00::1/udp', [/udp needs a port/, /as \[fd00::1\]:80/]],
  ['pod-a app@[fd00::1]:80', [/only pods have containers/]],
  ['[fd00::1]:80 pod-a', [/source has no port/]],
  ['fd00::1 pod-a', [/nobody known has the address fd00::1/]],
  ['pod-a svc/web:80:90', [/not a name/]],
  ['pod-a deploy/api', [/there is no deployment "deploy\/api"/]],
  ['pod-a https://shop.example.com/cart', [/shop\.example\.com: no Ingress and no HTTPRoute/, /the input has no ingresses/]],
  ['https://shop.example.com/ pod-a', [/a URL can only be a destination/]],
  ['pod-a ftp://shop.example.com/', [/ftp is not traced/, /http and https are/]],
  ['pod-a http://', [/not a URL/, /https:\/\/shop\.example\.com/]],
  ['pod-a http://fd00::1:8080/cart?a=b', [/stands in brackets/, /write http:\/\/\[fd00::1:8080\]\/cart\?a=b/]],
  ['pod-a http://[fd00::zz]:80/', [/in brackets stands an IPv6 address/]],
  ['pod-a http://[fe80::1%25eth0]/', [/%25eth0 is a zone/]],
  ['pod-a http://[::ffff:10.0.0.1]/', [/IPv4-mapped/, /write 10\.0\.0\.1/]],
  ['pod-a http://me:secret@api/', [/a name and a password/]],
  ['pod-a http://api:81/', [/no port 81/, /80\/tcp \(http\)/]],
  ['pod-a http://api/ -p 80', [/a URL says its port itself/]],
  ['pod-a http://api/ --protocol udp', [/HTTP goes by TCP/]],
  ['pod-a http://api/ --size 100', [/a URL is two/]],
  ['pod-a open:80 --method POST', [/--method is about an HTTP request/]],
  ['pod-a open:80 -H a:b', [/--header is about an HTTP request/]],
  ['pod-a http://api/ -H nothing', [/-H "nothing": expected NAME: VALUE/]],
  ['pod-a http://api/ --method G-T', [/"G-T" is not a method/]],
  ['pod-a internet', [/no way to the internet/, /internet: \{ gateway/]],
  ['pod-a shop/thing/cart', [/"thing" is not a kind/]],
  ['pod-a a/b/c/d', [/NAMESPACE\/KIND\/NAME/]],
  ['pod-a pod/', [/not a name/]],
];

describe('names that cannot be traced: exit status 2, and what would do', () => {
  test.each(REFUSED)('%s', async (argv, says) => {
    const { status, stdout, stderr } = await run(argv, world);
    expect([status, stdout]).toEqual([2, '']);
    for (const pattern of says) expect(stderr).toMatch(pattern);
  });

  test('a command is only offered for a source that nobody has', async () => {
    const shop = NAMES.replaceAll('name: open', 'name: shop');
    const { stderr } = await run(['shop', 'svc/opne'], { files: { 'topology.yaml': shop } });
    expect(stderr).toContain('svc/opne');
    expect(stderr).not.toContain('show');
    expect((await run(['shov', 'pod-a'], world)).stderr).toContain('did you mean show?');
  });

  test('control characters of the command line are escaped', async () => {
    const { stderr } = await run(['\u001b[31mpod', 'open:80'], world);
    expect(stderr).toContain('\\u001b[31mpod');
    expect(stderr).not.toContain('\u001b');
  });
});

describe('--size', () => {
  test.each(['63', '0', '65536', '-1', '1e3', '12.5', 'big', ''])('%j is refused', async (size) => {
    const { status, stderr } = await run(['pod-a', 'open:80', `--size=${size}`], world);
    expect(status).toBe(2);
    expect(stderr).toMatch(/size/);
  });

  // The MTU is 1500 everywhere: one byte more does not fit. TCP knows that, and sends no more than both ends take (MSS).
  test.each([
    ['64', 'udp', 'delivered', undefined],
    ['1500', 'udp', 'delivered', undefined],
    ['1501', 'udp', expect.not.stringMatching('delivered'), 'MTU_EXCEEDED'],
    ['65535', 'udp', expect.not.stringMatching('delivered'), 'MTU_EXCEEDED'],
    ['65535', 'tcp', 'delivered', undefined],
  ])('%s bytes by %s', async (size, protocol, outcome, code) => {
    const trace = await traceOf(`pod-a open:80/${protocol} --size ${size}`, world);
    expect([trace.outcome, trace.reason?.code]).toEqual([outcome, code]);
  });

  // Both ends' devices count, the sender's own too, from its first hop on. Source: tcp_sync_mss, net/ipv4/tcp_output.c.
  test.each([
    ['small', 'large'],
    ['large', 'small'],
  ])('what %s sends to %s is no larger than either takes, and that is said', async (from, to) => {
    const file = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16 }
nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }]
pods: [{ name: small, node: node-1, devices: { eth0: { mtu: 1300 } } }, { name: large, node: node-1 }]
`;
    const trace = await traceOf(`${from} ${to}:80 --size 1450`, { files: { 'topology.yaml': file } });
    expect(trace).toHaveProperty('paths[0].data.hops[0].packet.size', 1300);
    expect(JSON.stringify(trace.assumptions)).toContain('TCP sends at most 1300 bytes at once here');
  });
});
