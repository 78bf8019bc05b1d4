import { e2eWorld } from './e2e-world.ts';

export interface Asked {
  /** `x/a` */
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
}

export interface Scenario {
  /** Its number in the list of Kubernetes' tests, and what it is about; those in two steps have two. */
  readonly title: string;
  readonly policies: readonly string[];
  /** Does it let this through? Never asked about a pod and itself. */
  readonly allows: (asked: Asked) => boolean;
  readonly topology?: string;
}

const policy = (name: string, namespace: string, spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${name}, namespace: "${namespace}" }\nspec: ${spec}`;

const A = 'podSelector: { matchLabels: { pod: a } }';
const ingress = (rules: string, pods = A): string => `{ ${pods}, policyTypes: [ Ingress ], ingress: ${rules} }`;
const egress = (rules: string, pods = A): string => `{ ${pods}, policyTypes: [ Egress ], egress: ${rules} }`;

/** To x/a only as it says; to all others from everywhere. */
const toA =
  (allows: (asked: Asked) => boolean) =>
  (asked: Asked): boolean =>
    asked.to !== 'x/a' || allows(asked);

/** From x/a only as it says. */
const fromA =
  (allows: (asked: Asked) => boolean) =>
  (asked: Asked): boolean =>
    asked.from !== 'x/a' || allows(asked);

const inNs = (pod: string, ...namespaces: readonly string[]): boolean => namespaces.some((ns) => pod.startsWith(`${ns}/`));
const is = (pod: string, ...names: readonly string[]): boolean => names.includes(pod);

const DENY_INGRESS = policy('deny-ingress', 'x', '{ podSelector: {}, policyTypes: [ Ingress ], ingress: [] }');
const DENY_EGRESS = policy('deny-egress', 'x', '{ podSelector: {}, policyTypes: [ Egress ], egress: [] }');
const FROM_Y = '{ namespaceSelector: { matchLabels: { ns: "y" } } }';
const Y_A = '{ namespaceSelector: { matchLabels: { ns: "y" } }, podSelector: { matchLabels: { pod: a } } }';
const fromYAt = (port: number, protocol: string): string =>
  policy(`port-${port}`, 'x', ingress(`[ { from: [ ${FROM_Y} ], ports: [ { port: ${port}, protocol: ${protocol} } ] } ]`));
/** Y/b's address. */
const Y_B = '10.244.2.11';

export const SCENARIOS: readonly Scenario[] = [
  { title: 'E#1 default deny of ingress', policies: [DENY_INGRESS], allows: ({ to }) => !inNs(to, 'x') },
  {
    title: 'E#2 default deny of all',
    policies: [policy('deny-all', 'x', '{ podSelector: {}, policyTypes: [ Ingress, Egress ] }')],
    allows: ({ from, to }) => !inNs(to, 'x') && !inNs(from, 'x'),
  },
  {
    title: 'E#3 pods of the own namespace, by a podSelector',
    policies: [policy('p', 'x', ingress('[ { from: [ { podSelector: { matchLabels: { pod: b } } } ] } ]'))],
    allows: toA(({ from }) => is(from, 'x/b')),
  },
  {
    title: 'E#4 one pod is opened under a default deny',
    policies: [DENY_INGRESS, policy('allow-a', 'x', ingress('[ {} ]'))],
    allows: ({ to }) => !is(to, 'x/b', 'x/c'),
  },
  {
    title: 'E#5 pods of all namespaces',
    policies: [DENY_INGRESS, policy('p', 'x', ingress('[ { from: [ { namespaceSelector: {} } ] } ]'))],
    allows: ({ to }) => !is(to, 'x/b', 'x/c'),
  },
  {
    title: 'E#6 another namespace only',
    policies: [policy('p', 'x', ingress(`[ { from: [ ${FROM_Y} ] } ]`))],
    allows: toA(({ from }) => inNs(from, 'y')),
  },
  {
    title: 'E#7 a podSelector with an expression',
    policies: [
      policy('p', 'x', ingress('[ { from: [ { podSelector: { matchExpressions: [ { key: pod, operator: In, values: [ b ] } ] } } ] } ]')),
    ],
    allows: toA(({ from }) => is(from, 'x/b')),
  },
  {
    title: 'E#8 a namespaceSelector with an expression',
    policies: [
      policy(
        'p',
        'x',
        ingress('[ { from: [ { namespaceSelector: { matchExpressions: [ { key: ns, operator: In, values: [ "y" ] } ] } } ] } ]'),
      ),
    ],
    allows: toA(({ from }) => inNs(from, 'y')),
  },
  {
    title: 'E#9 a podSelector or a namespaceSelector: two items',
    policies: [
      policy(
        'p',
        'x',
        ingress(`[ { from: [ { podSelector: { matchLabels: { pod: b } } },
          { namespaceSelector: { matchExpressions: [ { key: ns, operator: NotIn, values: [ x ] } ] } } ] } ]`),
      ),
    ],
    allows: toA(({ from }) => is(from, 'x/b') || inNs(from, 'y', 'z')),
  },
  {
    title: 'E#10 a podSelector and a namespaceSelector: one item',
    policies: [
      policy(
        'p',
        'x',
        ingress(`[ { from: [ { podSelector: { matchLabels: { pod: b } },
          namespaceSelector: { matchExpressions: [ { key: ns, operator: NotIn, values: [ x ] } ] } } ] } ]`),
      ),
    ],
    allows: toA(({ from }) => is(from, 'y/b', 'z/b')),
  },
  {
    title: 'E#11 several pods and namespaces in one item',
    policies: [
      policy(
        'p',
        'x',
        ingress(`[ { from: [ { podSelector: { matchExpressions: [ { key: pod, operator: In, values: [ b, c ] } ] },
          namespaceSelector: { matchExpressions: [ { key: ns, operator: NotIn, values: [ x ] } ] } } ] } ]`),
      ),
    ],
    allows: toA(({ from }) => is(from, 'y/b', 'y/c', 'z/b', 'z/c')),
  },
  {
    title: 'E#12 any of several podSelectors',
    policies: [
      policy(
        'p',
        'x',
        ingress('[ { from: [ { podSelector: { matchLabels: { pod: b } } }, { podSelector: { matchLabels: { pod: c } } } ] } ]'),
      ),
    ],
    allows: toA(({ from }) => is(from, 'x/b', 'x/c')),
  },
  {
    title: 'E#13 one pod of another namespace',
    policies: [policy('p', 'x', ingress(`[ { from: [ ${Y_A} ] } ]`))],
    allows: toA(({ from }) => is(from, 'y/a')),
  },
  {
    title: 'E#14 a port',
    policies: [fromYAt(81, 'TCP')],
    allows: toA(({ from, port, protocol }) => inNs(from, 'y') && port === 81 && protocol === 'tcp'),
  },
  {
    title: 'E#15 stacked policies',
    policies: [fromYAt(81, 'TCP'), fromYAt(80, 'TCP')],
    allows: toA(({ from, protocol }) => inNs(from, 'y') && protocol === 'tcp'),
  },
  { title: 'E#16 allow all', policies: [policy('p', 'x', ingress('[ {} ]', 'podSelector: {}'))], allows: () => true },
  {
    title: 'E#17 ingress to a named port',
    policies: [policy('p', 'x', ingress('[ { ports: [ { port: serve-81-tcp } ] } ]', 'podSelector: {}'))],
    allows: ({ to, port, protocol }) => !inNs(to, 'x') || (port === 81 && protocol === 'tcp'),
  },
  {
    title: 'E#18 ingress from a namespace to a named port',
    policies: [policy('p', 'x', ingress(`[ { from: [ ${FROM_Y} ], ports: [ { port: serve-80-tcp } ] } ]`))],
    allows: toA(({ from, port, protocol }) => inNs(from, 'y') && port === 80 && protocol === 'tcp'),
  },
  {
    title: 'E#19 egress to a named port of anybody',
    policies: [policy('p', 'x', egress('[ { ports: [ { port: serve-80-tcp } ] } ]'))],
    allows: fromA(({ port, protocol }) => port === 80 && protocol === 'tcp'),
  },
  { title: 'E#20 a policy that is updated: before, it allows all', policies: [policy('p', 'x', ingress('[ {} ]'))], allows: () => true },
  { title: 'E#20 a policy that is updated: after, it denies', policies: [policy('p', 'x', ingress('[]'))], allows: toA(() => false) },
  {
    title: 'E#21 a label of a namespace: before it is there',
    policies: [policy('p', 'x', ingress('[ { from: [ { namespaceSelector: { matchLabels: { ns2: updated } } } ] } ]'))],
    allows: toA(() => false),
  },
  {
    title: 'E#21 a label of a namespace: after',
    policies: [policy('p', 'x', ingress('[ { from: [ { namespaceSelector: { matchLabels: { ns2: updated } } } ] } ]'))],
    topology: e2eWorld({ namespaces: { y: 'ns2: updated' } }),
    allows: toA(({ from }) => inNs(from, 'y')),
  },
  {
    title: 'E#22 a label of a pod: before it is there',
    policies: [policy('p', 'x', ingress('[ { from: [ { podSelector: { matchLabels: { pod: b, pod2: updated } } } ] } ]'))],
    allows: toA(() => false),
  },
  {
    title: 'E#22 a label of a pod: after',
    policies: [policy('p', 'x', ingress('[ { from: [ { podSelector: { matchLabels: { pod: b, pod2: updated } } } ] } ]'))],
    topology: e2eWorld({ pods: { 'x/b': 'pod2: updated' } }),
    allows: toA(({ from }) => is(from, 'x/b')),
  },
  {
    title: 'E#23 no ingress from other namespaces',
    policies: [policy('p', 'x', ingress('[ { from: [ { podSelector: {} } ] } ]', 'podSelector: {}'))],
    allows: ({ from, to }) => !inNs(to, 'x') || inNs(from, 'x'),
  },
  {
    title: 'E#24 a label isolates: before it is there',
    policies: [policy('p', 'x', ingress('[]', 'podSelector: { matchLabels: { target: isolated } }'))],
    allows: () => true,
  },
  {
    title: 'E#24 a label isolates: after',
    policies: [policy('p', 'x', ingress('[]', 'podSelector: { matchLabels: { target: isolated } }'))],
    topology: e2eWorld({ pods: { 'x/a': 'target: isolated' } }),
    allows: toA(() => false),
  },
  { title: 'E#25 no egress from pods by label', policies: [policy('p', 'x', egress('[]'))], allows: fromA(() => false) },
  { title: 'E#26 no egress from a namespace', policies: [DENY_EGRESS], allows: ({ from }) => !inNs(from, 'x') },
  {
    title: 'E#27 ingress and egress in one policy',
    policies: [
      policy(
        'p',
        'x',
        `{ ${A}, policyTypes: [ Ingress, Egress ], ingress: [ { from: [ { podSelector: { matchLabels: { pod: b } } } ] } ],
          egress: [ { ports: [ { port: 80 } ] } ] }`,
      ),
    ],
    allows: ({ from, to, port, protocol }) => (to !== 'x/a' || from === 'x/b') && (from !== 'x/a' || (port === 80 && protocol === 'tcp')),
  },
  {
    title: 'E#28 the client may not send, although the server allows it',
    policies: [
      policy('client', 'x', egress(`[ { to: [ ${Y_A} ] } ]`)),
      policy(
        'server',
        'y',
        ingress(
          '[ { from: [ { namespaceSelector: { matchLabels: { ns: x } }, podSelector: { matchLabels: { pod: a } } } ] } ]',
          'podSelector: { matchExpressions: [ { key: pod, operator: In, values: [ a, b ] } ] }',
        ),
      ),
    ],
    allows: ({ from, to }) => (from !== 'x/a' || to === 'y/a') && (!is(to, 'y/a', 'y/b') || from === 'x/a'),
  },
  {
    title: 'E#29 egress to a pod of another namespace',
    policies: [policy('p', 'x', egress(`[ { to: [ ${Y_A} ] } ]`))],
    allows: fromA(({ to }) => is(to, 'y/a')),
  },
  {
    title: 'E#30 any port of a protocol',
    policies: [policy('p', 'x', ingress('[ { ports: [ { protocol: TCP } ] } ]'))],
    allows: toA(({ protocol }) => protocol === 'tcp'),
  },
  {
    title: 'E#31 allowing all ingress wins over denying all',
    policies: [DENY_INGRESS, policy('allow-all', 'x', ingress('[ {} ]', 'podSelector: {}'))],
    allows: () => true,
  },
  {
    title: 'E#32 allowing all egress wins over denying all',
    policies: [DENY_EGRESS, policy('allow-all', 'x', egress('[ {} ]', 'podSelector: {}'))],
    allows: () => true,
  },
  { title: 'E#33 a policy that is deleted: before', policies: [policy('p', 'x', ingress('[]'))], allows: toA(() => false) },
  {
    title: 'E#33 a policy that is deleted: after',
    policies: [policy('of-nobody', 'x', ingress('[]', 'podSelector: { matchLabels: { pod: d } }'))],
    allows: () => true,
  },
  {
    title: 'E#34 egress to a block that is the address of one pod',
    policies: [policy('p', 'x', egress(`[ { to: [ { ipBlock: { cidr: ${Y_B}/32 } } ] } ]`))],
    allows: fromA(({ to }) => is(to, 'y/b')),
  },
  {
    title: 'E#35 egress to a block except one pod',
    policies: [policy('p', 'x', egress(`[ { to: [ { ipBlock: { cidr: 10.244.2.0/24, except: [ ${Y_B}/32 ] } } ] } ]`))],
    allows: fromA(({ to }) => is(to, 'y/a', 'y/c')),
  },
  {
    title: 'E#36 what one block leaves out, another policy allows',
    policies: [
      policy('p', 'x', egress(`[ { to: [ { ipBlock: { cidr: 10.244.2.0/24, except: [ ${Y_B}/32 ] } } ] } ]`)),
      policy('q', 'x', egress(`[ { to: [ { ipBlock: { cidr: ${Y_B}/32 } } ] } ]`)),
    ],
    allows: fromA(({ to }) => inNs(to, 'y')),
  },
  {
    title: 'E#37 ingress alone says nothing of egress',
    policies: [policy('in', 'x', ingress('[ { from: [ { podSelector: { matchLabels: { pod: b } } } ] } ]'))],
    allows: ({ from, to }) => to !== 'x/a' || from === 'x/b',
  },
  {
    title: 'E#37 egress alone says nothing of ingress',
    policies: [policy('out', 'x', egress('[ { to: [ { podSelector: { matchLabels: { pod: b } } } ] } ]'))],
    allows: ({ from, to }) => from !== 'x/a' || to === 'x/b',
  },
  {
    title: 'E#38 SCTP is not TCP',
    policies: [policy('p', 'x', ingress('[ { ports: [ { protocol: SCTP, port: 81 } ] } ]'))],
    allows: toA(({ protocol, port }) => protocol === 'sctp' && port === 81),
  },
  {
    title: 'E#39 a policy about SCTP isolates the pod for all protocols',
    policies: [policy('p', 'x', ingress(`[ { from: [ ${FROM_Y} ], ports: [ { protocol: SCTP, port: 80 } ] } ]`))],
    allows: toA(({ from, protocol, port }) => inNs(from, 'y') && protocol === 'sctp' && port === 80),
  },
  {
    title: 'E#40 UDP is not TCP',
    policies: [policy('p', 'x', ingress('[ { ports: [ { protocol: UDP, port: 81 } ] } ]'))],
    allows: toA(({ protocol, port }) => protocol === 'udp' && port === 81),
  },
  {
    title: 'E#41 the label that every namespace has',
    policies: [policy('p', 'x', ingress('[ { from: [ { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: "y" } } } ] } ]'))],
    allows: toA(({ from }) => inNs(from, 'y')),
  },
  {
    title: 'E#42 NotIn of the label that every namespace has',
    policies: [
      policy(
        'p',
        'x',
        ingress(
          '[ { from: [ { namespaceSelector: { matchExpressions: [ { key: kubernetes.io/metadata.name, operator: NotIn, values: [ "y" ] } ] } } ] } ]',
        ),
      ),
    ],
    allows: toA(({ from }) => inNs(from, 'x', 'z')),
  },
  ...(['UDP', 'SCTP'] as const).flatMap((protocol, i): readonly Scenario[] => [
    { title: `E#${43 + 3 * i} ${protocol}: default deny`, policies: [DENY_INGRESS], allows: ({ to }) => !inNs(to, 'x') },
    {
      title: `E#${44 + 3 * i} ${protocol}: a port`,
      policies: [fromYAt(81, protocol)],
      allows: toA((asked) => inNs(asked.from, 'y') && asked.port === 81 && asked.protocol === protocol.toLowerCase()),
    },
    {
      title: `E#${45 + 3 * i} ${protocol}: one pod of another namespace`,
      policies: [policy('p', 'x', ingress(`[ { from: [ ${Y_A} ], ports: [ { protocol: ${protocol} } ] } ]`))],
      allows: toA(({ from, ...asked }) => is(from, 'y/a') && asked.protocol === protocol.toLowerCase()),
    },
  ]),
];
