import fc from 'fast-check';
import type { NaiveCluster, NaivePod } from './naive.ts';

/** Random clusters, and random policies of all four kinds that the API would take. Few names and labels, so that selectors meet what they select, and miss it. */
const NAMESPACES = ['x', 'y', 'z'];
const VALUES = ['a', 'b', ''];
const KEYS = ['app', 'tier'];
const NUMBERS = [80, 81, 8080];
const PORT_NAMES = ['web', 'dns'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const NODES = [
  { name: 'n1', ip: '192.168.1.11' },
  { name: 'n2', ip: '192.168.1.12' },
];
const OUTSIDE = ['203.0.113.9', '10.1.0.5'];

const labels = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 2 });

const containerPort = fc.record({
  name: fc.constantFrom(...PORT_NAMES),
  containerPort: fc.constantFrom(...NUMBERS),
  protocol: fc.constantFrom(...PROTOCOLS),
});

const pod = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  labels,
  hostNetwork: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  // A name is unique in a container, and so is a port of a protocol in a pod.
  ports: fc.uniqueArray(containerPort, {
    maxLength: 2,
    comparator: (a, b) => a.name === b.name || (a.containerPort === b.containerPort && a.protocol === b.protocol),
  }),
});

export const cluster: fc.Arbitrary<NaiveCluster> = fc
  .record({
    namespaces: fc.record({ x: labels, y: labels, z: labels }),
    nodes: fc.tuple(labels, labels),
    pods: fc.array(pod, { minLength: 3, maxLength: 7 }),
  })
  .map(({ namespaces, nodes, pods }) => ({
    namespaces,
    nodes: NODES.map((n, i) => ({ ...n, labels: nodes[i] ?? {} })),
    pods: pods.map((p, i): NaivePod => {
      const node = NODES[i % 2];
      // Host network pods with ports of their own would take each other's on a node.
      return {
        ...p,
        name: `p${i}`,
        ip: p.hostNetwork ? (node?.ip ?? '') : `10.244.${(i % 2) + 1}.${10 + i}`,
        ports: p.hostNetwork ? [] : p.ports,
      };
    }),
  }));

const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const byName = fc.constantFrom(...NAMESPACES).map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } }));
const podSelector = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.record({ matchLabels: labels }) },
  { weight: 2, arbitrary: fc.record({ matchExpressions: fc.array(expression, { minLength: 1, maxLength: 2 }) }) },
);
const namespaceSelector = fc.oneof(podSelector, byName);

const BLOCKS = [
  '10.244.0.0/16',
  '10.244.1.0/24',
  '10.244.1.10/32',
  '10.244.2.11/32',
  '192.168.1.0/24',
  '192.168.1.12/32',
  '203.0.113.0/24',
  '0.0.0.0/0',
  'fd00::/8',
];
const EXCEPTED: Readonly<Record<string, readonly string[]>> = {
  '10.244.0.0/16': ['10.244.1.0/24', '10.244.1.10/32'],
  '10.244.1.0/24': ['10.244.1.10/32', '10.244.1.12/32'],
  '0.0.0.0/0': ['10.244.0.0/16', '192.168.1.11/32'],
};
const ipBlock = fc
  .tuple(fc.constantFrom(...BLOCKS), fc.nat(3))
  .map(([cidr, n]) => ({ cidr, ...(EXCEPTED[cidr] === undefined || n === 0 ? {} : { except: EXCEPTED[cidr].slice(0, n) }) }));

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const number = fc.constantFrom(...NUMBERS);
const range = fc.constantFrom({ start: 80, end: 81 }, { start: 81, end: 9000 }, { start: 1, end: 65535 });
const protocol = fc.constantFrom(...PROTOCOLS);
const portName = fc.constantFrom(...PORT_NAMES);

const networkPeer = fc.oneof(
  fc.record({ podSelector }),
  fc.record({ namespaceSelector }),
  fc.record({ podSelector, namespaceSelector }),
  fc.record({ ipBlock }),
);
const networkPort = fc.oneof(
  fc.record({ protocol: optional(protocol), port: optional(fc.oneof(number, portName)) }),
  range.chain(({ start, end }) => fc.record({ protocol: optional(protocol), port: fc.constant(start), endPort: fc.constant(end) })),
);
const networkRules = (peers: 'from' | 'to') =>
  optional(
    fc.array(
      fc.record({ [peers]: optional(fc.array(networkPeer, { maxLength: 3 })), ports: optional(fc.array(networkPort, { maxLength: 2 })) }),
      { maxLength: 3 },
    ),
  );

const networkPolicy = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    spec: fc.record({
      podSelector,
      policyTypes: fc.constantFrom(undefined, [], ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
      ingress: networkRules('from'),
      egress: networkRules('to'),
    }),
  })
  .map(({ namespace, spec }) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { namespace }, spec }));

/** Often everybody, so that several policies are about one packet. */
const subject = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ namespaces: {} }) },
  { weight: 1, arbitrary: fc.record({ namespaces: namespaceSelector }) },
  { weight: 1, arbitrary: fc.record({ pods: fc.record({ namespaceSelector, podSelector }) }) },
);
const networks = fc.uniqueArray(fc.constantFrom(...BLOCKS), { minLength: 1, maxLength: 2 });
const ingressPeer = subject;
const egressPeer = fc.oneof(
  { weight: 6, arbitrary: subject },
  { weight: 3, arbitrary: fc.record({ networks }) },
  { weight: 2, arbitrary: fc.record({ nodes: podSelector }) },
);
const domains = fc.record({ domainNames: fc.constant(['example.com']) });
const oldPort = fc.oneof(
  fc.record({ portNumber: fc.record({ protocol, port: number }) }),
  fc.record({ portRange: range.chain((r) => fc.record({ protocol, start: fc.constant(r.start), end: fc.constant(r.end) })) }),
);
const currentPort = fc
  .record({ word: fc.constantFrom('tcp', 'udp', 'sctp'), destinationPort: fc.oneof(fc.record({ number }), fc.record({ range })) })
  .map(({ word, destinationPort }) => ({ [word]: { destinationPort } }));

