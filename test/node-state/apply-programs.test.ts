import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import { type FoundState, type FoundTable, NOTHING_FOUND } from '../../src/datapath/found-state.ts';
import type { Rule } from '../../src/datapath/netfilter/ruleset.ts';
import { cidr } from '../../src/net/prefix.ts';
import { askIn, networkOf } from '../tracing.ts';
import { allAsFound, somewhere } from './as-found.ts';

/** Who else has a part in a node: programs beside the rules, and enforcers of policies. */

const FOUR_PODS = readFileSync(new URL('../../fixtures/four-pods.yaml', import.meta.url), 'utf8');

const EMPTY: FoundTable = { policies: new Map(), chains: new Map([['POSTROUTING', []]]), origin: somewhere };

/** What a node shows where BPF does the work: no rule about services, and routes into a device that leads nowhere by itself. */
const shownBeside = (state: FoundState): FoundState => ({
  ...NOTHING_FOUND,
  iptables: {
    IPv4: new Map([
      ['nat', EMPTY],
      ['filter', EMPTY],
    ]),
    IPv6: new Map(),
  },
  links: state.links?.filter((l) => !l.name.startsWith('lxc')) ?? null,
  routes: {
    IPv4: new Map([
      [
        MAIN_TABLE,
        [
          {
            prefix: cidr('10.244.0.0/16'),
            type: 'unicast',
            metric: 0,
            nextHops: [{ via: null, device: 'cilium_host', weight: 1 }],
            source: null,
            origin: somewhere,
          },
        ],
      ],
    ]),
    IPv6: new Map(),
  },
  neighbours: [],
  fdb: [],
});

it.each([
  ['', 'pod-d'],
  ['', 'svc/api'],
  [', socketLB: { enabled: true, hostNamespaceOnly: true }', 'svc/api'],
  [', socketLB: { enabled: true, hostNamespaceOnly: true }', 'svc/web'],
])('programs that work beside the rules do so whatever these are: %s to %s', (more, to) => {
  const config = `cni: { plugin: cilium, kubeProxyReplacement: true }${more}, kubeProxy: iptables`;
  const network = networkOf(FOUR_PODS.replace('cni: bridge, kubeProxy: iptables', config));
  const ends = (found: boolean) => askIn(found ? allAsFound(network, shownBeside) : network, 'pod-a', to).paths.map((p) => p.outcome);
  expect(ends(true)).toEqual(ends(false));
  expect(ends(true)).toContain('delivered');
});

