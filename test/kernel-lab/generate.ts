import fc from 'fast-check';
import type { Datapath } from './datapath.ts';
import { onDatapath, PTP } from './datapaths.ts';
import { type Draft, draftText, type Machine, newMachine, type PodDraft, podCidr } from './draft.ts';
import { OTHER_PREFIX } from './fault-addresses.ts';
import { DRAWN, type Fault, type FaultKind, MEETS, nodesOf, SUBTLE, strike, strikeAt } from './faults.ts';

/** A cluster that may be broken, and the packets to send through it. */
export interface Scenario {
  readonly text: string;
  readonly faults: readonly string[];
  readonly flows: readonly {
    readonly kind: FlowKind;
    readonly source: string;
    readonly destination: string;
    readonly size: number | null;
  }[];
  /** How often each thing was drawn that a cluster may have and few packets tell. */
  readonly traits: readonly Trait[];
}

const faultOf = (kinds: readonly FaultKind[]): fc.Arbitrary<Fault> =>
  fc.record({ kind: fc.constantFrom(...kinds), node: fc.nat(3), pod: fc.nat(15), other: fc.nat(2), choice: fc.nat(9999) });
const fault = faultOf(DRAWN);

const LISTENING = ['both', 'both', 'both', 'both', 'both', 'anything', 'loopback', 'own address', 'own address', 'tcp only'] as const;

const pod = fc.record({
  label: fc.constantFrom('a', 'a', 'a', 'b', 'b', 'b', 'c'),
  ready: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  listens: fc.constantFrom(...LISTENING),
});

/** Which pods a service has, by label: `none` has none. */
const service = fc.record({
  selector: fc.constantFrom('a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', 'none'),
  targetPort: fc.constantFrom(8080, 8080, 8081, 'http', 'http'),
  headless: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  reach: fc.constantFrom('inside', 'node port', 'node port', 'load balancer', 'load balancer', 'external'),
  external: fc.constantFrom('Cluster', 'Cluster', 'Local'),
  internal: fc.constantFrom('Cluster', 'Cluster', 'Cluster', 'Local'),
  affinity: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  distribution: fc.constantFrom(null, null, null, 'PreferSameNode', 'PreferSameZone'),
  ranges: fc.constantFrom([], ['192.168.1.0/24'], ['10.244.1.0/24']),
});

const NETWORKS = [null, null, null, '10.244.1.0/24', '10.244.2.0/24', '192.168.1.11/32', '198.51.100.0/24'] as const;

const firewallRule = fc
  .record({
    action: fc.constantFrom('allow', 'deny', 'deny', 'reject'),
    from: fc.constantFrom(...NETWORKS),
    to: fc.constantFrom(...NETWORKS),
    ports: fc.constantFrom(null, null, ['8080/tcp'], ['5353/udp', '8000-8100/tcp'], ['30000-30099/tcp', '80/tcp'], ['30053-30059/udp']),
  })
  .map((rule) => Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null)));

const firewall = fc.record({
  default: fc.constantFrom('allow', 'allow', 'deny', 'reject'),
  rules: fc.array(firewallRule, { minLength: 1, maxLength: 4 }),
});

export const TARGETS = [
  'pod',
  'pod',
  'to the fault',
  'to the fault',
  'from the fault',
  'from the fault',
  'service',
  'service',
  'service',
  'own service',
  'own service',
  'near service',
  'near service',
  'near service',
  'node',
  'from outside',
  'from outside',
  'wrong port',
  'no such pod',
  'service address',
  'far away',
  'from the internet',
  'from the internet',
  'to the internet',
  'same pod',
  'local address',
  'local node port',
  'from outside',
  'from the internet',
  'from the internet',
  'from the internet',
] as const;
export type FlowKind = (typeof TARGETS)[number];

export const TRAITS = ['session affinity', 'node ports on some addresses'] as const;
export type Trait = (typeof TRAITS)[number];

const flow = fc.record({
  from: fc.nat(19),
  kind: fc.constantFrom(...TARGETS),
  to: fc.nat(39),
  protocol: fc.constantFrom('tcp', 'tcp', 'udp', 'icmp'),
  size: fc.constantFrom(null, null, 1350, 1450, 1500),
});

