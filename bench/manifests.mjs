// Objects of a cluster with policies, as kubectl prints them, without what no reader of them needs: deployments' pods, services, namespaces, policies.
import { closeSync, openSync, writeSync } from 'node:fs';

const meta = (name, namespace, more) => ({
  name,
  namespace,
  uid: `uid-${namespace}-${name}`,
  creationTimestamp: '2026-03-04T05:06:07Z',
  ...more,
});
const team = (n) => `team-${n}`;
const app = (n) => `app-${n}`;
const PORTS = [8080, 8443, 9090];

const namespaceObject = (n) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: team(n), labels: { group: `g-${n % 10}`, 'kubernetes.io/metadata.name': team(n) } },
  status: { phase: 'Active' },
});

const nodeAddress = (n) => `172.16.${(n + 10) >> 8}.${(n + 10) & 255}`;
const podRange = (n) => `10.${128 + (n >> 8)}.${n & 255}`;

const nodeObject = (n) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: `node-${n}`, labels: { 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': 'zone-1' } },
  spec: { podCIDR: `${podRange(n)}.0/24`, podCIDRs: [`${podRange(n)}.0/24`] },
  status: {
    addresses: [
      { type: 'InternalIP', address: nodeAddress(n) },
      { type: 'Hostname', address: `node-${n}` },
    ],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});

/** A pod is the i-th of all; its workload has every `workloads`-th. */
function podObject(i, { workloads, namespaces, nodes }) {
  const [w, n] = [i % workloads, i % nodes];
  const address = `${podRange(n)}.${2 + Math.floor(i / nodes)}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(`${app(w)}-7d9c6b8f5d-${i}`, team(w % namespaces), {
      labels: { app: app(w), tier: w % 2 === 0 ? 'front' : 'back', 'pod-template-hash': '7d9c6b8f5d' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app(w)}-7d9c6b8f5d`, controller: true, uid: `uid-rs-${w}` }],
    }),
    spec: {
      nodeName: `node-${n}`,
      containers: [
        {
          name: 'app',
          image: `registry.example.com/team/${app(w)}:1.2.3`,
          env: [
            { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
            { name: 'SETTING', value: `a value of ${app(w)}` },
          ],
          ports: [{ name: 'http', containerPort: PORTS[w % PORTS.length], protocol: 'TCP' }],
          resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
        },
      ],
      restartPolicy: 'Always',
      serviceAccountName: 'default',
    },
    status: {
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'PodScheduled', status: 'True' },
      ],
      containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: { startedAt: '2026-03-04T05:06:10Z' } } }],
      hostIP: nodeAddress(n),
      podIP: address,
      podIPs: [{ ip: address }],
    },
  };
}

const serviceObject = (w, { namespaces }) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(app(w), team(w % namespaces), {}),
  spec: {
    type: 'ClusterIP',
    clusterIP: `10.96.${(w + 10) >> 8}.${(w + 10) & 255}`,
    clusterIPs: [`10.96.${(w + 10) >> 8}.${(w + 10) & 255}`],
    ipFamilies: ['IPv4'],
    selector: { app: app(w) },
    ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'http' }],
  },
});

/** Of five policies one closes a namespace, three let apps, namespaces and blocks in, and one lets out. */
function policyObject(i, { workloads, namespaces }) {
  const own = (i * 7) % workloads;
  const beside = (own + namespaces) % workloads;
  const select = (w) => ({ matchLabels: { app: app(w) } });
  const ports = [{ protocol: 'TCP', port: i % 2 === 0 ? 'http' : PORTS[own % PORTS.length] }];
  const specs = [
    { podSelector: {}, policyTypes: ['Ingress'] },
    {
      podSelector: select(own),
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            { podSelector: select(beside) },
            { podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'edge'] }] } },
          ],
          ports,
        },
      ],
    },
    {
      podSelector: select(own),
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { group: `g-${i % 10}` } }, podSelector: select(beside) }], ports }],
    },
    {
      podSelector: select(own),
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ ipBlock: { cidr: '10.128.0.0/9', except: ['10.128.0.0/24'] } }, { ipBlock: { cidr: `203.0.${i % 113}.0/24` } }],
          ports: [...ports, { protocol: 'TCP', port: 9000, endPort: 9100 }],
        },
      ],
    },
    {
      podSelector: select(own),
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            { namespaceSelector: {}, podSelector: { matchLabels: { tier: 'back' } } },
            { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } },
          ],
          ports,
        },
        { ports: [{ protocol: 'UDP', port: 53 }] },
      ],
    },
  ];
  const namespace = team(own % namespaces);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: meta(`policy-${i}`, namespace, {}),
    spec: specs[i % specs.length],
  };
}

/** Every agent of a CNI that enforces policies, so that nothing is guessed. */
const calico = (nodes) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: meta('calico-node', 'kube-system', {}),
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: {
      metadata: { labels: { 'k8s-app': 'calico-node' } },
      spec: {
        hostNetwork: true,
        containers: [
          { name: 'calico-node', image: 'docker.io/calico/node:v3.30.0', env: [{ name: 'CALICO_IPV4POOL_CIDR', value: '10.128.0.0/9' }] },
        ],
      },
    },
  },
  status: { desiredNumberScheduled: nodes, numberReady: nodes },
});

function* objectsOf(size) {
  yield {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'kube-system', labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  };
  for (let i = 0; i < size.namespaces; i++) yield namespaceObject(i);
  for (let i = 0; i < size.nodes; i++) yield nodeObject(i);
  yield calico(size.nodes);
  for (let i = 0; i < size.workloads; i++) yield serviceObject(i, size);
  for (let i = 0; i < size.policies; i++) yield policyObject(i, size);
  for (let i = 0; i < size.pods; i++) yield podObject(i, size);
}

/** In pieces: a string cannot hold those of a large cluster. */
export function writeManifests(file, size) {
  const fd = openSync(file, 'w');
  let text = '{"apiVersion":"v1","kind":"List","items":[\n';
  let between = '';
  for (const object of objectsOf(size)) {
    text += between + JSON.stringify(object);
    between = ',\n';
    if (text.length > 4_000_000) {
      writeSync(fd, text);
      text = '';
    }
  }
  writeSync(fd, `${text}]}\n`);
  closeSync(fd);
}
