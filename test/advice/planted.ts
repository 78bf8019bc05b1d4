import type { Random } from '../fuzz/random.ts';

/** A Topology as data, which faults are planted in. */
// biome-ignore lint/suspicious/noExplicitAny: what is planted is checked by the program when it reads it
export type Data = any;

type Fault = (t: Data, r: Random) => void;

const node = (t: Data, r: Random) => t.nodes[r.below(t.nodes.length)];
const pod = (t: Data, r: Random) => t.pods[r.below(t.pods.length)];
const service = (t: Data, r: Random) => t.services[r.below(t.services.length)];
const otherRange = (t: Data, n: Data, r: Random) => r.some(t.nodes.filter((o: Data) => o !== n).map((o: Data) => o.podCIDR)) ?? n.podCIDR;
const within = (o: Data, field: string, first: Data) => {
  o[field] ??= first;
  return o[field];
};
const addRoute = (n: Data, route: Data) => within(within(n, 'routes', {}), 'add', []).push(route);
const setSysctl = (o: Data, name: string, value: number) => {
  within(o, 'sysctls', {})[name] = value;
};
const devicesOf = (n: Data, t: Data) => [
  'eth0',
  'cni0',
  ...t.pods.filter((p: Data) => p.node === n.name).map((_: Data, i: number) => `veth${i}`),
];
const setDevice = (t: Data, r: Random, settings: Data) => {
  const n = node(t, r);
  Object.assign(within(within(n, 'devices', {}), r.some(devicesOf(n, t)) ?? 'eth0', {}), settings);
};

