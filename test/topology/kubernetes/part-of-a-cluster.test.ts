import { describe, expect, test } from 'vitest';
import { type LoadOptions, linting, loadNetwork, overview, traceRequest } from '../../../src/index.ts';
import { file } from '../sources.ts';
import { networkOf, node, pod, service as serviceObject } from './small-cluster.ts';

/** Objects of a part of a cluster: what is not in the input is no fault, but not known, and a trace has the command that tells. */

const NODE = node('n1', '192.168.1.11', '10.244.1.0/24');
const CLIENT = NODE + pod('client', 'n1', '10.244.1.10').replace(', ports: [{ containerPort: 8080 }]', '');
const service = (namespace: string, fields: string) => serviceObject('api', fields, namespace);

const ask = (text: string, destination: string, options: LoadOptions = {}) =>
  traceRequest(networkOf(text, options), { source: 'shop/client', destination });

function answer(text: string, destination: string, options: LoadOptions = {}) {
  const result = ask(text, destination, options);
  if (!result.ok) throw new Error(result.message);
  const { outcome, reason } = result.trace;
  return { outcome, code: reason?.code, asks: reason?.fix ?? [] };
}

const missing = (command: string) => ({ outcome: 'undetermined', code: 'FACT_MISSING', asks: [expect.stringContaining(command)] });

async function warnings(text: string) {
  const { lint } = await linting();
  const files = [file(text)];
  return lint(loadNetwork(files), files, { select: [], ignore: [] })
    .findings.filter((d) => d.severity !== 'note')
    .map((d) => d.code);
}

describe('a service and no endpoints', () => {
  test.each([
    ['by its ClusterIP', service('other', 'clusterIP: 10.96.0.20, selector: { app: api }')],
    ['headless', service('other', 'clusterIP: None, selector: { app: api }')],
  ])('a namespace that has no pod here, %s', async (_, api) => {
    expect(answer(CLIENT + api, 'other/svc/api')).toEqual(missing('kubectl get pods,endpointslices -n other -o json'));
    expect(await warnings(CLIENT + api)).toEqual([]);
    const why = 'not known: no pod of its namespace, and no endpoints in the input';
    expect(overview(networkOf(CLIENT + api).cluster).services.map((s) => s.whyNoEndpoints)).toEqual([why]);
  });

  test('a selector that matches none of the pods that are there is a fault, also in a manifest', async () => {
    const wrong = CLIENT + service('shop', 'clusterIP: 10.96.0.20, selector: { app: api }');
    expect(answer(wrong, 'shop/svc/api').code).toBe('NO_ENDPOINTS');
    expect(await warnings(wrong)).toContain('selector-matches-nothing');
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: client, namespace: shop }\nspec: { containers: [{ name: app }] }\n---\n';
    const manifest = pod + service('other', 'selector: { app: api }');
    expect(answer(manifest, 'other/svc/api').code).toBe('NO_ENDPOINTS');
    expect(await warnings(manifest)).toContain('selector-matches-nothing');
  });

  test('of one without a selector nothing is found wrong either', async () => {
    expect(await warnings(CLIENT + service('other', 'clusterIP: 10.96.0.20'))).toEqual([]);
  });
});

