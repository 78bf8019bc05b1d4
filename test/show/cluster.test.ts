import { describe, expect, test } from 'vitest';
import { factsText, loadNetwork, overview, showText } from '../../src/index.ts';
import { file } from '../topology/sources.ts';

/** A cluster as objects have it: two services without endpoints for a reason each, and one that has some. */
const node = (name: string, ip: string, podCIDR: string) => `
apiVersion: v1
kind: Node
metadata: { name: ${name} }
spec: { podCIDR: ${podCIDR}, podCIDRs: [${podCIDR}] }
status: { addresses: [ { type: InternalIP, address: ${ip} } ] }
---`;
const pod = (name: string, status: string, labels = '') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { ${labels} } }
spec: { nodeName: n1, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
status: ${status}
---`;
const service = (name: string, spec: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: ${spec}
---`;
const running = (ip: string, ready: string) =>
  `{ phase: Running, podIP: ${ip}, podIPs: [ { ip: ${ip} } ], conditions: [ { type: Ready, status: "${ready}" } ] }`;

const OBJECTS = [
  node('n1', '192.168.1.11', '10.244.1.0/24'),
  node('n2', '192.168.1.12', '10.244.2.0/24'),
  pod('web-1', running('10.244.1.10', 'True'), 'app: web'),
  pod('slow-1', running('10.244.1.11', 'False'), 'app: slow'),
  pod('done-1', '{ phase: Succeeded, podIP: 10.244.1.12 }', 'app: done'),
  service(
    'web',
    '{ type: NodePort, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, targetPort: http, nodePort: 30080 } ] }',
  ),
  service('slow', '{ clusterIP: 10.96.0.11, selector: { app: slow }, ports: [ { port: 80 } ] }'),
  service('done', '{ clusterIP: 10.96.0.12, selector: { app: done }, ports: [ { port: 80 } ] }'),
  service('nobody', '{ clusterIP: 10.96.0.13, selector: { app: wbe }, ports: [ { port: 80 } ] }'),
  service('misnamed', '{ clusterIP: 10.96.0.14, selector: { app: web }, ports: [ { port: 80, targetPort: https } ] }'),
  service('outside', '{ clusterIP: 10.96.0.15, ports: [ { port: 5432 } ] }'),
  service('alias', '{ type: ExternalName, externalName: db.example.com }'),
  service(
    'edge',
    '{ type: LoadBalancer, clusterIP: 10.96.0.16, selector: { app: web }, ports: [ { port: 443, targetPort: 8080, nodePort: 30443 } ] }',
  ),
].join('\n');

function viewOf(text: string) {
  const loaded = loadNetwork([file(text, 'cluster.yaml')]);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  return overview(loaded.value.cluster);
}
const view = viewOf(OBJECTS);
const style = { color: false, width: 120 };

describe('lists', () => {
  test.each([
    ['web', /NodePort +10\.96\.0\.10 +- +80:30080\/tcp +1$/m],
    ['slow', /ClusterIP +10\.96\.0\.11 +- +80\/tcp +0: its endpoint is not ready$/m],
    ['done', /0: pod done-1 is Succeeded$/m],
    ['nobody', /0: its selector matches no pod$/m],
    ['misnamed', /0: no container port is named https$/m],
    ['outside', /0: not known: no selector, and no endpoints in the input$/m],
    ['alias', /ExternalName +- +- +- +0: another name for db\.example\.com$/m],
    ['edge', /LoadBalancer +10\.96\.0\.16 +pending +443:30443\/tcp +1$/m],
  ])('service %s has the columns of kubectl, and says why it has no endpoint', (name, says) => {
    const line = showText(
      { kind: 'Services', services: view.services.filter((s) => s.name === `shop/${name}`) },
      { color: false, width: 160 },
    );
    expect(line).toMatch(says);
  });

  test.each([
    ['web-1', /yes +Running +10\.244\.1\.10 +n1$/m],
    ['slow-1', /no +Running +10\.244\.1\.11 +n1$/m],
    ['done-1', /no +Succeeded +/m],
  ])('pod %s has its phase', (name, says) => {
    expect(showText({ kind: 'Pods', pods: view.pods.filter((p) => p.name === `shop/${name}`) }, style)).toMatch(says);
  });
});

describe('facts', () => {
  const fact = (name: string) => view.facts.filter((f) => f.fact === name);

  test('one that an object declares has its place and field', () => {
    expect(fact('node.podCIDRs')[1]).toMatchObject({
      node: 'n2',
      value: ['10.244.2.0/24'],
      confidence: 'declared',
      source: { file: 'cluster.yaml', object: 'Node/n2', field: 'spec.podCIDRs' },
      command: null,
      others: [],
    });
    const line = fact('node.podCIDRs')[1]?.source?.line ?? 0;
    expect(OBJECTS.split('\n')[line - 1]).toMatch(/podCIDRs: \[10\.244\.2\.0\/24\]/);
  });

  test('one that nothing says has the command and the flag', () => {
    expect(fact('kubeProxy.mode')[0]).toMatchObject({ confidence: 'unknown', value: null, source: null, flag: '--kube-proxy-mode' });
    expect(fact('kubeProxy.mode')[0]?.command).toContain('kubectl');
  });

  test('as a table: what each node says in the same field is one line, and the flag stands where nothing is sure', () => {
    const text = factsText(view, { color: false, width: 160 });
    expect(text).toMatch(/^node\.podCIDRs \(2 nodes\) +10\.244\.1\.0\/24, 10\.244\.2\.0\/24 +declared +each Node's spec\.podCIDRs$/m);
    expect(text).toMatch(/^kubeProxy\.mode +- +unknown +.*--kube-proxy-mode$/ms);
    expect(text).toMatch(/^kubeProxy\.nodePortAddresses +all +assumed/m);
    expect(text).toMatch(/^3 pods, 8 services: /m);
  });

  test('they come in the order of the contract', () => {
    const names = [...new Set(view.facts.map((f) => f.fact))];
    expect(names[0]).toBe('cni.plugin');
    expect(names.indexOf('podCIDR')).toBeLessThan(names.indexOf('serviceCIDR'));
    expect(names.filter((n) => n.startsWith('node.'))).toEqual(names.slice(-4));
  });
});

test.each([80, 120])('every table fits %i columns', (width) => {
  for (const text of [showText(view, { color: false, width }), factsText(view, { color: false, width })])
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
});
