// Generated clusters for the benchmarks, as topology documents.

/** A deterministic stream of numbers in [0, 1): mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Every pod backs a service; with `endpoints`, only so many pods back each. */
export function generateCluster({ nodes, podsPerNode, services, endpoints = Number.POSITIVE_INFINITY, cni = 'bridge' }) {
  const pods = nodes * podsPerNode;
  const nodeIp = (i) => `172.16.${i >> 8}.${i & 255}`;
  const podCidr = (i) => `10.${128 + (i >> 8)}.${i & 255}.0/24`;
  const document = {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: { podCIDR: '10.128.0.0/9', serviceCIDR: '10.96.0.0/12', cni },
    underlay: { segments: [{ name: 'lan', cidr: '172.16.0.0/16' }] },
    nodes: Array.from({ length: nodes }, (_, i) => ({ name: `node-${i}`, ip: nodeIp(i + 10), podCIDR: podCidr(i) })),
    pods: Array.from({ length: pods }, (_, i) => ({
      name: `pod-${i}`,
      node: `node-${i % nodes}`,
      labels: { app: i < services * endpoints ? `app-${i % services}` : 'none', tier: i % 2 === 0 ? 'front' : 'back' },
      containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }],
    })),
    services: Array.from({ length: services }, (_, i) => ({
      name: `svc-${i}`,
      clusterIP: `10.96.${(i + 10) >> 8}.${(i + 10) & 255}`,
      selector: { app: `app-${i}` },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
    })),
  };
  return document;
}
