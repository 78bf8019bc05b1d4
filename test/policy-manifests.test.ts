import { describe, expect, test } from 'vitest';
import { loadNetwork, traceRequest } from '../src/index.ts';

/** Manifests that run nowhere yet, and a policy: pods, nodes and addresses stand in, out of one range, whichever plugin gives them. */
const workload = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [ { name: app, image: app, ports: [ { containerPort: 8080 } ] } ] }
`;
const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db }
spec: { podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { podSelector: { matchLabels: { app: api } } } ] } ] }
`;
// Three, so that two of them are on one node, whichever they are.
const MANIFESTS = [workload('api'), workload('web'), workload('db'), POLICY].join('---\n');

function asked(source: string, cni: string, podCidr?: string) {
  const flags = podCidr === undefined ? { cni } : { cni, podCidr };
  const loaded = loadNetwork([{ name: 'app.yaml', bytes: new TextEncoder().encode(MANIFESTS) }], { flags });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  const result = traceRequest(loaded.value, { source: `deploy/${source}`, destination: 'deploy/db:8080' });
  if (!result.ok) throw new Error(result.message);
  const { outcome, reason, source: from } = result.trace;
  return [outcome, reason?.code ?? null, from.ip];
}

describe.each(['calico', 'canal', 'cilium', 'kindnet'])('%s', (cni) => {
  test('lets in those that the policy names, each by its own address, and no other', () => {
    expect(asked('api', cni).slice(0, 2)).toEqual(['delivered', null]);
    expect(asked('web', cni).slice(0, 2)).toEqual(['dropped', 'POLICY_DEFAULT_DENY']);
  });

  test('addresses are of the range that is stated', () => {
    expect(asked('api', cni, '172.20.0.0/16')[2]).toMatch(/^172\.20\.[12]\./);
  });
});