const plan = fc.record({
  nodes: fc.constantFrom(1, 2, 2, 3, 3, 3, 4),
  pods: fc.array(fc.array(pod, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 4 }),
  services: fc.array(service, { minLength: 1, maxLength: 3 }),
  faults: fc.oneof(
    { weight: 1, arbitrary: fc.array(fault, { maxLength: 0 }) },
    { weight: 9, arbitrary: fc.array(fault, { minLength: 1, maxLength: 3 }) },
  ),
  flows: fc.array(flow, { minLength: 10, maxLength: 14 }),
  gateway: fc.integer({ min: 0, max: 2 }).map((n) => n > 0),
  nat: fc.constantFrom('unknown', 'many to one', 'one to one', 'both'),
  proxied: fc.boolean(),
  far: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  ipMasq: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  masquerade: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  masqueradeAll: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  zones: fc.boolean(),
  edge: fc.option(firewall, { freq: 2 }),
  between: fc.option(firewall, { freq: 2 }),
  nodePortAddresses: fc.constantFrom(null, null, null, ['192.168.1.0/24'], ['127.0.0.0/8'], ['10.10.0.0/16'], ['0.0.0.0/0']),
  subtle: fc.option(faultOf(SUBTLE), { freq: 2 }),
  // The last one, so that what a seed stood for before there was a second plugin is the same.
  ptp: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});

type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

export const scenario: fc.Arbitrary<Scenario> = plan.map((p) => {
  const draft = draftOf(p);
  const faults = [...p.faults, ...(p.subtle === null ? [] : [p.subtle])];
  for (const f of faults) strike(draft, f);
  return scenarioOf(p, p.ptp ? onPtp(draft) : draft, faults);
});

function scenarioOf(p: Plan, draft: Draft, faults: readonly { readonly kind: string }[]): Scenario {
  const traits: Trait[] = [
    ...(p.services.some((s) => s.affinity) ? ['session affinity' as const] : []),
    ...(p.nodePortAddresses === null ? [] : ['node ports on some addresses' as const]),
  ];
  return { text: draftText(draft), faults: faults.map((f) => f.kind), flows: flowsOf(p, draft), traits };
}

/** As `ptp` has it: with the drawn options of `bridge` that it has as well. */
function onPtp(draft: Draft): Draft {
  const { hairpinMode: _, ...options } = (draft.cluster['cni'] ?? {}) as Record<string, unknown>;
  return onDatapath(draft, { ...PTP, cni: () => ({ ...options, plugin: 'ptp' }) });
}

const owns = fc.record({ kind: fc.nat(99), node: fc.nat(3), pod: fc.nat(15), other: fc.nat(2), choice: fc.nat(9999) });

/** A cluster of this datapath, in three of four with a fault that is its own; packets start and end where that is. */
export const scenarioOn = (datapath: Datapath, kubeProxy: 'iptables' | 'nftables'): fc.Arbitrary<Scenario> =>
  fc.record({ plan, own: fc.option(owns, { freq: 4 }), alone: fc.boolean() }).map(({ plan: drawn, own, alone }) => {
    const kinds = Object.keys(datapath.faults);
    const about: readonly Fault[] = own === null ? drawn.faults : [{ ...own, kind: 'route removed' }];
    const p: Plan = { ...drawn, faults: [...about] };
    const draft = draftOf(p);
    const usual = own !== null && alone ? [] : [...drawn.faults.slice(0, 1), ...(drawn.subtle === null ? [] : [drawn.subtle])];
    for (const f of usual) strike(draft, f);
    const kind = kinds[(own?.kind ?? 0) % kinds.length];
    const fault = kind === undefined ? undefined : datapath.faults[kind];
    if (own !== null && fault !== undefined) strikeAt(draft, own, fault);
    draft.cluster['kubeProxy'] = { ...(draft.cluster['kubeProxy'] as object), mode: kubeProxy };
    return scenarioOf(p, onDatapath(draft, datapath), [...usual, ...(own === null || kind === undefined ? [] : [{ kind }])]);
  });

/** In the place of packets that are about a fault, or go nowhere. */
const TO_SOMEBODY: Readonly<Partial<Record<FlowKind, FlowKind>>> = {
  'to the fault': 'pod',
  'from the fault': 'pod',
  'local address': 'node',
  'local node port': 'node',
  'no such pod': 'wrong port',
  'service address': 'near service',
  'far away': 'node',
  'same pod': 'own service',
};

/** A cluster of this datapath that is whole, or has a single fault: what is to be seen is something else. */
export const soundScenarioOn = (datapath: Datapath, kubeProxy: 'iptables' | 'nftables'): fc.Arbitrary<Scenario> =>
  fc.record({ plan, isBroken: fc.nat(4).map((n) => n === 0) }).map(({ plan: drawn, isBroken }) => {
    const flows = drawn.flows.map((f) => ({ ...f, kind: TO_SOMEBODY[f.kind] ?? f.kind }));
    const p: Plan = { ...drawn, flows, faults: isBroken ? drawn.faults.slice(0, 1) : [], subtle: null, edge: null, between: null };
    const draft = draftOf(p);
    for (const f of p.faults) strike(draft, f);
    draft.cluster['kubeProxy'] = { ...(draft.cluster['kubeProxy'] as object), mode: kubeProxy };
    return scenarioOf(p, onDatapath(draft, datapath), p.faults);
  });