describe('a name of a service in a namespace that has no service here', () => {
  const web = service('shop', 'clusterIP: 10.96.0.20').replace('name: api', 'name: web');

  test.each([
    ['kubernetes.default', 'default', CLIENT],
    ['kubernetes.default', 'default', CLIENT + web],
    ['kube-dns.kube-system:53/udp', 'kube-system', CLIENT + web],
    ['api.other.svc.cluster.local', 'other', CLIENT + web],
    ['db-0.db.other.svc', 'other', CLIENT + web],
  ])('%s', (name, namespace, input) => {
    expect(answer(input, name)).toEqual(missing(`kubectl get services -n ${namespace} -o json`));
  });

  test.each([
    ['api.shop', 'a namespace whose services are here', CLIENT + web],
    [
      'api.other.svc',
      'none of the namespaces that there are',
      `${CLIENT}${web}apiVersion: v1\nkind: Namespace\nmetadata: { name: default }\n---\n`,
    ],
  ])('%s is none in %s', (name, _, input) => {
    expect(answer(input, name)).toMatchObject({ outcome: 'rejected', code: 'NO_SUCH_NAME' });
  });

  test('a slip is still seen', () => {
    expect(answer(CLIENT + web, 'web.shpo').asks).toEqual([
      'ask: kubectl get services -n shpo -o json',
      expect.stringContaining('or call web.shop'),
    ]);
  });

  test('a manifest has all services of the namespaces that it puts pods into', () => {
    const manifest = 'apiVersion: v1\nkind: Pod\nmetadata: { name: client, namespace: shop }\nspec: { containers: [{ name: app }] }\n---\n';
    expect(answer(manifest, 'api.shop').code).toBe('NO_SUCH_NAME');
    expect(answer(manifest, 'kubernetes.default').code).toBe('FACT_MISSING');
  });
});

describe('an input that lists no services', () => {
  const options = { flags: { serviceCidr: '10.96.0.0/12' } };
  const none = 'apiVersion: v1\nkind: ServiceList\nitems: []\n---\n';

  test('an address of their range may be that of one', () => {
    expect(answer(CLIENT, '10.96.0.1:443', options)).toEqual(missing('kubectl get services -A -o json'));
    const some = CLIENT + service('shop', 'clusterIP: 10.96.0.20');
    for (const input of [CLIENT + none, some]) expect(answer(input, '10.96.0.1:443', options).code).toBe('NO_ROUTE');
  });

  test.each([
    ['JSON', '{"kind":"ServiceList","apiVersion":"v1","metadata":{"continue":"eyJ2"},"items":[ITEM]}', 'x.json'],
    ['YAML', 'kind: ServiceList\napiVersion: v1\nmetadata:\n  continue: eyJ2\nitems:\n- ITEM\n', 'x.yaml'],
  ])('of a part of a list, as %s, it is not known what the others are', (_, list, name) => {
    const item = '{"kind":"Service","apiVersion":"v1","metadata":{"name":"api","namespace":"shop"},"spec":{"clusterIP":"10.96.0.20"}}';
    const codeOf = (text: string) => {
      const loaded = loadNetwork([file(CLIENT), file(text.replace('ITEM', item), name)], options);
      if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
      const asked = traceRequest(loaded.value, { source: 'shop/client', destination: '10.96.0.1:443' });
      return asked.ok ? asked.trace.reason?.code : null;
    };
    expect(codeOf(list)).toBe('FACT_MISSING');
    expect(codeOf(list.replace('eyJ2', ''))).toBe('NO_ROUTE');
  });

  test('a service that is named is none, and why is said', () => {
    expect(ask(CLIENT, 'shop/svc/api')).toMatchObject({
      ok: false,
      message: expect.stringContaining('the input has no services'),
      hint: 'get them: kubectl get services -A -o json',
    });
    const some = CLIENT + service('shop', 'clusterIP: 10.96.0.20');
    expect(ask(some, 'shop/svc/web')).toMatchObject({ ok: false, message: expect.not.stringContaining('the input has no') });
  });
});

describe('a subdomain', () => {
  const own = CLIENT.replace('spec: { nodeName: n1', 'spec: { nodeName: n1, hostname: client, subdomain: db');

  test('may be a service that is not in the input', async () => {
    expect(await warnings(own)).toEqual([]);
    expect(await warnings(own + service('other', 'clusterIP: 10.96.0.20'))).toEqual([]);
  });

  test('is none where the services of its namespace are here, or the pod is a manifest', async () => {
    expect(await warnings(own + service('shop', 'clusterIP: 10.96.0.20'))).toEqual(['subdomain-without-service']);
    const spec = 'spec: { hostname: client, subdomain: db, containers: [{ name: app }] }';
    const manifest = `apiVersion: v1\nkind: Pod\nmetadata: { name: client, namespace: shop }\n${spec}\n---\n`;
    expect(await warnings(manifest)).toEqual(['subdomain-without-service']);
  });
});
