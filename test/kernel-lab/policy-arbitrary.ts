import fc from 'fast-check';

/** Policies of all four kinds, in the words of their objects, about the pods, namespaces and nodes of `generate.ts`. */

const labels = (matchLabels: Readonly<Record<string, string>>) => ({ matchLabels });
const expression = (key: string, operator: string, ...values: readonly string[]) => ({
  matchExpressions: [values.length === 0 ? { key, operator } : { key, operator, values }],
});

/** Every pod has `app`, some have `tier`. */
const pods = fc.constantFrom<object>(
  {},
  {},
  {},
  {},
  labels({ app: 'a' }),
  labels({ app: 'a' }),
  labels({ app: 'b' }),
  labels({ app: 'b' }),
  labels({ app: 'c' }),
  labels({ tier: 'front' }),
  labels({ app: 'a', tier: 'front' }),
  expression('tier', 'Exists'),
  expression('tier', 'DoesNotExist'),
  expression('tier', 'NotIn', 'front'),
  expression('app', 'In', 'a', 'c'),
);

/** `shop` and `ops` have labels, `default` has none but its name. */
const namespaces = fc.constantFrom<object>(
  {},
  labels({ team: 'x' }),
  labels({ team: 'y' }),
  labels({ 'kubernetes.io/metadata.name': 'default' }),
  expression('team', 'NotIn', 'x'),
  expression('team', 'DoesNotExist'),
  expression('kubernetes.io/metadata.name', 'In', 'shop', 'default'),
);

const namespacedPods = fc.record({ namespaceSelector: namespaces, podSelector: pods });

/** IPv4's; IPv6's are of the same numbers. What may be left out is in the range, and smaller. */
const BLOCKS: readonly (readonly [cidr: string, parts: readonly string[]])[] = [
  ['0.0.0.0/0', ['10.244.1.0/24', '192.168.1.0/24', '10.244.2.2/32', '198.51.100.0/24']],
  ['10.244.0.0/16', ['10.244.1.0/24', '10.244.2.0/24', '10.244.1.3/32']],
  ['10.244.1.0/24', ['10.244.1.2/32', '10.244.1.3/32']],
  ['10.244.2.0/24', ['10.244.2.2/32', '10.244.2.3/32']],
  ['192.168.1.0/24', ['192.168.1.11/32', '192.168.1.12/32']],
  ['10.244.1.2/32', []],
  ['10.244.2.2/32', []],
  ['198.51.100.0/24', ['198.51.100.1/32']],
  ['10.96.0.0/16', []],
];

const block = fc.record({ of: fc.nat(99), holes: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }) }).map(({ of, holes }) => {
  const [cidr = '', parts = []] = BLOCKS[of % BLOCKS.length] ?? [];
  const except = [...new Set(holes.flatMap((h) => parts[h % parts.length] ?? []))];
  return { cidr, except };
});

const peer = fc.oneof(
  { weight: 3, arbitrary: pods.map((podSelector) => ({ podSelector })) },
  { weight: 2, arbitrary: namespaces.map((namespaceSelector) => ({ namespaceSelector })) },
  { weight: 2, arbitrary: namespacedPods },
  { weight: 4, arbitrary: block.map(({ cidr, except }) => ({ ipBlock: except.length === 0 ? { cidr } : { cidr, except } })) },
);

const port = fc.constantFrom<object>(
  { port: 8080 },
  { port: 8080 },
  { port: 'http' },
  { port: 'http' },
  { port: 'alt' },
  { port: 'alt' },
  { port: 'dns', protocol: 'UDP' },
  { port: 5353, protocol: 'UDP' },
  { protocol: 'UDP' },
  { protocol: 'TCP' },
  { port: 8080, protocol: 'SCTP' },
  { port: 8080, protocol: 'UDP' },
  { port: 80 },
  { port: 30080 },
  { port: 8000, endPort: 8100 },
  { port: 9000, endPort: 9999 },
  {},
);

const few = <T>(of: fc.Arbitrary<T>, minLength = 1) => fc.array(of, { minLength, maxLength: 2 });
/** Left out in one of `n`. */
const maybe = <T>(of: fc.Arbitrary<T>, n: number) => fc.option(of, { freq: n, nil: undefined });

const rulesOf = <T>(rule: fc.Arbitrary<T>) => fc.array(rule, { maxLength: 3 });

