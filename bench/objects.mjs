// Dumps as kubectl prints them, of any size, written in pieces: a string cannot hold those of a large cluster.
import { closeSync, openSync, writeSync } from 'node:fs';
import { stringify } from 'yaml';

const meta = (name, more = {}) => ({
  annotations: { 'example.com/checksum': '5f2b9c1d'.repeat(8), 'example.com/owner': 'a team that writes long annotations, with a comma' },
  creationTimestamp: '2026-03-04T05:06:07Z',
  labels: { app: '%app%', 'app.kubernetes.io/instance': 'release-%app%', 'pod-template-hash': '7d9c6b8f5d', tier: 'backend' },
  name,
  namespace: '%ns%',
  resourceVersion: '%rv%',
  uid: '3b8f6c1e-0000-4000-8000-%uid%',
  ...more,
});

const probe = (path) => ({
  failureThreshold: 3,
  httpGet: { path, port: 'http', scheme: 'HTTP' },
  initialDelaySeconds: 10,
  periodSeconds: 10,
  successThreshold: 1,
  timeoutSeconds: 1,
});

const container = (name, port) => ({
  args: ['--config=/etc/app/config.yaml', '--listen=:8080', '-v', '2'],
  env: [
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    { name: 'DATABASE_URL', value: 'postgres://app@db.%ns%.svc.cluster.local:5432/app?sslmode=require' },
    ...Array.from({ length: 4 }, (_, i) => ({ name: `SETTING_${i}`, value: `value number ${i} of the application %app%` })),
    { name: 'ENABLED', value: 'true' },
  ],
  image: `registry.example.com/team/${name}@sha256:${'0123456789abcdef'.repeat(4)}`,
  imagePullPolicy: 'IfNotPresent',
  livenessProbe: probe('/healthz'),
  name,
  ports: [{ containerPort: port, name: 'http', protocol: 'TCP' }],
  readinessProbe: probe('/ready'),
  resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  volumeMounts: [
    { mountPath: '/etc/app', name: 'config', readOnly: true },
    { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: 'kube-api-access', readOnly: true },
  ],
});

const status = (name) => ({
  containerID: `containerd://${'fedcba9876543210'.repeat(4)}`,
  image: `registry.example.com/team/${name}:1.2.3`,
  imageID: `registry.example.com/team/${name}@sha256:${'0123456789abcdef'.repeat(4)}`,
  lastState: {},
  name,
  ready: true,
  restartCount: 0,
  started: true,
  state: { running: { startedAt: '2026-03-04T05:06:10Z' } },
});

const condition = (type) => ({ lastProbeTime: null, lastTransitionTime: '2026-03-04T05:06:12Z', status: 'True', type });
const toleration = (key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 });

/** 12 KB in kubectl's JSON, as pods of applications have. */
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta('%app%-7d9c6b8f5d-%i%', {
    generateName: '%app%-7d9c6b8f5d-',
    ownerReferences: [
      { apiVersion: 'apps/v1', blockOwnerDeletion: true, controller: true, kind: 'ReplicaSet', name: '%app%-7d9c6b8f5d', uid: '%uid%' },
    ],
  }),
  spec: {
    containers: [container('app', 8080)],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    nodeName: '%node%',
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: { fsGroup: 1000, runAsNonRoot: true, runAsUser: 1000 },
    serviceAccount: 'default',
    serviceAccountName: 'default',
    terminationGracePeriodSeconds: 30,
    tolerations: [toleration('node.kubernetes.io/not-ready'), toleration('node.kubernetes.io/unreachable')],
    volumes: [
      { configMap: { defaultMode: 420, name: '%app%-config' }, name: 'config' },
      {
        name: 'kube-api-access',
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
            { downwardAPI: { items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }] } },
          ],
        },
      },
    ],
  },
  status: {
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    containerStatuses: [status('app')],
    hostIP: '%nodeip%',
    hostIPs: [{ ip: '%nodeip%' }],
    phase: 'Running',
    podIP: '%ip%',
    podIPs: [{ ip: '%ip%' }],
    qosClass: 'Burstable',
    startTime: '2026-03-04T05:06:07Z',
  },
};

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    ...meta('%node%'),
    namespace: undefined,
    labels: { 'kubernetes.io/hostname': '%node%', 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': 'zone-1' },
  },
  spec: { podCIDR: '%cidr%', podCIDRs: ['%cidr%'], providerID: 'example:///zone-1/%node%' },
  status: {
    addresses: [
      { address: '%nodeip%', type: 'InternalIP' },
      { address: '%node%', type: 'Hostname' },
    ],
    capacity: { cpu: '8', 'ephemeral-storage': '101430960Ki', memory: '32386540Ki', pods: '110' },
    conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map(condition),
    images: Array.from({ length: 10 }, (_, i) => ({
      names: [`registry.example.com/team/image-${i}@sha256:${'0123456789abcdef'.repeat(4)}`, `registry.example.com/team/image-${i}:1.2.3`],
      sizeBytes: 123_456_789,
    })),
    nodeInfo: { architecture: 'amd64', kernelVersion: '6.8.0', kubeletVersion: 'v1.33.1', operatingSystem: 'linux' },
  },
};

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta('%app%'),
  spec: {
    clusterIP: '%svcip%',
    clusterIPs: ['%svcip%'],
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }],
    selector: { app: '%app%' },
    sessionAffinity: 'None',
    type: 'ClusterIP',
  },
  status: { loadBalancer: {} },
};

