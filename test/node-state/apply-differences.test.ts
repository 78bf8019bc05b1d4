import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import type { FoundState } from '../../src/datapath/found-state.ts';
import type { Rule, TableName } from '../../src/datapath/netfilter/ruleset.ts';
import { type Route, usualMetric } from '../../src/datapath/route.ts';
import { ip } from '../../src/net/address.ts';
import { cidr, formatPrefix } from '../../src/net/prefix.ts';
import { askIn, networkOf } from '../tracing.ts';
import { allAsFound, somewhere } from './as-found.ts';

/** One thing on a node is not as it should be: what the packets meet, by hand. */

const FOUR_PODS = networkOf(readFileSync(new URL('../../fixtures/four-pods.yaml', import.meta.url)), 'four-pods.yaml');

const rule = (target: Rule['target'], ...matches: Rule['matches']): Rule => ({ matches, target, comment: null, origin: somewhere });

/** The rules of a chain of iptables, changed. */
const withChain =
  (table: TableName, chain: string, change: (rules: readonly Rule[]) => readonly Rule[]) =>
  (state: FoundState): FoundState => {
    const found = state.iptables.IPv4.get(table);
    const chains = new Map(found?.chains).set(chain, change(found?.chains.get(chain) ?? []));
    const changed = { policies: found?.policies ?? new Map(), chains, origin: somewhere };
    return { ...state, iptables: { ...state.iptables, IPv4: new Map(state.iptables.IPv4).set(table, changed) } };
  };

const withMain =
  (change: (routes: readonly Route[]) => readonly Route[]) =>
  (state: FoundState): FoundState => ({
    ...state,
    routes: { ...state.routes, IPv4: new Map(state.routes.IPv4).set(MAIN_TABLE, change(state.routes.IPv4.get(MAIN_TABLE) ?? [])) },
  });

const withSysctl =
  (name: string, value: number) =>
  (state: FoundState): FoundState => ({ ...state, sysctls: new Map(state.sysctls).set(name, { value, origin: somewhere }) });

const route = (to: string, more: Partial<Route>): Route => ({
  prefix: cidr(to),
  type: 'unicast',
  metric: usualMetric('IPv4'),
  nextHops: [],
  source: null,
  origin: somewhere,
  ...more,
});

const without = (to: string) => withMain((routes) => routes.filter((r) => formatPrefix(r.prefix) !== to));

interface Difference {
  readonly name: string;
  readonly change: (state: FoundState) => FoundState;
  readonly ask: readonly [string, string];
  readonly outcome: string;
  readonly code?: string;
  /** A part of what is said. */
  readonly says?: RegExp;
}

const DIFFERENCES: readonly Difference[] = [
  {
    name: "a distribution's REJECT comes first in FORWARD",
    change: withChain('filter', 'FORWARD', (rules) => [rule({ kind: 'REJECT', with: 'icmp-host-prohibited' }), ...rules]),
    ask: ['pod-a', 'pod-d'],
    outcome: 'rejected',
    code: 'FILTER_REJECT',
  },
  {
    name: 'a blackhole is where the route to the other node was',
    change: (s) => withMain((routes) => [...routes, route('10.244.2.0/24', { type: 'blackhole' })])(without('10.244.2.0/24')(s)),
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'BLACKHOLE_ROUTE',
  },
  {
    name: 'the route to the other node is missing, as is a default route',
    change: (s) => without('0.0.0.0/0')(without('10.244.2.0/24')(s)),
    ask: ['pod-a', 'pod-d'],
    outcome: 'rejected',
    code: 'NO_ROUTE',
  },
  {
    name: 'ip_forward is 0',
    change: withSysctl('net.ipv4.ip_forward', 0),
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'FORWARDING_DISABLED',
  },
  {
    name: "the jump to kube-proxy's services is gone",
    change: withChain('nat', 'PREROUTING', () => []),
    ask: ['pod-a', 'svc/web'],
    outcome: 'dropped',
    code: 'PROXY_NOT_RUNNING',
    says: /^nothing in the rules that were found on node-1 translates 10\.96\.0\.10 of service web/,
  },
  {
    name: 'strict rp_filter, and the way back is another',
    change: (s) => withSysctl('net.ipv4.conf.all.rp_filter', 1)(without('0.0.0.0/0')(without('10.244.2.0/24')(s))),
    ask: ['pod-d', 'pod-a'],
    outcome: 'dropped',
    code: 'REVERSE_PATH_FILTER',
  },
  {
    name: 'the mark that asks for a masquerade is one that another program drops',
    change: withChain('filter', 'FORWARD', (rules) => [
      rule({ kind: 'DROP' }, { kind: 'mark', value: 0x4000, mask: 0xffffffff, negated: false }),
      ...rules,
    ]),
    ask: ['pod-a', 'svc/echo'],
    outcome: 'dropped',
    code: 'FILTER_DROP',
  },
  {
    name: 'and one without the mark passes',
    change: withChain('filter', 'FORWARD', (rules) => [
      rule({ kind: 'DROP' }, { kind: 'mark', value: 0x4000, mask: 0xffffffff, negated: false }),
      ...rules,
    ]),
    ask: ['pod-a', 'pod-d'],
    outcome: 'delivered',
  },
  {
    name: 'a VPN has taken the route: nobody knows where its device leads',
    change: withMain((routes) => [...routes, route('10.244.2.11/32', { nextHops: [{ via: null, device: 'wg0', weight: 1 }] })]),
    ask: ['pod-a', 'pod-d'],
    outcome: 'undetermined',
    code: 'FACT_MISSING',
    says: /^node-1 sends it out by wg0, and where that device leads/,
  },
  {
    name: 'the neighbour cannot be resolved',
    change: (s) => ({
      ...s,
      neighbours: [{ address: ip('192.168.1.12'), device: 'eth0', lladdr: null, state: 'FAILED', origin: somewhere }],
    }),
    ask: ['pod-a', 'pod-d'],
    outcome: 'rejected',
    code: 'NEIGHBOUR_UNREACHABLE',
  },
  {
    name: 'the NIC is down',
    change: (s) => ({ ...s, links: s.links?.map((l) => (l.name === 'eth0' ? { ...l, up: false } : l)) ?? null }),
    ask: ['pod-a', 'pod-d'],
    outcome: 'rejected',
    code: 'LINK_DOWN',
  },
];

describe('a node that is not as it should be', () => {
  it.each(DIFFERENCES)('$name', ({ change, ask: [source, destination], outcome, code, says = /(?:)/ }) => {
    expect(askIn(FOUR_PODS, source, destination).outcome).toBe('delivered');
    const { paths } = askIn(
      allAsFound(FOUR_PODS, (state, node) => (node === 'node-1' ? change(state) : state)),
      source,
      destination,
    );
    expect([...new Set(paths.map((p) => `${p.outcome} ${p.reason?.code}`))]).toEqual([`${outcome} ${code}`]);
    for (const path of paths) expect(path.reason?.message ?? '').toMatch(says);
  });
});