const ROUTER_IP = (segment: number) => `192.168.${segment}.254`;

/** The last node of several may be on a segment of its own, behind a router. */
function draftOf(p: Plan): Draft {
  const isFar = (i: number) => p.far && p.nodes > 1 && i === p.nodes - 1;
  const nodes = Array.from({ length: p.nodes }, (_, i) => newMachine(`node-${i + 1}`, `192.168.${isFar(i) ? 2 : 1}.${11 + i}`, i));
  const behind = p.far && p.nodes > 1;
  const router = {
    name: 'r1',
    interfaces: [1, 2].map((s) => ({ segment: `lan-${s}`, ip: ROUTER_IP(s) })),
    routes: nodes.map((n, i) => ({ to: podCidr(i), via: n.ip })),
  };
  return {
    cluster: {
      podCIDR: '10.244.0.0/16',
      serviceCIDR: '10.96.0.0/12',
      cni: { plugin: 'bridge', ipMasq: p.ipMasq },
      ...(p.masquerade ? {} : { masquerade: 'none' }),
      kubeProxy: {
        mode: 'iptables',
        masqueradeAll: p.masqueradeAll,
        ...(p.nodePortAddresses === null ? {} : { nodePortAddresses: p.nodePortAddresses }),
      },
    },
    nodes,
    pods: nodes.flatMap((_, i) => (p.pods[i] ?? []).map((spec, j) => podDraft(spec, i, j))),
    services: p.services.map((s, i) => serviceOf(s, i, p.proxied)),
    segments: behind ? [1, 2].map((s) => ({ name: `lan-${s}`, cidr: `192.168.${s}.0/24` })) : [],
    routers: behind ? [router] : [],
    firewalls: { edge: p.edge, underlay: behind ? p.between : null },
    gateway: p.gateway ? { ip: '192.168.1.1', ...natOf(p.nat) } : null,
  };
}

/** What the gateway does with addresses on their way out, and in. */
function natOf(kind: Plan['nat']): Record<string, unknown> {
  const nat = [{ private: '192.168.1.11', public: PUBLIC_NODE }];
  return {
    ...(kind === 'many to one' || kind === 'both' ? { publicIP: '203.0.113.1' } : {}),
    ...(kind === 'one to one' || kind === 'both' ? { nat } : {}),
  };
}

const PUBLIC_NODE = '203.0.113.111';

/** A service, and how it is reached from outside. */
function serviceOf(s: Plan['services'][number], i: number, proxied: boolean): Record<string, unknown> {
  const outside = s.reach !== 'inside' && !s.headless;
  const nodePorts = outside && s.reach !== 'external';
  const balancer = outside && s.reach === 'load balancer';
  return {
    name: `s${i}`,
    clusterIP: s.headless ? 'None' : `10.96.0.${10 + i}`,
    ...(nodePorts ? { type: balancer ? 'LoadBalancer' : 'NodePort' } : {}),
    ...(outside ? { externalTrafficPolicy: s.external } : {}),
    ...(s.internal === 'Local' && !s.headless ? { internalTrafficPolicy: 'Local' } : {}),
    ...(s.affinity ? { sessionAffinity: 'ClientIP' } : {}),
    ...(s.distribution === null ? {} : { trafficDistribution: s.distribution }),
    ...(outside && s.reach === 'external' ? { externalIPs: [EXTERNAL(i)] } : {}),
    ...(balancer
      ? {
          status: { loadBalancer: { ingress: [{ ip: BALANCER(i), ...(proxied ? { ipMode: 'Proxy' } : {}) }] } },
          loadBalancerSourceRanges: s.ranges,
        }
      : {}),
    selector: { app: s.selector },
    ports: [
      { name: 'http', port: 80, targetPort: s.targetPort, ...(nodePorts ? { nodePort: 30080 + i } : {}) },
      { name: 'dns', port: 53, targetPort: 5353, protocol: 'UDP', ...(nodePorts ? { nodePort: 30053 + i } : {}) },
    ],
  };
}

const EXTERNAL = (i: number) => `192.168.1.${60 + i}`;
const BALANCER = (i: number) => `203.0.113.${10 + i}`;