const endpoint = (j) => ({
  addresses: [`%ip${j}%`],
  conditions: { ready: true, serving: true, terminating: false },
  nodeName: `%node${j}%`,
  targetRef: { kind: 'Pod', name: `%app%-7d9c6b8f5d-%i${j}%`, namespace: '%ns%', uid: `3b8f6c1e-0000-4000-8000-%uid${j}%` },
});

const sliceOf = (endpoints) => ({
  addressType: 'IPv4',
  apiVersion: 'discovery.k8s.io/v1',
  endpoints: Array.from({ length: endpoints }, (_, j) => endpoint(j)),
  kind: 'EndpointSlice',
  metadata: meta('%app%-x2x9z', { labels: { 'kubernetes.io/service-name': '%app%' } }),
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
});

/** An object's text with places to fill, in its list. */
const LAYOUTS = {
  json: {
    head: '{\n    "apiVersion": "v1",\n    "items": [\n',
    between: ',\n',
    tail: '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n',
    print: (object) => JSON.stringify(object, null, 4).replace(/^/gm, '        '),
  },
  yaml: {
    head: 'apiVersion: v1\nitems:\n',
    between: '',
    tail: 'kind: List\nmetadata:\n  resourceVersion: ""\n',
    // go-yaml has a list's dashes below its key, and asks for quotes where a text could be something else.
    print: (object) => stringify([object], { indentSeq: false, lineWidth: 80, defaultStringType: 'PLAIN', version: '1.1' }),
  },
};

const filled = (template, values) => {
  const parts = template.split(/%(\w+)%/);
  return () => parts.map((part, i) => (i % 2 === 0 ? part : values(part))).join('');
};

const nodeName = (n) => `ip-10-0-${n >> 8}-${n & 255}.eu-central-1.compute.internal`;
const nodeIp = (n) => `10.0.${n >> 8}.${n & 255}`;
const podIp = (n, nodes) => `10.${64 + ((n % nodes) >> 8)}.${(n % nodes) & 255}.${2 + Math.floor(n / nodes)}`;
const padded = (n) => String(n).padStart(12, '0');

/** Writes a cluster's objects into a file: pods of service i are i, i + services, … */
export function writeObjects(file, format, { pods, nodes, services }) {
  const layout = LAYOUTS[format];
  const fill = (index, service, key) => {
    const [, name, j] = /^([a-z]+)(\d*)$/.exec(key);
    const i = j === '' ? index : service + Number(j) * services;
    const values = {
      i: () => String(i),
      rv: () => String(100_000 + i),
      ip: () => podIp(i, nodes),
      uid: () => padded(i),
      node: () => nodeName(i % nodes),
      nodeip: () => nodeIp(i % nodes),
      cidr: () => `10.${64 + ((i % nodes) >> 8)}.${(i % nodes) & 255}.0/24`,
      app: () => `frontend-${service}`,
      ns: () => `team-${service % 50}`,
      svcip: () => `172.20.${service >> 8}.${service & 255}`,
    };
    return values[name]();
  };
  const perSlice = Math.min(100, Math.floor(pods / services));
  const kinds = [
    [NODE, nodes],
    [POD, pods],
    [SERVICE, services],
    [sliceOf(perSlice), services],
  ];
  const fd = openSync(file, 'w');
  let text = layout.head;
  let isFirst = true;
  for (const [object, count] of kinds) {
    let at = 0;
    const print = filled(layout.print(object), (key) => fill(at, at % services, key));
    for (; at < count; at++) {
      text += (isFirst ? '' : layout.between) + print();
      isFirst = false;
      if (text.length > 4_000_000) {
        writeSync(fd, text);
        text = '';
      }
    }
  }
  writeSync(fd, text + layout.tail);
  closeSync(fd);
}