interface Shape {
  readonly actions: readonly string[];
  readonly field: 'ports' | 'protocols';
  readonly port: fc.Arbitrary<object>;
  readonly named: 'namedPort' | 'destinationNamedPort';
  readonly allows: string;
}

/** A name of a port stands beside no network, node or name of a host, and a name of a host in a rule that allows only. */
function adminRules({ actions, field, port, named, allows }: Shape, peers: 'from' | 'to') {
  const peer = peers === 'from' ? ingressPeer : egressPeer;
  const plain = fc.record({
    action: fc.constantFrom(...actions),
    [peers]: fc.array(peer, { minLength: 1, maxLength: 3 }),
    [field]: optional(fc.array(port, { minLength: 1, maxLength: 2 })),
  });
  const byNames = fc.record({
    action: fc.constantFrom(...actions),
    [peers]: fc.array(subject, { minLength: 1, maxLength: 2 }),
    [field]: fc.array(fc.record({ [named]: portName }), { minLength: 1, maxLength: 2 }),
  });
  const byDomain = fc.record({
    action: fc.constant(allows),
    [peers]: fc.tuple(domains, subject),
    [field]: optional(fc.array(port, { minLength: 1, maxLength: 1 })),
  });
  const rule = fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 3, arbitrary: byNames },
    ...(peers === 'to' ? [{ weight: 2, arbitrary: byDomain }] : []),
  );
  return optional(fc.array(rule, { minLength: 1, maxLength: 3 }));
}

const OLD: Shape = { actions: ['Allow', 'Deny', 'Pass'], field: 'ports', port: oldPort, named: 'namedPort', allows: 'Allow' };
const BASELINE: Shape = { ...OLD, actions: ['Allow', 'Deny'] };
const CURRENT: Shape = {
  actions: ['Accept', 'Deny', 'Pass'],
  field: 'protocols',
  port: currentPort,
  named: 'destinationNamedPort',
  allows: 'Accept',
};

const rules = (shape: Shape) => ({ subject, ingress: adminRules(shape, 'from'), egress: adminRules(shape, 'to') });
const priority = fc.constantFrom(0, 5, 1000);

const adminPolicy = fc
  .record({ priority, ...rules(OLD) })
  .map((spec) => ({ apiVersion: 'policy.networking.k8s.io/v1alpha1', kind: 'AdminNetworkPolicy', metadata: {}, spec }));
const baselinePolicy = fc
  .record(rules(BASELINE))
  .map((spec) => ({ apiVersion: 'policy.networking.k8s.io/v1alpha1', kind: 'BaselineAdminNetworkPolicy', metadata: {}, spec }));
const clusterPolicy = fc
  .record({ tier: fc.constantFrom('Admin', 'Baseline'), priority, ...rules(CURRENT) })
  .map((spec) => ({ apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy', metadata: {}, spec }));

export interface PolicyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: object;
}

/** BaselineAdminNetworkPolicy has one name, and is one. */
const named = (objects: readonly { readonly kind: string; readonly metadata: object }[]): readonly PolicyObject[] =>
  objects.map((object, i) => {
    const name = object.kind === 'BaselineAdminNetworkPolicy' ? 'default' : `policy-${i}`;
    return JSON.parse(JSON.stringify({ ...object, metadata: { ...object.metadata, name } }));
  });

export const networkPolicies = fc.array(networkPolicy, { maxLength: 5 }).map(named);

export const policies: fc.Arbitrary<readonly PolicyObject[]> = fc
  .tuple(
    fc.array(networkPolicy, { maxLength: 4 }),
    fc.array(adminPolicy, { maxLength: 3 }),
    fc.array(baselinePolicy, { maxLength: 1 }),
    fc.array(clusterPolicy, { maxLength: 3 }),
  )
  .map((kinds) => named(kinds.flat()));

export interface Question {
  readonly from: number;
  readonly to: number;
  readonly protocol: string;
  readonly port: number | null;
}

/** Who talks: the pods by their number, then the nodes, then two hosts outside. */
export const addresses = ({ pods }: NaiveCluster): readonly string[] => [...pods.map((p) => p.ip), ...NODES.map((n) => n.ip), ...OUTSIDE];

export const questions: fc.Arbitrary<readonly Question[]> = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.record({ from: fc.nat(10), to: fc.nat(10), protocol, port: number }) },
    { weight: 1, arbitrary: fc.record({ from: fc.nat(10), to: fc.nat(10), protocol: fc.constant('ICMP'), port: fc.constant(null) }) },
  ),
  { minLength: 12, maxLength: 12 },
);

const flow = (value: unknown): string => JSON.stringify(value);

/** The cluster as a Topology. JSON is YAML. */
export function topologyOf({ namespaces, nodes, pods }: NaiveCluster): string {
  return `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: calico, kubeProxy: iptables }
nodes: ${flow(nodes)}
namespaces: ${flow(Object.entries(namespaces).map(([name, own]) => ({ name, labels: own })))}
pods: ${flow(
    pods.map(({ namespace, name, labels: own, ip, hostNetwork, ports }, i) => ({
      name,
      namespace,
      node: NODES[i % 2]?.name,
      labels: own,
      ...(hostNetwork ? { hostNetwork } : { ip }),
      containers: [{ name: 'c', ports }],
    })),
  )}
`;
}
