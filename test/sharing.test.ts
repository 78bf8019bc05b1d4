import { describe, expect, test } from 'vitest';
import type { HopDocument } from '../src/index.ts';
import { ask, askIn, networkOf } from './tracing.ts';

/** What containers share, in fixtures/sharing/volumes.yaml. Expected values: Kubernetes' documentation of each volume type. */
const FIXTURE = 'sharing/volumes.yaml';
/** Where the tests' own pods are. */
const CLUSTER = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16 }
nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }, { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }]
`;
type Volume = Extract<HopDocument, { kind: 'volume' }>;
type Ipc = Extract<HopDocument, { kind: 'ipc' }>;

const hopsOf = (from: string, to: string, over: 'network' | 'ipc' | 'volume') =>
  ask(FIXTURE, from, to, { over }).paths.flatMap((p) => p.forward.hops);
const volumes = (from: string, to: string) => hopsOf(from, to, 'volume').filter((h): h is Volume => h.kind === 'volume');
const ipcs = (from: string, to: string) => hopsOf(from, to, 'ipc').filter((h): h is Ipc => h.kind === 'ipc');
const end = ({ process, path, writable }: Volume['from']) => `${process} ${writable ? 'rw' : 'ro'} ${path}`;

/** [source, destination, outcome, code, what is shared: volume, type, lifetime, both ends] */
const FILES: readonly (readonly [string, string, string, string | undefined, readonly string[]])[] = [
  ['app@web', 'shipper@web', 'delivered', undefined, ['scratch emptyDir pod: app@web rw /data/out, shipper@web ro /in/app']],
  ['shipper@web', 'app@web', 'rejected', 'VOLUME_READ_ONLY', ['scratch emptyDir pod: shipper@web ro /in/app, app@web rw /data/out']],
  ['app@web', 'admin@web', 'rejected', 'VOLUME_READ_ONLY', ['settings configMap content: app@web ro /etc/app, admin@web ro /etc/admin']],
  ['app@web', 'bare@web', 'rejected', 'NO_SHARED_VOLUME', []],
  ['shipper@web', 'admin@web', 'rejected', 'NO_SHARED_VOLUME', []],
  // A hostPath within another one, on one node; and the claim, which only the first may write to.
  [
    'app@web',
    'reader',
    'delivered',
    undefined,
    [
      'logs hostPath node: app@web rw /var/log, app@reader rw /logs/web/app',
      'data persistentVolumeClaim claim: app@web rw /srv, app@reader ro /srv',
    ],
  ],
  [
    'reader',
    'app@web',
    'delivered',
    undefined,
    [
      'all-logs hostPath node: app@reader rw /logs/web/app, app@web rw /var/log',
      'data persistentVolumeClaim claim: app@reader ro /srv, app@web rw /srv',
    ],
  ],
  ['app@web', 'logs@far', 'rejected', 'NO_SHARED_VOLUME', []],
  ['app@web', 'scratch@far', 'rejected', 'NO_SHARED_VOLUME', []],
  // Access modes are not in a topology.
  ['app@web', 'data@far', 'undetermined', 'FACT_MISSING', ['data persistentVolumeClaim claim: app@web rw /srv, data@far rw /srv']],
  ['app@web', 'open', 'undetermined', 'FACT_MISSING', []],
  ['open', 'app@web', 'undetermined', 'FACT_MISSING', []],
  ['a@memory', 'b@memory', 'delivered', undefined, ['shm emptyDir pod: a@memory rw /dev/shm, b@memory rw /dev/shm']],
  ['app@web', 'app@web', 'delivered', undefined, ['scratch', 'logs', 'data', 'settings'].map((v) => `${v} itself`)],
];

describe('shared files', () => {
  test.each(FILES)('%s to %s: %s', (from, to, outcome, code, shared) => {
    const trace = ask(FIXTURE, from, to, { over: 'volume' });
    expect([trace.outcome, trace.reason?.code]).toEqual([outcome, code]);
    const seen = volumes(from, to).map((h) =>
      h.from.process === h.to.process ? `${h.volume} itself` : `${h.volume} ${h.type} ${h.lifetime}: ${end(h.from)}, ${end(h.to)}`,
    );
    expect(seen).toEqual(shared);
    expect(trace.paths.map((p) => [p.reply, p.ack, p.data, p.endpoint])).toEqual([[null, null, null, null]]);
  });

  test.each([
    ['app@web', 'bare@web', /bare@web mounts no volume/, /mount scratch in bare@web/],
    ['app@web', 'logs@far', /\/var\/log\/web is a directory of the node, and node-1 and node-2/, /ReadWriteMany/],
    ['app@web', 'scratch@far', /emptyDir volumes belong to their pods/, /persistentVolumeClaim/],
    ['shipper@web', 'app@web', /read-only/, /readOnly away from the mount of scratch \(sharing\/volumes.yaml:27\)/],
    ['app@web', 'data@far', /on two nodes/, /kubectl -n default get pvc data/],
    ['app@web', 'open', /does not say what the containers of open mount/, /kubectl -n default get pod open/],
  ])('%s to %s: why, and what to change', (from, to, why, fix) => {
    const { reason } = ask(FIXTURE, from, to, { over: 'volume' });
    expect(reason?.message).toMatch(why);
    expect(reason?.fix.join()).toMatch(fix);
  });

  test('of several that are read-only, the one that can be changed is named', () => {
    const mounts = (readOnly: string) => `volumeMounts: [{ name: c, mountPath: /c }, { name: s, mountPath: /s${readOnly} }]`;
    const network = networkOf(`${CLUSTER}pods:
  - name: p
    node: node-1
    volumes: [{ name: c, configMap: { name: c } }, { name: s, emptyDir: {} }]
    containers:
      - { name: a, ${mounts(', readOnly: true')} }
      - { name: b, ${mounts('')} }
