import { describe, expect, test } from 'vitest';
import { file, told } from './sources.ts';

type Json = Readonly<Record<string, unknown>>;

const pod = (more: Json) => ({ pods: [{ name: 'pod-a', node: 'node-1', ...more }] });
const container = (more: Json) => pod({ containers: [{ name: 'app', ...more }] });
const mount = (more: Json) => container({ volumeMounts: [{ name: 'scratch', mountPath: '/data', ...more }] });
const route = (more: Json) => ({ httpRoutes: [{ name: 'r', rules: [more] }] });
const cluster = (more: Json) => ({ cluster: { podCIDR: '10.244.0.0/16', ...more } });

/** Every field of design.md section 6 that a later issue builds, and those of Kubernetes that go with them: [field, file]. */
const LATER: readonly (readonly [string, Json])[] = [
  ['pods[0].initContainers', pod({ initContainers: [] })],
  ['pods[0].containers[0].volumeDevices', container({ volumeDevices: [] })],
  ['pods[0].containers[0].volumeMounts[0].subPathExpr', mount({ subPathExpr: '$(POD_NAME)' })],
  ['pods[0].containers[0].volumeMounts[0].mountPropagation', mount({ mountPropagation: 'Bidirectional' })],
  ['cluster.cni', cluster({ cni: 'host-device' })],
  ['cluster.cni', cluster({ cni: 'Multus' })],
  ['cluster.cni.plugin', cluster({ cni: { plugin: 'multus' } })],
  ['cluster.kubeProxy', cluster({ kubeProxy: 'userspace' })],
  ['cluster.kubeProxy.mode', cluster({ kubeProxy: { mode: 'kernelspace' } })],
  [
    'ingresses[0].defaultBackend.resource',
    {
      ingresses: [
        { name: 'a', defaultBackend: { service: { name: 'b', port: { number: 80 } }, resource: { kind: 'StorageBucket', name: 'c' } } },
      ],
    },
  ],
  ['httpRoutes[0].rules[0].timeouts', route({ timeouts: { request: '10s' } })],
  ['httpRoutes[0].rules[0].retry', route({ retry: { attempts: 3 } })],
  ['httpRoutes[0].rules[0].filters[0].requestMirror', route({ filters: [{ type: 'URLRewrite', requestMirror: {} }] })],
  ['httpRoutes[0].rules[0].filters[0].extensionRef', route({ filters: [{ type: 'URLRewrite', extensionRef: {} }] })],
  ['httpRoutes[0].rules[0].backendRefs[0].filters', route({ backendRefs: [{ name: 'b', port: 80, filters: [] }] })],
];

const smallest = {
  apiVersion: 'k8s-trace/v1',
  kind: 'Topology',
  ...cluster({}),
  nodes: [{ name: 'node-1', ip: '192.168.1.11', podCIDR: '10.244.1.0/24' }],
};
const load = (more: Json) => told(file(JSON.stringify({ ...smallest, ...more }), 'x.json'));

describe('what a later version will read is refused, never ignored', () => {
  test.each(LATER)('%s', (field, more) => {
    const diagnostics = load(more);
    expect(diagnostics.map((d) => [d.severity, d.code, d.place?.field])).toEqual([['error', 'not-supported-yet', field]]);
    expect(diagnostics[0]?.message).toMatch(/not supported yet/);
  });

  test.each([
    ['ebpf', cluster({ kubeProxy: 'ebpf' }), 'cluster.kubeProxy'],
    ['userspace', cluster({ kubeProxy: { mode: 'userspace' } }), 'cluster.kubeProxy.mode'],
  ] as const)('%s is refused at its field', (_name, more, field) => {
    expect(load(more).map((d) => [d.severity, d.place?.field])).toEqual([['error', field]]);
  });
});
