import { CLUSTER, DUAL_STACK, MANIFESTS, OBJECTS } from './cases-world.ts';

type Answer = 'allow' | 'deny' | 'unknown';

/** A row of the checklist of what an evaluator must get right, by its number; a number has as many rows as it needs. */
export interface Case {
  readonly number: number;
  readonly title: string;
  readonly policies: readonly string[];
  /** As `x/a > y/b tcp 80`. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** Else the cluster of all rows. */
  readonly world?: string;
}

/** A NetworkPolicy in x. */
export const np = (spec: string, name = 'p', namespace = 'x'): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${name}, namespace: "${namespace}" }\nspec: ${spec}`;
const anp = (priority: number, spec: string, name = `anp-${priority}`): string =>
  `apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: { name: ${name} }\nspec: { priority: ${priority}, ${spec} }`;
const banp = (spec: string): string =>
  `apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: { name: default }\nspec: { ${spec} }`;
const cnp = (tier: string, priority: number, spec: string, name = `${tier.toLowerCase()}-${priority}`): string =>
  `apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: { name: ${name} }\nspec: { tier: ${tier}, priority: ${priority}, ${spec} }`;

const A = 'podSelector: { matchLabels: { app: a } }';
/** x/a gets only what these rules say. */
const ingress = (rules: string): string => np(`{ ${A}, policyTypes: [ Ingress ], ingress: ${rules} }`);
const egress = (rules: string): string => np(`{ ${A}, policyTypes: [ Egress ], egress: ${rules} }`);
const from = (...peers: readonly string[]): string => ingress(`[ { from: [ ${peers.join(', ')} ] } ]`);
const to = (...peers: readonly string[]): string => egress(`[ { to: [ ${peers.join(', ')} ] } ]`);
const ports = (...items: readonly string[]): string => ingress(`[ { ports: [ ${items.join(', ')} ] } ]`);

/** Who is asked about x/a. */
const ALL = 'subject: { namespaces: {} }';
const X = 'subject: { namespaces: { matchLabels: { team: web } } }';
const EVERY_POD = '{ namespaces: {} }';
const DENY_IN = `ingress: [ { action: Deny, from: [ ${EVERY_POD} ] } ]`;
const DENY_OUT = `egress: [ { action: Deny, to: [ { namespaces: {} } ] } ]`;

const SELECTION: readonly Case[] = [
  {
    number: 1,
    title: 'no policy about the pod',
    policies: [np('{ podSelector: { matchLabels: { app: b } } }')],
    answers: { 'y/a > x/a tcp 80': 'allow', 'x/a > y/a tcp 80': 'allow' },
  },
  {
    number: 2,
    title: 'isolation of one direction',
    policies: [ingress('[]')],
    answers: { 'y/a > x/a tcp 80': 'deny', 'x/a > y/a tcp 80': 'allow' },
  },
  {
    number: 3,
    title: 'both ends must allow',
    policies: [
      np(`{ ${A}, policyTypes: [ Egress ], egress: [ { to: [ { podSelector: { matchLabels: { app: b } } } ] } ] }`, 'out'),
      np('{ podSelector: { matchLabels: { app: b } }, ingress: [ { from: [ { podSelector: { matchLabels: { app: c } } } ] } ] }', 'in'),
    ],
    answers: { 'x/a > x/b tcp 80': 'deny', 'x/c > x/b tcp 80': 'allow', 'x/a > x/c tcp 80': 'deny' },
  },
  {
    number: 4,
    title: 'several policies add up',
    policies: [
      np(`{ ${A}, ingress: [ { from: [ { podSelector: { matchLabels: { app: b } } } ] } ] }`, 'one'),
      np(`{ ${A}, ingress: [ { from: [ { podSelector: { matchLabels: { app: c } } } ] } ] }`, 'two'),
      np('{ podSelector: {} }', 'none'),
    ],
    answers: { 'x/b > x/a tcp 80': 'allow', 'x/c > x/a tcp 80': 'allow', 'y/a > x/a tcp 80': 'deny' },
  },
  {
    number: 5,
    title: 'an empty podSelector is all of the own namespace',
    policies: [np('{ podSelector: {} }')],
    answers: { 'y/b > x/a tcp 80': 'deny', 'y/b > x/c tcp 80': 'deny', 'y/b > y/a tcp 80': 'allow' },
  },
  {
    number: 6,
    title: 'no podSelector',
    policies: [np('{ policyTypes: [ Ingress ] }')],
    answers: { 'y/b > x/a tcp 80': 'deny', 'y/b > y/a tcp 80': 'allow' },
  },
  {
    number: 6,
    title: 'podSelector: null',
    policies: [np('{ podSelector: , policyTypes: [ Ingress ] }')],
    answers: { 'y/b > x/a tcp 80': 'deny', 'y/b > y/a tcp 80': 'allow' },
  },
  ...['ingress: []', 'ingress: null', 'policyTypes: [ Ingress ]'].map((how) => ({
    number: 7,
    title: `no rule denies: ${how}`,
    policies: [np(`{ podSelector: {}, ${how.startsWith('policy') ? how : `policyTypes: [ Ingress ], ${how}`} }`)],
    answers: { 'y/b > x/a tcp 80': 'deny', 'x/b > x/a udp 1': 'deny', 'x/a > y/b tcp 80': 'allow' } as const,
  })),
  {
    number: 8,
    title: 'an empty rule allows all',
    policies: [ingress('[ {} ]')],
    answers: { 'y/b > x/a tcp 80': 'allow', 'y/b > x/a sctp 9': 'allow', 'y/b > x/a icmp': 'allow', '203.0.113.9 > x/a udp 53': 'allow' },
  },
  {
    number: 9,
    title: 'policyTypes by default: egress where it has rules',
    policies: [np('{ podSelector: {}, egress: [ { to: [ { podSelector: {} } ] } ] }')],
    answers: { 'x/a > y/a tcp 80': 'deny', 'x/a > x/b tcp 80': 'deny', 'y/a > x/a tcp 80': 'deny' },
  },
  {
    number: 9,
    title: 'policyTypes: [] is the default',
    policies: [np('{ podSelector: {}, policyTypes: [], ingress: [ {} ], egress: [ { to: [ { podSelector: {} } ] } ] }')],
    answers: { 'x/a > y/a tcp 80': 'deny', 'x/a > x/b tcp 80': 'allow' },
  },
  {
    number: 10,
    title: 'rules of a direction that policyTypes leaves out',
    policies: [np('{ podSelector: {}, policyTypes: [ Egress ], ingress: [ { from: [ { podSelector: {} } ] } ], egress: [ {} ] }')],
    answers: { 'y/a > x/a tcp 80': 'allow', 'x/a > y/a tcp 80': 'allow' },
  },
  {
    number: 11,
    title: 'egress rules without Egress',
    policies: [np('{ podSelector: {}, policyTypes: [ Ingress ], ingress: [ {} ], egress: [ { to: [ { podSelector: {} } ] } ] }')],
    answers: { 'x/a > y/a tcp 80': 'allow' },
  },
  {
    number: 12,
    title: 'egress: [] without policyTypes isolates ingress only',
    policies: [np('{ podSelector: {}, egress: [] }')],
    answers: { 'x/a > y/a tcp 80': 'allow', 'y/a > x/a tcp 80': 'deny' },
  },
  {
    number: 13,
    title: 'the same type twice',
    policies: [np('{ podSelector: {}, policyTypes: [ Ingress, Ingress ] }')],
    answers: { 'y/a > x/a tcp 80': 'deny', 'x/a > y/a tcp 80': 'allow' },
  },
  {
    number: 14,
    title: 'no namespace: default',
    world: CLUSTER.replaceAll('namespace: x,', 'namespace: default,'),
    policies: [np('{ podSelector: {} }').replace(', namespace: "x"', '')],
    answers: { 'y/a > default/a tcp 80': 'deny', 'default/a > y/a tcp 80': 'allow' },
  },
  {
    number: 15,
    title: 'a policy in a namespace without an object',
    world: OBJECTS,
    policies: [
      np(
        '{ podSelector: {}, ingress: [ { from: [ { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: x } } } ] } ] }',
        'p',
        'shop',
      ),
    ],
    answers: { 'x/a > shop/web tcp 80': 'allow', '203.0.113.9 > shop/web tcp 80': 'deny' },
  },
  {
    number: 16,
    title: 'every namespace has its name as a label',
    policies: [from('{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: "y" } } }')],
    answers: { 'y/a > x/a tcp 80': 'allow', 'z/a > x/a tcp 80': 'deny' },
  },
  {
    number: 17,
    title: 'labels of a namespace that the input does not have',
    world: OBJECTS,
    policies: [from('{ namespaceSelector: { matchLabels: { team: shop } } }')],
    answers: { 'shop/web > x/a tcp 80': 'unknown', 'x/b > x/a tcp 80': 'deny' },
  },
  {
    number: 17,
    title: 'labels that the input does not have, and are not asked for',
    world: OBJECTS,
    policies: [
      from(
        '{ namespaceSelector: { matchLabels: { team: shop, kubernetes.io/metadata.name: other } } }',
        '{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: shop } }, podSelector: { matchLabels: { app: other } } }',
      ),
    ],
    answers: { 'shop/web > x/a tcp 80': 'deny' },
  },
  {
    number: 17,
    title: "a namespace's labels, never the pods'",
    policies: [from('{ namespaceSelector: { matchLabels: { app: a } } }')],
    answers: { 'y/a > x/a tcp 80': 'deny' },
  },
  {
    number: 18,
    title: 'labels and expressions all hold',
    policies: [from('{ podSelector: { matchLabels: { app: b }, matchExpressions: [ { key: tier, operator: Exists } ] } }')],
    answers: { 'x/b > x/a tcp 80': 'deny' },
  },
  {
    number: 19,
    title: 'In and Exists need the label',
    policies: [
      from(
        '{ podSelector: { matchExpressions: [ { key: tier, operator: In, values: [ front ] } ] } }',
        '{ podSelector: { matchExpressions: [ { key: tier, operator: Exists } ] } }',
      ),
    ],
    answers: { 'x/b > x/a tcp 80': 'deny' },
  },
  {
    number: 20,
    title: 'NotIn holds without the label',
    policies: [from('{ podSelector: { matchExpressions: [ { key: tier, operator: NotIn, values: [ front ] } ] } }')],
    answers: { 'x/b > x/a tcp 80': 'allow' },
  },
  {
    number: 20,
    title: 'DoesNotExist holds without the label',
    policies: [from('{ podSelector: { matchExpressions: [ { key: empty, operator: DoesNotExist } ] } }')],
    answers: { 'x/b > x/a tcp 80': 'allow', 'x/c > x/a tcp 80': 'deny' },
  },
  {
    number: 21,
    title: 'an empty value is a value',
    policies: [from('{ podSelector: { matchLabels: { empty: "" } } }')],
    answers: { 'x/c > x/a tcp 80': 'allow', 'x/b > x/a tcp 80': 'deny' },
  },
  {
    number: 23,
    title: 'a pod that ended is no peer, and its address is that of the pod that has it now',
    world: OBJECTS,
    policies: [from('{ podSelector: { matchLabels: { app: done } } }')],
    answers: { 'x/b > x/a tcp 80': 'deny' },
  },
  {
    number: 23,
    title: 'the pod that has the address of one that ended',
    world: OBJECTS,
    policies: [from('{ podSelector: { matchLabels: { app: b } } }')],
    answers: { 'x/b > x/a tcp 80': 'allow' },
  },
  {
    number: 25,
    title: 'a pod that is being deleted',
    world: OBJECTS,
    policies: [np('{ podSelector: { matchLabels: { app: leaving } } }', 'p')],
    answers: { 'x/a > x/leaving tcp 80': 'deny' },
  },
  {
    number: 26,
    title: "a template's labels, not its workload's",
    world: MANIFESTS,
    policies: [
      np('{ podSelector: { matchLabels: { app: of-the-deployment } } }', 'one'),
      np(
        '{ podSelector: { matchLabels: { app: client } }, ingress: [ { from: [ { podSelector: { matchLabels: { app: web } } } ], ports: [ { port: 1 } ] } ] }',
        'two',
      ),
    ],
    answers: { 'x/client > x/web-1 tcp 8080': 'allow', 'x/web-1 > x/client tcp 1': 'allow', 'x/web-1 > x/client tcp 2': 'deny' },
  },
  {
    number: 27,
    title: 'a label that a controller will give',
    world: MANIFESTS,
    policies: [np('{ podSelector: { matchLabels: { pod-template-hash: abc } } }')],
    answers: { 'x/client > x/web-1 tcp 8080': 'unknown', 'x/web-1 > x/client tcp 8080': 'allow' },
  },
  {
    number: 27,
    title: 'a label that a controller will give, of a peer',
    world: MANIFESTS,
    policies: [
      np(
        '{ podSelector: { matchLabels: { app: client } }, ingress: [ { from: [ { podSelector: { matchLabels: { pod-template-hash: abc } } } ] } ] }',
      ),
    ],
    answers: { 'x/web-1 > x/client tcp 1': 'unknown' },
  },
];

const PEERS: readonly Case[] = [
  ...['from: []', 'from: null', 'ports: []'].map((how) => ({
    number: 29,
    title: `any peer: ${how}`,
    policies: [ingress(`[ { ${how} } ]`)],
    answers: { 'y/a > x/a tcp 80': 'allow', '203.0.113.9 > x/a tcp 80': 'allow', 'n2 > x/a tcp 80': 'allow' } as const,
  })),
  {
    number: 31,
    title: 'podSelector alone: the own namespace',
    policies: [from('{ podSelector: { matchLabels: { app: b } } }')],
    answers: { 'x/b > x/a tcp 80': 'allow', 'y/b > x/a tcp 80': 'deny' },
  },
  {
    number: 32,
    title: 'namespaceSelector alone: all its pods',
    policies: [from('{ namespaceSelector: { matchLabels: { team: db } } }')],
    answers: { 'y/a > x/a tcp 80': 'allow', 'y/b > x/a tcp 80': 'allow', 'x/b > x/a tcp 80': 'deny' },
  },
  {
    number: 33,
    title: 'both in one item',
    policies: [from('{ namespaceSelector: { matchLabels: { team: db } }, podSelector: { matchLabels: { app: b } } }')],
    answers: { 'y/b > x/a tcp 80': 'allow', 'y/a > x/a tcp 80': 'deny', 'x/b > x/a tcp 80': 'deny' },
  },
  {
    number: 33,
    title: 'both as two items',
    policies: [from('{ namespaceSelector: { matchLabels: { team: db } } }', '{ podSelector: { matchLabels: { app: b } } }')],
    answers: { 'y/b > x/a tcp 80': 'allow', 'y/a > x/a tcp 80': 'allow', 'x/b > x/a tcp 80': 'allow', 'x/c > x/a tcp 80': 'deny' },
  },
  {
    number: 34,
    title: 'an empty namespaceSelector: all namespaces',
    policies: [from('{ namespaceSelector: {} }')],
    answers: { 'x/b > x/a tcp 80': 'allow', 'z/a > x/a tcp 80': 'allow', '203.0.113.9 > x/a tcp 80': 'deny' },
  },
  {
    number: 34,
    title: 'with an empty podSelector: the same',
    policies: [from('{ namespaceSelector: {}, podSelector: {} }')],
    answers: { 'x/b > x/a tcp 80': 'allow', 'z/a > x/a tcp 80': 'allow', '203.0.113.9 > x/a tcp 80': 'deny' },
  },
  {
    number: 35,
    title: 'selectors mean pods: no host outside, and no node',
    policies: [from('{ podSelector: {} }', '{ namespaceSelector: {} }')],
    answers: { 'x/b > x/a tcp 80': 'allow', '203.0.113.9 > x/a tcp 80': 'deny', 'n2 > x/a tcp 80': 'deny' },
  },
  {
    number: 37,
    title: 'a block that is the address of a pod',
    policies: [to('{ ipBlock: { cidr: 10.244.2.10/32 } }')],
    answers: { 'x/a > x/b tcp 80': 'allow', 'x/a > x/c tcp 80': 'deny' },
  },
  {
    number: 37,
    title: 'an exception that is the address of a pod',
    policies: [to('{ ipBlock: { cidr: 10.244.0.0/16, except: [ 10.244.2.10/32 ] } }')],
    answers: { 'x/a > x/b tcp 80': 'deny', 'x/a > x/c tcp 80': 'allow' },
  },
  {
    number: 38,
    title: '0.0.0.0/0 has pods and nodes',
    policies: [to('{ ipBlock: { cidr: 0.0.0.0/0 } }')],
    answers: { 'x/a > x/b tcp 80': 'allow', 'x/a > n2 tcp 80': 'allow', 'x/a > 203.0.113.9 tcp 80': 'allow' },
  },
  {
    number: 39,
    title: 'what one item leaves out, another has',
    policies: [to('{ ipBlock: { cidr: 10.244.0.0/16, except: [ 10.244.2.0/24 ] } }', '{ podSelector: { matchLabels: { app: b } } }')],
    answers: { 'x/a > x/b tcp 80': 'allow', 'x/a > x/c tcp 80': 'deny', 'x/a > y/a tcp 80': 'allow' },
  },
  {
    number: 42,
    title: 'each address by its own family',
    world: DUAL_STACK,
    policies: [np('{ podSelector: {}, policyTypes: [ Egress ], egress: [ { to: [ { ipBlock: { cidr: "::/0" } } ] } ] }')],
    answers: { 'fd00:10:0:1::10 > fd00:10:0:1::11 tcp 80': 'allow', 'x/a > x/b tcp 80': 'deny' },
  },
  {
    number: 43,
    title: 'the source as the pod sees it',
    policies: [from('{ ipBlock: { cidr: 10.244.1.20/32 } }', '{ ipBlock: { cidr: 203.0.113.0/24 } }')],
    answers: { 'y/a > x/a tcp 80': 'allow', '203.0.113.9 > x/a tcp 80': 'allow', 'n2 > x/a tcp 80': 'deny' },
  },
  {
    number: 45,
    title: 'a block with the address of a service says nothing about its pods',
    policies: [to('{ ipBlock: { cidr: 10.96.0.0/12 } }')],
    answers: { 'x/a > x/b tcp 80': 'deny' },
  },
  {
    number: 47,
    title: 'an API server on the host network is a node: no podSelector means it',
    policies: [to('{ namespaceSelector: {}, podSelector: { matchLabels: { app: host } } }')],
    answers: { 'x/a > x/host tcp 6443': 'deny' },
  },
  {
    number: 47,
    title: 'an API server on the host network: the block of the nodes',
    policies: [to('{ ipBlock: { cidr: 192.168.1.0/24 } }')],
    answers: { 'x/a > x/host tcp 6443': 'allow' },
  },
  {
    number: 49,
    title: 'a pod to itself',
    policies: [np('{ podSelector: {}, policyTypes: [ Ingress, Egress ] }')],
    answers: { 'x/a > x/a tcp 80': 'allow' },
  },
  {
    number: 51,
    title: 'another replica is another pod',
    policies: [np('{ podSelector: {}, policyTypes: [ Ingress ] }')],
    answers: { 'x/b > x/c tcp 80': 'deny' },
  },
  {
    number: 53,
    title: 'a pod on the host network is not selected',
    policies: [np('{ podSelector: { matchLabels: { app: host } }, policyTypes: [ Ingress, Egress ] }'), anp(1, `${ALL}, ${DENY_OUT}`)],
    answers: { 'x/host > 203.0.113.9 tcp 80': 'allow', 'x/host > y/b tcp 80': 'allow', 'y/b > x/host tcp 80': 'allow' },
  },
  {
    number: 54,
    title: 'a pod on the host network is no peer of selectors',
    policies: [from('{ podSelector: { matchLabels: { app: host } } }', '{ namespaceSelector: {} }')],
    answers: { 'x/host > x/a tcp 80': 'deny' },
  },
  {
    number: 54,
    title: 'a pod on the host network is its node',
    policies: [from('{ ipBlock: { cidr: 192.168.1.12/32 } }')],
    answers: { 'x/host > x/a tcp 80': 'allow', 'n2 > x/a tcp 80': 'allow' },
  },
  { number: 56, title: 'another node is not exempt', policies: [from('{ podSelector: {} }')], answers: { 'n2 > x/a tcp 80': 'deny' } },
  {
    number: 57,
    title: 'no ingress peer of an AdminNetworkPolicy means a node',
    policies: [anp(1, `${ALL}, ${DENY_IN}`)],
    answers: { 'n2 > x/a tcp 80': 'allow', '203.0.113.9 > x/a tcp 80': 'allow', 'y/a > x/a tcp 80': 'deny' },
  },
  {
    number: 58,
    title: 'ICMP: by a rule without ports only',
    policies: [
      ingress('[ { from: [ { podSelector: {} } ] }, { from: [ { namespaceSelector: {} } ], ports: [ { port: 80 }, { protocol: UDP } ] } ]'),
    ],
    answers: { 'x/b > x/a icmp': 'allow', 'y/b > x/a icmp': 'deny', 'y/b > x/a tcp 80': 'allow' },
  },
  {
    number: 61,
    title: 'egress isolation without DNS',
    policies: [to('{ namespaceSelector: { matchLabels: { team: web } } }')],
    answers: { 'x/a > y/b udp 53': 'deny', 'x/a > y/b tcp 53': 'deny', 'x/a > x/b tcp 80': 'allow' },
  },
];

const PORTS: readonly Case[] = [
  {
    number: 63,
    title: 'no ports: all of all protocols',
    policies: [ingress('[ { from: [ { podSelector: {} } ], ports: [] } ]')],
    answers: { 'x/b > x/a tcp 1': 'allow', 'x/b > x/a udp 65535': 'allow', 'x/b > x/a sctp 9': 'allow', 'x/b > x/a icmp': 'allow' },
  },
  {
    number: 64,
    title: 'no protocol: TCP',
    policies: [ports('{ port: 80 }')],
    answers: { 'x/b > x/a tcp 80': 'allow', 'x/b > x/a udp 80': 'deny' },
  },
  {
    number: 65,
    title: 'an empty item: all of TCP',
    policies: [ports('{}')],
    answers: { 'x/b > x/a tcp 9': 'allow', 'x/b > x/a udp 9': 'deny', 'x/b > x/a icmp': 'deny' },
  },
  {
    number: 66,
    title: 'a protocol without a port',
    policies: [ports('{ protocol: UDP }')],
    answers: { 'x/b > x/a udp 9': 'allow', 'x/b > x/a tcp 9': 'deny' },
  },
  {
    number: 67,
    title: 'SCTP opens no TCP, and isolates',
    policies: [ports('{ protocol: SCTP, port: 80 }')],
    answers: { 'x/b > x/a sctp 80': 'allow', 'x/b > x/a tcp 80': 'deny', 'x/b > x/a tcp 81': 'deny' },
  },
  {
    number: 68,
    title: 'peers and ports of one rule only',
    policies: [
      ingress(
        '[ { from: [ { podSelector: { matchLabels: { app: b } } } ], ports: [ { port: 80 } ] }, { from: [ { podSelector: { matchLabels: { app: c } } } ], ports: [ { port: 81 } ] } ]',
      ),
    ],
    answers: { 'x/b > x/a tcp 80': 'allow', 'x/c > x/a tcp 81': 'allow', 'x/b > x/a tcp 81': 'deny', 'x/c > x/a tcp 80': 'deny' },
  },
  {
    number: 69,
    title: 'endPort is included',
    policies: [ports('{ port: 80, endPort: 90 }')],
    answers: { 'x/b > x/a tcp 79': 'deny', 'x/b > x/a tcp 80': 'allow', 'x/b > x/a tcp 90': 'allow', 'x/b > x/a tcp 91': 'deny' },
  },
  {
    number: 69,
    title: 'endPort may be port',
    policies: [ports('{ port: 80, endPort: 80 }')],
    answers: { 'x/b > x/a tcp 80': 'allow', 'x/b > x/a tcp 81': 'deny' },
  },
  {
    number: 70,
    title: 'a name, by each destination',
    policies: [egress('[ { ports: [ { port: web } ] } ]'), np('{ podSelector: {}, ingress: [ { ports: [ { port: web } ] } ] }', 'in')],
    answers: {
      'x/a > x/b tcp 8080': 'allow',
      'x/a > x/b tcp 80': 'deny',
      'x/c > x/a tcp 80': 'allow',
      'x/c > x/a tcp 8080': 'deny',
      'x/a > y/a tcp 8080': 'allow',
    },
  },
  {
    number: 70,
    title: 'the protocol of a name must fit, too',
    policies: [ports('{ port: dns }')],
    answers: { 'x/b > x/a udp 53': 'deny', 'x/b > x/a tcp 53': 'deny' },
  },
  {
    number: 71,
    title: 'a name that the destination does not have',
    policies: [egress('[ { ports: [ { port: web }, { port: 443 } ] } ]')],
    answers: { 'x/a > x/c tcp 80': 'deny', 'x/a > 203.0.113.9 tcp 80': 'deny', 'x/a > 203.0.113.9 tcp 443': 'allow' },
  },
  {
    number: 72,
    title: 'a sidecar has names, a setup container has none',
    world: OBJECTS,
    policies: [ports('{ port: metrics }', '{ port: early }')],
    answers: { 'x/b > x/a tcp 9090': 'allow', 'x/b > x/a tcp 7000': 'deny' },
  },
  {
    number: 73,
    title: 'one name in two containers',
    world: OBJECTS,
    policies: [ports('{ port: web }', '{ port: web, protocol: UDP }')],
    answers: { 'x/b > x/a tcp 8080': 'allow', 'x/b > x/a udp 8443': 'allow', 'x/b > x/a tcp 8443': 'deny', 'x/b > x/a udp 8080': 'deny' },
  },
  {
    number: 74,
    title: "the pod's port, never the service's",
    policies: [np('{ podSelector: { matchLabels: { app: b } }, ingress: [ { ports: [ { port: 80 } ] } ] }')],
    answers: { 'x/a > x/b tcp 8080': 'deny', 'x/a > x/b tcp 80': 'allow' },
  },
  {
    number: 76,
    title: 'a port that no container declares',
    policies: [ports('{ port: 9999 }')],
    answers: { 'x/b > x/a tcp 9999': 'allow' },
  },
  {
    number: 77,
    title: 'each end allows another port',
    policies: [
      np(`{ ${A}, policyTypes: [ Egress ], egress: [ { ports: [ { port: 80 } ] } ] }`, 'out'),
      np('{ podSelector: { matchLabels: { app: b } }, ingress: [ { ports: [ { port: 81 }, { protocol: UDP, port: 80 } ] } ] }', 'in'),
    ],
    answers: { 'x/a > x/b tcp 80': 'deny', 'x/a > x/b tcp 81': 'deny', 'x/a > x/b udp 80': 'deny' },
  },
];

const ADMIN: readonly Case[] = [
  {
    number: 78,
    title: 'Admin before NetworkPolicy before Baseline',
    policies: [
      anp(
        1,
        `${X}, ingress: [ { action: Allow, from: [ { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: b } } } } ] } ]`,
      ),
      ingress('[ { from: [ { podSelector: { matchLabels: { app: c } } } ] } ]'),
      banp(`${ALL}, ${DENY_IN}`),
    ],
    answers: {
      'y/b > x/a tcp 80': 'allow',
      'x/c > x/a tcp 80': 'allow',
      'y/a > x/a tcp 80': 'deny',
      'y/a > x/c tcp 80': 'deny',
      'y/b > x/c tcp 80': 'allow',
    },
  },
  {
    number: 79,
    title: 'a lower number goes first, wherever it stands',
    policies: [anp(20, `${ALL}, ${DENY_IN}`), anp(10, `${ALL}, ingress: [ { action: Allow, from: [ ${EVERY_POD} ] } ]`)],
    answers: { 'y/a > x/a tcp 80': 'allow' },
  },
  {
    number: 79,
    title: 'equal priorities that differ about the packet',
    policies: [
      anp(5, `${ALL}, ${DENY_IN}`, 'one'),
      anp(5, `${X}, ingress: [ { action: Allow, from: [ { namespaces: { matchLabels: { team: db } } } ] } ]`, 'two'),
    ],
    answers: { 'y/a > x/a tcp 80': 'unknown', 'z/a > x/a tcp 80': 'deny', 'y/a > z/a tcp 80': 'deny' },
  },
  {
    number: 80,
    title: 'the first rule that matches',
    policies: [
      anp(
        1,
        `${ALL}, ingress: [ { action: Deny, from: [ { namespaces: { matchLabels: { team: db } } } ], ports: [ { portNumber: { protocol: TCP, port: 80 } } ] }, { action: Allow, from: [ ${EVERY_POD} ] }, { action: Deny, from: [ ${EVERY_POD} ] } ]`,
      ),
    ],
    answers: { 'y/a > x/a tcp 80': 'deny', 'y/a > x/a tcp 81': 'allow' },
  },
  {
    number: 80,
    title: 'a policy that does not match isolates nobody',
    policies: [anp(1, `${ALL}, ingress: [ { action: Allow, from: [ { namespaces: { matchLabels: { team: db } } } ] } ]`)],
    answers: { 'z/a > x/a tcp 80': 'allow' },
  },
  {
    number: 81,
    title: 'Allow is final for its own direction only',
    policies: [anp(1, `${ALL}, egress: [ { action: Allow, to: [ ${EVERY_POD} ] } ]`), ingress('[]')],
    answers: { 'y/a > x/a tcp 80': 'deny' },
  },
  {
    number: 82,
    title: 'Deny is final',
    policies: [anp(1, `${ALL}, ${DENY_IN}`), ingress('[ {} ]')],
    answers: { 'y/a > x/a tcp 80': 'deny' },
  },
  {
    number: 83,
    title: 'Pass skips the rest of the tier',
    policies: [
      anp(1, `${ALL}, ingress: [ { action: Pass, from: [ { namespaces: { matchLabels: { team: db } } } ] } ]`),
      anp(2, `${ALL}, ${DENY_IN}`),
      ingress('[ { from: [ { namespaceSelector: {}, podSelector: { matchLabels: { app: b } } } ] } ]'),
      banp(`subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: c } } } }, ${DENY_IN}`),
    ],
    answers: {
      'y/b > x/a tcp 80': 'allow',
      'y/a > x/a tcp 80': 'deny',
      'z/a > x/a tcp 80': 'deny',
      'y/a > x/c tcp 80': 'deny',
      'y/a > x/b tcp 80': 'allow',
    },
  },
  {
    number: 84,
    title: 'Baseline: the first rule',
    policies: [
      banp(
        `${ALL}, ingress: [ { action: Allow, from: [ { namespaces: { matchLabels: { team: db } } } ] }, { action: Deny, from: [ ${EVERY_POD} ] } ]`,
      ),
    ],
    answers: { 'y/a > x/a tcp 80': 'allow', 'z/a > x/a tcp 80': 'deny' },
  },
  {
    number: 85,
    title: 'subjects: all namespaces',
    policies: [anp(1, `${ALL}, ${DENY_IN}`)],
    answers: { 'x/a > z/a tcp 80': 'deny', 'x/a > y/b tcp 80': 'deny' },
  },
  {
    number: 85,
    title: 'subjects: pods of namespaces',
    policies: [
      anp(
        1,
        `subject: { pods: { namespaceSelector: { matchLabels: { team: web } }, podSelector: { matchLabels: { app: a } } } }, ${DENY_IN}`,
      ),
    ],
    answers: { 'y/b > x/a tcp 80': 'deny', 'y/b > x/b tcp 80': 'allow', 'y/b > z/a tcp 80': 'allow' },
  },
  {
    number: 86,
    title: 'ingress: [] says nothing',
    policies: [anp(1, `${ALL}, ingress: [], egress: [ { action: Deny, to: [ { networks: [ 203.0.113.0/24 ] } ] } ]`)],
    answers: { 'y/a > x/a tcp 80': 'allow', 'x/a > 203.0.113.9 tcp 80': 'deny' },
  },
  {
    number: 87,
    title: 'ports: a number, a range, a name of any protocol',
    policies: [
      anp(
        1,
        `${ALL}, ingress: [ { action: Deny, from: [ ${EVERY_POD} ], ports: [ { portNumber: { protocol: TCP, port: 443 } }, { portRange: { protocol: UDP, start: 100, end: 200 } }, { namedPort: dns }, { namedPort: web } ] } ]`,
      ),
    ],
    answers: {
      'x/b > x/a tcp 443': 'deny',
      'x/b > x/a udp 443': 'allow',
      'x/b > x/a udp 100': 'deny',
      'x/b > x/a udp 200': 'deny',
      'x/b > x/a udp 201': 'allow',
      'x/b > x/a udp 53': 'deny',
      'x/b > x/a tcp 53': 'allow',
      'x/b > x/a tcp 80': 'deny',
      'x/b > x/a tcp 8080': 'allow',
    },
  },
  {
    number: 89,
    title: 'egress to nodes, by their labels',
    policies: [anp(1, `${ALL}, egress: [ { action: Deny, to: [ { nodes: { matchLabels: { zone: west } } } ] } ]`)],
    answers: { 'x/a > n2 tcp 22': 'deny', 'x/a > x/host tcp 22': 'deny', 'x/a > n1 tcp 22': 'allow', 'x/a > x/b tcp 22': 'allow' },
  },
  {
    number: 89,
    title: 'egress to all nodes',
    policies: [anp(1, `${ALL}, egress: [ { action: Deny, to: [ { nodes: {} } ] } ]`)],
    answers: { 'x/a > n1 tcp 22': 'deny', 'x/a > 203.0.113.9 tcp 22': 'allow' },
  },
  {
    number: 90,
    title: 'networks have pods',
    policies: [anp(1, `${ALL}, egress: [ { action: Deny, to: [ { networks: [ 10.244.2.10/32, 203.0.113.0/24 ] } ] } ]`)],
    answers: { 'x/a > x/b tcp 80': 'deny', 'x/a > x/c tcp 80': 'allow', 'x/a > 203.0.113.9 tcp 80': 'deny' },
  },
  {
    number: 90,
    title: '0.0.0.0/0 has all of IPv4',
    policies: [anp(1, `${ALL}, egress: [ { action: Deny, to: [ { networks: [ 0.0.0.0/0 ] } ] } ]`)],
    answers: { 'x/a > x/b tcp 80': 'deny', 'x/a > n2 tcp 80': 'deny' },
  },
  {
    number: 91,
    title: 'domainNames without a map of names',
    policies: [
      anp(
        1,
        `${ALL}, egress: [ { action: Allow, to: [ { domainNames: [ "*.example.com" ] } ], ports: [ { portNumber: { protocol: TCP, port: 443 } } ] }, { action: Deny, to: [ { networks: [ 0.0.0.0/0 ] } ] } ]`,
      ),
    ],
    answers: { 'x/a > 203.0.113.9 tcp 443': 'unknown', 'x/a > 203.0.113.9 tcp 80': 'deny' },
  },
];

/** Of what the API of today does not know. */
const NEWER: readonly Case[] = [
  {
    number: 92,
    title: 'a peer of a newer version: Allow allows nothing',
    policies: [anp(1, `${ALL}, egress: [ { action: Allow, to: [ { services: {} }, ${EVERY_POD} ] } ]`), anp(2, `${ALL}, ${DENY_OUT}`)],
    answers: { 'x/a > x/b tcp 80': 'deny', 'x/a > 203.0.113.9 tcp 80': 'allow' },
  },
  ...['Deny', 'Pass'].map((action) => ({
    number: 92,
    title: `a peer of a newer version: ${action} denies everything`,
    policies: [
      anp(
        1,
        `${ALL}, egress: [ { action: ${action}, to: [ { services: {} }, { namespaces: { matchLabels: { team: db } } } ], ports: [ { portNumber: { protocol: TCP, port: 80 } } ] } ]`,
      ),
    ],
    answers: { 'x/a > x/b udp 1': 'deny', 'x/a > 203.0.113.9 tcp 443': 'deny' } as const,
  })),
];

const CLUSTER_WIDE: readonly Case[] = [
  {
    number: 94,
    title: 'tiers of a ClusterNetworkPolicy',
    policies: [
      cnp('Baseline', 1, `${ALL}, ${DENY_IN}`),
      cnp(
        'Admin',
        1,
        `${ALL}, ingress: [ { action: Accept, from: [ { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: b } } } } ] } ]`,
      ),
      ingress('[ { from: [ { podSelector: { matchLabels: { app: c } } } ] } ]'),
    ],
    answers: { 'y/b > x/a tcp 80': 'allow', 'x/c > x/a tcp 80': 'allow', 'y/a > x/a tcp 80': 'deny', 'y/a > x/c tcp 80': 'deny' },
  },
  {
    number: 95,
    title: 'Pass of the Baseline tier: to the default',
    policies: [
      cnp('Baseline', 1, `${ALL}, ingress: [ { action: Pass, from: [ { namespaces: { matchLabels: { team: db } } } ] } ]`),
      cnp('Baseline', 2, `${ALL}, ${DENY_IN}`),
    ],
    answers: { 'y/a > x/a tcp 80': 'allow', 'z/a > x/a tcp 80': 'deny' },
  },
  {
    number: 96,
    title: 'several of one tier, by priority',
    policies: [
      cnp('Baseline', 9, `${ALL}, ${DENY_IN}`),
      cnp('Baseline', 3, `${ALL}, ingress: [ { action: Accept, from: [ ${EVERY_POD} ] } ]`),
    ],
    answers: { 'y/a > x/a tcp 80': 'allow' },
  },
  {
    number: 96,
    title: 'equal priorities of one tier that differ',
    policies: [
      cnp('Baseline', 3, `${ALL}, ${DENY_IN}`, 'one'),
      cnp('Baseline', 3, `${X}, ingress: [ { action: Accept, from: [ ${EVERY_POD} ] } ]`, 'two'),
    ],
    answers: { 'y/a > x/a tcp 80': 'unknown', 'x/a > y/a tcp 80': 'deny' },
  },
  {
    number: 97,
    title: 'protocols',
    policies: [
      cnp(
        'Admin',
        1,
        `${ALL}, ingress: [ { action: Deny, from: [ ${EVERY_POD} ], protocols: [ { tcp: { destinationPort: { number: 443 } } }, { udp: { destinationPort: { range: { start: 100, end: 200 } } } }, { destinationNamedPort: dns } ] } ]`,
      ),
    ],
    answers: {
      'x/b > x/a tcp 443': 'deny',
      'x/b > x/a udp 443': 'allow',
      'x/b > x/a udp 150': 'deny',
      'x/b > x/a udp 53': 'deny',
      'x/b > x/a tcp 53': 'allow',
      'x/b > x/a icmp': 'allow',
    },
  },
  {
    number: 97,
    title: 'no protocols: ICMP too',
    policies: [cnp('Admin', 1, `${ALL}, ${DENY_IN}`)],
    answers: { 'x/b > x/a icmp': 'deny', 'x/b > x/a sctp 1': 'deny' },
  },
  {
    number: 97,
    title: 'a protocol without a port: all of its ports',
    policies: [cnp('Admin', 1, `${ALL}, ingress: [ { action: Deny, from: [ ${EVERY_POD} ], protocols: [ { tcp: {} } ] } ]`)],
    answers: { 'x/b > x/a tcp 9': 'deny', 'x/b > x/a udp 9': 'allow', 'x/b > x/a icmp': 'allow' },
  },
  {
    number: 99,
    title: 'ingress peers are pods: nobody else',
    policies: [cnp('Admin', 1, `${ALL}, ${DENY_IN}`)],
    answers: { '203.0.113.9 > x/a tcp 80': 'allow', 'n2 > x/a tcp 80': 'allow' },
  },
  {
    number: 100,
    title: 'networks mean ICMP, too',
    policies: [cnp('Admin', 1, `${ALL}, egress: [ { action: Deny, to: [ { networks: [ 203.0.113.0/24 ] } ] } ]`)],
    answers: { 'x/a > 203.0.113.9 icmp': 'deny', 'x/a > x/b icmp': 'allow' },
  },
  {
    number: 100,
    title: 'domainNames of the Baseline tier',
    policies: [
      cnp(
        'Baseline',
        1,
        `${ALL}, egress: [ { action: Accept, to: [ { domainNames: [ example.com ] } ] }, { action: Deny, to: [ { networks: [ 203.0.113.0/24 ] } ] } ]`,
      ),
    ],
    answers: { 'x/a > 203.0.113.9 tcp 443': 'unknown', 'x/a > x/b tcp 443': 'allow' },
  },
  {
    number: 101,
    title: 'AdminNetworkPolicies and ClusterNetworkPolicies that differ',
    policies: [
      anp(1, `${ALL}, ingress: [ { action: Allow, from: [ { namespaces: { matchLabels: { team: db } } } ] } ]`),
      cnp('Admin', 9, `${ALL}, ${DENY_IN}`),
    ],
    answers: { 'y/a > x/a tcp 80': 'unknown', 'z/a > x/a tcp 80': 'deny' },
  },
  {
    number: 101,
    title: 'both Baselines that differ',
    policies: [banp(`${ALL}, ${DENY_IN}`), cnp('Baseline', 9, `${X}, ingress: [ { action: Accept, from: [ ${EVERY_POD} ] } ]`)],
    answers: { 'y/a > x/a tcp 80': 'unknown', 'x/a > y/a tcp 80': 'deny' },
  },
  { number: 102, title: 'a pod to itself', policies: [cnp('Admin', 1, `${ALL}, ${DENY_IN}`)], answers: { 'x/a > x/a tcp 80': 'allow' } },
];

/** What evaluators that people use get wrong, each seen by running one. */
const KNOWN_WRONG: readonly Case[] = [
  {
    number: 78,
    title: 'an ingress-only NetworkPolicy does not keep egress from the Baseline tier',
    policies: [banp(`${ALL}, egress: [ { action: Deny, to: [ ${EVERY_POD} ] } ]`), ingress('[ {} ]')],
    answers: { 'x/a > y/a tcp 80': 'deny' },
  },
  {
    number: 43,
    title: 'a source outside is asked about, too',
    policies: [ingress('[ { from: [ { ipBlock: { cidr: 203.0.113.0/24 } } ] } ]')],
    answers: { '203.0.113.9 > x/a tcp 80': 'allow', '198.51.100.1 > x/a tcp 80': 'deny' },
  },
  {
    number: 94,
    title: 'a ClusterNetworkPolicy that denies is not passed over',
    policies: [cnp('Admin', 1, `${ALL}, ${DENY_IN}`), ingress('[ {} ]')],
    answers: { 'y/a > x/a tcp 80': 'deny' },
  },
];

export const CASES: readonly Case[] = [...SELECTION, ...PEERS, ...PORTS, ...ADMIN, ...NEWER, ...CLUSTER_WIDE, ...KNOWN_WRONG].map(
  (row) => ({ world: CLUSTER, ...row }),
);

/** What the API server refuses is refused: the number, the policy, and the field that is reported. */
export const REFUSED: readonly (readonly [number, string, string])[] = [
  [13, np('{ podSelector: {}, policyTypes: [ Ingress, Egress, Ingress ] }'), 'spec.policyTypes'],
  [13, np('{ podSelector: {}, policyTypes: [ Both ] }'), 'spec.policyTypes[0]'],
  [21, np('{ podSelector: { matchLabels: { app: y } } }'), 'spec.podSelector.matchLabels.app'],
  [
    22,
    np('{ podSelector: { matchExpressions: [ { key: app, operator: In, values: [] } ] } }'),
    'spec.podSelector.matchExpressions[0].values',
  ],
  [
    22,
    np('{ podSelector: { matchExpressions: [ { key: app, operator: Exists, values: [ a ] } ] } }'),
    'spec.podSelector.matchExpressions[0].values',
  ],
  [
    22,
    np('{ podSelector: { matchExpressions: [ { key: app, operator: Is, values: [ a ] } ] } }'),
    'spec.podSelector.matchExpressions[0].operator',
  ],
  [30, from('{}'), 'spec.ingress[0].from[0]'],
  [36, from('{ podSelector: {}, ipBlock: { cidr: 10.0.0.0/8 } }'), 'spec.ingress[0].from[0].ipBlock'],
  [40, from('{ ipBlock: { cidr: 10.0.0.0/8, except: [ 10.0.0.0/8 ] } }'), 'spec.ingress[0].from[0].ipBlock.except[0]'],
  [40, from('{ ipBlock: { cidr: 10.0.0.0/8, except: [ 11.0.0.0/16 ] } }'), 'spec.ingress[0].from[0].ipBlock.except[0]'],
  [58, ports('{ protocol: ICMP }'), 'spec.ingress[0].ports[0].protocol'],
  [69, ports('{ port: 80, endPort: 79 }'), 'spec.ingress[0].ports[0].endPort'],
  [69, ports('{ port: web, endPort: 90 }'), 'spec.ingress[0].ports[0].endPort'],
  [69, ports('{ endPort: 90 }'), 'spec.ingress[0].ports[0].endPort'],
  [69, ports('{ port: 0 }'), 'spec.ingress[0].ports[0].port'],
  [69, ports('{ port: 65536 }'), 'spec.ingress[0].ports[0].port'],
  [75, ports('{ port: "80" }'), 'spec.ingress[0].ports[0].port'],
  [79, anp(1001, ALL), 'spec.priority'],
  [84, banp(`${ALL}, ingress: [ { action: Pass, from: [ ${EVERY_POD} ] } ]`), 'spec.ingress[0].action'],
  [85, anp(1, 'subject: { namespaces: {}, pods: { namespaceSelector: {}, podSelector: {} } }'), 'spec.subject.pods'],
  [85, anp(1, 'subject: { pods: { podSelector: {} } }'), 'spec.subject.pods.namespaceSelector'],
  [86, anp(1, `${ALL}, ingress: [ { action: Deny, from: [] } ]`), 'spec.ingress[0].from'],
  [86, anp(1, `${ALL}, ingress: [ { action: Deny } ]`), 'spec.ingress[0].from'],
  [
    87,
    anp(
      1,
      `${ALL}, ingress: [ { action: Deny, from: [ ${EVERY_POD} ], ports: [ { portNumber: { protocol: TCP, port: 1 }, namedPort: web } ] } ]`,
    ),
    'spec.ingress[0].ports[0].namedPort',
  ],
  [
    87,
    anp(1, `${ALL}, ingress: [ { action: Deny, from: [ ${EVERY_POD} ], ports: [ { portRange: { protocol: TCP, start: 9, end: 9 } } ] } ]`),
    'spec.ingress[0].ports[0].portRange.end',
  ],
  [
    88,
    anp(1, `${ALL}, egress: [ { action: Deny, to: [ { networks: [ 10.0.0.0/8 ] } ], ports: [ { namedPort: web } ] } ]`),
    'spec.egress[0].to[0].networks',
  ],
  [91, anp(1, `${ALL}, egress: [ { action: Deny, to: [ { domainNames: [ example.com ] } ] } ]`), 'spec.egress[0].to[0].domainNames'],
  [
    93,
    anp(1, `${ALL}, ingress: [ { action: Deny, from: [ { namespaces: { sameLabels: [ a ] } } ] } ]`),
    'spec.ingress[0].from[0].namespaces.sameLabels',
  ],
  [95, cnp('Admin', 1, `${ALL}, ingress: [ { action: Allow, from: [ ${EVERY_POD} ] } ]`), 'spec.ingress[0].action'],
  [97, cnp('Admin', 1, `${ALL}, egress: [ { action: Deny, to: [ { networks: [ 10.1.2.3/8 ] } ] } ]`), 'spec.egress[0].to[0].networks[0]'],
  [
    100,
    cnp('Admin', 1, `${ALL}, egress: [ { action: Pass, to: [ { domainNames: [ example.com ] } ] } ]`),
    'spec.egress[0].to[0].domainNames',
  ],
];

/** Rows that are no matter of evaluation, and what they are a matter of. */
export const ELSEWHERE: Readonly<Record<number, string>> = {
  28: 'the path: answers pass by connection tracking',
  44: 'the path: which address the packet has at the pod',
  46: 'the path: endpoints outside of the cluster are addresses as others',
  48: 'the path: a controller is the client',
  50: 'the enforcer: a pod to itself by a service',
  52: 'the enforcer: a pod to itself by a service, masqueraded',
  55: "the path: a pod's own node is not asked about",
  59: 'nobody: no policy is about it',
  60: 'the enforcer: none',
  62: 'nobody: every connection is new',
  98: 'validate: a limit of the length of lists',
};