`);
    const { reason } = askIn(network, 'a@p', 'b@p', { over: 'volume' });
    expect([reason?.code, reason?.message]).toEqual(['VOLUME_READ_ONLY', 'a@p mounts s read-only, so it cannot write at /s (EROFS)']);
    expect(reason?.fix).toEqual(['take readOnly away from the mount of s (x.yaml:10)']);
  });

  test('a claim that two pods of one node have is delivered, and says what it takes for granted', () => {
    const network = networkOf(`${CLUSTER}pods:
  - &pod { name: a, node: node-1, volumes: [{ name: d, persistentVolumeClaim: { claimName: data } }], containers: [{ name: app, volumeMounts: [{ name: d, mountPath: /d }] }] }
  - { <<: *pod, name: b }
  - { <<: *pod, name: c, namespace: shop }
`);
    const b = askIn(network, 'a', 'b', { over: 'volume' });
    const c = askIn(network, 'a', 'shop/c', { over: 'volume' });
    expect([b.outcome, c.reason?.code]).toEqual(['delivered', 'NO_SHARED_VOLUME']);
    expect(b.assumptions.map((a) => a.message).join()).toMatch(/the claim data is taken to let both pods write/);
    expect(c.reason?.message).toMatch(/data is a claim of a namespace/);
  });

  /** [volumes of both pods, outcome, code, the volume that is told first, what is taken for granted] */
  test.each([
    ['persistentVolumeClaim: { claimName: data }', 'nfs: { server: files, path: /x }', 'delivered', undefined, 'nfs assumed', 0],
    ['nfs: { server: files, path: /x }', 'persistentVolumeClaim: { claimName: data }', 'delivered', undefined, 'nfs assumed', 0],
    ['emptyDir: {}', 'configMap: { name: x }', 'rejected', 'NO_SHARED_VOLUME', '', 0],
    ['emptyDir: {}', 'csi: { driver: smb.csi.k8s.io }', 'undetermined', 'FACT_MISSING', '', 0],
  ] as const)('on two nodes, %s and %s: %s', (one, other, outcome, code, told, granted) => {
    const pod = (name: string, node: string) =>
      `{ name: ${name}, node: ${node}, volumes: [{ name: v, ${one} }, { name: w, ${other} }], containers: [{ name: app, volumeMounts: [{ name: v, mountPath: /v }, { name: w, mountPath: /w }] }] }`;
    const network = networkOf(`${CLUSTER}pods: [${pod('a', 'node-1')}, ${pod('b', 'node-2')}]
`);
    const trace = askIn(network, 'a', 'b', { over: 'volume' });
    const shown = trace.paths[0]?.forward.hops.filter((h): h is Volume => h.kind === 'volume') ?? [];
    const words = shown.length === 0 ? '' : `${shown[0]?.type} ${shown[1]?.evidence}`;
    expect([trace.outcome, trace.reason?.code, words, trace.assumptions.length]).toEqual([outcome, code, told, granted]);
  });

  test.each([
    ['the same subPath', '/data', 'a', '/in', 'a', ['/data', '/in']],
    ['one within the other', '/data', '', '/in', 'a/b', ['/data/a/b', '/in']],
    ['the other within the one', '/data', 'a', '/in', '', ['/data', '/in/a']],
    ['side by side', '/data', 'a', '/in', 'b', null],
    ['a name that begins like another', '/data', 'a', '/in', 'ab', null],
    // Deeper mounts are made later: what is below is hidden.
    ['under another mount', '/data', '', '/over', 'hidden', null],
  ] as const)('subPath: %s', (_name, pathA, subA, pathB, subB, expected) => {
    const mount = (mountPath: string, subPath: string) =>
      `{ name: v, mountPath: ${mountPath}${subPath === '' ? '' : `, subPath: ${subPath}`} }`;
    const network = networkOf(`${CLUSTER}pods:
  - name: p
    node: node-1
    volumes: [{ name: v, emptyDir: {} }, { name: w, emptyDir: {} }]
    containers:
      - { name: a, volumeMounts: [${mount(pathA, subA)}, { name: w, mountPath: /data/hidden }] }
      - { name: b, volumeMounts: [${mount(pathB, subB)}] }
