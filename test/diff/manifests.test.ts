import { expect, test } from 'vitest';
import { changeText, diffOf } from './diffing.ts';

const deployment = (name: string, port: number, replicas = 1) => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [ { name: app, image: app, ports: [ { containerPort: ${port} } ] } ] }
`;

const nodePort = (name: string, of: string, port: number) => `---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { type: NodePort, selector: { app: ${of} }, ports: [ { port: 80, targetPort: ${port} } ] }
`;

const CLOSED = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed }
spec: { podSelector: {}, policyTypes: [ Ingress, Egress ] }
`;

/** On two nodes: db-1 and web-2 on one, web-1 on the other. Calico lets a node call its own pods, whatever policies say, and nobody else gets through. */
const SHOP = deployment('db', 5432) + deployment('web', 8080, 2) + nodePort('front', 'web', 8080) + CLOSED;
const OTHER = deployment('aaa', 80);
const CALICO = { flags: { networkPolicy: 'calico' } };

const changesOf = (before: string, after: string | null, without: readonly string[] = []) =>
  diffOf(before, after, {}, without.length === 0 ? CALICO : { ...CALICO, whatIf: { without } }).changes;

test('one more Deployment before all others moves no pod of these', () => {
  expect(changesOf(SHOP, OTHER + SHOP).map(changeText)).toEqual([
    'gained Node/nodes -> Deployment/default/aaa 80/tcp: nothing, delivered 0.50',
  ]);
});

test('nor does one less', () => {
  expect(changesOf(OTHER + SHOP, null, ['deploy/aaa']).map(changeText)).toEqual([
    'lost Node/nodes -> Deployment/default/aaa 80/tcp: delivered 0.50, nothing',
  ]);
});

test('nor one more pod of another: each node has one to call then, which is half of the pairs as before', () => {
  expect(changesOf(SHOP, SHOP.replace('replicas: 1', 'replicas: 2'))).toEqual([]);
});

test('one more Service before all others, with nothing behind it, takes no node port of theirs', () => {
  const found = changesOf(SHOP, nodePort('aaa', 'nobody', 80) + SHOP);
  expect(found.filter(({ to, ports }) => ports.includes('30000') || to === 'Service/default/front').map(changeText)).toEqual([]);
});

test('a Service that states the node port that another was given has it, and the other gets the next one', () => {
  const stated = nodePort('aaa', 'aaa', 80).replace('port: 80,', 'port: 80, nodePort: 30000,');
  expect(changesOf(OTHER + SHOP, OTHER + stated + SHOP).flatMap((c) => c.ports)).toContain('30001');
});

test('what it is not about has another cause', () => {
  const found = changesOf(SHOP, OTHER + SHOP.replace('targetPort: 8080', 'targetPort: 8081'));
  const causes = found.map(({ to, causes: by }) => `${to}: ${by.map((c) => c.object).join(', ')}`);
  expect(causes).toContain('Service/default/front: Service/default/front');
  expect(causes.filter((c) => c.endsWith('Deployment/default/aaa'))).toEqual(['Deployment/default/aaa: Deployment/default/aaa']);
});