const DENY = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny }
spec: { podSelector: { matchLabels: { app: api } }, policyTypes: [Ingress] }
`;

const withFilter =
  (chains: readonly (readonly [string, readonly Rule[]])[]) =>
  (state: FoundState): FoundState => ({
    ...state,
    iptables: {
      ...state.iptables,
      IPv4: new Map(state.iptables.IPv4).set('filter', { policies: new Map(), chains: new Map(chains), origin: somewhere }),
    },
  });

const toChain = (chain: string, comment: string | null = null): Rule => ({
  matches: [],
  target: { kind: 'jump', chain },
  comment,
  origin: somewhere,
});
const DROP: Rule = { matches: [], target: { kind: 'DROP' }, comment: null, origin: somewhere };

it.each([
  ['rules of none: the policy is asked itself', [['FORWARD', []]], 'dropped', 'POLICY_DEFAULT_DENY', /default\/deny|no policy|pod-d/],
  ["an enforcer's, which let it pass", [['cali-tw-x', []]], 'delivered', undefined, /^$/],
  [
    "an enforcer's, which drop it, and the comment names the policy",
    [
      ['FORWARD', [toChain('cali-tw-x')]],
      ['cali-tw-x', [toChain('cali-pi-y', 'Policy shop/knp.default.deny ingress'), DROP]],
      ['cali-pi-y', []],
    ],
    'dropped',
    'FILTER_DROP',
    /^dropped by a rule of chain cali-tw-x on node-1 \(policy shop\/deny\)$/,
  ],
] as const)('a policy and %s', (_name, chains, outcome, code, says) => {
  const network = networkOf(FOUR_PODS.replace('cni: bridge', 'cni: calico, networkPolicy: calico') + DENY);
  const [path] = askIn(allAsFound(network, withFilter(chains)), 'pod-a', 'pod-d').paths;
  expect([path?.outcome, path?.reason?.code]).toEqual([outcome, code]);
  expect(path?.reason?.message ?? '').toMatch(says);
});

it('what was not given of a node, and was met, is said', () => {
  const network = networkOf(FOUR_PODS);
  const rulesOnly = allAsFound(network, ({ iptables, nft }, node) =>
    node === 'node-1' ? { ...NOTHING_FOUND, iptables, nft } : NOTHING_FOUND,
  );
  const told = askIn(rulesOnly, 'pod-a', 'pod-d').assumptions.map((a) => a.message);
  expect(told).toContain('the state given of node-1 does not have its routes: they are taken to be as compiled from the input');
});

describe('of what was found beside programs, what refuses is seen', () => {
  const network = networkOf(FOUR_PODS.replace('cni: bridge, kubeProxy: iptables', 'cni: { plugin: cilium }, kubeProxy: iptables'));
  const refusing = (state: FoundState): FoundState => ({
    ...shownBeside(state),
    routes: {
      IPv4: new Map([
        [MAIN_TABLE, [{ prefix: cidr('192.168.1.12/32'), type: 'blackhole', metric: 0, nextHops: [], source: null, origin: somewhere }]],
      ]),
      IPv6: new Map(),
    },
  });
  const byRule = (state: FoundState): FoundState => ({
    ...shownBeside(state),
    rules: {
      IPv4: [{ priority: 5, from: null, to: null, iif: null, mark: null, table: 0, action: { kind: 'prohibit' }, origin: somewhere }],
      IPv6: null,
    },
  });
  const down = (state: FoundState): FoundState => ({
    ...shownBeside(state),
    links: state.links?.map((l) => (l.name === 'eth0' ? { ...l, up: false } : l)) ?? null,
  });
  it.each([
    ['a route', refusing, 'undetermined', 'FACT_MISSING'],
    ['a routing rule', byRule, 'undetermined', 'FACT_MISSING'],
    ['a NIC that is down: a tunnel says nothing of that', down, 'dropped', 'LINK_DOWN'],
    ['nothing', shownBeside, 'delivered', undefined],
  ] as const)('%s', (_name, change, outcome, code) => {
    const { paths, assumptions } = askIn(
      allAsFound(network, (s, node) => (node === 'node-1' ? change(s) : s)),
      'pod-a',
      'pod-d',
    );
    expect(paths.map((p) => [p.outcome, p.reason?.code])).toEqual([[outcome, code]]);
    expect(assumptions.map((a) => a.message).join()).toMatch(/of what was found on node-1, devices, .* are not followed/);
  });
});

it('a policy that is supposed to be gone is in the rules that were found all the same, which is said', () => {
  const { cluster, datapath } = networkOf(FOUR_PODS.replace('cni: bridge', 'cni: calico, networkPolicy: calico'));
  const object = 'NetworkPolicy/shop/deny';
  const network = { cluster: { ...cluster, whatIf: [{ change: 'removed', object, locus: null, along: [] } as const] }, datapath };
  const judged = withFilter([
    ['FORWARD', [toChain('cali-tw-x')]],
    ['cali-tw-x', [DROP]],
  ]);
  const { paths, assumptions } = askIn(allAsFound(network, judged), 'pod-a', 'pod-d');
  expect(paths.map((p) => p.reason?.code)).toEqual(['FILTER_DROP']);
  expect(assumptions.map((a) => a.message)).toContain(
    `the rules that were found on node-1 are as they are: what is supposed of ${object} changes none of them`,
  );
});