`);
    const found = askIn(network, 'a@p', 'b@p', { over: 'volume' }).paths[0]?.forward.hops.find((h): h is Volume => h.kind === 'volume');
    expect(found === undefined ? null : [found.from.path, found.to.path]).toEqual(expected);
  });
});

/** [source, destination, outcome, code, IPC namespace, /dev/shm, process namespace] */
const MEMORY: readonly (readonly [string, string, string, string | undefined, readonly unknown[]])[] = [
  ['app@web', 'admin@web', 'delivered', undefined, ['default/web', 'pod tmpfs, 64 MiB', false]],
  ['web', 'web', 'delivered', undefined, ['default/web', 'pod tmpfs, 64 MiB', false]],
  ['a@memory', 'b@memory', 'delivered', undefined, ['default/memory', 'volume 1Gi', true]],
  ['a@memory', 'c@memory', 'delivered', undefined, ['default/memory', null, true]],
  ['host-1', 'host-2', 'delivered', undefined, ['node-1', 'node null', true]],
  ['web', 'reader', 'rejected', 'NO_SHARED_NAMESPACE', []],
  ['web', 'far', 'rejected', 'NO_SHARED_NAMESPACE', []],
  ['host-1', 'web', 'rejected', 'NO_SHARED_NAMESPACE', []],
  ['host-1', 'host-3', 'rejected', 'NO_SHARED_NAMESPACE', []],
  // The network of the node is not its memory.
  ['agent', 'host-2', 'rejected', 'NO_SHARED_NAMESPACE', []],
];

describe('shared memory', () => {
  test.each(MEMORY)('%s to %s: %s', (from, to, outcome, code, shared) => {
    const trace = ask(FIXTURE, from, to, { over: 'ipc' });
    expect([trace.outcome, trace.reason?.code]).toEqual([outcome, code]);
    const [hop] = ipcs(from, to);
    const shm = hop?.shm == null ? null : `${hop.shm.kind} ${hop.shm.size}`;
    expect(hop === undefined ? [] : [hop.namespace, shm, hop.processes]).toEqual(shared);
  });

  test('two pods with one directory of the node at /dev/shm share what is in it, and no namespace', () => {
    const shm =
      'volumes: [{ name: shm, hostPath: { path: /dev/shm } }], containers: [{ name: app, volumeMounts: [{ name: shm, mountPath: /dev/shm }] }]';
    const served = shm.replace('hostPath: { path: /dev/shm }', 'nfs: { server: files, path: /shm }');
    const network = networkOf(`${CLUSTER}pods:
  - { name: a, node: node-1, ${shm} }
  - { name: b, node: node-1, ${shm} }
  - { name: host, node: node-1, hostIPC: true, containers: [{ name: app }] }
  - { name: far-a, node: node-1, ${served} }
  - { name: far-b, node: node-2, ${served} }
`);
    for (const destination of ['b', 'host']) {
      const hop = askIn(network, 'a', destination, { over: 'ipc' }).paths[0]?.forward.hops[0];
      expect(hop?.kind === 'ipc' ? [hop.namespace, hop.shm?.kind] : null, destination).toEqual([null, 'volume']);
    }
    expect(askIn(network, 'far-a', 'far-b', { over: 'ipc' }).reason?.code).toBe('NO_SHARED_NAMESPACE');
  });

  test.each([
    ['web', 'far', /on two machines/, /one pod/],
    ['web', 'reader', /each has an IPC namespace of its own/, /hostIPC: true \(web, .*:9; reader, .*:33\)/],
    ['host-1', 'web', /host-1 uses the IPC namespace of node-1/, /hostIPC: true \(web, .*:9\)/],
  ])('%s to %s: why, and what to change', (from, to, why, fix) => {
    const { reason } = ask(FIXTURE, from, to, { over: 'ipc' });
    expect(reason?.message).toMatch(why);
    expect(reason?.message).toMatch(/ENOENT/);
    expect(reason?.client).toBe('name-not-found');
    expect(reason?.fix.join()).toMatch(fix);
  });
});

describe('before a packet', () => {
  test.each([
    ['app@web', 'admin@web', ['ipc', 'volume', 'socket']],
    ['app@web', 'shipper@web', ['ipc', 'volume', 'socket']],
    ['web', 'admin@web', ['ipc', 'volume', 'socket']],
    ['app@web', 'app@web', ['socket']],
    ['web', 'web', ['socket']],
    ['app@web', 'web', ['socket']],
    ['app@web', 'app@reader', ['socket']],
    ['agent', 'app@host-2', ['socket']],
  ])('%s to %s: %j', (from, to, kinds) => {
    const hops = hopsOf(from, to, 'network');
    const sent = hops.findIndex((h) => h.kind === 'socket');
    expect(hops.slice(0, sent + 1).map((h) => h.kind)).toEqual(kinds);
    expect(hops.slice(0, sent).every((h) => h.changes.length === 0 && h.packet.source === hops[sent]?.packet.source)).toBe(true);
  });

  test('the hop that decided is still the last one', () => {
    const { reason, paths } = ask(FIXTURE, 'app@web', 'admin@web:9999');
    expect(paths[0]?.forward.hops[reason?.hop ?? 0]?.kind).toBe('drop');
  });
});