function podDraft({ label, ready, listens }: Plan['pods'][number][number], node: number, i: number): PodDraft {
  const ip = `10.244.${node + 1}.${i + 2}`;
  return { ...newMachine(`p${node + 1}${'abcd'[i]}`, ip, i), node, label, ready, containers: containersOf(listens, ip) };
}

/** Beside the container that is called from everywhere, one that is there for its own pod only. */
const SIDECAR = { name: 'sidecar', listen: ['127.0.0.1:9000', '127.0.0.1:9053/udp'] };

function containersOf(listens: (typeof LISTENING)[number], ip: string): unknown[] | null {
  const http = { name: 'http', containerPort: 8080 };
  const dns = { name: 'dns', containerPort: 5353, protocol: 'UDP' };
  switch (listens) {
    case 'anything':
      return null;
    case 'both':
      return [{ name: 'app', ports: [http, dns] }, SIDECAR];
    case 'tcp only':
      return [{ name: 'app', ports: [http] }, SIDECAR];
    case 'loopback':
      return [{ name: 'app', listen: ['127.0.0.1:8080', '127.0.0.1:5353/udp'] }, SIDECAR];
    case 'own address':
      return [{ name: 'app', listen: [`${ip}:8080`, `${ip}:5353/udp`] }, SIDECAR];
  }
}

function flowsOf(p: Plan, draft: Draft): Scenario['flows'] {
  const everywhere = [...draft.pods, ...draft.pods, ...draft.nodes];
  const [first] = p.faults;
  return p.flows.map((flow, i) => {
    // Every other packet starts where the first fault is, and of the rest every other where the subtle one is.
    const about = i % 4 === 1 ? (p.subtle ?? first) : first;
    const { index, otherIndex } = nodesOf(draft, about ?? { node: 0, other: 0 });
    const [struck, others] = [index, otherIndex].map((n) => draft.pods.filter((x) => x.node === n));
    const meets = about === undefined || (i % 2 === 1 && about !== p.subtle) ? undefined : MEETS[about.kind];
    const met = meets === 'local address' && i % 8 === 5 ? 'local node port' : meets;
    const f: FlowPlan = met === undefined ? flow : { ...flow, kind: met };
    const isLocal = f.kind === 'local address' || f.kind === 'local node port';
    const nearby =
      f.kind === 'from the fault' || (f.kind !== 'to the fault' && i % 2 === 0) ? struck : f.kind === 'to the fault' ? others : everywhere;
    const itself = draft.nodes.filter((_, n) => n === index);
    const places = isLocal ? [...itself, ...itself, ...everywhere] : nearby === undefined || nearby.length === 0 ? everywhere : nearby;
    const source = (f.kind === 'own service' ? backendOf(f, p, draft) : null) ?? places[f.from % places.length];
    const far = (f.kind === 'to the fault' ? struck : others) ?? [];
    const pod = draft.pods.find((x) => x === source);
    if (f.kind === 'same pod' && pod !== undefined && pod.containers !== null) return samePod(f, pod);
    return {
      kind: f.kind,
      source:
        f.kind === 'from the internet' && draft.gateway !== null
          ? 'internet'
          : draft.pods.some((x) => x === source)
            ? `pod/${source?.name}`
            : `node/${source?.name}`,
      destination: isLocal
        ? localDestination(f, draft, about === undefined ? f.to >> 3 : index)
        : f.kind === 'near service'
          ? nearService(f, source, p, draft)
          : destinationOf(f, draft, far[f.to % Math.max(far.length, 1)]),
      size: f.protocol === 'tcp' && f.size === 1500 ? null : f.size,
    };
  });
}

/** From a container to another one of its pod, or to a port that none of them has. */
function samePod(f: FlowPlan, { name }: PodDraft): Scenario['flows'][number] {
  const [from, to, tcp, udp] = [
    ['app', 'sidecar', 9000, 9053],
    ['sidecar', 'app', 8080, 5353],
    ['app', 'sidecar', 9999, 9999],
  ][f.to % 3] ?? ['app', 'app', 8080, 5353];
  const port = f.protocol === 'udp' ? `${udp}/udp` : `${tcp}/tcp`;
  return { kind: f.kind, source: `${from}@pod/${name}`, destination: `${to}@pod/${name}:${port}`, size: f.size };
}

/** A service with a backend on the source's node, where there is one. */
function nearService(f: FlowPlan, source: Machine | undefined, p: Plan, draft: Draft): string {
  const node = draft.pods.find((x) => x === source)?.node ?? f.to;
  const near = draft.pods.filter((x) => x.node === node && x !== source).map((x) => x.label);
  const known = p.services.map((s, i) => ({ i, selector: s.selector })).filter((s) => near.includes(s.selector));
  return destinationOf({ ...f, kind: 'service', to: known[f.to % Math.max(known.length, 1)]?.i ?? f.to }, draft);
}