/** What goes wrong in clusters: routes, settings of machines, services, processes, the way out and in. */
const FAULTS: readonly [Fault, ...Fault[]] = [
  (t, r) => {
    const rule = { action: r.pick(['deny', 'reject']), ...(r.oneIn(2) ? {} : { ports: ['8080/tcp', '80/tcp'] }) };
    const list = r.pick(['input', 'forward']);
    within(node(t, r), 'firewall', {})[list] = r.oneIn(3) ? { default: rule.action } : [rule];
  },
  (t, r) => {
    const n = node(t, r);
    within(within(n, 'routes', {}), 'remove', []).push(r.oneIn(4) && t.internet !== undefined ? 'default' : otherRange(t, n, r));
  },
  (t, r) => {
    const n = node(t, r);
    addRoute(n, { to: otherRange(t, n, r), type: r.pick(['blackhole', 'unreachable', 'prohibit', 'throw']) });
  },
  (t, r) => {
    const n = node(t, r);
    addRoute(n, { to: otherRange(t, n, r), via: `${n.ip.replace(/\d+$/, '')}${r.pick([99, 98])}` });
  },
  (t, r) => {
    const n = node(t, r);
    addRoute(n, { to: otherRange(t, n, r), dev: r.pick(['eth0', 'cni0']) });
  },
  (t, r) => {
    const [n, o] = [node(t, r), node(t, r)];
    if (n !== o) addRoute(n, { to: otherRange(t, n, r), via: o.ip });
  },
  (t, r) => {
    const n = node(t, r);
    within(n, 'rules', []).push({ priority: 1000, from: n.podCIDR, table: 100 });
    if (t.internet !== undefined) addRoute(n, { to: 'default', via: t.internet.gateway.ip, table: 100 });
  },
  (t, r) =>
    setSysctl(node(t, r), r.pick(['net.ipv4.ip_forward', 'net.bridge.bridge-nf-call-iptables', 'net.ipv4.conf.cni0.forwarding']), 0),
  (t, r) => setSysctl(node(t, r), 'net.ipv4.conf.all.rp_filter', r.pick([1, 2])),
  (t, r) => setDevice(t, r, { up: false }),
  (t, r) => setDevice(t, r, { mtu: 900 }),
  (t, r) => {
    const [n, o] = [node(t, r), node(t, r)];
    if (n !== o) within(n, 'neighbours', []).push({ ip: o.ip, dev: 'eth0', state: 'failed' });
  },
  (t) => {
    t.cluster.cni = { plugin: 'bridge', hairpinMode: false };
  },
  (t, r) => {
    const n = node(t, r);
    if (t.pods.some((p: Data) => p.node === n.name)) within(within(n, 'devices', {}), 'veth0', {}).hairpin = false;
  },
  (t, r) => {
    node(t, r).kubeProxy = { running: false };
  },
  (t, r) => {
    service(t, r).selector = r.pick<Data>([
      { app: 'wep' },
      { tier: 'web' },
      { app: 'web', tier: 'front' },
      { app: 'web', track: 'stable' },
    ]);
  },
  (t, r) => {
    service(t, r).ports[0].targetPort = r.pick<Data>([8081, 9090, 'htpt', 'metrics', 'http']);
  },
  (t, r) => {
    const s = service(t, r);
    s.ports[0].protocol = 'UDP';
    s.ports[0].targetPort = r.pick<Data>([8080, 'http']);
  },
  (t, r) => {
    service(t, r).namespace = 'other';
  },
  (t, r) => {
    const s = service(t, r);
    s[s.type === 'ClusterIP' ? 'internalTrafficPolicy' : 'externalTrafficPolicy'] = 'Local';
  },
  (t, r) => {
    const s = service(t, r);
    if (s.type === 'LoadBalancer') s.loadBalancerSourceRanges = ['203.0.113.0/24'];
    else s.selector = { part: 'any' };
  },
  (t, r) => {
    const s = service(t, r);
    t.endpoints = [
      {
        service: s.name,
        addresses: r.pick<Data>([[], [{ ip: t.pods[0].ip, port: 8081 }], [{ ip: t.pods[1].ip, port: 8080, ready: false }]]),
      },
    ];
  },
  (t, r) => {
    pod(t, r).ready = false;
  },
  (t, r) => {
    for (const p of t.pods) if (p.labels.app === 'web') p.ready = false;
    if (r.oneIn(3)) pod(t, r).terminating = true;
  },
  (t, r) => {
    const p = pod(t, r);
    p.containers[0].ports = r.pick<Data>([[], [{ containerPort: 9090 }], [{ name: 'http', containerPort: 8080, protocol: 'UDP' }]]);
  },
  (t, r) => {
    const p = pod(t, r);
    p.containers[0] = { name: 'app', listen: [r.pick(['127.0.0.1:8080', '10.9.9.9:8080', '0.0.0.0:8080/udp'])] };
  },
  (t, r) => {
    if (t.underlay !== undefined)
      t.underlay.firewall = r.pick<Data>([
        [{ action: 'deny', ports: ['8080/tcp'] }],
        { default: 'deny' },
        { default: 'reject', rules: [] },
      ]);
  },
  (t, r) => {
    if (t.internet !== undefined)
      t.internet.firewall = r.pick<Data>([[{ action: 'deny', to: '0.0.0.0/0' }], { default: 'deny', rules: [] }]);
  },
  (t, r) => {
    t.cluster.masquerade = r.pick<Data>([
      'none',
      { nonMasqueradeCIDRs: ['10.244.0.0/16', '192.168.0.0/16'] },
      { nonMasqueradeCIDRs: ['0.0.0.0/0'] },
    ]);
  },
  (t, r) => {
    t.cluster.kubeProxy = r.pick<Data>([{ nodePortAddresses: ['127.0.0.0/8'] }, { localhostNodePorts: false }, { masqueradeAll: true }]);
  },
  (t, r) => {
    delete t.internet[r.pick(['gateway', 'clients'])];
    if (t.internet.gateway === undefined) delete t.internet;
  },
  (t, r) => {
    const p = pod(t, r);
    p.dnsPolicy = 'Default';
  },
  (t) => {
    const s = t.services.find((o: Data) => o.type === 'LoadBalancer');
    if (s !== undefined) delete s.status;
  },
  (t, r) => {
    const p = pod(t, r);
    p.hostNetwork = true;
    delete p.ip;
  },
  (t, r) => {
    const ingress = t.ingresses[0];
    const path = ingress.rules[0].http.paths[0];
    r.pick<() => void>([
      () => {
        ingress.ingressClassName = 'ngnix';
      },
      () => delete ingress.ingressClassName,
      () => {
        path.backend.service.name = 'wbe';
      },
      () => {
        path.backend.service.port = { number: 8080 };
      },
      () => {
        ingress.rules[0].host = 'shop.example.org';
      },
      () => delete t.ingressClasses[0].service,
    ])();
  },
];