const networkPolicy = fc
  .record({
    namespace: fc.constantFrom('default', 'default', 'shop', 'ops'),
    podSelector: pods,
    policyTypes: fc.constantFrom(undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress'], ['Ingress', 'Egress']),
    ingress: rulesOf(fc.record({ from: maybe(few(peer), 4), ports: maybe(few(port), 2) })),
    egress: rulesOf(fc.record({ to: maybe(few(peer), 4), ports: maybe(few(port), 2) })),
  })
  .map(({ namespace, ...spec }) => ({ kind: 'NetworkPolicy', namespace, spec }));

const insidePeer = fc.oneof(
  namespaces.map((n) => ({ namespaces: n })),
  namespacedPods.map((p) => ({ pods: p })),
);

const outsidePeer = fc.oneof(
  fc.constantFrom<object>({ nodes: {} }),
  fc.constantFrom<object>({ nodes: {} }, { nodes: labels({ 'topology.kubernetes.io/zone': 'zone-0' }) }),
  fc.array(block, { minLength: 1, maxLength: 2 }).map((blocks) => ({ networks: [...new Set(blocks.map((b) => b.cidr))] })),
);

const adminPort = fc.constantFrom<object>(
  { portNumber: { port: 8080, protocol: 'TCP' } },
  { portNumber: { port: 8080 } },
  { portNumber: { port: 5353, protocol: 'UDP' } },
  { portNumber: { port: 80 } },
  { portRange: { start: 8000, end: 8100 } },
  { portRange: { start: 5000, end: 9000, protocol: 'UDP' } },
);
const adminName = fc.constantFrom<object>({ namedPort: 'http' }, { namedPort: 'alt' }, { namedPort: 'dns' });
const clusterPort = fc.constantFrom<object>(
  { tcp: { destinationPort: { number: 8080 } } },
  { tcp: { destinationPort: { range: { start: 8000, end: 9999 } } } },
  { udp: { destinationPort: { number: 5353 } } },
  { sctp: { destinationPort: { number: 8080 } } },
  { tcp: { destinationPort: { number: 80 } } },
);
const clusterName = fc.constantFrom<object>(
  { destinationNamedPort: 'http' },
  { destinationNamedPort: 'alt' },
  { destinationNamedPort: 'dns' },
);

/** Of nodes and networks a rule names no ports. */
function rules(
  direction: 'from' | 'to',
  actions: readonly string[],
  field: string,
  number: fc.Arbitrary<object>,
  name: fc.Arbitrary<object>,
) {
  const action = fc.constantFrom(...actions);
  const inside = fc.record({ action, [direction]: few(insidePeer), [field]: maybe(few(fc.oneof(number, name)), 2) });
  if (direction === 'from') return few(inside, 0);
  const outside = fc.record({ action, [direction]: few(outsidePeer), [field]: maybe(few(number), 2) });
  return few(fc.oneof(inside, outside), 0);
}

const subject = fc.oneof(
  namespaces.map((n) => ({ namespaces: n })),
  namespacedPods.map((p) => ({ pods: p })),
);

const adminSpec = (...actions: readonly string[]) => ({
  subject,
  ingress: rules('from', actions, 'ports', adminPort, adminName),
  egress: rules('to', actions, 'ports', adminPort, adminName),
});

const admin = fc.record(adminSpec('Allow', 'Deny', 'Pass')).map((spec) => ({ kind: 'AdminNetworkPolicy', spec }));
const baseline = fc.record(adminSpec('Allow', 'Deny')).map((spec) => ({ kind: 'BaselineAdminNetworkPolicy', spec }));
const cluster = fc
  .record({
    tier: fc.constantFrom('Admin', 'Admin', 'Baseline'),
    subject,
    ingress: rules('from', ['Accept', 'Deny', 'Pass'], 'protocols', clusterPort, clusterName),
    egress: rules('to', ['Accept', 'Deny', 'Pass'], 'protocols', clusterPort, clusterName),
  })
  .map((spec) => ({ kind: 'ClusterNetworkPolicy', spec }));

export interface DrawnPolicy {
  readonly kind: string;
  readonly namespace?: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One to eight. The two kinds of a tier have no order between them: most clusters have one of them. */
export const policies: fc.Arbitrary<readonly DrawnPolicy[]> = fc
  .record({
    plain: fc.array(networkPolicy, { minLength: 1, maxLength: 6 }),
    old: fc.array(admin, { maxLength: 2 }),
    base: maybe(baseline, 2),
    current: fc.array(cluster, { maxLength: 3 }),
    kinds: fc.constantFrom('old', 'old', 'old', 'current', 'current', 'current', 'both', 'plain'),
  })
  .map(({ plain, old, base, current, kinds }): readonly DrawnPolicy[] => [
    ...plain,
    ...(kinds === 'old' || kinds === 'both' ? [...old, ...(base === undefined ? [] : [base])] : []),
    ...(kinds === 'current' || kinds === 'both' ? current : []),
  ]);