/** A pod behind the service that is called: it may be answered by itself. */
function backendOf({ from, to }: FlowPlan, p: Plan, draft: Draft): PodDraft | null {
  const selector = p.services[to % p.services.length]?.selector;
  const pods = draft.pods.filter((x) => x.label === selector);
  return pods[from % Math.max(pods.length, 1)] ?? null;
}

type FlowPlan = Plan['flows'][number];

function destinationOf({ kind, to, protocol }: FlowPlan, draft: Draft, aimed?: PodDraft): string {
  const isAimed = kind === 'to the fault' || kind === 'from the fault';
  const pod = (isAimed ? aimed : undefined) ?? draft.pods[to % draft.pods.length];
  const node = draft.nodes[to % draft.nodes.length];
  const service = to % draft.services.length;
  const address = (ip: string, tcp: number, udp: number) =>
    protocol === 'icmp' ? `${ip}/icmp` : `${ip}:${protocol === 'tcp' ? tcp : udp}/${protocol}`;
  switch (kind) {
    case 'pod':
    case 'same pod':
    case 'to the fault':
    case 'from the fault':
      return address(pod?.ip ?? '', 8080, 5353);
    case 'node':
      return address(node?.ip ?? '', 8080, 5353);
    case 'wrong port':
      return address(pod?.ip ?? '', 9999, 9999);
    case 'service':
    case 'own service':
    case 'near service':
      return protocol === 'udp' ? `svc/s${service}:dns` : `svc/s${service}:http`;
    case 'no such pod':
      return address(`10.244.${1 + (to % 5)}.200`, 8080, 5353);
    case 'to the internet':
      return address(draft.gateway === null || protocol === 'icmp' ? '198.51.100.1' : 'internet', 443, 53);
    case 'local address':
    case 'local node port':
      return localDestination({ kind, to, protocol }, draft, to >> 3);
    case 'from the internet':
    case 'from outside':
      return outsideOf(kind, to, protocol, draft);
    case 'service address':
      return address(`10.96.0.${10 + (to % 4)}`, 81, 54);
    case 'far away':
      return address(to % 2 === 0 ? '203.0.113.9' : (draft.gateway?.ip ?? '192.168.1.254'), 443, 53);
  }
}

/** A process, or a node port, at one of a node's own addresses. */
function localDestination({ kind, to, protocol }: Pick<FlowPlan, 'kind' | 'to' | 'protocol'>, draft: Draft, node: number): string {
  const address = localAddress(to, draft, node);
  const transport = protocol === 'udp' ? 'udp' : 'tcp';
  if (kind === 'local node port') return `${address}:${(protocol === 'udp' ? 30053 : 30080) + (to % draft.services.length)}/${transport}`;
  return protocol === 'icmp' ? `${address}/icmp` : `${address}:${protocol === 'udp' ? 5353 : 8080}/${transport}`;
}

/** The addresses that a node has, or may have beside its own, and those that come with them: broadcast, and all of a prefix on lo. */
function localAddress(to: number, { nodes }: Draft, node: number): string {
  const i = node % nodes.length;
  const other = OTHER_PREFIX(i);
  const bridge = podCidr(i).replace('.0/24', '.1');
  return (
    [bridge, `${other}.1`, `${other}.7`, `${other}.255`, '127.0.0.5', nodes[i]?.ip, `192.168.1.${50 + i}`, `${other}.3`][to % 8] ?? bridge
  );
}

/** The way that people outside take: a node port, a load balancer's address, or an external one. */
function outsideOf(kind: string, to: number, protocol: string, draft: Draft): string {
  const i = to % draft.services.length;
  const udp = protocol === 'udp';
  const transport = udp ? 'udp' : 'tcp';
  const service = draft.services[i];
  if (service?.['externalIPs'] !== undefined) return `${EXTERNAL(i)}:${udp ? 53 : 80}/${transport}`;
  if (service?.['status'] !== undefined && to % 4 !== 0) return `${BALANCER(i)}:${udp ? 53 : 80}/${transport}`;
  if (kind === 'from the internet' && to % 3 !== 0) return `${PUBLIC_NODE}:${(udp ? 30053 : 30080) + i}/${transport}`;
  const node = draft.nodes[(to >> 2) % draft.nodes.length];
  return `${to % 5 === 0 ? '127.0.0.1' : node?.ip}:${(udp ? 30053 : 30080) + i}/${transport}`;
}