/** A cluster in which all is well: one switch, or two segments with a router between them. */
export function soundCluster(r: Random): Data {
  const routed = r.oneIn(3);
  const count = 2 + r.below(2);
  const nodes = Array.from({ length: count }, (_, i) => ({
    name: `node-${i + 1}`,
    ip: routed && i === 1 ? '192.168.2.12' : `192.168.1.${11 + i}`,
    podCIDR: `10.244.${i + 1}.0/24`,
  }));
  const pods = Array.from({ length: 4 + r.below(3) }, (_, i) => ({
    name: `pod-${i}`,
    node: `node-${(i % count) + 1}`,
    ip: `10.244.${(i % count) + 1}.${10 + i}`,
    labels: i % 2 === 0 ? { app: 'web', part: 'any' } : { app: 'client', part: 'any' },
    containers: [
      { name: 'app', ports: i % 2 === 0 ? [{ name: 'http', containerPort: 8080 }] : [{ name: 'metrics', containerPort: 9090 }] },
    ],
  }));
  const controller = {
    name: 'controller',
    node: 'node-1',
    ip: '10.244.1.30',
    labels: { app: 'ingress' },
    containers: [{ name: 'nginx', ports: [{ name: 'http', containerPort: 8080 }] }],
  };
  const port = { name: 'http', port: 80, targetPort: r.pick<Data>([8080, 'http']) };
  const selector = { app: 'web' };
  const routes = nodes.map((n) => ({ to: n.podCIDR, via: n.ip }));
  const underlay = {
    segments: [
      { name: 'lan', cidr: '192.168.1.0/24' },
      { name: 'far', cidr: '192.168.2.0/24' },
    ],
    routers: [
      {
        name: 'r1',
        interfaces: [
          { segment: 'lan', ip: '192.168.1.254' },
          { segment: 'far', ip: '192.168.2.254' },
        ],
        routes: routes.filter(() => !r.oneIn(6)),
      },
    ],
  };
  return {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: {
      podCIDR: '10.244.0.0/16',
      serviceCIDR: '10.96.0.0/12',
      ...r.pick<Data>([{}, { cni: 'bridge' }, { cni: 'ptp' }, { cni: { plugin: 'bridge' } }]),
    },
    nodes,
    pods: [...pods, controller],
    services: [
      { name: 'web', type: 'ClusterIP', clusterIP: '10.96.0.10', selector, ports: [{ ...port }] },
      { name: 'open', type: 'NodePort', clusterIP: '10.96.0.11', selector, ports: [{ ...port, nodePort: 30080 }] },
      {
        name: 'front',
        type: 'LoadBalancer',
        clusterIP: '10.96.0.12',
        selector: { app: 'ingress' },
        ports: [{ ...port, nodePort: 30081 }],
        status: { loadBalancer: { ingress: [{ ip: '203.0.113.50' }] } },
      },
    ],
    ingressClasses: [{ name: 'nginx', controller: 'k8s.io/ingress-nginx', service: 'default/front' }],
    ingresses: [
      {
        name: 'shop',
        ingressClassName: 'nginx',
        rules: [
          {
            host: 'shop.example.com',
            http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] },
          },
        ],
      },
    ],
    ...(routed ? { underlay } : {}),
    internet: {
      gateway: { ip: '192.168.1.1', publicIP: '203.0.113.1', nat: [{ private: '192.168.1.11', public: '203.0.113.11' }] },
      clients: [{ name: 'laptop', ip: '198.51.100.7' }],
    },
  };
}

