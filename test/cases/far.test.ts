import { describe, expect, test } from 'vitest';
import { loadNetwork, traceRequest } from '../../src/index.ts';
import { file } from '../topology/sources.ts';

/** Two nodes with so many routers between them, each the next one's neighbour. JSON is YAML. */
function chain(routers: number): string {
  const segment = (i: number) => ({ name: `s${i}`, cidr: `172.16.${i}.0/24` });
  const router = (i: number) => ({
    name: `r${i}`,
    interfaces: [
      { segment: `s${i}`, ip: `172.16.${i}.2` },
      { segment: `s${i + 1}`, ip: `172.16.${i + 1}.1` },
    ],
    routes: [
      ...(i === routers - 1 ? [{ to: '10.244.2.0/24', via: `172.16.${i + 1}.12` }] : [{ to: '10.244.2.0/24', via: `172.16.${i + 1}.2` }]),
      ...(i === 0 ? [{ to: '10.244.1.0/24', via: '172.16.0.11' }] : [{ to: '10.244.1.0/24', via: `172.16.${i}.1` }]),
    ],
  });
  const count = Array.from({ length: routers }, (_, i) => i);
  return JSON.stringify({
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: { podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12' },
    nodes: [
      { name: 'node-1', ip: '172.16.0.11', podCIDR: '10.244.1.0/24' },
      { name: 'node-2', ip: `172.16.${routers}.12`, podCIDR: '10.244.2.0/24' },
    ],
    pods: [
      { name: 'near', node: 'node-1' },
      { name: 'far', node: 'node-2', containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }] },
    ],
    underlay: { segments: [...count, routers].map(segment), routers: count.map(router) },
  });
}

function ask(routers: number) {
  const loaded = loadNetwork([file(chain(routers), 'far.yaml')]);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  const result = traceRequest(loaded.value, { source: 'near', destination: 'far' });
  if (!result.ok) throw new Error(result.message);
  return result.trace;
}

/** A packet starts with TTL 64. Who forwards takes one, and drops what came in with 1: the 64th machine, of which two are the nodes. */
describe('a chain of routers', () => {
  test('61 of them and the nodes, 63 machines, forward it', () => {
    expect(ask(61)).toMatchObject({ outcome: 'delivered' });
  });

  test('62 of them are too many: node-2 is the 64th machine, and the fix shows the way', () => {
    const { outcome, reason } = ask(62);
    expect({ outcome, code: reason?.code, client: reason?.client }).toEqual({
      outcome: 'rejected',
      code: 'TTL_EXPIRED',
      client: 'host-unreachable',
    });
    expect(reason?.fix.join('\n')).toMatch(/shorter way.*r61 sends 10\.244\.2\.0\/24 to 172\.16\.62\.12 \(far\.yaml:1\)/);
  });
});
