import { describe, expect, test } from 'vitest';
import { linting, loadNetwork, traceRequest } from '../../src/index.ts';
import { CLUSTER, networkOf, service, traceOf } from '../topology/kubernetes/small-cluster.ts';
import { file } from '../topology/sources.ts';

/** A workload that is scaled down to no pod: that is why nobody answers, whatever the labels of other pods are. */

const workload = (kind: string, name: string, replicas: number, more = '') => `apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: shop, uid: ${name}${more} }
spec:
  replicas: ${replicas}
  template: { metadata: { labels: { app: api } }, spec: { containers: [{ name: app }] } }
---
`;
const API = service('api', 'clusterIP: 10.96.0.20, selector: { app: api }');
const HEADLESS = service('api', 'clusterIP: None, selector: { app: api }');
const SLICE = `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: api-x, namespace: shop, labels: { kubernetes.io/service-name: api } }
addressType: IPv4
ports: []
endpoints: []
---
`;
const SCALE = (kind: string, name = 'api') => `kubectl -n shop scale ${kind} ${name} --replicas=1`;

const ask = (text: string) => {
  const { outcome, reason } = traceOf(CLUSTER + text, { source: 'shop/client', destination: 'shop/svc/api' });
  return [outcome, reason?.code, reason?.fix.join() ?? ''] as const;
};

describe('replicas: 0', () => {
  test.each([
    ['of a Deployment', workload('Deployment', 'api', 0) + API, 'deployment'],
    ['of a StatefulSet, before a headless service', workload('StatefulSet', 'api', 0) + HEADLESS, 'statefulset'],
    ['of a Deployment, whose service has its empty slice', workload('Deployment', 'api', 0) + API + SLICE, 'deployment'],
    ['of a ReplicaSet alone', workload('ReplicaSet', 'api', 0) + API, 'replicaset'],
  ])('%s: scale it up', (_, text, kind) => {
    const [outcome, code, fix] = ask(text);
    expect([outcome, code]).toEqual(['rejected', 'NO_ENDPOINTS']);
    expect(fix).toContain(SCALE(kind));
  });

  test.each([
    ['another workload of these labels has pods', workload('Deployment', 'api', 0) + API.replace('app: api', 'app: web')],
    ['it is 1', workload('Deployment', 'api', 1) + API],
    [
      "it is an old ReplicaSet of a Deployment's",
      workload('ReplicaSet', 'api', 0, ', ownerReferences: [{ kind: Deployment, name: api, controller: true }]') + API,
    ],
    ['of another namespace', workload('Deployment', 'api', 0).replace('namespace: shop', 'namespace: other') + API],
  ])('is not to blame: %s', (_, text) => {
    expect(ask(text)[2]).not.toContain('scale');
  });

  test('a workload by its name is said to have no pod', () => {
    const asked = traceRequest(networkOf(CLUSTER + workload('Deployment', 'api', 0)), { source: 'shop/client', destination: 'deploy/api' });
    expect(asked).toMatchObject({ ok: false, message: 'deploy/api: it has replicas: 0, so no pod of it is there' });
    expect(asked).toMatchObject({ hint: `scale it up: ${SCALE('deployment')}` });
  });

  test('validate says so, and suggests no other labels', async () => {
    const { lint } = await linting();
    const files = [file(CLUSTER + workload('Deployment', 'api', 0) + API.replace('app: api', 'app: api'))];
    const found = lint(loadNetwork(files), files, { select: [], ignore: [] }).findings.filter((d) => d.code === 'selector-matches-nothing');
    expect(found.map((d) => [d.message, d.hint])).toEqual([
      ['Deployment api, whose pods it would select, has replicas: 0', `scale it up: ${SCALE('deployment')}`],
    ]);
  });
});

describe('a load balancer without an address, before a service', () => {
  const pending = (selector: string) =>
    service('api', `type: LoadBalancer, clusterIP: 10.96.0.20, selector: { app: ${selector} }`)
      .replace('8080 }', '8080, nodePort: 30080 }')
      .replace('name: api', 'name: api, uid: api');
  const fixOf = (selector: string) => {
    const { reason } = traceOf(CLUSTER + pending(selector), { source: 'internet', destination: 'shop/svc/api' });
    return [reason?.code, reason?.fix.join('\n')];
  };

  test('with endpoints: its node port meanwhile', () => {
    expect(fixOf('web')).toEqual(['LOAD_BALANCER_PENDING', expect.stringContaining('call the node port 30080 of any node until then')]);
  });

  test('without: that is said, and no node port is advised, which would not answer either', () => {
    const [code, fix] = fixOf('none');
    expect([code, fix]).toEqual(['LOAD_BALANCER_PENDING', expect.stringContaining('its selector matches no pod (NO_ENDPOINTS)')]);
    expect(fix).not.toContain('until then');
  });
});
