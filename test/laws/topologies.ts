import fc from 'fast-check';

/** Random topologies that are valid but not sane: faults in routes, sysctls, devices and services. */
export interface World {
  readonly text: string;
  readonly places: readonly string[];
  readonly targets: readonly string[];
}

const RANGES = (nodes: number) => [
  ...Array.from({ length: nodes }, (_, i) => `10.244.${i + 1}.0/24`),
  '10.96.0.0/12',
  '10.244.0.0/16',
  '172.16.0.0/12',
  'default',
];

interface Fault {
  readonly node: number;
  readonly range: number;
  readonly to: number;
  readonly kind: 'remove' | 'via' | 'dev' | 'blackhole' | 'unreachable' | 'prohibit' | 'ecmp' | 'throw';
}

const fault: fc.Arbitrary<Fault> = fc.record({
  node: fc.nat(3),
  range: fc.nat(7),
  to: fc.nat(3),
  kind: fc.constantFrom('remove', 'via', 'dev', 'blackhole', 'unreachable', 'prohibit', 'ecmp', 'throw'),
});

const sysctl = fc.constantFrom(
  'net.ipv4.ip_forward: 0',
  'net.bridge.bridge-nf-call-iptables: 0',
  'net.ipv4.conf.all.rp_filter: 1',
  'net.ipv4.conf.all.rp_filter: 2',
  '',
);

export const world: fc.Arbitrary<World> = fc
  .record({
    nodes: fc.integer({ min: 1, max: 4 }),
    pods: fc.integer({ min: 1, max: 4 }),
    faults: fc.array(fault, { maxLength: 5 }),
    sysctls: fc.array(sysctl, { minLength: 4, maxLength: 4 }),
    ready: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
    gateway: fc.boolean(),
    hairpin: fc.boolean(),
    ipMasq: fc.boolean(),
    masquerade: fc.boolean(),
    proxy: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  })
  .map((w) => {
    const nodes = Array.from({ length: w.nodes }, (_, i) => nodeText(i, w.nodes, w.faults, w.sysctls[i] ?? '', w.proxy[i] ?? true));
    const pods = Array.from({ length: w.nodes * w.pods }, (_, i) => podText(i, w.nodes, w.ready[i] ?? true));
    const cni = `{ plugin: bridge, hairpinMode: ${w.hairpin}, ipMasq: ${w.ipMasq} }`;
    const text = [
      'apiVersion: k8s-trace/v1',
      'kind: Topology',
      `cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: ${cni}${w.masquerade ? '' : ', masquerade: none'} }`,
      'nodes:',
      ...nodes,
      'pods:',
      ...pods,
      'services:',
      '  - { name: all, clusterIP: 10.96.0.10, selector: { app: all }, ports: [ { name: http, port: 80, targetPort: 8080 }, { name: dns, port: 53, targetPort: 5353, protocol: UDP } ] }',
      '  - { name: none, clusterIP: 10.96.0.11, selector: { app: none }, ports: [ { port: 80 } ] }',
      ...(w.gateway ? ['internet: { gateway: { ip: 192.168.1.1 } }'] : []),
      '',
    ].join('\n');
    const names = pods.map((_, i) => `pod-${i}`);
    const nodeNames = nodes.map((_, i) => `node-${i + 1}`);
    return {
      text,
      places: [...names, ...nodeNames],
      targets: [
        ...names,
        ...nodeNames,
        'svc/all:http',
        'svc/all:dns',
        'svc/none',
        '10.96.0.10:81',
        '10.244.1.200:80',
        '10.244.9.9:80',
        '8.8.8.8:53/udp',
      ],
    };
  });

function nodeText(i: number, count: number, faults: readonly Fault[], sysctl: string, proxy: boolean): string {
  const mine = faults.filter((f) => f.node === i);
  const ranges = RANGES(count);
  const seen = new Set<string>();
  const added = mine.flatMap((f): readonly string[] => {
    const range = ranges[f.range % ranges.length] ?? 'default';
    if (f.kind === 'remove' || seen.has(range)) return [];
    seen.add(range);
    const other = (n: number) => `192.168.1.${11 + ((i + 1 + n) % Math.max(count, 2))}`;
    if (f.kind === 'via') return [`{ to: ${range}, via: ${other(f.to)} }`.replace(`192.168.1.${11 + i} `, '192.168.1.99 ')];
    if (f.kind === 'dev') return [`{ to: ${range}, dev: ${f.to % 2 === 0 ? 'eth0' : 'cni0'} }`];
    if (f.kind === 'ecmp')
      return [`{ to: ${range}, nexthops: [ { via: 192.168.1.98 }, { via: 192.168.1.${11 + ((i + 1) % 4)}, weight: ${f.to + 1} } ] }`];
    return [`{ to: ${range}, type: ${f.kind} }`];
  });
  const removed = [...new Set(mine.filter((f) => f.kind === 'remove').map((f) => ranges[f.range % ranges.length]))].filter((r) =>
    /^10\.244\.\d\.0.24$/.test(r ?? ''),
  );
  const routes = `routes: { add: [ ${added.join(', ')} ], remove: [ ${removed.join(', ')} ] }`;
  const sysctls = sysctl === '' ? '' : `, sysctls: { ${sysctl} }`;
  return `  - { name: node-${i + 1}, ip: 192.168.1.${11 + i}, podCIDR: 10.244.${i + 1}.0/24, ${routes}${sysctls}, kubeProxy: { running: ${proxy} } }`;
}

function podText(i: number, nodes: number, ready: boolean): string {
  const listens =
    i % 3 === 2
      ? ''
      : ', containers: [ { name: app, ports: [ { name: http, containerPort: 8080 }, { name: dns, containerPort: 5353, protocol: UDP } ] } ]';
  return `  - { name: pod-${i}, node: node-${(i % nodes) + 1}, labels: { app: all }, ready: ${ready}${listens} }`;
}