/** A cluster with one to three faults. */
export function faultyCluster(r: Random): Data {
  const t = soundCluster(r);
  for (let left = 1 + r.below(3); left > 0; left--) if (t.internet !== undefined || !r.oneIn(2)) r.pick(FAULTS)(t, r);
  return t;
}

const others = (t: Data, n: Data) => t.nodes.filter((o: Data) => o !== n);

/** What goes wrong with tunnels between nodes. */
const OF_TUNNELS: readonly [Fault, ...Fault[]] = [
  (t, r) => {
    const n = node(t, r);
    within(n, 'fdb', []).push({ dev: 'flannel.1', node: r.some(others(t, n).map((o: Data) => o.name)), state: 'absent' });
  },
  (t, r) => {
    const n = node(t, r);
    const range = r.some<string>(others(t, n).map((o: Data) => o.podCIDR)) ?? '';
    within(n, 'neighbours', []).push({ ip: range.replace('/24', ''), dev: 'flannel.1', state: 'absent' });
  },
  (t, r) => {
    const n = node(t, r);
    within(n, 'fdb', []).push({
      dev: 'flannel.1',
      node: r.some(others(t, n).map((o: Data) => o.name)),
      dst: r.pick(['192.168.1.99', n.ip]),
    });
  },
  (t, r) => {
    Object.assign(within(within(node(t, r), 'devices', {}), 'flannel.1', {}), r.pick<Data>([{ vni: 2 }, { port: 4789 }, { up: false }]));
  },
  (t, r) => {
    node(t, r).cni = { backend: { vni: 7 } };
  },
  (t, r) => {
    node(t, r).firewall = { input: [{ action: r.pick(['deny', 'reject']), ports: ['8472/udp'] }] };
  },
  (t) => {
    if (t.underlay !== undefined) t.underlay.firewall = [{ action: 'deny', ports: ['8472/udp'] }];
  },
];

/** A cluster with tunnels between its nodes, one of which is at fault. */
export function faultyOverlay(r: Random): Data {
  const t = soundCluster(r);
  t.cluster.cni = 'flannel';
  r.pick(OF_TUNNELS)(t, r);
  return t;
}

/** A cluster whose network lets no NIC send from another address than its own, and perhaps with a fault besides. */
export function checkedFabric(r: Random): Data {
  const t = soundCluster(r);
  if (r.oneIn(3)) r.pick(FAULTS)(t, r);
  within(t, 'underlay', {}).sourceCheck = true;
  return t;
}

/** A question that people ask of such a cluster. */
export function drawnQuestion(t: Data, r: Random) {
  const inside = [...t.pods.map((p: Data) => `pod/${p.name}`), ...t.nodes.map((n: Data) => `node/${n.name}`)];
  const source = t.internet?.clients !== undefined && r.oneIn(6) ? 'laptop' : (r.some(inside) ?? 'node/node-1');
  const p = pod(t, r);
  const destination = r.pick<string>([
    'svc/web:80',
    'svc/web',
    '10.96.0.10:80',
    'web.default:80',
    'svc/open:80',
    'svc/front:80',
    '203.0.113.50:80',
    `pod/${p.name}:8080`,
    `${p.ip ?? '10.244.1.10'}:9090`,
    `${node(t, r).ip}:30080`,
    '127.0.0.1:30080',
    'http://shop.example.com/cart',
    'http://web/',
    '10.96.0.10:8080',
    'webb.default:80',
    '8.8.8.8:53/udp',
    '10.244.9.9:80',
    'svc/web:80/udp',
    `pod/${p.name}/icmp`,
  ]);
  return { source, destination, ...(r.oneIn(5) ? { size: r.pick([1000, 1400, 1600]) } : {}) };
}
